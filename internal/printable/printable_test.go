package printable

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestEscape(t *testing.T) {
	for _, test := range []struct{ in, text, line string }{
		{"", "", ""},
		{"naïve 東京 👩\u200d👧 نمی\u200cشود", "naïve 東京 👩\u200d👧 نمی\u200cشود", "naïve 東京 👩\u200d👧 نمی\u200cشود"},
		{"a\x1b[31mb\x07\b\x00", `a\x1b[31mb\x07\x08\x00`, `a\x1b[31mb\x07\x08\x00`},
		{"a\nb\tc\rd", "a\nb\tc" + `\rd`, `a\nb\tc\rd`},
		{"\x7f\u0085\u009b1m", `\u007f\u0085\u009b1m`, `\u007f\u0085\u009b1m`},
		{"a\x9b1m\xff", `a\x9b1m\xff`, `a\x9b1m\xff`},
		{"\u202eabc\u2066\u2028\u2029\ufeff", `\u202eabc\u2066\u2028\u2029\ufeff`, `\u202eabc\u2066\u2028\u2029\ufeff`},
		{"\u200f\u200e\u00a0\ufffd", "\u200f\u200e\u00a0\ufffd", "\u200f\u200e\u00a0\ufffd"},
	} {
		if got := Text(test.in); got != test.text {
			t.Errorf("Text(%q) = %q, want %q", test.in, got, test.text)
		}
		if got := Line(test.in); got != test.line {
			t.Errorf("Line(%q) = %q, want %q", test.in, got, test.line)
		}
	}
}

// TestWriter requires that it does not matter where writes cut the text.
func TestWriter(t *testing.T) {
	text := "a\x1b東\u202e👩\x9b\xe6\x9d京\n"
	for cut := range len(text) + 1 {
		for second := cut; second <= len(text); second++ {
			var b bytes.Buffer
			w := NewWriter(&b)
			for _, part := range []string{text[:cut], text[cut:second], text[second:]} {
				if n, err := w.Write([]byte(part)); n != len(part) || err != nil {
					t.Fatalf("Write(%q) = %d, %v", part, n, err)
				}
			}
			if b.String() != Text(text) {
				t.Fatalf("cut at %d and %d: %q, want %q", cut, second, &b, Text(text))
			}
		}
	}
}

// FuzzLine requires one line of valid, safe text, and that JSON stays the JSON of the same value.
func FuzzLine(f *testing.F) {
	f.Add("a\x1b\u202e\x7f")
	f.Fuzz(func(t *testing.T, s string) {
		line := Line(s)
		if !utf8.ValidString(line) || strings.ContainsFunc(line, unsafe) || Line(line) != line {
			t.Errorf("Line(%q) = %q", s, line)
		}
		value, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var before, after string
		if err := json.Unmarshal(value, &before); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(Text(string(value))), &after); err != nil || after != before {
			t.Errorf("JSON %s becomes %s: %v", value, Text(string(value)), err)
		}
	})
}
