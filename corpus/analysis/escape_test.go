package analysis

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestEscapedTokens writes tokens of any characters as lines, and reads them in chunks of any size.
func TestEscapedTokens(t *testing.T) {
	a, err := Parse("escaped")
	if err != nil {
		t.Fatal(err)
	}
	token := rapid.StringOfN(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune(" \t\n\r\x00\\;20e\u00a0\u3000\ufeff\u200b"))), 1, 8, -1).Filter(utf8.ValidString)
	rapid.Check(t, func(t *rapid.T) {
		var want, escaped []string
		var text strings.Builder
		for _, line := range rapid.SliceOf(rapid.SliceOf(token)).Draw(t, "lines") {
			escaped = escaped[:0]
			for _, token := range line {
				want = append(want, token)
				escaped = append(escaped, string(Escape(nil, []byte(token))))
			}
			want = append(want, "\n")
			text.WriteString(strings.Join(escaped, " ") + "\n")
		}
		if !isText(text.String()) {
			t.Skip("looks like a file of another kind")
		}
		got, stats := events(t, a, text.String(), rapid.IntRange(64, 256).Draw(t, "chunk size"))
		if !slices.Equal(got, want) {
			t.Fatalf("text %q:\ngot  %q\nwant %q", text.String(), got, want)
		}
		if n := len(stats.Skipped()); n != 0 {
			t.Fatalf("skipped %v", stats.Skipped())
		}
	})
}

func TestEscape(t *testing.T) {
	for _, c := range []struct{ token, escaped string }{
		{"plain", "plain"},
		{"new york", `new\20;york`},
		{`a\b`, `a\5c;b`},
		{"\u3000\n", `\3000;\a;`},
		{`\20;`, `\5c;20;`},
	} {
		if got := string(Escape(nil, []byte(c.token))); got != c.escaped {
			t.Errorf("Escape(%q) = %q, want %q", c.token, got, c.escaped)
		}
		if got := string(Unescape(nil, []byte(c.escaped))); got != c.token {
			t.Errorf("Unescape(%q) = %q, want %q", c.escaped, got, c.token)
		}
	}
	// What no writer escapes so stands for itself.
	for _, text := range []string{`\`, `a\`, `\;`, `\zz;`, `\d800;`, `\110000;`, `\2`, `\0000020;`} {
		if got := string(Unescape(nil, []byte(text))); got != text {
			t.Errorf("Unescape(%q) = %q", text, got)
		}
	}
}
