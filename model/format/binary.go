package format

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"unicode/utf8"
	"unsafe"

	"kindred/model"
)

// binaryFormat is the binary format of word2vec.c and gensim:
//
//	VECTORS " " DIM "\n"
//	VECTORS times: word " " DIM little-endian float32, "\n"
//
// The newline after a row is written, like word2vec.c does, and optional in a file that is read, as
// gensim leaves it out.
var binaryFormat = &Format{
	Name:        "binary",
	Aliases:     []string{"word2vec-binary", "bin"},
	Extensions:  []string{".bin"},
	Description: "word2vec binary: a line with the number of vectors and their dimension, then words and little-endian float32",
	read:        readBinary,
	sniff: func(p prefix) bool {
		h, ok := parseHeader(p.data)
		return ok && looksBinary(p.data[h.length:], h, p.whole)
	},
	files:   []outputFile{{samePath, writeBinary}},
	badWord: badSpacedWord,
}

// A binaryReader reads the rows of the binary format.
type binaryReader struct {
	in *input
	header
	offset int64 // of the next byte
	// matrix takes the vectors if the file is large enough for what its header promises. Otherwise
	// loose takes them as they arrive.
	matrix *model.Matrix
	loose  []float32
	text   []byte // all words
	ends   []int
}

func readBinary(in *input) (*model.Embeddings, error) {
	h, err := in.readHeader()
	if err != nil {
		return nil, err
	}
	b := &binaryReader{in: in, header: h, offset: int64(h.length)}
	rows := in.limit(h.vectors)
	if !in.loose() && in.size >= 0 && int64(rows) <= (in.size-b.offset)/(2+4*int64(h.dim)) {
		if b.matrix, err = in.matrix(rows, h.dim); err != nil {
			return nil, err
		}
	}
	whole := rows == h.vectors
	for row := range rows {
		err := b.readRow(row)
		if err == nil {
			continue
		}
		bad := asRowFault(err)
		switch {
		case bad == nil:
			return nil, err
		case !in.skipBad:
			return nil, bad.error
		}
		in.skipped.add(bad.kind, bad.word, fmt.Sprintf("row %d", row+1))
		if bad.kind == badCut {
			whole = false
			break
		}
	}
	if whole {
		if err := b.readEnd(); err != nil {
			return nil, err
		}
	}
	if len(b.ends) == 0 {
		return nil, in.nothingLeft()
	}
	if b.matrix == nil {
		if b.matrix, err = in.joinRows([][]float32{b.loose}, h.dim); err != nil {
			return nil, err
		}
	}
	e, err := newEmbeddings(cutWords(b.text, b.ends), b.matrix)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.name, err)
	}
	return e, nil
}

// readRow reads a row, and keeps it unless its word is not one of those that are read or the error is
// not nil.
func (b *binaryReader) readRow(row int) error {
	words, values := len(b.ends), len(b.loose)
	fault := b.readWord(row)
	if fault != nil {
		if bad := asRowFault(fault); bad == nil || bad.kind == badCut {
			return fault
		}
	}
	wanted := fault == nil && b.in.wants(b.lastWord())
	var dst []float32
	if b.matrix != nil {
		dst = b.matrix.Row(row)
	}
	for done := 0; done < b.dim; {
		n := min(b.dim-done, sniffBytes/4)
		data, err := b.in.r.Peek(4 * n)
		if len(data) < 4*n {
			where := "in the vector of an empty word"
			var word []byte
			if fault == nil {
				word = bytes.Clone(b.lastWord())
				where = fmt.Sprintf("in the vector of %.60q", word)
			}
			b.forget(words, values)
			return b.cut(err, row, where, word)
		}
		switch {
		case fault != nil || !wanted:
		case b.matrix != nil:
			err = decodeFloats(dst[done:done+n], data)
		default:
			b.loose = append(b.loose, make([]float32, n)...)
			err = decodeFloats(b.loose[len(b.loose)-n:], data)
		}
		if err != nil {
			word := bytes.Clone(b.lastWord())
			fault = &rowFault{badFinite, word, b.fault(fmt.Sprintf("row %d of %d: a value of %.60q %v", row+1, b.vectors, word, err))}
		}
		if fault != nil && !b.in.skipBad {
			return fault
		}
		b.in.r.Discard(4 * n)
		b.offset += int64(4 * n)
		done += n
	}
	if fault != nil || !wanted {
		b.forget(words, values)
	}
	return fault
}

// forget drops what was read after this many words and values.
func (b *binaryReader) forget(words, values int) {
	b.ends, b.loose = b.ends[:words], b.loose[:values]
	end := 0
	if words > 0 {
		end = b.ends[words-1]
	}
	b.text = b.text[:end]
}

