//go:build !noasm && (amd64 || arm64)

package kernel

// What the kernels in assembly have in common. They cut the targets of a step into tiles of equal
// width, but for the last one. For each tile and each input there is a gradient tile: the scores of
// the input with the targets of the tile, later their gradients, one in each lane.
const (
	tileWidth = 6 // targets in a tile, at most
	lanes     = 8 // floats in a gradient tile, and in a column of a matrix
)

// pack copies gradients, m rows of n, to gradient tiles for tiles of the given width, which have rows
// gradient tiles each. The lanes that hold no gradient become zero.
func (b *buffers) pack(gradients []float32, m, n, width, rows int) {
	clear(b.gradients)
	tile := 0
	for first := 0; first < n; first += width {
		w := min(width, n-first)
		for i := range m {
			copy(b.gradients[tile+i*lanes:][:w], gradients[i*n+first:])
		}
		tile += rows * lanes
	}
}
