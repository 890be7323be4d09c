package source

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestConcat(t *testing.T) {
	dir := t.TempDir()
	long := strings.Repeat("one two three\n", 10000) + "the end"
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(long)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"1.txt": []byte("a b\nc"), "2.txt": nil, "3.gz": packed.Bytes(), "4.txt": []byte("d\n\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	source, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := source.concat(context.Background(), &got, 1000); err != nil {
		t.Fatal(err)
	}
	if want := "a b\nc\n" + long + "\nd\n\n"; got.String() != want {
		t.Errorf("%d bytes were written, want %d; they begin with %.40q", got.Len(), len(want), got.String())
	}

	if err := source.Concat(context.Background(), failingWriter{}); !errors.Is(err, errFull) {
		t.Errorf("error %v, want that of the writer", err)
	}
}

var errFull = errors.New("no space left")

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errFull }
