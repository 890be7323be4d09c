package format

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// A head is the start of a file, by which its format is told.
type head struct {
	data []byte
	// whole is set where data is all of the file.
	whole bool
}

// sniff returns the format that the input looks like.
func (in *input) sniff() (*Format, error) {
	data, err := in.r.Peek(sniffBytes)
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("%s: %w", in.name, err)
	}
	h := head{data: data, whole: err == io.EOF}
	if len(data) == 0 {
		return nil, &SyntaxError{Name: in.name, Line: 1, Reason: "the file is empty, expected vectors"}
	}
	for _, f := range formats {
		if f.sniff != nil && f.sniff(h) {
			return f, nil
		}
	}
	return nil, &SyntaxError{Name: in.name, Line: 1,
		Reason: fmt.Sprintf("not a known vector format: expected the number of vectors and their dimension, or a word and numbers, found %.40q", data)}
}

// A shape is the first line of both formats of word2vec.
type shape struct {
	vectors, dim int
	// length is the number of bytes of the line with its newline.
	length int
}

// parseShape reads the header "VECTORS DIM" that data starts with.
func parseShape(data []byte) (shape, bool) {
	line, _, found := bytes.Cut(data, []byte("\n"))
	fields := splitFields(line)
	if len(fields) != 2 {
		return shape{}, false
	}
	vectors, err1 := parseCount(fields[0])
	dim, err2 := parseCount(fields[1])
	length := len(line)
	if found {
		length++
	}
	return shape{vectors, dim, length}, err1 == nil && err2 == nil
}

// splitFields returns what lies between the blanks of line.
func splitFields(line []byte) [][]byte {
	return bytes.FieldsFunc(line, func(r rune) bool { return r < 0x80 && isBlank(byte(r)) })
}

// parseCount reads an integer of digits only, which fits an int32.
func parseCount(field []byte) (int, error) {
	n, err := strconv.ParseUint(string(field), 10, 31)
	return int(n), err
}

// looksBinary reports whether the rows that follow the header s are those of
// the binary format rather than the text format of word2vec. The tests go
// from what proves something to what suggests it:
//
//   - A first row of a word and dim numbers is text.
//   - Where the first 4*dim bytes after the first word contain a control
//     character or broken UTF-8, it is binary.
//   - A file that is exactly as long as the binary format demands is binary.
//   - Otherwise the file is broken or very small, and what counts is whether
//     most of those bytes are digits and such.
func looksBinary(rows []byte, s shape, whole bool) bool {
	if firstRowIsText(rows, s.dim, whole) {
		return false
	}
	start := bytes.IndexByte(rows, ' ') + 1
	sample := rows[start:]
	cut := len(sample) > 4*s.dim
	if cut {
		sample = sample[:4*s.dim]
	}
	if hasControl(sample) || !utf8.Valid(trimPartialRune(sample, cut || !whole)) {
		return true
	}
	if whole && fitsBinary(rows, s) {
		return true
	}
	digits := 0
	for _, c := range sample {
		if bytes.IndexByte([]byte("0123456789+-.eE \n"), c) >= 0 {
			digits++
		}
	}
	return 2*digits < len(sample)
}

// firstRowIsText reports whether rows starts with a line of a word and dim
// numbers, as far as it can be seen.
func firstRowIsText(rows []byte, dim int, whole bool) bool {
	line, _, found := bytes.Cut(rows, []byte("\n"))
	fields := splitFields(line)
	if !found && !whole && len(fields) > 0 {
		fields = fields[:len(fields)-1] // the last may be cut off
		if len(fields) < 2 {
			return false
		}
		dim = min(dim, len(fields)-1)
	}
	if len(fields) != dim+1 {
		return false
	}
	return trailingNumbers(fields) == dim
}

// trailingNumbers returns how many of the last fields are numbers. The first
// field, which is the word, is not counted.
func trailingNumbers(fields [][]byte) int {
	n := 0
	for n < len(fields)-1 && isNumber(fields[len(fields)-1-n]) {
		n++
	}
	return n
}

// fitsBinary reports whether data is exactly the rows of a binary file.
func fitsBinary(data []byte, s shape) bool {
	for range s.vectors {
		data = bytes.TrimPrefix(data, []byte("\n"))
		word := bytes.IndexByte(data, ' ')
		if word <= 0 || len(data)-word-1 < 4*s.dim {
			return false
		}
		data = data[word+1+4*s.dim:]
	}
	return len(bytes.TrimPrefix(data, []byte("\n"))) == 0
}

// hasControl reports whether data has a byte that no text file has.
func hasControl(data []byte) bool {
	for _, c := range data {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0x7f {
			return true
		}
	}
	return false
}

// trimPartialRune removes an unfinished rune from the end of data, where
// data was cut.
func trimPartialRune(data []byte, cut bool) []byte {
	for i := 1; cut && i <= min(utf8.UTFMax, len(data)); i++ {
		if c := data[len(data)-i]; utf8.RuneStart(c) {
			if !utf8.FullRune(data[len(data)-i:]) {
				return data[:len(data)-i]
			}
			break
		}
	}
	return data
}
