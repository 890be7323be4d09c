package format

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync/atomic"
	"unsafe"

	"kindred/internal/safetensors"
	"kindred/model"
)

// A diskMatrix is a matrix of a native file that stays on disk: each row is read when it is asked for.
type diskMatrix struct {
	file      *os.File // closed with the last reference to it
	info      fs.FileInfo
	offset    int64
	rows, dim int
	failure   atomic.Pointer[error]
}

var _ model.Storage = (*diskMatrix)(nil)

// Shape implements [model.Storage].
func (m *diskMatrix) Shape() (rows, dim int) { return m.rows, m.dim }

// ReadRow implements [model.Storage]. If the row can't be read, it is zero and Err tells why.
func (m *diskMatrix) ReadRow(buf []float32, i int) []float32 {
	if len(buf) < m.dim {
		buf = make([]float32, m.dim)
	}
	buf = buf[:m.dim]
	data := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(buf))), 4*m.dim)
	_, err := m.file.ReadAt(data, m.offset+int64(i)*int64(len(data)))
	if err == nil {
		err = decodeFloats(buf, data) // in place: the same bytes, or those of the other order
	}
	if err != nil {
		m.failure.CompareAndSwap(nil, &err)
		clear(buf)
	}
	return buf
}

// Err returns the first error of reading a row, or says that the file has changed since it was checked.
func (m *diskMatrix) Err() error {
	if failed := m.failure.Load(); failed != nil {
		return fmt.Errorf("%s: its vectors can't be read again: %w", m.file.Name(), *failed)
	}
	now, err := m.file.Stat()
	if err == nil && (now.Size() != m.info.Size() || !now.ModTime().Equal(m.info.ModTime())) {
		err = errors.New("the file was changed while it was used")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", m.file.Name(), err)
	}
	return nil
}

// checkMatrix reads a matrix only for the hash and for values that are not finite.
func (r *nativeReader) checkMatrix(t *safetensors.Tensor) (model.Storage, error) {
	scratch := make([]float32, r.dim)
	if err := r.readRows(r.n, t.Name, func(int) []float32 { return scratch }); err != nil {
		return nil, err
	}
	if r.file != nil {
		return r.mapMatrix(t), nil
	}
	return &diskMatrix{file: r.in.disk, info: r.in.diskInfo, offset: r.DataOffset(t), rows: r.n, dim: r.dim}, nil
}
