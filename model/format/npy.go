package format

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"regexp"
	"strconv"
	"strings"

	"kindred/model"
)

// npy is NumPy's format for an array (numpy.lib.format, versions 1 to 3), with the words in NAME.words.txt, one
// per line:
//
//	"\x93NUMPY", version, length of the header, header: a Python dictionary with the keys descr, fortran_order and shape
//	VECTORS times DIM values, little-endian float32
//
// Arrays of float16 and float64 are read, too.
var npy = &Format{
	Name:        "npy",
	Aliases:     []string{"numpy"},
	Extensions:  []string{".npy"},
	Description: "NumPy array, and words in NAME.words.txt, one per line",
	read:        readNPY,
	sniff:       func(p prefix) bool { return bytes.HasPrefix(p.data, []byte(npyMagic)) },
	files: []outputFile{
		{samePath, writeNPY},
		{npyWordsPath, writeWordList},
	},
	badWord: badListedWord,
}

const (
	npyMagic = "\x93NUMPY"
	// npyAlign is the alignment of the values, in bytes.
	npyAlign = 64
	// maxNPYHeader is the length of the longest header that is read. That of a matrix has about 70 bytes.
	maxNPYHeader = 1 << 16
	// maxNPYDim is the largest dimension that is read: a row must fit in memory whatever a header promises.
	maxNPYDim = 1 << 20
)

func npyWordsPath(p string) string { return wordListPath(p, ".npy") }

// An npyHeader describes an array.
type npyHeader struct {
	rows, dim, bytes int // bytes of a value
	length           int64
	decode           func(dst []float32, src []byte)
}

// npyTypes are the types of values that are read.
var npyTypes = map[string]struct {
	bytes  int
	decode func(dst []float32, src []byte)
}{
	"<f4": {4, func(dst []float32, src []byte) {
		for i := range dst {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:]))
		}
	}},
	"<f8": {8, func(dst []float32, src []byte) {
		for i := range dst {
			dst[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(src[8*i:])))
		}
	}},
	"<f2": {2, func(dst []float32, src []byte) {
		for i := range dst {
			dst[i] = halfFloat(binary.LittleEndian.Uint16(src[2*i:]))
		}
	}},
}

// halfFloat returns the value of a float of 16 bits (IEEE 754).
func halfFloat(bits uint16) float32 {
	sign, exponent, fraction := float64(1), int(bits>>10&0x1f), float64(bits&0x3ff)
	if bits>>15 == 1 {
		sign = -1
	}
	switch exponent {
	case 0:
		return float32(sign * math.Ldexp(fraction, -24))
	case 0x1f:
		if fraction != 0 {
			return float32(math.NaN())
		}
		return float32(sign * math.Inf(1))
	}
	return float32(sign * math.Ldexp(1024+fraction, exponent-25))
}

var (
	npyDescription = regexp.MustCompile(`'descr'\s*:\s*'([^']*)'`)
	npyOrder       = regexp.MustCompile(`'fortran_order'\s*:\s*(True|False)`)
	npyShape       = regexp.MustCompile(`'shape'\s*:\s*\(\s*(\d+)\s*,\s*(\d+)\s*,?\s*\)`)
)

// readNPYHeader reads the header of an array.
func (in *input) readNPYHeader() (npyHeader, error) {
	fail := func(offset int64, reason string, args ...any) (npyHeader, error) {
		return npyHeader{}, &SyntaxError{Name: in.name, Offset: offset, Reason: fmt.Sprintf(reason, args...)}
	}
	head, err := in.r.Peek(12)
	if err != nil && err != io.EOF {
		return npyHeader{}, fmt.Errorf("%s: %w", in.name, err)
	}
	if len(head) < 12 || string(head[:6]) != npyMagic {
		return fail(0, "expected the header of a NumPy array, found %.12q", head)
	}
	start, length := 10, int(binary.LittleEndian.Uint16(head[8:]))
	switch head[6] {
	case 1:
	case 2, 3:
		start, length = 12, int(min(binary.LittleEndian.Uint32(head[8:]), math.MaxInt32))
	default:
		return fail(6, "the version of the array is %d, want 1, 2 or 3", head[6])
	}
	if length > maxNPYHeader {
		return fail(8, "the header has %d bytes, at most %d are possible", length, maxNPYHeader)
	}
	head, err = in.r.Peek(start + length)
	if len(head) < start+length {
		if err != io.EOF {
			return npyHeader{}, fmt.Errorf("%s: %w", in.name, err)
		}
		return fail(int64(len(head)), "the file ends in its header, which has %d bytes", start+length)
	}
	text := string(head[start:])
	description, order, shape := npyDescription.FindStringSubmatch(text), npyOrder.FindStringSubmatch(text), npyShape.FindStringSubmatch(text)
	switch {
	case shape == nil:
		return fail(int64(start), "expected an array of two dimensions, vectors and their values, found %.200q", strings.TrimSpace(text))
	case description == nil || order == nil:
		return fail(int64(start), "expected the keys descr and fortran_order, found %.200q", strings.TrimSpace(text))
	}
	kind, known := npyTypes[description[1]]
	h := npyHeader{bytes: kind.bytes, decode: kind.decode, length: int64(start + length)}
	switch {
	case !known:
		return fail(int64(start), "the values are of type %.20q, want <f4, <f8 or <f2; convert the array in Python: numpy.save(FILE, a.astype(\"<f4\"))", description[1])
	case order[1] == "True":
		return fail(int64(start), "the array is stored column by column; convert it in Python: numpy.save(FILE, numpy.ascontiguousarray(a))")
	}
	var rowsErr, dimErr error
	h.rows, rowsErr = strconv.Atoi(shape[1])
	h.dim, dimErr = strconv.Atoi(shape[2])
	if errors.Join(rowsErr, dimErr) != nil || h.dim < 1 || h.dim > maxNPYDim || h.rows < 1 || h.rows > math.MaxInt32 {
		return fail(int64(start), "the array has the shape (%s, %s), want 1 to %d vectors of 1 to %d values", shape[1], shape[2], math.MaxInt32, maxNPYDim)
	}
	_, err = in.r.Discard(start + length)
	return h, err
}

