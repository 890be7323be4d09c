package source

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// writeTree makes files in a new directory and changes to it.
func writeTree(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// readText returns the text of all inputs, each followed by "|".
func readText(s *Source) (string, error) { return readChunks(s, DefaultChunkSize) }

// readChunks is readText in chunks of a given size.
func readChunks(s *Source, size int) (string, error) {
	texts := make([]string, len(s.inputs))
	err := s.Chunks(context.Background(), size, func(c Chunk) error {
		texts[c.Input] += string(c.Data)
		c.Release()
		return nil
	})
	return strings.Join(texts, "|"), err
}

func TestOpenInputs(t *testing.T) {
	writeTree(t, map[string]string{
		"d/b.txt": "b", "d/a/z": "z", "d/a.txt": "a", "d/.hidden": "h", "d/.git/config": "c", "d/a/.x/y": "y",
		"one": "1", "two": "22", "br[1].txt": "literal", ".top": "t",
	})
	if err := os.Symlink("../one", "d/link"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../d", "d/loop"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("d", "linked"); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		patterns []string
		want     []string
	}{
		{[]string{"two", "one", "two"}, []string{"two", "one", "two"}},
		{[]string{"d"}, []string{"d/a.txt", "d/a/z", "d/b.txt", "d/link"}},
		{[]string{"linked"}, []string{"linked/a.txt", "linked/a/z", "linked/b.txt", "linked/link"}},
		{[]string{"."}, []string{"br[1].txt", "d/a.txt", "d/a/z", "d/b.txt", "d/link", "one", "two"}},
		{[]string{"d/*"}, []string{"d/a.txt", "d/b.txt", "d/link"}},
		{[]string{"d/**/z"}, []string{"d/a/z"}},
		{[]string{"{two,one}", "d/*.txt"}, []string{"one", "two", "d/a.txt", "d/b.txt"}},
		{[]string{"t?o", "d/[b]*"}, []string{"two", "d/b.txt"}},
		{[]string{"br[1].txt"}, []string{"br[1].txt"}},
		{[]string{".top", "d/.h*"}, []string{".top", "d/.hidden"}},
		{[]string{"one", "-"}, []string{"one", "standard input"}},
	} {
		s, err := Open(test.patterns...)
		if err != nil {
			t.Errorf("Open(%q): %v", test.patterns, err)
			continue
		}
		if diff := cmp.Diff(test.want, s.Inputs()); diff != "" {
			t.Errorf("Open(%q) (-want +got):\n%s", test.patterns, diff)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	writeTree(t, map[string]string{"file": "x", "empty/.hidden": ""})
	for _, test := range []struct {
		patterns []string
		want     string
	}{
		{nil, "no input"},
		{[]string{"missing"}, `input "missing": `},
		{[]string{"missing/*.txt"}, `input pattern "missing/*.txt" matches no file`},
		{[]string{"file", "*.gz"}, `input pattern "*.gz" matches no file`},
		{[]string{"fi[le"}, `input pattern "fi[le": `},
		{[]string{"empty"}, `input directory "empty" has no files below it`},
		{[]string{"-", "file", "-"}, "named twice"},
	} {
		_, err := Open(test.patterns...)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Open(%q): error %v, want one with %q", test.patterns, err, test.want)
		}
	}
	if _, err := Open("missing"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file gives %v, want os.ErrNotExist in it", err)
	}
}

func TestSourceSize(t *testing.T) {
	writeTree(t, map[string]string{"a": "12345", "b": "123"})
	s, err := Open("a", "b", "a")
	if err != nil {
		t.Fatal(err)
	}
	if n, known := s.Size(); n != 13 || !known {
		t.Errorf("Size() = %d, %v, want 13, true", n, known)
	}
	if s, err = Open("a", "-"); err != nil {
		t.Fatal(err)
	}
	if n, known := s.Size(); n != 5 || known {
		t.Errorf("Size() = %d, %v, want 5, false", n, known)
	}
}

func TestReadTwice(t *testing.T) {
	writeTree(t, map[string]string{"a": "one two", "b": "three\n"})
	s, err := Open("a", "b", "a")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if text, err := readText(s); err != nil || text != "one two|three\n|one two" {
			t.Errorf("read %q, %v", text, err)
		}
	}
	s = FromReader("pipe", strings.NewReader("x y"))
	if text, err := readText(s); err != nil || text != "x y" {
		t.Errorf("read %q, %v", text, err)
	}
	if _, err := readText(s); err == nil || !strings.Contains(err.Error(), "pipe") {
		t.Errorf("reading a reader twice gives %v, want an error that names it", err)
	}
}

func TestReaderFails(t *testing.T) {
	broken := errors.New("cable pulled")
	s := FromReader("wire", io.MultiReader(strings.NewReader("twelve bytes"), errReader{broken}))
	_, err := readText(s)
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "wire: reading failed at byte 12") {
		t.Errorf("error %v, want the reader's with name and offset", err)
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

func TestChangedFile(t *testing.T) {
	text := strings.Repeat("some words in a line\n", 100)
	past := time.Now().Add(-time.Hour)
	rewrite := func(t *testing.T, text string) {
		if err := os.WriteFile("f", []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name   string
		change func(t *testing.T)
		want   string
	}{
		{"grown", func(t *testing.T) { rewrite(t, text+"more\n") }, "its size was 2100 bytes and is 2105"},
		{"shrunk", func(t *testing.T) { rewrite(t, text[:50]) }, "its size was 2100 bytes and is 50"},
		{"rewritten", func(t *testing.T) { rewrite(t, text) }, "it was modified"},
		{"replaced", func(t *testing.T) {
			if err := os.Rename("g", "f"); err != nil {
				t.Fatal(err)
			}
		}, "another file has taken its name"},
	} {
		t.Run(test.name+" before", func(t *testing.T) {
			writeTree(t, map[string]string{"f": text, "g": text})
			if err := os.Chtimes("f", past, past); err != nil {
				t.Fatal(err)
			}
			s, err := Open("f")
			if err != nil {
				t.Fatal(err)
			}
			test.change(t)
			_, err = readText(s)
			checkChanged(t, err, test.want)
		})
		if test.name == "replaced" {
			continue // while it is open, the old file can still be read
		}
		t.Run(test.name+" during", func(t *testing.T) {
			writeTree(t, map[string]string{"f": text, "g": text})
			if err := os.Chtimes("f", past, past); err != nil {
				t.Fatal(err)
			}
			s, err := Open("f")
			if err != nil {
				t.Fatal(err)
			}
			changed := false
			err = s.Chunks(context.Background(), 64, func(c Chunk) error {
				if !changed {
					test.change(t)
					changed = true
				}
				c.Release()
				return nil
			})
			checkChanged(t, err, test.want)
		})
	}
}

func checkChanged(t *testing.T, err error, want string) {
	t.Helper()
	var changed *ChangedError
	if !errors.As(err, &changed) {
		t.Fatalf("error %v, want a ChangedError", err)
	}
	if changed.Name != "f" || !strings.Contains(changed.Error(), want) {
		t.Errorf("error %q, want one that names f and says %q", changed, want)
	}
}

// If a compressed file is cut while it is read, the error is about the change, not about the broken
// stream that follows from it.
func TestChangedCompressedFile(t *testing.T) {
	writeTree(t, map[string]string{"f": string(gzipped(t, bytes.Repeat([]byte("some words\n"), 1000)))})
	s, err := Open("f")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate("f", 30); err != nil {
		t.Fatal(err)
	}
	_, err = readText(s)
	checkChanged(t, err, "its size was")
}

func TestUTF16IsRefused(t *testing.T) {
	for _, text := range []string{"\xff\xfeh\x00i\x00", "\xfe\xff\x00h\x00i"} {
		_, err := readText(FromReader("notes.txt", strings.NewReader(text)))
		if err == nil || !strings.Contains(err.Error(), "notes.txt is text in UTF-16") || !strings.Contains(err.Error(), "iconv -f UTF-16 -t UTF-8") {
			t.Errorf("%q: error %v, want one about UTF-16 that names the input", text, err)
		}
	}
}
