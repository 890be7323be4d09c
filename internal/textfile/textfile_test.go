package textfile

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"kindred/internal/charset"
	_ "kindred/internal/compress" // compressed files are read
	"kindred/internal/filetype"
)

// lines returns the lines of r, and the error.
func lines(r io.Reader, o Options) ([]string, error) {
	s, err := New("f", r, o)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	var list []string
	for s.Scan() {
		list = append(list, string(s.Bytes()))
	}
	return list, s.Err()
}

func gzipped(t testing.TB, text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestLines(t *testing.T) {
	for _, test := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"a", []string{"a"}},
		{"a\nb\n", []string{"a", "b"}},
		{"a\r\nb\r\n", []string{"a", "b"}},
		{"a\rb\r", []string{"a", "b"}},
		{"a\rb", []string{"a", "b"}},
		{"a\r\r\nb\r\r\n", []string{"a", "b"}},
		{"a\r\rb\n\nc", []string{"a", "", "b", "", "c"}},
		{"\n", []string{""}},
		{"\uFEFFa\nb", []string{"a", "b"}},
		{"\uFEFF", nil},
		{strings.Repeat("x", 200000) + "\r\ny", []string{strings.Repeat("x", 200000), "y"}},
		{gzipped(t, "\uFEFFa\r\nb\n"), []string{"a", "b"}},
		{gzipped(t, "a\n") + gzipped(t, "b\n"), []string{"a", "b"}},
	} {
		for _, r := range []io.Reader{strings.NewReader(test.text), iotest.OneByteReader(strings.NewReader(test.text)), iotest.DataErrReader(strings.NewReader(test.text))} {
			got, err := lines(r, Options{Want: filetype.List})
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("%.40q read as %.40q, %v, want %.40q", test.text, got, err, test.want)
			}
		}
	}
}

func TestFaults(t *testing.T) {
	utf8Only := Options{Want: filetype.List, MaxBytes: 1 << 21}
	for _, test := range []struct {
		name, text string
		o          Options
		want       string
	}{
		{"a long line", "a\n" + strings.Repeat("x", MaxLine+1), utf8Only, "f:2: the line is longer than 1048576 bytes"},
		{"a large file", strings.Repeat("xyz\n", 1<<20), utf8Only, "f: more than 2 MiB, too large for a list of words"},
		{"NUL", "word\n\x00", utf8Only, "f:2: NUL byte"},
		{"Latin-1", "a\nna\xefve\n", utf8Only, "f:2: not UTF-8 text"},
		{"a zip archive from a pipe", "PK\x03\x04" + strings.Repeat("x", 60), utf8Only, "f is a zip archive that comes from a pipe, not a list of words"},
		{"a cut stream", gzipped(t, strings.Repeat("a b\n", 100))[:25], utf8Only, "f: the compressed file is cut off"},
		{"compressed twice", gzipped(t, gzipped(t, "a")), utf8Only, "f is compressed twice, by gzip and by gzip"},
		{"UTF-16", "\xff\xfea\x00", utf8Only, "f is text in UTF-16, not a list of words"},
	} {
		_, err := lines(strings.NewReader(test.text), test.o)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", test.name, err, test.want)
		}
	}
}

// Endless input takes no more memory than a line, and no more time than the largest file.
func TestEndless(t *testing.T) {
	for _, pattern := range []string{"\x00", "x", "x\n"} {
		_, err := lines(endless(pattern), Options{Want: filetype.List, MaxBytes: 4 << 20})
		if err == nil {
			t.Errorf("%q without end gives no error", pattern)
		}
	}
}

type endless string

func (e endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = e[i%len(e)]
	}
	return len(b), nil
}

func TestDecode(t *testing.T) {
	latin, err := charset.Find("latin1")
	if err != nil {
		t.Fatal(err)
	}
	utf16, err := charset.Find("UTF-16")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		c    *charset.Charset
		text string
		want []string
	}{
		{latin, "na\xefve\n", []string{"naïve"}},
		{latin, "naïve\n", []string{"naïve"}}, // UTF-8 stays
		{utf16, "\xff\xfea\x00\n\x00", []string{"a"}},
		{utf16, "\xfe\xff\x00a\x00\n", []string{"a"}},
		{nil, "a\n", []string{"a"}},
	} {
		got, err := lines(strings.NewReader(test.text), Options{Want: filetype.List, MaxBytes: 1 << 20, Decode: test.c.Decoder()})
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%q in %s read as %q, %v, want %q", test.text, test.c, got, err, test.want)
		}
	}
	jis, err := charset.Find("shift_jis")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lines(strings.NewReader("\xff\xff\n"), Options{Want: filetype.List, MaxBytes: 1 << 20, Decode: jis.Decoder()}); err == nil || !strings.Contains(err.Error(), "neither UTF-8 nor shift_jis") {
		t.Errorf("bytes of no encoding give %v", err)
	}
}

// Each line can be answered before the next one comes.
func TestInteractive(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	go func() { _, _ = io.WriteString(w, "B\n") }() // may be the start of BZh
	read := make(chan string)
	go func() {
		s, err := New("f", r, Options{Want: filetype.Queries, AnyBytes: true, Interactive: true})
		if err != nil {
			read <- err.Error()
			return
		}
		for s.Scan() {
			read <- string(s.Bytes())
		}
	}()
	for _, next := range []string{"king\r\n", "a\xffb\n", "end\n"} {
		select {
		case line := <-read:
			t.Logf("read %q", line)
		case <-time.After(10 * time.Second):
			t.Fatal("no line is read before the next one is written")
		}
		go func() { _, _ = io.WriteString(w, next) }()
	}
	if line := <-read; line != "end" {
		t.Errorf("the last line is %q, want end", line)
	}
}

func TestOpenNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(path, []byte("a\n\xff\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := Read(path, Options{Want: filetype.List, MaxBytes: 100})
	var fault *Error
	if !errors.As(err, &fault) || fault.File != path || fault.Line != 2 {
		t.Errorf("error %v, want one at %s:2", err, path)
	}
	if _, err := Read(path+"x", Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file gives %v", err)
	}
}

// FuzzScanner reads any bytes. The result is an error that names the file, or lines that hold no line
// end, and, if the file is UTF-8 text with LF only, exactly its lines.
func FuzzScanner(f *testing.F) {
	f.Add([]byte("a\nb\r\nc\rd"))
	f.Add([]byte("\uFEFFa b\n\n"))
	f.Add([]byte(gzipped(f, "a\nb")))
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte("\xff\xfea\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := lines(bytes.NewReader(data), Options{Want: filetype.List, MaxBytes: 1 << 20})
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f") {
				t.Fatalf("error %v does not name the file", err)
			}
			return
		}
		for _, line := range got {
			if strings.ContainsAny(line, "\r\n\x00") || strings.ToValidUTF8(line, "") != line {
				t.Fatalf("line %q is no line of text", line)
			}
		}
		if filetype.Compression(data) == "" && !bytes.ContainsRune(data, '\r') {
			want := strings.TrimPrefix(string(data), "\uFEFF")
			if joined := strings.Join(got, "\n"); joined != strings.TrimSuffix(want, "\n") {
				t.Fatalf("%q read as %q", data, got)
			}
		}
	})
}