// readWord appends the next word to b.text.
func (b *binaryReader) readWord(row int) error {
	word, err := b.in.r.ReadSlice(' ')
	start := b.offset
	b.offset += int64(len(word))
	if len(word) > 0 && word[0] == '\n' { // the end of the row before
		word = word[1:]
	}
	if err == nil {
		word = word[:len(word)-1]
	}
	fault := ""
	switch {
	case len(word) > maxWordBytes:
		fault = fmt.Sprintf("no space within %d bytes: the word is too long, or the dimension is wrong", maxWordBytes)
	case err != nil:
		return b.cut(err, row, "before its vector", bytes.Clone(word))
	case len(word) == 0:
		reason := fmt.Sprintf("row %d of %d: the word is empty", row+1, b.vectors)
		return &rowFault{badEmptyWord, nil, &SyntaxError{Name: b.in.name, Offset: start, Reason: reason}}
	case bytes.IndexByte(word, '\n') >= 0:
		fault = fmt.Sprintf("the word %.60q contains a newline: the dimension is wrong, or the file damaged", word)
	}
	if fault != "" {
		b.offset = start
		return b.fault(fmt.Sprintf("row %d of %d: %s", row+1, b.vectors, fault))
	}
	b.text = append(b.text, word...)
	b.ends = append(b.ends, len(b.text))
	return nil
}

// readEnd returns an error if something follows the last row.
func (b *binaryReader) readEnd() error {
	rest, err := b.in.r.Peek(2)
	if err != nil && err != io.EOF {
		return fmt.Errorf("%s: %w", b.in.name, err)
	}
	if len(rest) == 0 || string(rest) == "\n" {
		return nil
	}
	return b.fault(fmt.Sprintf("the file goes on after the %d vectors of dimension %d that its header promises", b.vectors, b.dim))
}

func (b *binaryReader) lastWord() []byte {
	start := 0
	if n := len(b.ends); n > 1 {
		start = b.ends[n-2]
	}
	return b.text[start:]
}

// cut returns the error of an input that ends within the row of a word.
func (b *binaryReader) cut(err error, row int, where string, word []byte) error {
	if err != io.EOF && err != bufio.ErrBufferFull {
		return fmt.Errorf("%s: %w", b.in.name, err)
	}
	return &rowFault{badCut, word, b.fault(fmt.Sprintf("the file ends in row %d of %d, %s: it is cut off, or its header is wrong", row+1, b.vectors, where))}
}

func (b *binaryReader) fault(reason string) error {
	return &SyntaxError{Name: b.in.name, Offset: b.offset, Reason: reason}
}

// decodeFloats sets dst to the little-endian values in src, 4*len(dst) bytes.
func decodeFloats(dst []float32, src []byte) error {
	// An exponent of all ones means NaN or infinite. One more in the exponent carries into the sign.
	const exponent, one = 0x7f800000, 0x00800000
	src = src[:4*len(dst)]
	carry := uint32(0)
	for i := range dst {
		bits := binary.LittleEndian.Uint32(src[4*i : 4*i+4])
		carry |= bits&exponent + one
		dst[i] = math.Float32frombits(bits)
	}
	if carry>>31 != 0 {
		return errNotFinite
	}
	return nil
}

func writeBinary(w io.Writer, e *model.Embeddings) error {
	if _, err := fmt.Fprintf(w, "%d %d\n", e.Vocabulary.Len(), e.Dim()); err != nil {
		return err
	}
	return writeWords(w, e, func(dst []byte, id int, vector []float32) []byte {
		dst = append(dst, e.Vocabulary.Word(id)...)
		dst = append(dst, ' ')
		return append(appendFloats(dst, vector), '\n')
	})
}

var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// appendFloats appends values to dst as little-endian float32.
func appendFloats(dst []byte, values []float32) []byte {
	if littleEndian { // they are in memory as they should be
		return append(dst, unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), 4*len(values))...)
	}
	for _, v := range values {
		dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(v))
	}
	return dst
}

// looksBinary reports whether the rows after the header h are those of the binary format of word2vec,
// not those of its text format. The strictest test comes first:
//
//   - If the first row is a word and dim numbers, it is text.
//   - If the first 4*dim bytes after the first word contain a control character or invalid UTF-8, it
//     is binary.
//   - If the file is exactly as long as the binary format requires, it is binary.
//   - Otherwise the file is broken or very small. It is text if most of those bytes are digits and
//     other characters of numbers.
func looksBinary(rows []byte, h header, whole bool) bool {
	if firstRowIsText(rows, h.dim, whole) {
		return false
	}
	start := bytes.IndexByte(rows, ' ') + 1
	sample := rows[start:]
	cut := len(sample) > 4*h.dim
	if cut {
		sample = sample[:4*h.dim]
	}
	if hasControl(sample) || !utf8.Valid(trimPartialRune(sample, cut || !whole)) {
		return true
	}
	if whole && fitsBinary(rows, h) {
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

// firstRowIsText reports whether rows starts with a line of a word and dim numbers, as far as the line
// is there.
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

// fitsBinary reports whether data is exactly the rows of a binary file.
func fitsBinary(data []byte, h header) bool {
	for range h.vectors {
		data = bytes.TrimPrefix(data, []byte("\n"))
		word := bytes.IndexByte(data, ' ')
		if word <= 0 || len(data)-word-1 < 4*h.dim {
			return false
		}
		data = data[word+1+4*h.dim:]
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

// trimPartialRune removes an incomplete rune from the end of data, if data was cut.
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
