package filetype

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCompression(t *testing.T) {
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
		if got := Compression([]byte(test.head)); got != test.want {
			t.Errorf("Compression(%q) = %q, want %q", test.head, got, test.want)
		}
	}
}

func TestRecognize(t *testing.T) {
	text := strings.Repeat("the cat sat on the mat\n", 20)
	wide := func(encode func(c byte) string) string {
		var b strings.Builder
		for i := range len(text) {
			b.WriteString(encode(text[i]))
		}
		return b.String()
	}
	tar := make([]byte, 1024)
	copy(tar, "dir/file.txt")
	copy(tar[100:], "0000644\x000000000\x000000000\x0000000000012\x0000000000000\x00")
	copy(tar[148:], "        ")
	sum := 0
	for _, c := range tar[:512] {
		sum += int(c)
	}
	copy(tar[148:], fmt.Sprintf("%06o\x00 ", sum))
	binary := make([]byte, 1000)
	for i := range binary {
		binary[i] = byte(i * i >> 3)
	}
	for _, test := range []struct{ name, head, want string }{
		{"7z", "7z\xbc\xaf\x27\x1c", "a 7z archive"},
		{"rar", "Rar!\x1a\x07\x01\x00", "a RAR archive"},
		{"tar", string(tar), "a tar archive"},
		{"lz4", "\x04\x22\x4d\x18\x64\x40", "compressed by lz4"},
		{"compress", "\x1f\x9d\x90", "compressed by compress (.Z)"},
		{"lzma", "\x5d\x00\x00\x80\x00\xff\xff\xff\xff\xff\xff\xff\xff\x00", "compressed by lzma"},
		{"PDF", "%PDF-1.4\n", "a PDF document"},
		{"doc", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an office document of Microsoft"},
		{"RTF", `{\rtf1\ansi`, "an RTF document"},
		{"pickle", "\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00", "a Python pickle"},
		{"PyTorch", "\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.", "a PyTorch file"},
		{"NumPy", "\x93NUMPY\x01\x00", "a NumPy array"},
		{"fastText", "\xba\x16\x4f\x2f\x0c\x00\x00\x00", "a fastText model"},
		{"HDF5", "\x89HDF\r\n\x1a\n", "an HDF5 file"},
		{"SQLite", "SQLite format 3\x00", "an SQLite database"},
		{"ELF", "\x7fELF\x02\x01", "a program (ELF)"},
		{"PNG", "\x89PNG\r\n\x1a\n", "an image (PNG)"},
		{"JPEG", "\xff\xd8\xff\xe0", "an image (JPEG)"},
		{"safetensors", "\x10\x01\x00\x00\x00\x00\x00\x00{\"input\"", "a safetensors file"},
		{"Git LFS", "version https://git-lfs.github.com/spec/v1\noid", "a pointer of Git LFS"},
		{"UTF-16 with a mark", "\xff\xfet\x00", "text in UTF-16"},
		{"UTF-32 with a mark", "\xff\xfe\x00\x00t\x00\x00\x00", "text in UTF-32"},
		{"UTF-16LE", wide(func(c byte) string { return string([]byte{c, 0}) }), "text in UTF-16LE without"},
		{"UTF-16BE", wide(func(c byte) string { return string([]byte{0, c}) }), "text in UTF-16BE without"},
		{"UTF-16LE Cyrillic", wide(func(c byte) string {
			if c == ' ' || c == '\n' {
				return string([]byte{c, 0})
			}
			return string([]byte{c - 'a' + 0x30, 4})
		}), "text in UTF-16LE without"},
		{"UTF-32LE", wide(func(c byte) string { return string([]byte{c, 0, 0, 0}) }), "text in UTF-32LE without"},
		{"UTF-32BE", wide(func(c byte) string { return string([]byte{0, 0, 0, c}) }), "text in UTF-32BE without"},
		{"binary", string(binary), "binary data"},
		{"zeros", strings.Repeat("\x00", 5000), "binary data"},
		{"word2vec binary", "20 5\nthe " + string(binary), "word vectors in word2vec's binary format"},
		{"text", text, ""},
		{"text with a NUL", text + "\x00" + text, ""},
		{"Latin-1", strings.ReplaceAll(text, "a", "\xe4"), ""},
		{"GBK", strings.Repeat("\xd6\xd0\xce\xc4 ", 50), ""},
		{"words like signatures", "BM MZ PAR1 GIF89a ID3 070707 BZh9 PK RIFF\n", ""},
		{"HTML", "<!DOCTYPE html>\n<html>", ""}, // a text may be one
	} {
		err := Check("F", []byte(test.head), Text)
		if err == nil {
			err = CheckText("F", []byte(test.head), true, Text)
		}
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v, want a text", test.name, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: error %v, want %q", test.name, err, test.want)
		}
	}
	if err := Check("F", []byte("<!DOCTYPE html>"), Set); err == nil {
		t.Error("a page is taken for a set")
	}
}

func TestHelpQuotesNames(t *testing.T) {
	err := Check("my file's.7z", []byte("7z\xbc\xaf\x27\x1c"), Text)
	if want := `(7z x 'my file'\''s.7z')`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %s in it", err, want)
	}
}

// A pipe or a device in place of a file of the program's own is an error at once.
func TestOpenRegular(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if out, err := exec.Command("mkfifo", fifo).CombinedOutput(); err != nil {
		t.Skipf("mkfifo: %v %s", err, out)
	}
	for _, path := range []string{fifo, "/dev/zero", dir} {
		if _, err := ReadRegular(path, 100); err == nil {
			t.Errorf("%s is read", path)
		}
	}
	path := filepath.Join(dir, "file")
	if err := os.WriteFile(path, []byte("12345"), 0o666); err != nil {
		t.Fatal(err)
	}
	if data, err := ReadRegular(path, 5); err != nil || string(data) != "12345" {
		t.Errorf("read %q, %v", data, err)
	}
	if _, err := ReadRegular(path, 4); err == nil {
		t.Error("a file above the limit is read")
	}
}

// FuzzRecognize looks at any bytes. Plain text is never refused.
func FuzzRecognize(f *testing.F) {
	f.Add([]byte("the cat"), "a b")
	f.Add([]byte("\x1f\x8b\x08"), "F")
	f.Add([]byte("BM\x00\x00"), "x.y")
	f.Fuzz(func(t *testing.T, head []byte, name string) {
		for _, want := range []string{Text, Vectors, Set} {
			for _, err := range []error{Check(name, head, want), CheckText(name, head, true, want)} {
				if err != nil && want == Text && bytes.IndexByte(head, 0) < 0 && utf8.Valid(head) && Recognize(head) == nil {
					t.Fatalf("%q is refused as a text: %v", head, err)
				}
			}
		}
		Compression(head)
		MaySignify(head)
	})
}
