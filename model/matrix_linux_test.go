//go:build amd64 || arm64

package model

import (
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Rows are found beyond 2^31 and 2^32 values, in a matrix that has addresses
// but hardly any memory.
func TestRowsBeyond32Bits(t *testing.T) {
	const rows, dim = 1 << 24, 300 // 5.1e9 values with padding
	size := MatrixBytes(rows, dim)
	memory, err := unix.Mmap(-1, 0, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err != nil {
		t.Skipf("needs %d bytes of address space: %v", size, err)
	}
	defer unix.Munmap(memory)
	stride := paddedLen(dim)
	m := &Matrix{Rows: rows, Dim: dim, Stride: stride, Data: unsafe.Slice((*float32)(unsafe.Pointer(&memory[0])), rows*stride)}
	if size != 4*int64(len(m.Data)) || size != 20_401_094_656 {
		t.Fatalf("MatrixBytes says %d, the matrix has %d values", size, len(m.Data))
	}
	for _, row := range []int{0, 1<<31/stride + 1, 1<<32/stride + 1, rows - 1} {
		v := m.Row(row)
		v[0], v[dim-1] = 1, float32(row)
		if got := *(*float32)(unsafe.Pointer(&memory[int64(row)*int64(stride)*4+4*(dim-1)])); got != float32(row) || len(v) != dim {
			t.Errorf("row %d of %d values is somewhere else: found %v", row, len(v), got)
		}
	}
}
