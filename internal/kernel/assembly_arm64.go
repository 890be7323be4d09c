//go:build !noasm

package kernel

// assembly lists the kernels in assembly for this architecture. All arm64 processors have
// the instructions (Advanced SIMD).
var assembly = []Kernel{{Name: "neon", Train: trainNEON, Products: productsNEONChecked, usable: true}}

// The layout of scratch memory that stepNEON expects.
const (
	tileWidth = 6 // targets in a tile, at most
	lanes     = 8 // floats in a record (the scores of one input and tile) and in a column
)

// trainNEON does Kernel.Train: it makes room for stepNEON.
//
// Assembly is invisible to the race detector, as Hogwild requires; see Portable.
func trainNEON(s *Step) {
	m, n := len(s.Inputs), len(s.Targets)
	if m == 0 || n == 0 {
		return
	}
	tiles := (n + tileWidth - 1) / tileWidth
	width := (n + tiles - 1) / tiles // of all but the last one, which may be narrower
	c := &s.scratch
	c.gradients = grown(c.gradients, lanes*m*tiles)
	c.deltas = grown(c.deltas, lanes*(m+n))
	if tiles > 1 {
		clear(c.deltas)
	}
	loss := stepNEON(s, width)
	if s.WithLoss {
		s.Loss += float64(loss)
	}
}

// stepNEON does one training step whose targets are cut into tiles of the given width, 1 to
// 6, and returns its loss. With m inputs and n targets it is:
//
//	for i, input := range s.Inputs {
//		for j, target := range s.Targets {
//			g[i][j] = dot(row(s.In, input), row(s.Out, target))
//		}
//	}
//	for i := range s.Inputs {
//		g[i][0] = s.Rate * σ(-g[i][0])
//		for j := 1; j < len(s.Targets); j++ {
//			g[i][j] = -s.Rate * σ(g[i][j])
//		}
//	}
//	for c := range s.Dim {
//		deltas := make([]float32, m+n)
//		for i, input := range s.Inputs {
//			for j, target := range s.Targets {
//				deltas[i] += g[i][j] * row(s.Out, target)[c]
//				deltas[m+j] += g[i][j] * row(s.In, input)[c]
//			}
//		}
//		for i, input := range s.Inputs {
//			row(s.In, input)[c] += deltas[i]
//		}
//		for j, target := range s.Targets {
//			row(s.Out, target)[c] += deltas[m+j]
//		}
//	}
//
//go:noescape
func stepNEON(s *Step, width int) (loss float32)

// productsNEONChecked does Kernel.Products.
func productsNEONChecked(dst, rows, queries []float32, stride, dim int) {
	n, q := checkProducts(dst, rows, queries, stride, dim)
	if n == 0 || q == 0 {
		return
	}
	productsNEON(&dst[0], &rows[0], n, &queries[0], q, stride, dim)
}

// productsNEON multiplies n rows with q queries, neither of them none:
//
//	for k := range q {
//		for r := range n {
//			dst[k*n+r] = dot(rows[r*stride:][:dim], queries[k*stride:][:dim])
//		}
//	}
//
//go:noescape
func productsNEON(dst, rows *float32, n int, queries *float32, q, stride, dim int)
