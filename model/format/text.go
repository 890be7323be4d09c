package format

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	"kindred/model"
)

// text is the text format of word2vec.c, gensim and fastText.
var text = &Format{
	Name:        "text",
	Aliases:     []string{"word2vec", "word2vec-text", "w2v", "vec", "txt"},
	Extensions:  []string{".txt", ".vec"},
	Description: "word2vec text: a line with the number of vectors and their dimension, then a line per word",
	read:        readText,
	sniff: func(p prefix) bool {
		h, ok := parseHeader(p.data)
		return ok && !looksBinary(p.data[h.length:], h, p.whole)
	},
	files:   []outputFile{{samePath, writeText}},
	badWord: badSpacedWord,
}

// A header is the first line of both formats of word2vec.
type header struct {
	vectors, dim int
	// length is the number of bytes of the line, with its newline.
	length int
}

// parseHeader reads the header "VECTORS DIM" at the start of data.
func parseHeader(data []byte) (header, bool) {
	line, _, found := bytes.Cut(data, []byte("\n"))
	if len(line) > longestHeader { // what is no text may have no line end for a megabyte
		return header{}, false
	}
	fields := splitFields(line)
	if len(fields) != 2 {
		return header{}, false
	}
	vectors, err1 := parseCount(fields[0])
	dim, err2 := parseCount(fields[1])
	length := len(line)
	if found {
		length++
	}
	return header{vectors, dim, length}, err1 == nil && err2 == nil
}

// longestHeader is the number of bytes that the first line of a file has at most if it is a header: numbers, and blanks between
// them.
const longestHeader = 4096

// parseCount reads an integer of digits only that fits an int32.
func parseCount(field []byte) (int, error) {
	n, err := strconv.ParseUint(string(field), 10, 31)
	return int(n), err
}

// readHeader reads the first line of both formats of word2vec.
func (in *input) readHeader() (header, error) {
	line, err := in.r.ReadSlice('\n')
	if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
		return header{}, fmt.Errorf("%s: %w", in.name, err)
	}
	h, ok := parseHeader(line)
	if !ok || h.vectors == 0 || h.dim == 0 {
		return header{}, &SyntaxError{Name: in.name, Line: 1,
			Reason: fmt.Sprintf("expected the number of vectors and their dimension, two positive integers, found %.40q", line)}
	}
	return h, nil
}

func readText(in *input) (*model.Embeddings, error) {
	h, err := in.readHeader()
	if err != nil {
		return nil, err
	}
	t := &textReader{in: in, dim: h.dim, vectors: h.vectors, line: 2}
	if in.skipBad {
		t.vectors = -1
	}
	// The header can be true only if the file has room for the rows: a byte of a word, a blank and a
	// digit for each value, and a newline after all rows but the last.
	rows := in.limit(h.vectors)
	if rest := in.size - int64(h.length) + 1; !in.loose() && in.size >= 0 && int64(rows) <= rest/(2*int64(h.dim)+2) {
		if t.matrix, err = in.matrix(rows, h.dim); err != nil {
			return nil, err
		}
	}
	e, err := t.read()
	if err == nil && in.skipBad && t.rows != h.vectors && t.first == 0 {
		warnf(e, "the header promises %d vectors, but the file has %d rows", h.vectors, t.rows)
	}
	return e, err
}

func writeText(w io.Writer, e *model.Embeddings) error {
	if _, err := fmt.Fprintf(w, "%d %d\n", e.Vocabulary.Len(), e.Dim()); err != nil {
		return err
	}
	return writeRows(w, e, false)
}

// glove is the text format of GloVe: that of word2vec without a header.
var glove = &Format{
	Name:        "glove",
	Aliases:     []string{"glove-text"},
	Extensions:  []string{".glove", ".glove.txt"},
	Description: "GloVe text: a line per word, no header",
	read:        readGlove,
	sniff: func(p prefix) bool {
		return bytes.IndexByte(p.data, 0) < 0 && gloveDim(p) > 0
	},
	files:   []outputFile{{samePath, writeGlove}},
	badWord: badSpacedWord,
}

func readGlove(in *input) (*model.Embeddings, error) {
	data, err := in.r.Peek(sniffBytes)
	if err != nil && err != io.EOF {
		return nil, err
	}
	dim := gloveDim(prefix{data: data, whole: err == io.EOF})
	if dim == 0 {
		return nil, &SyntaxError{Name: in.name, Line: 1, Reason: "expected a word and numbers"}
	}
	t := &textReader{in: in, dim: dim, vectors: -1, line: 1, spacedWords: true}
	return t.read()
}

// gloveDim returns the number of values in most of the first 100 lines, 0 if there are none. One line
// is not enough: it may be broken, or its word may contain spaces and end in a number.
func gloveDim(p prefix) int {
	counts := make(map[int]int)
	rest := p.data
	for range 100 {
		line, after, found := bytes.Cut(rest, []byte("\n"))
		if !found && !p.whole || len(line) == 0 {
			break
		}
		if n := trailingNumbers(splitFields(line)); n > 0 {
			counts[n]++
		}
		rest = after
	}
	dim := 0
	for n, count := range counts {
		if cmp.Or(cmp.Compare(count, counts[dim]), cmp.Compare(dim, n)) > 0 {
			dim = n
		}
	}
	return dim
}

func writeGlove(w io.Writer, e *model.Embeddings) error {
	return writeRows(w, e, true)
}

// byteOrderMark may start a text file. It is left out when the file is read.
const byteOrderMark = "\uFEFF"

// appendFirst appends what precedes the first word of a file that starts with it: a byte-order mark if
// the word starts with one, as that would be left out.
func appendFirst(dst []byte, v model.Vocab) []byte {
	if strings.HasPrefix(v.Word(0), byteOrderMark) {
		dst = append(dst, byteOrderMark...)
	}
	return dst
}

// writeRows writes a line for each word. atStart says that nothing precedes them in the file.
func writeRows(w io.Writer, e *model.Embeddings, atStart bool) error {
	return writeWords(w, e, func(dst []byte, id int, vector []float32) []byte {
		if atStart && id == 0 {
			dst = appendFirst(dst, e.Vocabulary)
		}
		dst = append(dst, e.Vocabulary.Word(id)...)
		dst = append(dst, ' ')
		dst = appendValues(dst, vector, ' ')
		return append(dst, '\n')
	})
}

// appendValues appends the values to dst with a separator between them. Each value has the fewest
// digits that read back as the same float32.
func appendValues(dst []byte, values []float32, separator byte) []byte {
	for i, v := range values {
		if i > 0 {
			dst = append(dst, separator)
		}
		dst = strconv.AppendFloat(dst, float64(v), 'g', -1, 32)
	}
	return dst
}

// splitFields returns the fields of a line that are separated by blanks.
func splitFields(line []byte) [][]byte {
	return bytes.FieldsFunc(line, func(r rune) bool { return r < 0x80 && isBlank(byte(r)) })
}

// trailingNumbers returns how many of the last fields are numbers. It does not count the first field,
// which is the word.
func trailingNumbers(fields [][]byte) int {
	n := 0
	for n < len(fields)-1 && isNumber(fields[len(fields)-1-n]) {
		n++
	}
	return n
}
