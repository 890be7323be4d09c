package analysis

import (
	"context"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"kindred/corpus/source"
	"kindred/internal/filetype"
)

// awkwardText generates text of parts that chunks and analyzers may get wrong.
var awkwardText = rapid.Custom(func(t *rapid.T) string {
	part := rapid.SampledFrom([]string{
		"a", "bc", "def", "word", "é", "€", "😀", "中文字", "longer-than-the-limit", strings.Repeat("y", 70),
		" ", " ", " ", "\n", "\n", "\r\n", "\t", "\u00a0", "\u3000", "\u2028", "\u0085", "\u200b", "\ufeff",
		"\x00", "\x01", "\u0080", "\x7f", "\x1c", "\xff", "\xe2\x82", "\xc2", "\xf0\x9f", ".", ",", "'", "_", "1", "2.5", "U.S.", "\u0301",
	})
	return strings.Join(rapid.SliceOfN(part, 0, 60).Draw(t, "parts"), "")
}).Filter(isText)

// isText reports whether a text is not refused because of its bytes.
func isText(text string) bool {
	return filetype.Compression([]byte(text)) == "" && filetype.Check("text", []byte(text), filetype.Text) == nil &&
		filetype.CheckText("text", []byte(text), true, filetype.Text) == nil
}

// An eventList is a sink that keeps everything, the end of a line as a newline.
type eventList []string

func (l *eventList) Token(t []byte) { *l = append(*l, string(t)) }
func (l *eventList) EndLine()       { *l = append(*l, "\n") }

// events returns the tokens and line ends of a text read in chunks.
func events(t interface{ Fatal(...any) }, a *Analyzer, text string, size int) (eventList, Statistics) {
	var list eventList
	stream := a.NewStream(&list)
	err := source.FromReader("text", strings.NewReader(text)).Chunks(context.Background(), size, func(c source.Chunk) error {
		stream.Analyze(c)
		c.Release()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list, stream.Statistics()
}

// naiveWhitespace does what the whitespace tokenizer does, in the simplest way.
func naiveWhitespace(text string, limit int) (list eventList, stats Statistics) {
	stats.Bytes = int64(len(text))
	var token strings.Builder
	spoiled := false
	end := func() {
		if spoiled {
			stats.InvalidTokens++
		}
		spoiled = false
		switch n := token.Len(); {
		case n > limit:
			stats.Overlong++
		case n > 0:
			stats.Tokens++
			list = append(list, token.String())
		}
		token.Reset()
	}
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\ufffd") {
			stats.InvalidBytes++
			spoiled = true
		}
		switch {
		case r == '\n':
			end()
			stats.Lines++
			list = append(list, "\n")
		case unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f || r == 0xfeff || r == 0x200b:
			end()
		case unicode.IsControl(r):
			end()
			if r == 0 {
				stats.NULs++
			} else {
				stats.Controls++
			}
		default:
			token.WriteRune(r)
		}
	}
	end()
	if text != "" && !strings.HasSuffix(text, "\n") {
		stats.Lines++
		list = append(list, "\n")
	}
	return list, stats
}

func TestWhitespaceForAllChunkSizes(t *testing.T) {
	a := &Analyzer{MaxTokenBytes: 12}
	rapid.Check(t, func(t *rapid.T) {
		text := awkwardText.Draw(t, "text")
		want, wantStats := naiveWhitespace(text, 12)
		for _, size := range []int{16, 23, 30, 37, 44, 51, 65, 79, 93, 107, 121, 5000} {
			got, stats := events(t, a, text, size)
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("%q in chunks of %d (-want +got):\n%s", text, size, diff)
			}
			if size < 5000 { // a forced cut may come before the invalid byte of a token
				if stats.InvalidTokens > wantStats.InvalidTokens {
					t.Fatalf("%q in chunks of %d: %d tokens are broken, want at most %d", text, size, stats.InvalidTokens, wantStats.InvalidTokens)
				}
				stats.InvalidTokens = wantStats.InvalidTokens
			}
			if diff := cmp.Diff(wantStats, stats, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("%q in chunks of %d, statistics (-want +got):\n%s", text, size, diff)
			}
		}
	})
}

func TestFiltersForAllChunkSizes(t *testing.T) {
	for _, tokenizer := range Tokenizers() {
		a, err := Parse(tokenizer, "nfkc", "lower", "digits:zero", "min-length:2")
		if err != nil {
			t.Fatal(err)
		}
		a.MaxTokenBytes = 12
		t.Run(tokenizer, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				text := awkwardText.Draw(t, "text")
				want, wantStats := events(t, a, text, len(text)+1)
				for _, size := range []int{16, 19, 33, 100} {
					got, stats := events(t, a, text, size)
					if stats.ForcedCuts > 0 {
						continue
					}
					if diff := cmp.Diff(want, got); diff != "" {
						t.Fatalf("%q in chunks of %d (-want +got):\n%s", text, size, diff)
					}
					stats.InvalidTokens = wantStats.InvalidTokens // forced cuts may hide some
					if diff := cmp.Diff(wantStats, stats); diff != "" {
						t.Fatalf("%q in chunks of %d, statistics (-want +got):\n%s", text, size, diff)
					}
				}
			})
		})
	}
}

func TestTokensOfMegabytes(t *testing.T) {
	huge := strings.Repeat("x", 3*source.DefaultChunkSize+17)
	got, stats := events(t, &Analyzer{}, "one "+huge+" two\n"+huge+"\nthree "+huge, source.DefaultChunkSize)
	if diff := cmp.Diff(eventList{"one", "two", "\n", "\n", "three", "\n"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if stats.Overlong != 3 || stats.Tokens != 3 || stats.ForcedCuts != 0 {
		t.Errorf("statistics %+v, want 3 over-long tokens and no forced cut", stats)
	}
}

func TestForcedCutsAreCounted(t *testing.T) {
	a, err := Parse("unicode")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("漢字", 10) // 60 bytes
	got, stats := events(t, a, text, 16)
	if len(got) != 21 || strings.Join(got, "") != text+"\n" {
		t.Errorf("got %q, want each character, and the end of the line", got)
	}
	if stats.ForcedCuts != 3 {
		t.Errorf("%d forced cuts, want 3", stats.ForcedCuts)
	}
}
