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
)

// readFramed returns the text of a framed input, read in chunks.
func readFramed(r io.Reader) (string, error) {
	s := FromReader("pipe", r)
	s.Framed()
	var text bytes.Buffer
	err := s.Chunks(context.Background(), 64, func(c Chunk) error {
		text.Write(c.Data)
		c.Release()
		return nil
	})
	return text.String(), err
}

func TestFramedText(t *testing.T) {
	for n := range 200 {
		text := strings.Repeat("a\n", n/2) + strings.Repeat("\\20;\\end b\n", n%7)
		framed := fmt.Sprintf("%s%s\\end %d\n", frameHead, text, strings.Count(text, "\n"))
		for _, r := range []io.Reader{strings.NewReader(framed), iotest.OneByteReader(strings.NewReader(framed)), iotest.DataErrReader(strings.NewReader(framed))} {
			got, err := readFramed(r)
			if err != nil || got != text {
				t.Fatalf("%q: %q, %v", framed, got, err)
			}
		}
	}
}

// TestFramedTextIsWhole cuts a framed text everywhere.
func TestFramedTextIsWhole(t *testing.T) {
	framed := frameHead + "a b\n\nc\\20;d\n" + "\\end 3\n"
	if _, err := readFramed(strings.NewReader(framed)); err != nil {
		t.Fatal(err)
	}
	for n := range len(framed) {
		_, err := readFramed(strings.NewReader(framed[:n]))
		if !errors.As(err, new(*FrameError)) {
			t.Errorf("%q: %v, want a FrameError", framed[:n], err)
		}
	}
	for _, bad := range []string{"a b\n", frameHead + "a\n\\end 2\n", frameHead + "a\n\\end 1\nb\n", frameHead + "a \\end 0\n"} {
		if _, err := readFramed(strings.NewReader(bad)); !errors.As(err, new(*FrameError)) {
			t.Errorf("%q: %v, want a FrameError", bad, err)
		}
	}
}
