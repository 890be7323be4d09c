package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
	"go.uber.org/goleak"

	"kindred/internal/filetype"
)

func compressed(t testing.TB, text []byte, open func(io.Writer) (io.WriteCloser, error)) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := open(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipped(t testing.TB, text []byte) []byte {
	return compressed(t, text, func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil })
}

func zstdPacked(t testing.TB, text []byte) []byte {
	return compressed(t, text, func(w io.Writer) (io.WriteCloser, error) {
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	})
}

// bzip2Line is the text of the file two-lines.bz2.
const bzip2Line = "the quick brown fox\njumps over the lazy dog\n"

func bzip2Text(t testing.TB, name string) []byte {
	b, err := os.ReadFile("testdata/" + name + ".bz2")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// compressedFormats returns the same text in each format.
func compressedFormats(t testing.TB) map[string][]byte {
	text := []byte(bzip2Line)
	return map[string][]byte{
		"gzip":  gzipped(t, text),
		"bzip2": bzip2Text(t, "two-lines"),
		"zstd":  zstdPacked(t, text),
		"xz":    compressed(t, text, func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) }),
	}
}

func TestCompressedByContent(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	names := map[string]string{"gzip": "a.txt", "bzip2": "b.gz", "zstd": "c.xz", "xz": "d"}
	for format, packed := range compressedFormats(t) {
		t.Run(format, func(t *testing.T) {
			name := names[format]
			writeTree(t, map[string]string{name: string(packed), "twice": string(packed) + string(packed), "plain.gz": bzip2Line})
			s, err := Open(name, "twice", "plain.gz")
			if err != nil {
				t.Fatal(err)
			}
			want := bzip2Line + "|" + bzip2Line + bzip2Line + "|" + bzip2Line
			if text, err := readText(s); err != nil || text != want {
				t.Errorf("read %q, %v, want %q", text, err, want)
			}
			if text, err := readText(FromReader("r", bytes.NewReader(packed))); err != nil || text != bzip2Line {
				t.Errorf("from a reader: %q, %v", text, err)
			}
		})
	}
}

func TestCompressedEmpty(t *testing.T) {
	open := map[string][]byte{
		"gzip":  gzipped(t, nil),
		"bzip2": bzip2Text(t, "empty"),
		"xz":    compressed(t, nil, func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) }),
		// A skippable frame of two bytes; files of pzstd begin with one.
		"zstd": []byte("\x50\x2a\x4d\x18\x02\x00\x00\x00ab"),
	}
	for format, packed := range open {
		if text, err := readText(FromReader("r", bytes.NewReader(packed))); err != nil || text != "" {
			t.Errorf("%s: read %q, %v, want nothing", format, text, err)
		}
	}
}

// A stream cut anywhere after its signature is an error, never a shorter text.
func TestTruncated(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for format, packed := range compressedFormats(t) {
		for n := filetype.CompressionBytes; n < len(packed); n++ {
			_, err := readText(FromReader("cut.dat", bytes.NewReader(packed[:n])))
			if err == nil {
				t.Errorf("%s: %d of %d bytes are read without an error", format, n, len(packed))
				continue
			}
			if !strings.HasPrefix(err.Error(), "cut.dat: ") || !strings.Contains(err.Error(), "of the decompressed text") {
				t.Errorf("%s: %d of %d bytes: error %q, want name and offset", format, n, len(packed), err)
			}
		}
	}
}

func TestTruncatedSecondStream(t *testing.T) {
	for format, packed := range compressedFormats(t) {
		twice := append(bytes.Clone(packed), packed...)
		for _, n := range []int{1, 3, 5, len(packed) - 1} {
			_, err := readText(FromReader("cut.dat", bytes.NewReader(twice[:len(packed)+n])))
			want := fmt.Sprintf("byte %d of", len(bzip2Line))
			if err == nil || (n < 6 && !strings.Contains(err.Error(), want)) {
				t.Errorf("%s: second stream cut at %d: error %v, want %q in it", format, n, err, want)
			}
		}
	}
}

