package corpus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// collectPieces returns the pieces of a text.
func collectPieces(r io.Reader, size int) ([]piece, error) {
	s := FromReader("text", r)
	s.pieceSize = size
	var all []piece
	err := s.pieces(context.Background(), func(p piece) error {
		copied := p
		copied.data = bytes.Clone(p.data)
		all = append(all, copied)
		p.release()
		return nil
	})
	return all, err
}

func TestPieceBoundaries(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string // with + in front where the piece continues a line, and ~ where it begins inside a run
	}{
		{"empty", "", nil},
		{"fits", "ab cd", []string{"ab cd"}},
		{"after the last newline", "a\nbc\ndefgh", []string{"a\nbc\n", "defgh"}},
		{"exactly full", "abcdefg\n", []string{"abcdefg\n"}},
		{"full without newline", "abc def ", []string{"abc def ", "+"}},
		{"after the last space", "abc def ghi", []string{"abc def ", "+ghi"}},
		{"wide space", "abc\u3000defgh", []string{"abc\u3000", "+defgh"}},
		{"wide space at the edge", "abcde\u3000fgh", []string{"abcde\u3000", "+fgh"}},
		{"wide space over the edge", "ab cdef\u3000gh", []string{"ab ", "+cdef\u3000", "+gh"}},
		{"NBSP", "abc\u00a0defgh", []string{"abc\u00a0", "+defgh"}},
		{"newline wins", "a\nb cdefg", []string{"a\n", "b cdefg"}},
		{"no separator", "abcdefghijkl mn", []string{"abcdefgh", "+~ijkl mn"}},
		{"no separator, ends", "abcdefghijkl\nmn", []string{"abcdefgh", "+~ijkl\nmn"}},
		{"no separator at all", "abcdefgh", []string{"abcdefgh", "+~"}},
		{"character over the edge", "abcdef€gh", []string{"abcdef", "+~€gh"}},
		{"broken character at the edge", "abcdef\xe2\x82 gh", []string{"abcdef", "+~\xe2\x82 gh"}},
		{"stray bytes", "abcdef\x82\x82\x82\x82", []string{"abcdef\x82\x82", "+~\x82\x82"}},
		{"CRLF over the edge", "abcdefg\r\nx", []string{"abcdefg\r", "+\nx"}},
	} {
		pieces, err := collectPieces(strings.NewReader(test.text), 8)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range pieces {
			marks := ""
			if p.continues {
				marks += "+"
			}
			if p.insideRun {
				marks += "~"
			}
			got = append(got, marks+string(p.data))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// pieceText generates text of awkward parts.
var pieceText = rapid.Custom(func(t *rapid.T) string {
	part := rapid.SampledFrom([]string{
		"a", "bc", "def", "word", "é", "€", "😀", "中文字", "longer-than-the-limit", strings.Repeat("y", 70),
		" ", " ", " ", "\n", "\n", "\r\n", "\t", "\u00a0", "\u3000", "\u2028", "\u0085", "\u200b", "\ufeff",
		"\x00", "\x01", "\u0080", "\x7f", "\x1c", "\xff", "\xe2\x82", "\xc2", "\xf0\x9f", ".", ",", "'", "_", "1", "2.5", "U.S.", "\u0301",
	})
	return strings.Join(rapid.SliceOfN(part, 0, 60).Draw(t, "parts"), "")
})

func TestPiecesAreTheText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := pieceText.Draw(t, "text")
		size := rapid.IntRange(8, 100).Draw(t, "size")
		pieces, err := collectPieces(strings.NewReader(text), size)
		if err != nil {
			t.Fatal(err)
		}
		var joined string
		open := false
		for i, p := range pieces {
			if want := int64(len(joined)); p.offset != want {
				t.Fatalf("piece %d is at %d, want %d", i, p.offset, want)
			}
			if p.index != i {
				t.Fatalf("piece %d has the number %d", i, p.index)
			}
			if p.continues != open || p.continues != (joined != "" && !strings.HasSuffix(joined, "\n")) {
				t.Fatalf("piece %d continues a line: %v, the one before is open: %v", i, p.continues, open)
			}
			if p.insideRun != (i > 0 && pieces[i-1].forced) {
				t.Fatalf("piece %d begins inside a run: %v", i, p.insideRun)
			}
			if p.forced && len(p.data) < size-3 {
				t.Fatalf("piece %d ends with a forced cut but has only %d of %d bytes", i, len(p.data), size)
			}
			if len(p.data) > size {
				t.Fatalf("piece %d has %d bytes, more than %d", i, len(p.data), size)
			}
			open = p.open
			joined += string(p.data)
		}
		if joined != text || open {
			t.Fatalf("the pieces make %q, want %q; the last is open: %v", joined, text, open)
		}
	})
}

