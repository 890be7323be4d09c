package compress

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"

	"kindred/internal/filetype"
)

const text = "the quick brown fox\njumps over the lazy dog\n"

func gzipped(t testing.TB) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(text))
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// zipped returns an archive of members, each with a name before a colon and the text after it.
func zipped(t testing.TB, method uint16, members ...string) string {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range members {
		name, data, _ := strings.Cut(m, ":")
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err == nil {
			_, err = io.WriteString(w, data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// read returns what a file of these bytes holds, and how much of the file was not read.
func read(data string, want string) (string, int, error) {
	f := &filetype.File{Name: "F", Want: want, R: bufio.NewReaderSize(strings.NewReader(data), filetype.HeadBytes), At: strings.NewReader(data), Size: int64(len(data))}
	c, err := f.Open()
	if err != nil {
		return "", 0, err
	}
	defer c.Close()
	got, err := io.ReadAll(c)
	rest, _ := io.ReadAll(f.R)
	return string(got), len(rest), err
}

func TestZip(t *testing.T) {
	deflated := zipped(t, zip.Deflate, "text8:"+text)
	for _, test := range []struct{ name, data, want string }{
		{"deflated", deflated, ""},
		{"stored", zipped(t, zip.Store, "text8:"+text), ""},
		{"with a directory and what macOS adds", zipped(t, zip.Deflate, "d/:", "d/text8:"+text, "__MACOSX/d/._text8:x", "d/.DS_Store:y"), ""},
		{"two files", zipped(t, zip.Deflate, "a.txt:x", "b.txt:y"), `F is a zip archive of 2 files: "a.txt", "b.txt", not a text; unpack it (unzip F)`},
		{"no file", zipped(t, zip.Deflate), "F is a zip archive of 0 files, not a text"},
		{"docx", zipped(t, zip.Deflate, "[Content_Types].xml:x", "word/document.xml:y"), "an office document"},
		{"xlsx", zipped(t, zip.Deflate, "xl/workbook.xml:y"), "an office document (.xlsx)"},
		{"odt", zipped(t, zip.Store, "mimetype:application/vnd.oasis.opendocument.text"), "an office document (OpenDocument)"},
		{"epub", zipped(t, zip.Store, "mimetype:application/epub+zip"), "an e-book (EPUB)"},
		{"jar", zipped(t, zip.Deflate, "META-INF/MANIFEST.MF:x"), "a Java archive (.jar)"},
		{"npz", zipped(t, zip.Store, "a.npy:\x93NUMPY"), "a file of NumPy arrays (.npz)"},
		{"torch", zipped(t, zip.Store, "archive/data.pkl:\x80\x02}"), "a PyTorch file"},
		{"a PDF inside", zipped(t, zip.Deflate, "a.pdf:%PDF-1.4\n"), "F is a PDF document compressed by zip, not a text"},
		{"a zip inside", zipped(t, zip.Store, "a.zip:"+deflated), "F is compressed twice, by zip and by zip"},
		{"cut", deflated[:len(deflated)-30], "not a valid zip file"},
		{"damaged", strings.Replace(zipped(t, zip.Store, "text8:"+text), "quick", "quack", 1), "checksum"},
	} {
		got, left, err := read(test.data, filetype.Text)
		switch {
		case test.want == "" && (err != nil || got != text || left != 0):
			t.Errorf("%s: read %q, %v, %d bytes left", test.name, got, err, left)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: error %v, want %q", test.name, err, test.want)
		}
	}
}

// What follows the end of a gzip stream is another stream, padding, or an error.
func TestAfterGzip(t *testing.T) {
	z := gzipped(t)
	var trailing *TrailingError
	for _, test := range []struct {
		after, want string
		trailing    bool
	}{
		{"", text, false},
		{z, text + text, false},
		{"\x00", text, false},
		{strings.Repeat("\x00", 512), text, false},
		{"x", text, true},
		{"garbage", text, true},
		{"garbage of more than ten bytes", text, true},
		{"\x00\x00garbage", text, true},
		{"\x00" + z, text, true},
		{"\x1f", text, false}, // may be the start of a stream: cut off
		{"\x1f\x8b\x08\x00", text, false},
	} {
		got, _, err := read(z+test.after, filetype.Text)
		cut := strings.HasPrefix(test.after, "\x1f") && test.after != z
		switch {
		case got != test.want:
			t.Errorf("with %.10q behind it, %q is read", test.after, got)
		case test.trailing != errors.As(err, &trailing):
			t.Errorf("with %.10q behind it: error %v", test.after, err)
		case cut != errors.Is(err, io.ErrUnexpectedEOF):
			t.Errorf("with %.10q behind it: error %v, want one about the end", test.after, err)
		case !cut && !test.trailing && err != nil:
			t.Errorf("with %.10q behind it: error %v", test.after, err)
		}
	}
	// Hundreds of empty streams are no error of reading nothing.
	var empty bytes.Buffer
	if err := gzip.NewWriter(&empty).Close(); err != nil {
		t.Fatal(err)
	}
	if got, _, err := read(strings.Repeat(empty.String(), 500)+z, filetype.Text); err != nil || got != text {
		t.Errorf("behind empty streams: %q, %v", got, err)
	}
}

// FuzzZip opens any bytes behind the signature of zip. The result is text or an error, and never more
// memory than the text takes.
func FuzzZip(f *testing.F) {
	f.Add([]byte(zipped(f, zip.Deflate, "text8:"+text)))
	f.Add([]byte(zipped(f, zip.Store, "a:x", "b:y")))
	f.Add([]byte(zipped(f, zip.Store)))
	f.Fuzz(func(t *testing.T, data []byte) {
		file := &filetype.File{Name: "F", Want: filetype.Text, R: bufio.NewReaderSize(bytes.NewReader(data), filetype.HeadBytes), At: bytes.NewReader(data), Size: int64(len(data))}
		c, err := file.Open()
		if err != nil {
			return
		}
		defer c.Close()
		if _, err := io.CopyN(io.Discard, c, 1<<20); err == nil && len(data) < 1<<10 && c.Format == "" {
			t.Fatal("more came out than went in")
		}
	})
}
