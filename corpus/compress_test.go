package corpus

import (
	"bytes"
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

// bzip2Line is what bzip2Text decompresses to.
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
		// A skippable frame of two bytes, as pzstd begins its files with.
		"zstd": []byte("\x50\x2a\x4d\x18\x02\x00\x00\x00ab"),
	}
	for format, packed := range open {
		if text, err := readText(FromReader("r", bytes.NewReader(packed))); err != nil || text != "" {
			t.Errorf("%s: read %q, %v, want nothing", format, text, err)
		}
	}
}

// A stream cut anywhere after its signature is an error, and never a shorter
// text.
func TestTruncated(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for format, packed := range compressedFormats(t) {
		for n := signatureBytes; n < len(packed); n++ {
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

func TestCompressionSignatures(t *testing.T) {
	for _, test := range []struct{ head, want string }{
		{"", ""},
		{"BZh9 is a strange word", ""},
		{"BZh91AY&SY", "bzip2"},
		{"\x1f\x8b\x08\x00", "gzip"},
		{"\x1f\x8b", ""},
		{"\x5f\x2a\x4d\x18", "zstd"},
		{"P*M", ""},
		{"\xfd7zXZ\x00", "xz"},
		{"the quick brown", ""},
	} {
		if got := compression([]byte(test.head)); got != test.want {
			t.Errorf("compression(%q) = %q, want %q", test.head, got, test.want)
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