// The cuts depend on the text alone, not on how it arrives.
func TestPiecesDoNotDependOnReads(t *testing.T) {
	same := cmp.Options{cmp.AllowUnexported(piece{}), cmpopts.IgnoreFields(piece{}, "recycle", "disk")}
	rapid.Check(t, func(t *rapid.T) {
		text := pieceText.Draw(t, "text")
		size := rapid.IntRange(8, 100).Draw(t, "size")
		whole, err := collectPieces(strings.NewReader(text), size)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []io.Reader{
			iotest.OneByteReader(strings.NewReader(text)), iotest.HalfReader(strings.NewReader(text)), iotest.DataErrReader(strings.NewReader(text)),
		} {
			pieces, err := collectPieces(r, size)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(whole, pieces, same); diff != "" {
				t.Fatalf("%T (-whole +parts):\n%s", r, diff)
			}
		}
	})
}

// An eventList is a sink that keeps everything: a newline for an end of line.
type eventList []string

func (l *eventList) token(t []byte) { *l = append(*l, string(t)) }
func (l *eventList) endLine()       { *l = append(*l, "\n") }

// events returns the tokens and line ends of a text read in pieces.
func events(t interface{ Fatal(...any) }, a *Analyzer, text string, size int) (eventList, Tally) {
	pieces, err := collectPieces(strings.NewReader(text), size)
	if err != nil {
		t.Fatal(err)
	}
	var list eventList
	st := a.newStream()
	for _, p := range pieces {
		st.analyze(p, &list)
	}
	return list, st.tally()
}

// naiveWhitespace says the same as the whitespace tokenizer by other means.
func naiveWhitespace(text string, limit int) (list eventList, tally Tally) {
	tally.Bytes = int64(len(text))
	var token strings.Builder
	end := func() {
		switch n := token.Len(); {
		case n > limit:
			tally.Overlong++
		case n > 0:
			tally.Tokens++
			list = append(list, token.String())
		}
		token.Reset()
	}
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\ufffd") {
			tally.InvalidBytes++
		}
		switch {
		case r == '\n':
			end()
			tally.Lines++
			list = append(list, "\n")
		case unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f || r == 0xfeff || r == 0x200b:
			end()
		case unicode.IsControl(r):
			end()
			if r == 0 {
				tally.NULs++
			} else {
				tally.Controls++
			}
		default:
			token.WriteRune(r)
		}
	}
	end()
	if text != "" && !strings.HasSuffix(text, "\n") {
		tally.Lines++
		list = append(list, "\n")
	}
	return list, tally
}

func TestWhitespaceForAllPieceSizes(t *testing.T) {
	a := &Analyzer{MaxTokenBytes: 12}
	rapid.Check(t, func(t *rapid.T) {
		text := pieceText.Draw(t, "text")
		want, wantTally := naiveWhitespace(text, 12)
		for size := 16; size <= 128; size += 7 {
			got, tally := events(t, a, text, size)
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("%q in pieces of %d (-want +got):\n%s", text, size, diff)
			}
			if diff := cmp.Diff(wantTally, tally, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("%q in pieces of %d, tally (-want +got):\n%s", text, size, diff)
			}
		}
	})
}

