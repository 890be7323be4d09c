package corpus

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
	"github.com/zeebo/xxh3"

	"kindred/corpus/source"
)

// TestFlippedBitInTheMiddle damages a long stream and reads it as a whole program does.
func TestFlippedBitInTheMiddle(t *testing.T) {
	text := zipfText(rand.New(rand.NewPCG(3, 4)), 400_000, 5000)
	for format, open := range map[string]func(io.Writer) (io.WriteCloser, error){
		"gzip": func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil },
		"zstd": func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1)) },
		"xz":   func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) },
	} {
		dir := t.TempDir()
		var b bytes.Buffer
		w, err := open(&b)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		packed := b.Bytes()
		packed[len(packed)*3/4] ^= 4
		name := writeFile(t, filepath.Join(t.TempDir(), "news"), string(packed))
		src, err := source.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Read(context.Background(), src, ReadOptions{Dir: dir, CacheLimit: 1 << 30})
		if c != nil || err == nil || !strings.HasPrefix(err.Error(), name+": ") || !strings.Contains(err.Error(), format+" stream") {
			t.Errorf("%s: error %v, want one that names the file and the stream", format, err)
		}
		if left := cacheFiles(t, dir); len(left) > 0 {
			t.Errorf("%s: left behind: %q", format, left)
		}
	}
}

// A text is read once: later changes of the file affect no epoch of training.
func TestFileMayChangeAfterReading(t *testing.T) {
	text := strings.Repeat("some words in a line\n", 100)
	for what, change := range map[string]func(name string) error{
		"shortened": func(name string) error { return os.Truncate(name, 50) },
		"appended":  func(name string) error { return os.WriteFile(name, []byte(text+"more\n"), 0o666) },
		"replaced":  func(name string) error { return os.Rename(name+"2", name) },
		"removed":   os.Remove,
	} {
		for _, limit := range []int64{0, 1 << 20} {
			name := writeFile(t, filepath.Join(t.TempDir(), "text"), text)
			writeFile(t, name+"2", "another text\n")
			src, err := source.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			c, err := Read(context.Background(), src, ReadOptions{Dir: t.TempDir(), CacheLimit: limit})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			before := sentences(t, c)
			if err := change(name); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, sentences(t, c)); diff != "" || len(before) != 100 {
				t.Errorf("%s: %s", what, diff)
			}
		}
	}
}

// With a cache a file is read twice, for its key and for its text. A change in between is an error
// even if the file's size and time stay the same.
func TestChangeBetweenHashingAndReading(t *testing.T) {
	name := writeFile(t, filepath.Join(t.TempDir(), "text"), "one two three\n")
	src, err := source.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	at := info.ModTime()
	o, err := ReadOptions{Dir: t.TempDir(), CacheLimit: 1 << 20}.complete()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cacheKey(src, o); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("six"); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := os.Chtimes(name, at, at); err != nil {
		t.Fatal(err)
	}
	_, err = encodeText(context.Background(), src, o)
	var changed *source.ChangedError
	if !errors.As(err, &changed) || !strings.Contains(changed.What, "content") {
		t.Errorf("error %v, want a ChangedError about the content", err)
	}
}

// openCached reads a text of two words from the cache, and returns the name of the cached file.
func openCached(t *testing.T) (c *Corpus, file string) {
	t.Helper()
	dir := t.TempDir()
	name := writeFile(t, filepath.Join(t.TempDir(), "text"), strings.Repeat("a b\n", 5000))
	readFile(t, name, dir, ReadOptions{})
	c = readFile(t, name, dir, ReadOptions{})
	if !c.Cached() {
		t.Fatal("the text is not in the cache")
	}
	return c, cacheFiles(t, dir)[0]
}

// The encoded text is read with ReadAt and not mapped: if the file shrinks during training, that is
// an error and does not end the program.
func TestEncodedTextShortenedInUse(t *testing.T) {
	c, file := openCached(t)
	if err := os.Truncate(file, 4*6000); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Tokens(nil, 0, 4096); err != nil {
		t.Errorf("what is still there: %v", err)
	}
	_, err := c.Tokens(nil, 4096, 8192)
	if err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "from token 4096 on") {
		t.Errorf("error %v, want one with the file and the place", err)
	}
}

// Ids outside the vocabulary never reach the training.
func TestEncodedTextAlteredInUse(t *testing.T) {
	c, file := openCached(t)
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte{7, 7, 7, 7}, 4*8000); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Tokens(nil, 0, 4096); err != nil {
		t.Errorf("what is as it was: %v", err)
	}
	if _, err := c.Tokens(nil, 4096, 8192); err == nil || !strings.Contains(err.Error(), "token 8000 is word") {
		t.Errorf("error %v, want one with the place", err)
	}
}

// FuzzCached reads any bytes, with their correct hash, as a file of the cache. The result is an error,
// or parts that lie in the file.
func FuzzCached(f *testing.F) {
	dir, text := f.TempDir(), f.TempDir()
	name := filepath.Join(text, "text")
	if err := os.WriteFile(name, []byte("a b a\nc\n"), 0o666); err != nil {
		f.Fatal(err)
	}
	src, err := source.Open(name)
	if err != nil {
		f.Fatal(err)
	}
	c, err := Read(context.Background(), src, ReadOptions{Dir: dir, CacheLimit: 1 << 20})
	if err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(filepath.Join(dir, cachedName(f, dir)))
	if err != nil {
		f.Fatal(err)
	}
	c.Close()
	f.Add(whole[:len(whole)-8])
	f.Add(whole[:len(whole)-9])
	f.Add(make([]byte, footerBytes-8))
	f.Fuzz(func(t *testing.T, data []byte) {
		data = binary.LittleEndian.AppendUint64(bytes.Clone(data), xxh3.Hash(data))
		file, err := os.Open(writeFile(t, filepath.Join(t.TempDir(), "f"), string(data)))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		c, err := parseCached(file, "")
		if err != nil {
			return
		}
		if size := tokenBytes * (c.encoded.length + c.heldOut.length); c.encoded.length < 0 || c.heldOut.length < 0 || size > int64(len(data)) {
			t.Fatalf("%d and %d tokens in %d bytes", c.encoded.length, c.heldOut.length, len(data))
		}
		if _, err := c.encoded.readAt(make([]Token, c.encoded.length), 0); err != nil {
			t.Fatal(err)
		}
	})
}

// cachedName returns the name of the only file in a cache.
func cachedName(t testing.TB, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("in the cache: %v, %v", entries, err)
	}
	return entries[0].Name()
}

// A text that was encoded in this run was renamed since; one that is not kept has no name.
func TestEncodedTextIsNamedAsItIs(t *testing.T) {
	name := writeFile(t, filepath.Join(t.TempDir(), "text"), strings.Repeat("a b\n", 5000))
	for _, limit := range []int64{0, 1 << 20} {
		src, err := source.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		c, err := Read(context.Background(), src, ReadOptions{Dir: dir, CacheLimit: limit})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		want := "in a temporary file of " + dir + ":"
		if limit > 0 {
			want = cacheFiles(t, dir)[0] + ":"
		}
		if err := c.encoded.file.Truncate(4 * 6000); err != nil {
			t.Fatal(err)
		}
		_, err = c.Tokens(nil, 4096, 8192)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), dir+"/"+temporaryPrefix) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
