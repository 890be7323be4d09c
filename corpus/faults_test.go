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
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
	"github.com/zeebo/xxh3"
)

// brokenStreams returns a text of some kilobytes in each compressed format but
// bzip2, which is there with a text of its own.
func brokenStreams(t *testing.T) map[string]struct{ text, packed []byte } {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	var text []byte
	for range 120 {
		text = append(text, byte('a'+rng.IntN(26)), byte('a'+rng.IntN(26)), ' ')
	}
	return map[string]struct{ text, packed []byte }{
		"gzip":  {text, gzipped(t, text)},
		"zstd":  {text, zstdPacked(t, text)},
		"xz":    {text, compressed(t, text, func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) })},
		"bzip2": {[]byte(bzip2Line), bzip2Text(t, "two-lines")},
	}
}

// TestFlippedBits flips a bit in each byte of a compressed file. What is read
// then is the whole text, where the byte had no part in it (as the time in gzip's head), or an error with
// the name and both places: never another text, or less of it.
func TestFlippedBits(t *testing.T) {
	for format, c := range brokenStreams(t) {
		t.Run(format, func(t *testing.T) {
			writeTree(t, map[string]string{"news": string(c.packed)})
			refused := 0
			for i := signatureBytes; i < len(c.packed); i++ {
				damaged := bytes.Clone(c.packed)
				damaged[i] ^= 1 << (i % 8)
				if err := os.WriteFile("news", damaged, 0o666); err != nil {
					t.Fatal(err)
				}
				s, err := Open("news")
				if err != nil {
					t.Fatal(err)
				}
				text, err := readText(s)
				switch {
				case err == nil && text != string(c.text):
					t.Fatalf("byte %d: another text of %d bytes is read without an error", i, len(text))
				case err != nil && (!strings.HasPrefix(err.Error(), "news: ") || !strings.Contains(err.Error(), "of the decompressed text") || !strings.Contains(err.Error(), "stream")):
					t.Fatalf("byte %d: error %q, want name, format and place", i, err)
				case err != nil:
					refused++
				}
			}
			if refused < len(c.packed)*8/10 {
				t.Errorf("%d of %d flipped bits are noticed, want nearly all", refused, len(c.packed))
			}
		})
	}
}

// TestFlippedBitInTheMiddle damages a long stream and reads it as a whole program does.
func TestFlippedBitInTheMiddle(t *testing.T) {
	text := zipfText(rand.New(rand.NewPCG(3, 4)), 400_000, 5000)
	for format, packed := range map[string][]byte{
		"gzip": gzipped(t, []byte(text)), "zstd": zstdPacked(t, []byte(text)),
		"xz": compressed(t, []byte(text), func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) }),
	} {
		dir := t.TempDir()
		packed[len(packed)*3/4] ^= 4
		name := writeFile(t, filepath.Join(t.TempDir(), "news"), string(packed))
		source, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Read(context.Background(), source, ReadOptions{Dir: dir, CacheLimit: 1 << 30})
		if c != nil || err == nil || !strings.HasPrefix(err.Error(), name+": ") || !strings.Contains(err.Error(), format+" stream") {
			t.Errorf("%s: error %v, want one that names the file and the stream", format, err)
		}
		if left := cacheFiles(t, dir); len(left) > 0 {
			t.Errorf("%s: left behind: %q", format, left)
		}
	}
}

// A text is read once: what becomes of the file later is of no consequence to
// the training, in any of its epochs.
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
			source, err := Open(name)
			if err != nil {
				t.Fatal(err)
			}
			c, err := Read(context.Background(), source, ReadOptions{Dir: t.TempDir(), CacheLimit: limit})
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

// With a cache a file is read twice, for its key and for its text. A change in between is
// noticed though the file's size and time stay the same.
func TestChangeBetweenHashingAndReading(t *testing.T) {
	name := writeFile(t, filepath.Join(t.TempDir(), "text"), "one two three\n")
	source, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	o, err := ReadOptions{Dir: t.TempDir(), CacheLimit: 1 << 20}.complete()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cacheKey(source, o); err != nil {
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
	at := source.inputs[0].info.ModTime()
	if err := os.Chtimes(name, at, at); err != nil {
		t.Fatal(err)
	}
	_, err = encodeText(context.Background(), source, o)
	var changed *ChangedError
	if !errors.As(err, &changed) || !strings.Contains(changed.What, "content") {
		t.Errorf("error %v, want a ChangedError about the content", err)
	}
}

// openCached reads a text of two words, from the cache, whose file it names.
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

// The encoded text is read with ReadAt and not mapped, so that a file which
// shrinks under the training is an error and not the end of the program.
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

// Ids that lead behind the vocabulary never reach the training.
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

// FuzzCached reads any bytes, with the hash that they should have, as a file of the
// cache: an error, or parts that make up the file.
func FuzzCached(f *testing.F) {
	dir, text := f.TempDir(), f.TempDir()
	name := filepath.Join(text, "text")
	if err := os.WriteFile(name, []byte("a b a\nc\n"), 0o666); err != nil {
		f.Fatal(err)
	}
	source, err := Open(name)
	if err != nil {
		f.Fatal(err)
	}
	c, err := Read(context.Background(), source, ReadOptions{Dir: dir, CacheLimit: 1 << 20})
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

// FuzzSource reads any bytes as an input, compressed or not: an error that
// names the input, or pieces that make up a text.
func FuzzSource(f *testing.F) {
	for _, packed := range compressedFormats(f) {
		f.Add(packed)
		f.Add(packed[:len(packed)/2])
		f.Add(append(bytes.Clone(packed), "plain"...))
	}
	f.Add([]byte("plain\ntext"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := FromReader("in", bytes.NewReader(data))
		s.pieceSize = 64
		total := int64(0)
		err := s.pieces(context.Background(), func(p piece) error {
			if p.offset != total {
				t.Fatalf("a piece is at %d, want %d", p.offset, total)
			}
			total += int64(len(p.data))
			p.release()
			if total > 16<<20 {
				return errors.New("in: enough of a bomb")
			}
			return nil
		})
		if err != nil && !strings.HasPrefix(err.Error(), "in") {
			t.Fatalf("error %v does not name the input", err)
		}
		if plain := compression(data[:min(len(data), signatureBytes)]) == ""; plain && err == nil && total != int64(len(data)) {
			t.Fatalf("%d bytes of plain text of %d were read", total, len(data))
		}
	})
}

// A zstd stream that asks for a window of gigabytes is refused, not obeyed.
func TestZstdWindowIsBounded(t *testing.T) {
	huge := []byte("\x28\xb5\x2f\xfd\x00\xff\x01\x00\x00") // a window of 2^41 bytes and more
	_, err := readText(FromReader("in", bytes.NewReader(huge)))
	if !errors.Is(err, zstd.ErrWindowSizeExceeded) && !errors.Is(err, zstd.ErrDecoderSizeExceeded) {
		t.Errorf("error %v, want one about the size of the window", err)
	}
}
