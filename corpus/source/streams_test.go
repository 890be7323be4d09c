package source

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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

// Every input is read whole and in order, in whatever stream.
func TestInputStreams(t *testing.T) {
	files := map[string]string{}
	var names, texts []string
	for i := range 3*inputStreams + 1 {
		name := fmt.Sprintf("f%02d", i)
		files[name] = strings.Repeat(fmt.Sprintf("line of %s\n", name), i*5%17)
		names, texts = append(names, name), append(texts, files[name])
	}
	writeTree(t, files)
	s, err := Open(names...)
	if err != nil {
		t.Fatal(err)
	}
	got, err := readChunks(s, 40)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Join(texts, "|"), got); diff != "" {
		t.Error(diff)
	}
	// The order of the chunks is the same each time.
	order := func() (list []string) {
		if err := s.Chunks(context.Background(), 40, func(c Chunk) error {
			list = append(list, fmt.Sprint(c.Input, c.Index, c.Disk))
			c.Release()
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return list
	}
	if diff := cmp.Diff(order(), order()); diff != "" {
		t.Error(diff)
	}
	if err := os.Remove("f11"); err != nil {
		t.Fatal(err)
	}
	if _, err := readText(s); err == nil || !strings.Contains(err.Error(), `input "f11"`) {
		t.Errorf("with an input gone: %v", err)
	}
}
