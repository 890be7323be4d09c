//go:build !noasm

package kernel

import (
	"math"

	"github.com/klauspost/cpuid/v2"
)

//go:generate go run -C _asm . -out ../step_amd64.s -stubs ../step_amd64.go -pkg kernel

// assembly has the kernel avx2, for processors with AVX2 and FMA.
var assembly = []Kernel{{
	Name:      "avx2",
	Train:     trainAVX2,
	Scores:    scoresAVX2Checked,
	SumScores: sumScoresAVX2Checked,
	Update:    updateAVX2Checked,
	Products:  productsAVX2Checked,
	Gather:    gatherAVX2Checked,
	Merge:     mergeAVX2Checked,
	usable:    cpuid.CPU.Supports(cpuid.AVX2, cpuid.FMA3),
}}

// scratch is the memory a step needs besides the matrices. The generator of the assembly refers to
// its fields by name.
type scratch struct {
	buffers                 // gradient tiles and columns
	addresses     []uintptr // of the inputs, the targets, and the rows to prefetch
	width         int       // targets in a tile
	gradientTiles int       // inputs times tiles of targets
	loss          [lanes]float32
}

// prefetchGroup is how many rows stepAVX2 prefetches at a time.
const prefetchGroup = 4

// trainAVX2 does Kernel.Train. The race detector does not see assembly, as Hogwild requires; see
// Portable.
func trainAVX2(s *Step) {
	m, n := len(s.Inputs), len(s.Targets)
	if m == 0 || n == 0 {
		return
	}
	c := &s.scratch
	c.prepare(s)
	stepAVX2(s)
	if s.WithLoss {
		// Each lane without a score has added softplus(0) = log 2.
		padding := lanes*c.gradientTiles - m*n
		l := &c.loss
		s.Loss += float64((l[0]+l[1])+(l[2]+l[3])+((l[4]+l[5])+(l[6]+l[7]))) - math.Ln2*float64(padding)
	}
}

// prepare makes room for the step s.
func (c *scratch) prepare(s *Step) {
	m, n := len(s.Inputs), len(s.Targets)
	tiles := (n + tileWidth - 1) / tileWidth
	c.width = (n + tiles - 1) / tiles
	c.gradientTiles = tiles * m
	c.addresses = grown(c.addresses, m+n+len(s.NextInputs)+len(s.NextTargets)+prefetchGroup-1)
	c.gradients = grown(c.gradients, lanes*c.gradientTiles)
	c.deltas = grown(c.deltas, lanes*(m+n))
	if tiles > 1 {
		clear(c.deltas)
	}
}

// scoresAVX2Checked does Kernel.Scores.
func scoresAVX2Checked(dst []float32, s *Step) {
	if checkScores(dst, s, len(s.Inputs)) {
		s.scratch.prepare(s)
		scoresAVX2(&dst[0], s)
	}
}

// sumScoresAVX2Checked does Kernel.SumScores.
func sumScoresAVX2Checked(dst []float32, s *Step) {
	if checkScores(dst, s, 1) {
		s.scratch.prepare(s)
		s.scratch.deltas = grown(s.scratch.deltas, s.Stride)
		sumScoresAVX2(&dst[0], s)
	}
}

// updateAVX2Checked does Kernel.Update.
func updateAVX2Checked(s *Step, gradients []float32) {
	if checkScores(gradients, s, len(s.Inputs)) {
		c := &s.scratch
		c.prepare(s)
		c.pack(gradients, len(s.Inputs), len(s.Targets), c.width)
		updateAVX2(s)
	}
}

// productsAVX2Checked does Kernel.Products.
func productsAVX2Checked(dst, rows, queries []float32, stride, dim int) {
	n, q := checkProducts(dst, rows, queries, stride, dim)
	if n == 0 || q == 0 {
		return
	}
	productsAVX2(&dst[0], &rows[0], n, &queries[0], q, stride, dim)
}

// gatherAVX2Checked does Kernel.Gather.
func gatherAVX2Checked(dst, src []float32, stride int, rows []int32) {
	checkGather(dst, src, stride, rows)
	if len(rows) > 0 {
		gatherAVX2(&dst[0], &src[0], stride, &rows[0], len(rows))
	}
}

// mergeAVX2Checked does Kernel.Merge.
func mergeAVX2Checked(m *Merge) {
	m.check()
	if len(m.Rows) > 0 {
		weight, distance := m.weights()
		mergeAVX2(&m.Matrix[0], m.Stride, &m.Rows[0], &m.Ends[0], len(m.Rows), &m.Replicas[0], weight, distance)
	}
}
