package model

import (
	"fmt"
	"math"
	"unsafe"
)

// rowAlign is the alignment of rows, in float32 values: 64 bytes, a cache line.
const rowAlign = 16

// A Matrix is a dense row-major float32 matrix whose rows start on 64-byte
// boundaries: Stride is Dim rounded up to a multiple of 16, and what lies
// between is zero.
type Matrix struct {
	// Rows is the number of rows, Dim the number of columns in use and
	// Stride the distance between two rows in Data.
	Rows, Dim, Stride int
	// Data holds Rows*Stride values.
	Data []float32
}

// NewMatrix returns a zero matrix of rows x dim. It panics where rows is
// negative, dim is not positive, or the size overflows an int.
func NewMatrix(rows, dim int) *Matrix {
	stride := Stride(dim)
	if rows < 0 || dim <= 0 || rows > math.MaxInt/4/stride {
		panic(fmt.Sprintf("model: matrix of %d x %d", rows, dim))
	}
	return &Matrix{Rows: rows, Dim: dim, Stride: stride, Data: alignedFloats(rows * stride)}
}

// Stride returns the distance between rows of dim values, in values.
func Stride(dim int) int { return (dim + rowAlign - 1) / rowAlign * rowAlign }

// MatrixBytes returns the memory that a matrix of rows x dim occupies, in bytes.
func MatrixBytes(rows, dim int) int64 { return int64(rows) * int64(Stride(dim)) * 4 }

// alignedFloats returns n zeros, the first of them on a 64-byte boundary.
// The collector does not move heap objects, so the boundary stays.
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

// Row returns row i, 0 <= i < Rows, as a slice of Dim values of the matrix.
func (m *Matrix) Row(i int) []float32 {
	start := i * m.Stride
	return m.Data[start : start+m.Dim : start+m.Dim]
}

// Shape returns the number of rows and columns.
func (m *Matrix) Shape() (rows, dim int) { return m.Rows, m.Dim }

// ReadRow returns row i like [Matrix.Row].
func (m *Matrix) ReadRow(_ []float32, i int) []float32 { return m.Row(i) }