// readNPY reads an array, and the words from the file beside it.
func readNPY(in *input) (*model.Embeddings, error) {
	h, err := in.readNPYHeader()
	if err != nil {
		return nil, err
	}
	rowBytes := h.dim * h.bytes
	if want := h.length + int64(h.rows)*int64(rowBytes); in.size >= 0 && in.size != want {
		return nil, &SyntaxError{Name: in.name, Offset: h.length, Reason: fmt.Sprintf("the header promises %d vectors of %d values, a file of %d bytes, but it has %d", h.rows, h.dim, want, in.size)}
	}
	words, err := in.readNPYWords(h.rows)
	if err != nil {
		return nil, err
	}
	rows := in.limit(h.rows)
	// Memory is allocated for as much as there is in the file, or else as it arrives.
	var m *model.Matrix
	if in.size >= 0 {
		if m, err = in.matrix(rows, h.dim); err != nil {
			return nil, err
		}
	}
	var loose []float32
	kept := words[:0]
	buf, values := make([]byte, rowBytes), make([]float32, h.dim)
	for row, word := range words[:rows] {
		offset := h.length + int64(row)*int64(rowBytes)
		if _, err := io.ReadFull(in.r, buf); err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil, &SyntaxError{Name: in.name, Offset: offset, Reason: fmt.Sprintf("the file ends in row %d of %d", row+1, h.rows)}
		} else if err != nil {
			return nil, in.named(err)
		}
		h.decode(values, buf)
		switch {
		case finite(values) && m != nil:
			copy(m.Row(len(kept)), values)
			kept = append(kept, word)
		case finite(values):
			loose = append(loose, values...)
			kept = append(kept, word)
		case in.skipBad:
			in.skipped.add(badFinite, []byte(word), fmt.Sprintf("row %d", row+1))
		default:
			return nil, &SyntaxError{Name: in.name, Offset: offset, Reason: fmt.Sprintf("row %d: a value of %.60q is not a finite number", row+1, word)}
		}
	}
	if len(kept) == 0 {
		return nil, in.nothingLeft()
	}
	if m == nil {
		if m, err = in.joinRows([][]float32{loose}, h.dim); err != nil {
			return nil, err
		}
	}
	m.Rows, m.Data = len(kept), m.Data[:len(kept)*m.Stride]
	e, err := newEmbeddings(kept, m)
	return e, in.named(err)
}

func finite(values []float32) bool {
	for _, x := range values {
		if x-x != 0 {
			return false
		}
	}
	return true
}

// readNPYWords reads the words of an array, of which there must be as many as rows.
func (in *input) readNPYWords(rows int) ([]string, error) {
	if in.path == "" {
		return nil, fmt.Errorf("%s: a NumPy array has no words; name the file, so that the words beside it are found", in.name)
	}
	path := npyWordsPath(in.path)
	words, err := readWordList(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: this is an array without words, and %s, which should have the words, one per line, does not exist", in.name, path)
	}
	if err != nil {
		return nil, err
	}
	if len(words) != rows {
		return nil, fmt.Errorf("%s has %d words, but %s has %d vectors", path, len(words), in.name, rows)
	}
	return words, nil
}

func writeNPY(w io.Writer, e *model.Embeddings) error {
	text := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", e.Vocabulary.Len(), e.Dim())
	const before = len(npyMagic) + 4
	length := (before+len(text)+1+npyAlign-1)/npyAlign*npyAlign - before
	head := append([]byte(npyMagic), 1, 0)
	head = binary.LittleEndian.AppendUint16(head, uint16(length))
	head = fmt.Appendf(head, "%-*s\n", length-1, text)
	if _, err := w.Write(head); err != nil {
		return err
	}
	return writeWords(w, e, func(dst []byte, _ int, vector []float32) []byte { return appendFloats(dst, vector) })
}
