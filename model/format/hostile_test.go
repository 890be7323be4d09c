package format_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"kindred/model/format"
)

// A flood yields a head and then a pattern again and again, size bytes in all.
type flood struct {
	head    io.Reader
	pattern string
	left    int64
}

func (f *flood) Read(b []byte) (int, error) {
	if n, err := f.head.Read(b); n > 0 || err != io.EOF {
		return n, err
	}
	if f.left <= 0 {
		return 0, io.EOF
	}
	n := 0
	for n+len(f.pattern) <= len(b) && int64(n) < f.left {
		n += copy(b[n:], f.pattern)
	}
	if n == 0 {
		n = copy(b, f.pattern[:1])
	}
	f.left -= int64(n)
	return n, nil
}

// A line or an end of a file without end takes no memory.
func TestEndlessLinesTakeNoMemory(t *testing.T) {
	for _, test := range []struct{ name, head, pattern, want string }{
		{"blanks in a row", "2 2\na 1 2\nb 1 ", " ", "F:3: the line is longer than"},
		{"digits", "2 2\na 1 2\nb 1 ", "1", "F:3: the line is longer than"},
		{"a word", "2 2\na 1 2\n", "b", "F:3: the line is longer than"},
		{"a word of GloVe", "a 1 2\nb 1 2\n", "c", "F:3: the line is longer than"},
		{"blanks at a line's start", "2 2\na 1 2\n", " ", "F:3: the line is longer than"},
		{"empty lines", "2 2\na 1 2\n", "\n", "F:3: the file ends after 1 vectors"},
		{"empty lines at the end", "1 2\na 1 2\n", "\n", ""},
		{"CR LF at the end", "1 2\na 1 2\n", "\r\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			const size = 96 << 20
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := format.Read(&flood{strings.NewReader(test.head), test.pattern, size}, "F")
			runtime.ReadMemStats(&after)
			if message := ""; err != nil {
				message = err.Error()
				if test.want == "" || !strings.HasPrefix(message, test.want) {
					t.Errorf("error %.200q, want %q", message, test.want)
				}
			} else if test.want != "" {
				t.Errorf("no error, want %q", test.want)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 32<<20 {
				t.Errorf("%d MiB were allocated for a file of %d MiB", used>>20, size>>20)
			}
		})
	}
}

// A stream of a native file, whose size nobody knows, takes memory for what is kept of it, and none for
// what its header promises.
func TestNativeStreamTakesNoMemory(t *testing.T) {
	const words, dim, size = 1_000_000, 48, 192 << 20
	header := func(words int64) string {
		h := fmt.Sprintf(`{"__metadata__":{"kindred.format":"1","kindred.hash":"%032x"},`, 1)
		end := int64(0)
		for i, tensor := range []struct {
			name, dtype, shape string
			bytes              int64
		}{
			{"input", "F32", fmt.Sprintf("[%d,%d]", words, dim), 4 * words * dim},
			{"vocabulary.counts", "I64", fmt.Sprintf("[%d]", words), 8 * words},
			{"vocabulary.offsets", "I64", fmt.Sprintf("[%d]", words+1), 8 * (words + 1)},
			{"vocabulary.bytes", "U8", "[0]", 0},
		} {
			h += fmt.Sprintf(`%s"%s":{"dtype":"%s","shape":%s,"data_offsets":[%d,%d]}`, strings.Repeat(",", min(i, 1)), tensor.name, tensor.dtype, tensor.shape, end, end+tensor.bytes)
			end += tensor.bytes
		}
		h += "}"
		return string(binary.LittleEndian.AppendUint64(nil, uint64(len(h)))) + h
	}
	for _, test := range []struct {
		name  string
		words int64
		data  int64
		limit uint64
		want  string
	}{
		{"one word of many", words, 4*words*dim + 8*words + 8*(words+1), 96 << 20, "its hash is"},
		{"more follows", words, size + 16*words + 4096, 96 << 20, "the file goes on after"},
		{"cut off", words, 4096, 8 << 20, "the file ends here, but its header promises"},
		{"a promise of much", words * 20, 1 << 20, 8 << 20, "the file ends here, but its header promises"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := format.LoadOptions{First: 1}.Read(&flood{strings.NewReader(header(test.words)), "\x00", test.data}, "F")
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", test.name, err, test.want)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > test.limit {
			t.Errorf("%s: %d MiB were allocated for a stream of %d MiB", test.name, used>>20, test.data>>20)
		}
	}
}

// Empty lines are an error if anything but empty lines follows, however many there are.
func TestEmptyLinesInside(t *testing.T) {
	for _, n := range []int{1, 1000, 3 << 20} {
		_, err := format.Read(strings.NewReader("2 2\na 1 2\n"+strings.Repeat("\n", n)+"b 1 2\n"), "F")
		var fault *format.SyntaxError
		if !errors.As(err, &fault) || fault.Line != 3 || !strings.Contains(fault.Reason, "the line is empty") {
			t.Errorf("%d empty lines: error %v, want line 3", n, err)
		}
	}
}

// A byte-order mark is no part of the first word or of the header.
func TestByteOrderMark(t *testing.T) {
	for _, text := range []string{"\uFEFF2 2\na 1 2\nb 3 4\n", "\uFEFFa 1 2\nb 3 4\n", "\uFEFF1 2\na \x00\x00\x80\x3f\x00\x00\x00\x40\n"} {
		e, err := format.Read(strings.NewReader(text), "F")
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if w := e.Vocabulary.Word(0); w != "a" {
			t.Errorf("%q: the first word is %q, want a", text, w)
		}
	}
}

// Files that are no vectors are named, with what helps.
func TestForeignFiles(t *testing.T) {
	for _, test := range []struct{ head, want string }{
		{"\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00", "F is a Python pickle"},
		{"\x80\x02}q\x00", `KeyedVectors.load("F").save_word2vec_format`},
		{"7z\xbc\xaf\x27\x1c\x00\x04", "F is a 7z archive, not word vectors; unpack it first (7z x F)"},
		{"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "F is a PDF document"},
		{"\x89HDF\r\n\x1a\n", "F is an HDF5 file"},
		{"\xff\xfe2\x00 \x002\x00\n\x00", "F is text in UTF-16"},
		{"2\x00 \x002\x00\n\x00a\x00 \x001\x00 \x002\x00\n\x00", "F is text in UTF-16LE without a byte-order mark"},
		{"<!DOCTYPE html>\n<html>", "F is a page of the web"},
		{"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "F is a pointer of Git LFS"},
		{strings.Repeat("\x00\x01\xff\x07", 40), "F is binary data"},
	} {
		_, err := format.Read(strings.NewReader(test.head), "F")
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%.20q: error %v, want %q", test.head, err, test.want)
		}
	}
}