func TestFiltersForAllPieceSizes(t *testing.T) {
	for _, tokenizer := range Tokenizers() {
		a, err := ParseAnalyzer(tokenizer, "nfkc", "lower", "digits:zero", "min-length:2")
		if err != nil {
			t.Fatal(err)
		}
		a.MaxTokenBytes = 12
		t.Run(tokenizer, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				text := pieceText.Draw(t, "text")
				want, wantTally := events(t, a, text, len(text)+1)
				for _, size := range []int{16, 19, 33, 100} {
					got, tally := events(t, a, text, size)
					if tally.ForcedCuts > 0 {
						continue
					}
					if diff := cmp.Diff(want, got); diff != "" {
						t.Fatalf("%q in pieces of %d (-want +got):\n%s", text, size, diff)
					}
					if diff := cmp.Diff(wantTally, tally); diff != "" {
						t.Fatalf("%q in pieces of %d, tally (-want +got):\n%s", text, size, diff)
					}
				}
			})
		})
	}
}

func TestTokensOfMegabytes(t *testing.T) {
	huge := strings.Repeat("x", 3*defaultPieceSize+17)
	got, tally := events(t, &Analyzer{}, "one "+huge+" two\n"+huge+"\nthree "+huge, defaultPieceSize)
	if diff := cmp.Diff(eventList{"one", "two", "\n", "\n", "three", "\n"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if tally.Overlong != 3 || tally.Tokens != 3 || tally.ForcedCuts != 0 {
		t.Errorf("tally %+v, want 3 over-long tokens and no forced cut", tally)
	}
}

func TestForcedCutsAreCounted(t *testing.T) {
	a, err := ParseAnalyzer("unicode")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("漢字", 10) // 60 bytes
	got, tally := events(t, a, text, 16)
	if len(got) != 21 || strings.Join(got, "") != text+"\n" {
		t.Errorf("got %q, want each character, and the end of the line", got)
	}
	if tally.ForcedCuts != 3 {
		t.Errorf("%d forced cuts, want 3", tally.ForcedCuts)
	}
}

func TestInputsDoNotRunTogether(t *testing.T) {
	writeTree(t, map[string]string{"a": "one two", "b": "\ufeffthree\n", "c": "", "d": "four"})
	s, err := Open("a", "b", "c", "d")
	if err != nil {
		t.Fatal(err)
	}
	var got eventList
	var where []string
	st := (&Analyzer{}).newStream()
	disk := int64(0)
	err = s.pieces(context.Background(), func(p piece) error {
		st.analyze(p, &got)
		where = append(where, fmt.Sprint(p.input, p.index, p.offset))
		disk = p.disk
		p.release()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(eventList{"one", "two", "\n", "three", "\n", "four", "\n"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"0 0 0", "1 0 0", "3 0 0"}, where); diff != "" {
		t.Errorf("input, piece, offset (-want +got):\n%s", diff)
	}
	if size, _ := s.Size(); disk != size {
		t.Errorf("the last piece says that %d bytes were read of %d", disk, size)
	}
}

func TestPiecesStop(t *testing.T) {
	text := strings.Repeat("word\n", 100)
	stop := errors.New("enough")
	s := FromReader("text", strings.NewReader(text))
	s.pieceSize = 16
	if err := s.pieces(context.Background(), func(piece) error { return stop }); err != stop {
		t.Errorf("pieces returns %v, want the error of yield", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s = FromReader("text", strings.NewReader(text))
	s.pieceSize = 16
	calls := 0
	err := s.pieces(ctx, func(piece) error { calls++; cancel(); return nil })
	if !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("pieces returns %v after %d calls, want context.Canceled after 1", err, calls)
	}
}
