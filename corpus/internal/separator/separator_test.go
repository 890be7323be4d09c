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

// TestMask compares the masks of all bytes, at all places of a block, with what they stand for.
func TestMask(t *testing.T) {
	for c := range 256 {
		for _, other := range []byte{'x', ' ', 0x7e, 0x7f, 0x80, 0xff, 0, 0x21} {
			for place := range BlockBytes {
				var block [BlockBytes]byte
				for i := range block {
					block[i] = other
				}
				block[place] = byte(c)
				var want uint64
				for i, b := range block {
					if b <= ' ' || b >= 0x7f {
						want |= 1 << i
					}
				}
				if got, short := Mask(&block), MaskShort(block[:]); got != want || short != want {
					t.Fatalf("byte %#x at %d among %#x: %#x and %#x, want %#x", c, place, other, got, short, want)
				}
			}
		}
	}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if s := []byte(string(r)); At(s, 0) != Len(s) {
			t.Fatalf("U+%04X: At %d, Len %d", r, At(s, 0), Len(s))
		}
	}
}
