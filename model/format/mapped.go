package format

import (
	"cmp"
	"encoding/binary"
	"errors"

	"kindred/internal/mapping"
	"kindred/internal/safetensors"
	"kindred/model"
)

// A mappedMatrix is a matrix of a native file that is mapped into memory.
type mappedMatrix struct {
	file      *mapping.File
	offset    int64
	rows, dim int
}

var _ model.BlockStorage = (*mappedMatrix)(nil)

// Shape implements [model.Storage].
func (m *mappedMatrix) Shape() (rows, dim int) { return m.rows, m.dim }

// ReadRow implements [model.Storage]. If the row can't be read, it is zero and Err tells why.
func (m *mappedMatrix) ReadRow(buf []float32, i int) []float32 {
	if len(buf) < m.dim {
		buf = make([]float32, m.dim)
	}
	buf = buf[:m.dim]
	if err := m.Guard(func() { copy(buf, m.floats(i, 1)) }); err != nil {
		clear(buf)
	}
	return buf
}

// floats returns n rows from first on, one after the other.
func (m *mappedMatrix) floats(first, n int) []float32 {
	return m.file.Floats(m.offset+4*int64(first)*int64(m.dim), n*m.dim)
}

// ReadRows implements [model.BlockStorage].
func (m *mappedMatrix) ReadRows(buf []float32, first, n int) (values []float32, stride int) {
	padded := (m.dim + rowPadding - 1) / rowPadding * rowPadding
	if n > 0 && int64(first+n-1)*int64(m.dim)+int64(padded) <= int64(m.rows)*int64(m.dim) {
		return m.file.Floats(m.offset+4*int64(first)*int64(m.dim), (n-1)*m.dim+padded), m.dim
	}
	// What follows the last row is not a part of the matrix.
	if len(buf) < n*padded {
		buf = make([]float32, n*padded)
	}
	buf = buf[:n*padded]
	rows := m.floats(first, n)
	for i := range n {
		clear(buf[i*padded+copy(buf[i*padded:], rows[i*m.dim:(i+1)*m.dim]) : (i+1)*padded])
	}
	return buf, padded
}

// InPlace returns the rows in the mapped file but for the last ones, behind which the matrix ends too early. See [model.Matrix.InPlace].
func (m *mappedMatrix) InPlace() (values []float32, stride, rows int) {
	padded := (m.dim + rowPadding - 1) / rowPadding * rowPadding
	rows = max(0, m.rows-(padded-1)/m.dim)
	return m.floats(0, m.rows), m.dim, rows
}

// rowPadding is what the padded length of a row is a multiple of, see [model.BlockStorage].
const rowPadding = 16

// Guard calls read, see [model.BlockStorage].
func (m *mappedMatrix) Guard(read func()) error { return m.file.Use(read) }

// Err returns the first error of reading a row, or says that the file has changed since it was opened.
func (m *mappedMatrix) Err() error { return m.file.Err() }

// nativeOrder reports whether the machine has the byte order of the file.
var nativeOrder = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// mapFile maps the file if that was asked for and is possible.
func (r *nativeReader) mapFile() error {
	in := r.in
	if !in.mapped || in.disk == nil || !nativeOrder {
		return nil
	}
	for _, t := range r.Tensors {
		if t.DType == "F32" && r.DataOffset(t)%4 != 0 {
			return nil
		}
	}
	disk := in.disk
	in.disk = nil // it is closed with the mapping
	file, err := mapping.Open(disk)
	if errors.Is(err, mapping.ErrUnsupported) {
		return nil
	}
	if err == nil && file.Size() != in.size {
		return safetensors.Fault(min(file.Size(), in.size), "the file changed its size while it was opened")
	}
	r.file = file
	return err
}

// mapMatrix returns the rows that are kept of a matrix in the mapped file.
func (r *nativeReader) mapMatrix(t *safetensors.Tensor) *mappedMatrix {
	return r.mapRows(t, r.keep)
}

func (r *nativeReader) mapRows(t *safetensors.Tensor, rows int) *mappedMatrix {
	return &mappedMatrix{file: r.file, offset: r.DataOffset(t), rows: rows, dim: r.dim}
}

// readMapped reads the vocabulary of the mapped file, and leaves the matrices where they are.
func (r *nativeReader) readMapped() error {
	var err error
	guarded := r.file.Use(func() {
		for _, t := range r.Tensors {
			if t.Name == scalesName && r.isQuantized() {
				err = cmp.Or(err, r.setScales(r.DataOffset(t), r.mappedBytes(t)))
				continue
			}
			switch t.Name {
			case countsName:
				r.counts = decodeInt64s(r.mappedBytes(t))
			case offsetsName:
				r.offsets = decodeInt64s(r.mappedBytes(t))
			case bytesName:
				r.text = append(r.text, r.mappedBytes(t)...)
			case inputName:
				r.input = r.mapInput(t)
			case outputName:
				r.output = r.mapMatrix(t)
			case positionsName:
				err = cmp.Or(err, r.setPositions(t, r.mappedBytes(t)))
			case rowsName, usedName, classesName, ngramsName:
				if r.subwords != nil {
					err = cmp.Or(err, r.mapSubwords(t))
				}
			default:
				r.unknown.add(t.Name)
			}
		}
	})
	return cmp.Or(err, guarded)
}

// mapSubwords reads a tensor of n-grams in the mapped file, and leaves their rows where they are.
func (r *nativeReader) mapSubwords(t *safetensors.Tensor) error {
	s := r.subwords
	switch t.Name {
	case rowsName:
		s.rows = r.mapRows(t, s.stored)
	case usedName:
		s.used = decodeInt32s(r.mappedBytes(t))
	case classesName:
		s.classes = decodeInt32s(r.mappedBytes(t))
	case ngramsName:
		return s.setNGrams(r, r.mappedBytes(t))
	}
	return nil
}

func (r *nativeReader) mappedBytes(t *safetensors.Tensor) []byte {
	return r.file.Bytes(r.DataOffset(t), int(t.End-t.Begin))
}
