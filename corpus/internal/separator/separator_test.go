package separator

import (
	"testing"
	"unicode"
)

func TestEverySeparator(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if 0xd800 <= r && r < 0xe000 {
			continue
		}
		want := unicode.Is(unicode.White_Space, r) || unicode.IsControl(r) || r == 0xfeff || r == 0x200b
		s := string(r)
		if n := Len([]byte(s)); n != 0 && n != len(s) || (n > 0) != want {
			t.Errorf("U+%04X: Len = %d, want a separator: %v", r, n, want)
		}
		if r > 0x3100 && r != 0xfeff && r%97 != 0 {
			continue // far from all separators: a sample is enough
		}
		// At the start, within a word, and within a block of eight bytes.
		for _, before := range []string{"", "abc", "abcdefg", "é", "abcdefghijk"} {
			text := before + s + "xyzxyzxyz"
			end := len(text)
			if want {
				end = len(before)
			}
			if got := Next([]byte(text), 0); got != end {
				t.Fatalf("Next(%q) = %d, want %d", text, got, end)
			}
		}
	}
}
