package analysis

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// FuzzAnalyzer checks the promises of Analyzer about tokens for any text, tokenizer and filters, and
// that the chunk size makes no difference.
func FuzzAnalyzer(f *testing.F) {
	for _, text := range []string{
		"The quick brown fox\njumps", "a\x00b\r\n\u00a0c\xff\xfe", "x\u00a8y \ufdfa ﬁ", "naïve don't 3.14 👩\u200d🚀", "中文字", "\u0301\u0302 \ufeff",
		strings.Repeat("z", 90) + " házakban ástul éstül",
	} {
		for i := range 4 {
			f.Add(text, uint8(i), uint16(1<<i*37))
		}
	}
	spellings := append([]string{"lower", "lower:turkish", "lower:greek", "nfc", "nfkc", "fold", "digits:zero", "digits:drop", "digits:drop-numbers", "min-length:2", "max-length:20"}, "stop:english")
	for _, l := range Languages() {
		spellings = append(spellings, "stem:"+l)
	}
	f.Fuzz(func(t *testing.T, text string, tokenizer uint8, filters uint16) {
		var chosen []string
		for i, s := range spellings {
			if filters>>(i%16)&1 != 0 {
				chosen = append(chosen, s)
			}
		}
		a, err := Parse(Tokenizers()[tokenizer%2], chosen...)
		if err != nil {
			t.Fatal(err)
		}
		a.MaxTokenBytes = 40
		if !isText(text) {
			return
		}
		want, stats := events(t, a, text, len(text)+1)
		lines := 0
		for _, token := range want {
			if token == "\n" {
				lines++
				continue
			}
			if token == "" || len(token) > 40 || !utf8.ValidString(token) {
				t.Fatalf("token %q, want 1 to 40 bytes of valid UTF-8", token)
			}
			if i := strings.IndexFunc(token, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == 0xfeff || r == 0x200b }); i >= 0 {
				t.Fatalf("token %q holds a separator", token)
			}
		}
		wantLines := strings.Count(text, "\n")
		if text != "" && !strings.HasSuffix(text, "\n") {
			wantLines++
		}
		if lines != wantLines || stats.Lines != int64(lines) || stats.Tokens != int64(len(want)-lines) {
			t.Fatalf("%d ends of lines, statistics %+v, want %d lines and %d tokens", lines, stats, wantLines, len(want)-lines)
		}
		got, chunkStats := events(t, a, text, 48)
		if chunkStats.ForcedCuts > 0 {
			return
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("in chunks (-want +got):\n%s", diff)
		}
		chunkStats.InvalidTokens = stats.InvalidTokens // forced cuts may hide some
		if diff := cmp.Diff(stats, chunkStats); diff != "" {
			t.Fatalf("statistics in chunks (-want +got):\n%s", diff)
		}
	})
}