func TestCorrupt(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	text := make([]byte, 2000)
	for i := range text {
		text[i] = 'a' + byte(rng.IntN(26))
	}
	xzPacked := compressed(t, text, func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) })
	for format, packed := range map[string][]byte{"gzip": gzipped(t, text), "zstd": zstdPacked(t, text), "xz": xzPacked} {
		packed[len(packed)/2] ^= 0x10
		if _, err := readText(FromReader("bad", bytes.NewReader(packed))); err == nil || !strings.HasPrefix(err.Error(), "bad: ") {
			t.Errorf("%s: a flipped bit gives %v, want an error that names the input", format, err)
		}
	}
}

func TestXZPadding(t *testing.T) {
	packed := string(compressedFormats(t)["xz"])
	padding := "\x00\x00\x00\x00"
	text, err := readText(FromReader("r", strings.NewReader(packed+padding+padding+packed+padding)))
	if err != nil || text != bzip2Line+bzip2Line {
		t.Errorf("read %q, %v", text, err)
	}
}

// brokenStreams returns a text of some hundred bytes in each compressed format. That of bzip2 is
// another, as there is no compressor for it.
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

// TestFlippedBits flips a bit in each byte of a compressed file. Reading it gives the whole text, if
// the byte has no effect on it (as the time in gzip's header), or an error with the name and both
// positions, but never another text or less of it.
func TestFlippedBits(t *testing.T) {
	for format, c := range brokenStreams(t) {
		t.Run(format, func(t *testing.T) {
			writeTree(t, map[string]string{"news": string(c.packed)})
			refused := 0
			for i := filetype.CompressionBytes; i < len(c.packed); i++ {
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

// FuzzSource reads any bytes as an input, compressed or not. The result is an error that names the
// input, or chunks that make up a text.
func FuzzSource(f *testing.F) {
	for _, packed := range compressedFormats(f) {
		f.Add(packed)
		f.Add(packed[:len(packed)/2])
		f.Add(append(bytes.Clone(packed), "plain"...))
	}
	f.Add([]byte("plain\ntext"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := FromReader("in", bytes.NewReader(data))
		total := int64(0)
		err := s.Chunks(context.Background(), 64, func(c Chunk) error {
			if c.Offset != total {
				t.Fatalf("a chunk is at %d, want %d", c.Offset, total)
			}
			total += int64(len(c.Data))
			c.Release()
			if total > 16<<20 {
				return errors.New("in: enough of a bomb")
			}
			return nil
		})
		if err != nil && !strings.HasPrefix(err.Error(), "in") {
			t.Fatalf("error %v does not name the input", err)
		}
		if plain := filetype.Compression(data[:min(len(data), filetype.CompressionBytes)]) == ""; plain && err == nil && total != int64(len(data)) {
			t.Fatalf("%d bytes of plain text of %d were read", total, len(data))
		}
	})
}

// A zstd stream that asks for a window of gigabytes is an error.
func TestZstdWindowIsBounded(t *testing.T) {
	huge := []byte("\x28\xb5\x2f\xfd\x00\xff\x01\x00\x00") // a window of 2^41 bytes and more
	_, err := readText(FromReader("in", bytes.NewReader(huge)))
	if !errors.Is(err, zstd.ErrWindowSizeExceeded) && !errors.Is(err, zstd.ErrDecoderSizeExceeded) {
		t.Errorf("error %v, want one about the size of the window", err)
	}
}

func BenchmarkChunks(b *testing.B) {
	text := bytes.Repeat([]byte("the etaoin shrdlu words of a line, tab\n"), 1<<19)
	oneLine := bytes.ReplaceAll(text, []byte{'\n'}, []byte{' '})
	for _, input := range []struct {
		name       string
		text, data []byte
	}{
		{"plain", text, text},
		{"one line", text, oneLine},
		{"gzip", text, gzipped(b, text)},
		{"zstd", text, zstdPacked(b, text)},
	} {
		b.Run(input.name, func(b *testing.B) {
			b.SetBytes(int64(len(input.text)))
			for b.Loop() {
				err := FromReader("text", io.NewSectionReader(bytes.NewReader(input.data), 0, int64(len(input.data)))).
					Chunks(context.Background(), DefaultChunkSize, func(c Chunk) error { c.Release(); return nil })
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
