//go:build !noasm && (amd64 || arm64)

package kernel

// pack copies gradients, m rows of n, to where the kernels in assembly keep them: tile after tile of
// the given width, a record for each input.
func (b *buffers) pack(gradients []float32, m, n, width int) {
	record := 0
	for first := 0; first < n; first += width {
		w := min(width, n-first)
		for i := range m {
			copy(b.gradients[record:record+w], gradients[i*n+first:])
			record += lanes
		}
	}
}
