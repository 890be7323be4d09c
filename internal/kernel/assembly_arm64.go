//go:build !noasm

package kernel

// assembly has the kernel neon. All arm64 processors have its instructions (Advanced SIMD).
var assembly = []Kernel{{
	Name:           "neon",
	Train:          trainNEON,
	Scores:         scoresNEONChecked,
	SumScores:      sumScoresNEONChecked,
	Update:         updateNEONChecked,
	TrainBag:       trainBagPortable, // the compiler's code: there is no assembly for them yet
	UpdateBag:      updateBagPortable,
	Products:       productsNEONChecked,
	PackedProducts: packedProductsNEONChecked,
	Widen:          widenPortable,
	Gather:         gatherNEONChecked,
	Accumulate:     accumulatePortable,
	Merge:          mergePortable,
	Combine:        combinePortable,
	Distribute:     distributePortable,
	Weigh:          weighPortable,
	Unweigh:        unweighPortable,
	usable:         true,
}}

// scratch is the memory a step needs besides the matrices.
type scratch struct {
	buffers
	pendingLoss
}

// trainNEON does Kernel.Train. The race detector does not see assembly, as Hogwild requires; see
// Portable.
func trainNEON(s *Step) {
	m, n := len(s.Inputs), len(s.Targets)
	if m == 0 || n == 0 {
		return
	}
	c := &s.scratch
	width := c.prepare(s)
	factors := 2 * m * ((n + width - 1) / width) // a gradient tile is two registers
	c.begin(s, factors)
	stepNEON(s, width)
	c.end(s, factors, 0)
}

// prepare makes room for the step s and returns the width of its tiles. The last one may be narrower.
func (c *scratch) prepare(s *Step) (width int) {
	m, n := len(s.Inputs), len(s.Targets)
	tiles := (n + tileWidth - 1) / tileWidth
	c.gradients = grown(c.gradients, lanes*m*tiles)
	c.deltas = grown(c.deltas, lanes*(m+n))
	if tiles > 1 {
		clear(c.deltas)
	}
	return (n + tiles - 1) / tiles
}

// scoresNEONChecked does Kernel.Scores.
func scoresNEONChecked(dst []float32, s *Step) {
	if checkScores(dst, s, len(s.Inputs)) {
		scoresNEON(&dst[0], s, s.scratch.prepare(s))
	}
}

// sumScoresNEONChecked does Kernel.SumScores.
func sumScoresNEONChecked(dst []float32, s *Step) {
	if checkScores(dst, s, 1) {
		width := s.scratch.prepare(s)
		s.scratch.deltas = grown(s.scratch.deltas, s.Stride)
		sumScoresNEON(&dst[0], s, width)
	}
}

// updateNEONChecked does Kernel.Update.
func updateNEONChecked(s *Step, gradients []float32) {
	if checkScores(gradients, s, len(s.Inputs)) {
		width := s.scratch.prepare(s)
		s.scratch.pack(gradients, len(s.Inputs), len(s.Targets), width, len(s.Inputs))
		updateNEON(s, width)
	}
}

// stepNEON does one training step with tiles of the given width, 1 to 6, except that parts of the loss are
// left in s.scratch for later. With m inputs and n targets it is:
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
func stepNEON(s *Step, width int)

// scoresNEON multiplies each input with each target:
//
//	for i, input := range s.Inputs {
//		for j, target := range s.Targets {
//			dst[i*len(s.Targets)+j] = dot(row(s.In, input), row(s.Out, target))
//		}
//	}
//
//go:noescape
func scoresNEON(dst *float32, s *Step, width int)

// sumScoresNEON multiplies the sum of the inputs with each target, and leaves the sum in
// s.scratch.deltas:
//
//	for c := range s.Dim {
//		for _, input := range s.Inputs {
//			sum[c] += row(s.In, input)[c]
//		}
//	}
//	for j, target := range s.Targets {
//		dst[j] = dot(sum, row(s.Out, target))
//	}
//
//go:noescape
func sumScoresNEON(dst *float32, s *Step, width int)

// updateNEON is what stepNEON does once it has the gradients: g[i][j] is in lane j%width of
// gradient tile (j/width)*m + i, and the other lanes are not used.
//
//go:noescape
func updateNEON(s *Step, width int)

// productsNEONChecked does Kernel.Products.
func productsNEONChecked(dst, rows, queries []float32, stride, dim int) {
	n, q := checkProducts(dst, rows, queries, stride, dim)
	if n == 0 || q == 0 {
		return
	}
	productsNEON(&dst[0], &rows[0], n, &queries[0], q, stride, stride, dim)
}

// packedProductsNEONChecked does Kernel.PackedProducts.
func packedProductsNEONChecked(dst, rows, queries []float32, rowStride, stride, dim int) {
	n, q := checkPackedProducts(dst, rows, queries, rowStride, stride, dim)
	if n == 0 || q == 0 {
		return
	}
	productsNEON(&dst[0], &rows[0], n, &queries[0], q, rowStride, stride, dim)
}

// productsNEON multiplies n rows with q queries, at least one of each:
//
//	for k := range q {
//		for r := range n {
//			dst[k*n+r] = dot(rows[r*rowStride:][:dim], queries[k*stride:][:dim])
//		}
//	}
//
//go:noescape
func productsNEON(dst, rows *float32, n int, queries *float32, q, rowStride, stride, dim int)

// gatherNEONChecked does Kernel.Gather.
func gatherNEONChecked(dst, src []float32, stride int, rows []int32) {
	checkGather(dst, src, stride, rows)
	if len(rows) > 0 {
		gatherNEON(&dst[0], &src[0], stride, &rows[0], len(rows))
	}
}

// gatherNEON copies n rows, at least one:
//
//	for i := range n {
//		copy(dst[i*stride:][:stride], src[rows[i]*stride:][:stride])
//	}
//
//go:noescape
func gatherNEON(dst, src *float32, stride int, rows *int32, n int)
