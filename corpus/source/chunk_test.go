package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"kindred/internal/filetype"
)

// collect returns the chunks of a text.
func collect(r io.Reader, size int) ([]Chunk, error) {
	var all []Chunk
	err := FromReader("text", r).Chunks(context.Background(), size, func(c Chunk) error {
		copied := c
		copied.Data = bytes.Clone(c.Data)
		all = append(all, copied)
		c.Release()
		return nil
	})
	return all, err
}

func TestChunkBoundaries(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string // with + in front if the chunk continues a line, and ~ if it begins inside a run
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
		chunks, err := collect(strings.NewReader(test.text), 8)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range chunks {
			marks := ""
			if p.Continues {
				marks += "+"
			}
			if p.InsideRun {
				marks += "~"
			}
			got = append(got, marks+string(p.Data))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// awkwardText generates text of awkward parts.
var awkwardText = rapid.Custom(func(t *rapid.T) string {
	part := rapid.SampledFrom([]string{
		"a", "bc", "def", "word", "é", "€", "😀", "中文字", "longer-than-the-limit", strings.Repeat("y", 70),
		" ", " ", " ", "\n", "\n", "\r\n", "\t", "\u00a0", "\u3000", "\u2028", "\u0085", "\u200b", "\ufeff",
		"\x00", "\x01", "\u0080", "\x7f", "\x1c", "\xff", "\xe2\x82", "\xc2", "\xf0\x9f", ".", ",", "'", "_", "1", "2.5", "U.S.", "\u0301",
	})
	return strings.Join(rapid.SliceOfN(part, 0, 60).Draw(t, "parts"), "")
})

// isRefused reports whether a text is refused because it has too many NUL bytes and broken characters
// to be one. Any other error fails the test.
func isRefused(t *rapid.T, text string, err error) bool {
	t.Helper()
	var refused *filetype.Error
	if errors.As(err, &refused) != (filetype.CheckText("text", []byte(text), true, filetype.Text) != nil) {
		t.Fatalf("error %v, but the check of the text says otherwise", err)
	}
	if err != nil && refused == nil {
		t.Fatal(err)
	}
	return err != nil
}

func TestChunksAreTheText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := awkwardText.Draw(t, "text")
		size := rapid.IntRange(8, 100).Draw(t, "size")
		chunks, err := collect(strings.NewReader(text), size)
		if isRefused(t, text, err) {
			return
		}
		var joined string
		open := false
		for i, p := range chunks {
			if want := int64(len(joined)); p.Offset != want {
				t.Fatalf("chunk %d is at %d, want %d", i, p.Offset, want)
			}
			if p.Index != i {
				t.Fatalf("chunk %d has the number %d", i, p.Index)
			}
			if p.Continues != open || p.Continues != (joined != "" && !strings.HasSuffix(joined, "\n")) {
				t.Fatalf("chunk %d continues a line: %v, the one before is open: %v", i, p.Continues, open)
			}
			if p.InsideRun != (i > 0 && chunks[i-1].Forced) {
				t.Fatalf("chunk %d begins inside a run: %v", i, p.InsideRun)
			}
			if p.Forced && len(p.Data) < size-3 {
				t.Fatalf("chunk %d ends with a forced cut but has only %d of %d bytes", i, len(p.Data), size)
			}
			if len(p.Data) > size {
				t.Fatalf("chunk %d has %d bytes, more than %d", i, len(p.Data), size)
			}
			open = p.Open
			joined += string(p.Data)
		}
		if joined != text || open {
			t.Fatalf("the chunks make %q, want %q; the last is open: %v", joined, text, open)
		}
	})
}

// Chunks do not depend on how the text arrives.
func TestChunksDoNotDependOnReads(t *testing.T) {
	same := cmp.Options{cmp.AllowUnexported(Chunk{}), cmpopts.IgnoreFields(Chunk{}, "recycle", "Disk")}
	rapid.Check(t, func(t *rapid.T) {
		text := awkwardText.Draw(t, "text")
		size := rapid.IntRange(8, 100).Draw(t, "size")
		whole, err := collect(strings.NewReader(text), size)
		if isRefused(t, text, err) {
			return
		}
		for _, r := range []io.Reader{
			iotest.OneByteReader(strings.NewReader(text)), iotest.HalfReader(strings.NewReader(text)), iotest.DataErrReader(strings.NewReader(text)),
		} {
			chunks, err := collect(r, size)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(whole, chunks, same); diff != "" {
				t.Fatalf("%T (-whole +parts):\n%s", r, diff)
			}
		}
	})
}

func TestInputsDoNotRunTogether(t *testing.T) {
	writeTree(t, map[string]string{"a": "one two", "b": "\ufeffthree\n", "c": "", "d": "four"})
	s, err := Open("a", "b", "c", "d")
	if err != nil {
		t.Fatal(err)
	}
	var got, where []string
	disk := int64(0)
	err = s.Chunks(context.Background(), DefaultChunkSize, func(c Chunk) error {
		if c.Continues || c.Open {
			t.Errorf("input %d has an open line", c.Input)
		}
		got = append(got, string(c.Data))
		where = append(where, fmt.Sprint(c.Input, c.Index, c.Offset))
		disk = c.Disk
		c.Release()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"one two", "\ufeffthree\n", "four"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"0 0 0", "1 0 0", "3 0 0"}, where); diff != "" {
		t.Errorf("input, chunk, offset (-want +got):\n%s", diff)
	}
	if size, _ := s.Size(); disk != size {
		t.Errorf("the last chunk says that %d bytes were read of %d", disk, size)
	}
}

func TestChunksStop(t *testing.T) {
	text := strings.Repeat("word\n", 100)
	stop := errors.New("enough")
	s := FromReader("text", strings.NewReader(text))
	if err := s.Chunks(context.Background(), 16, func(Chunk) error { return stop }); err != stop {
		t.Errorf("chunks returns %v, want the error of yield", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s = FromReader("text", strings.NewReader(text))
	calls := 0
	err := s.Chunks(ctx, 16, func(Chunk) error { calls++; cancel(); return nil })
	if !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("chunks returns %v after %d calls, want context.Canceled after 1", err, calls)
	}
}
