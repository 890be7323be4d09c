package model

import (
	"fmt"
	"math"
	"unsafe"
)

// rowAlign is the alignment of rows in float32 values: 64 bytes, a cache line.
const rowAlign = 16

// A Matrix is a dense row-major float32 matrix whose rows start on 64-byte boundaries. It is a
// [Storage].
type Matrix struct {
	// Rows and Dim are the numbers of rows and columns. Stride is the distance between two rows in
	// Data: Dim rounded up to a multiple of 16. The values between the rows are zero.
	Rows, Dim, Stride int
	// Data holds Rows*Stride values.
	Data []float32
}

// NewMatrix returns a zero matrix of rows x dim. It panics if rows is negative, dim is not positive,
// or the size overflows an int.
func NewMatrix(rows, dim int) *Matrix {
	if !Fits(int64(rows), int64(dim)) {
		panic(fmt.Sprintf("model: matrix of %d x %d", rows, dim))
	}
	s := paddedLen(dim)
	return &Matrix{Rows: rows, Dim: dim, Stride: s, Data: alignedFloats(rows * s)}
}

// Fits reports whether there can be a matrix of rows x dim: rows is not negative, dim is positive and
// the size in bytes fits an int.
func Fits(rows, dim int64) bool {
	return rows >= 0 && dim > 0 && dim <= math.MaxInt-rowAlign && rows <= math.MaxInt/4/int64(paddedLen(int(dim)))
}

// paddedLen returns the distance between rows of dim values, in values.
func paddedLen(dim int) int { return (dim + rowAlign - 1) / rowAlign * rowAlign }

// MatrixBytes returns the memory that a matrix of rows x dim occupies, in bytes.
func MatrixBytes(rows, dim int) int64 { return int64(rows) * int64(paddedLen(dim)) * 4 }

// alignedFloats returns n zeros, the first one on a 64-byte boundary. It stays there, as the garbage
// collector does not move objects.
func alignedFloats(n int) []float32 {
	if n == 0 {
		return nil
	}
	data := make([]float32, n+rowAlign-1)
	skip := 0
	for uintptr(unsafe.Pointer(&data[skip]))%64 != 0 {
		skip++
	}
	return data[skip : skip+n : skip+n]
}

// Row returns row i, 0 <= i < Rows: Dim values of the matrix itself.
func (m *Matrix) Row(i int) []float32 {
	start := i * m.Stride
	return m.Data[start : start+m.Dim : start+m.Dim]
}

// Shape returns Rows and Dim.
func (m *Matrix) Shape() (rows, dim int) { return m.Rows, m.Dim }

// ReadRow returns the same as [Matrix.Row].
func (m *Matrix) ReadRow(_ []float32, i int) []float32 { return m.Row(i) }

// ReadRows implements [BlockStorage]. It returns the memory of the matrix.
func (m *Matrix) ReadRows(_ []float32, first, n int) (values []float32, stride int) {
	return m.Data[first*m.Stride : (first+n)*m.Stride], m.Stride
}

// InPlace returns what [Matrix.ReadRows] returns of all rows, and their number. A [BlockStorage] that has most of its rows in
// memory as floats may have this method, so that they can be read in any order: rows says how many of the first are.
func (m *Matrix) InPlace() (values []float32, stride, rows int) { return m.Data, m.Stride, m.Rows }
