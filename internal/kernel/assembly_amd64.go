//go:build !noasm

package kernel

import (
	"github.com/klauspost/cpuid/v2"
)

//go:generate go run -C _asm . -out ../step_amd64.s -stubs ../step_amd64.go -pkg kernel

// assembly has the kernels for processors with AVX2 and FMA, and with AVX-512.
var assembly = []Kernel{
	(&form{
		name: "avx512", registerTiles: 2, columns: 2 * 16,
		step: stepAVX512, scores: scoresAVX512, sumScores: sumScoresAVX512, update: updateAVX512, bag: bagAVX512, bagUpdate: bagUpdateAVX512,
		products: productsAVX512, widen: widenAVX512, gather: gatherAVX512, accumulate: accumulateAVX512, merge: mergeAVX512, combine: combineAVX512, distribute: distributeAVX512,
		weigh: weighAVX512, unweigh: unweighAVX512,
		peak: fmaPeakAVX512,
	}).kernel(supportsAVX512(&cpuid.CPU)),
	(&form{
		name: "avx512vl", registerTiles: 1, columns: 2 * 8,
		step: stepAVX512VL, scores: scoresAVX512VL, sumScores: sumScoresAVX512VL, update: updateAVX512VL, bag: bagAVX512VL, bagUpdate: bagUpdateAVX512VL,
		products: productsAVX512VL, widen: widenAVX512VL, gather: gatherAVX512VL, accumulate: accumulateAVX512VL, merge: mergeAVX512VL, combine: combineAVX512VL, distribute: distributeAVX512VL,
		weigh: weighAVX512VL, unweigh: unweighAVX512VL,
		peak: fmaPeakAVX512VL,
	}).kernel(supportsAVX512(&cpuid.CPU)),
	(&form{
		name: "avx2", registerTiles: 1, columns: 8,
		step: stepAVX2, scores: scoresAVX2, sumScores: sumScoresAVX2, update: updateAVX2, bag: bagAVX2, bagUpdate: bagUpdateAVX2,
		products: productsAVX2, widen: widenAVX2, gather: gatherAVX2, accumulate: accumulateAVX2, merge: mergeAVX2, combine: combineAVX2, distribute: distributeAVX2,
		weigh: weighAVX2, unweigh: unweighAVX2,
		peak: fmaPeakAVX2,
	}).kernel(supportsAVX2(&cpuid.CPU)),
}

// scratch is the memory a step needs besides the matrices. The generator of the assembly refers to
// its fields by name.
type scratch struct {
	buffers                  // gradient tiles and columns
	addresses      []uintptr // of the inputs, the targets, and the rows to prefetch
	width          int       // targets in a tile
	rows           int       // gradient tiles of a tile: inputs, rounded up to whole registers
	firstRegisters int       // registers of gradient tiles of the first tile
	otherRegisters int       // those of the others

	pendingLoss
}

// prefetchGroup is how many rows a step prefetches at a time.
const prefetchGroup = 4

// A form has the functions that the generator makes for a kind of registers.
type form struct {
	name          string
	registerTiles int // gradient tiles in a register
	columns       int // floats of a row that the update takes at a time

	step       func(s *Step)
	scores     func(dst *float32, s *Step)
	sumScores  func(dst *float32, s *Step)
	update     func(s *Step)
	bag        func(s *Step, scale, factor float32)
	bagUpdate  func(s *Step, scale, factor float32)
	products   func(dst, rows *float32, n int, queries *float32, q, rowStride, stride, dim int)
	widen      func(dst *float32, stride int, rows *int8, n, dim int, scales *float32)
	gather     func(dst, src *float32, stride int, rows *int32, n int)
	peak       func(n int)
	accumulate func(sums *int32, stride int, rows *int32, n int, values *float32)
	merge      func(matrix *float32, stride int, rows *int32, n int, sums, lastSums **int32, parts, counts *int32, weights *float32)
	combine    func(matrix *float32, stride int, rows, ends *int32, n int, source *float32, terms *int32, weights *float32, last *int32)
	distribute func(matrix *float32, stride int, now *float32, rows, ends *int32, n int, before *float32, terms *int32, weights *float32, last *int32)
	weigh      func(matrix, weights, weighted *float32, stride int, rows *int32, n int)
	unweigh    func(matrix, weights, weighted *float32, stride int, rows *int32, n int)
}

func (f *form) kernel(usable bool) Kernel {
	return Kernel{
		Name: f.name, Train: f.train, Scores: f.checkedScores, SumScores: f.checkedSumScores, Update: f.checkedUpdate, TrainBag: f.trainBag, UpdateBag: f.checkedUpdateBag,
		Products: f.checkedProducts, PackedProducts: f.checkedPackedProducts, Widen: f.checkedWiden, Gather: f.checkedGather, Accumulate: f.checkedAccumulate, Merge: f.checkedMerge, Combine: f.checkedCombine, Distribute: f.checkedDistribute, Weigh: f.checkedWeigh, Unweigh: f.checkedUnweigh,
		usable: usable, peak: f.peak, lanes: lanes * f.registerTiles,
	}
}

// train does Kernel.Train. The race detector does not see assembly, as Hogwild requires; see
// Portable.
func (f *form) train(s *Step) {
	m, n := len(s.Inputs), len(s.Targets)
	if m == 0 || n == 0 {
		return
	}
	c := &s.scratch
	f.prepare(s)
	registers := c.firstRegisters + c.otherRegisters
	c.begin(s, registers)
	f.step(s)
	c.end(s, registers, lanes*f.registerTiles*registers-m*n)
}

// trainBag does Kernel.TrainBag.
func (f *form) trainBag(s *Step, scale, factor float32) {
	n := len(s.Targets)
	if len(s.Inputs) == 0 || n == 0 {
		return
	}
	c := &s.scratch
	f.prepareBag(s)
	registers := c.firstRegisters + c.otherRegisters
	c.begin(s, registers)
	f.bag(s, scale, factor)
	c.end(s, registers, lanes*f.registerTiles*registers-n)
}

// prepareBag makes room for a step with a hidden vector.
func (f *form) prepareBag(s *Step) {
	f.prepareFor(s, 1)
	s.scratch.deltas = grown(s.scratch.deltas, s.Stride)
}

// prepare makes room for the step s.
func (f *form) prepare(s *Step) { f.prepareFor(s, len(s.Inputs)) }

// prepareFor makes room for the scores of m inputs with the targets of a step.
func (f *form) prepareFor(s *Step, m int) {
	c := &s.scratch
	n := len(s.Targets)
	tiles := (n + tileWidth - 1) / tileWidth
	c.width = n
	if tiles > 1 {
		c.width = (n + tiles - 1) / tiles
	}
	c.firstRegisters, c.rows = m, m
	if f.registerTiles == 2 {
		c.firstRegisters = (m + 1) / 2
		c.rows = 2 * c.firstRegisters
	}
	c.otherRegisters = (tiles - 1) * c.firstRegisters
	c.addresses = grown(c.addresses, len(s.Inputs)+n+len(s.NextInputs)+len(s.NextTargets)+prefetchGroup-1)
	c.gradients = grown(c.gradients, lanes*c.rows*tiles)
	if tiles > 1 {
		c.deltas = grown(c.deltas, f.columns*(m+n))
		clear(c.deltas)
	}
}

// checkedScores does Kernel.Scores.
func (f *form) checkedScores(dst []float32, s *Step) {
	if checkScores(dst, s, len(s.Inputs)) {
		f.prepare(s)
		f.scores(&dst[0], s)
	}
}

// checkedSumScores does Kernel.SumScores.
func (f *form) checkedSumScores(dst []float32, s *Step) {
	if checkScores(dst, s, 1) {
		f.prepare(s)
		s.scratch.deltas = grown(s.scratch.deltas, s.Stride)
		f.sumScores(&dst[0], s)
	}
}

// checkedUpdate does Kernel.Update.
func (f *form) checkedUpdate(s *Step, gradients []float32) {
	if checkScores(gradients, s, len(s.Inputs)) {
		c := &s.scratch
		f.prepare(s)
		c.pack(gradients, len(s.Inputs), len(s.Targets), c.width, c.rows)
		f.update(s)
	}
}

// checkedUpdateBag does Kernel.UpdateBag.
func (f *form) checkedUpdateBag(s *Step, gradients []float32, scale, factor float32) {
	if checkScores(gradients, s, 1) {
		c := &s.scratch
		f.prepareBag(s)
		c.pack(gradients, 1, len(s.Targets), c.width, c.rows)
		f.bagUpdate(s, scale, factor)
	}
}

// checkedProducts does Kernel.Products.
func (f *form) checkedProducts(dst, rows, queries []float32, stride, dim int) {
	n, q := checkProducts(dst, rows, queries, stride, dim)
	if n == 0 || q == 0 {
		return
	}
	f.products(&dst[0], &rows[0], n, &queries[0], q, stride, stride, dim)
}

// checkedPackedProducts does Kernel.PackedProducts.
func (f *form) checkedPackedProducts(dst, rows, queries []float32, rowStride, stride, dim int) {
	n, q := checkPackedProducts(dst, rows, queries, rowStride, stride, dim)
	if n == 0 || q == 0 {
		return
	}
	f.products(&dst[0], &rows[0], n, &queries[0], q, rowStride, stride, dim)
}

// checkedWiden does Kernel.Widen.
func (f *form) checkedWiden(dst []float32, stride int, rows []int8, dim int, scales []float32) {
	n := checkWiden(dst, stride, rows, dim, scales)
	if n == 0 {
		return
	}
	if dim < lanes*f.registerTiles {
		widenPortable(dst, stride, rows, dim, scales)
		return
	}
	f.widen(&dst[0], stride, &rows[0], n, dim, &scales[0])
}

// checkedGather does Kernel.Gather.
func (f *form) checkedGather(dst, src []float32, stride int, rows []int32) {
	checkGather(dst, src, stride, rows)
	if len(rows) > 0 {
		f.gather(&dst[0], &src[0], stride, &rows[0], len(rows))
	}
}

// checkedAccumulate does Kernel.Accumulate.
func (f *form) checkedAccumulate(sums []int32, stride int, rows []int32, values []float32) {
	checkAccumulate(sums, stride, rows, values)
	if len(rows) > 0 {
		f.accumulate(&sums[0], stride, &rows[0], len(rows), &values[0])
	}
}

// checkedMerge does Kernel.Merge.
func (f *form) checkedMerge(m *Merge) {
	m.check()
	if len(m.Rows) > 0 {
		f.merge(&m.Matrix[0], m.Stride, &m.Rows[0], len(m.Rows), &m.Sums[0], &m.Sums[len(m.Sums)-1], &m.Parts[0], &m.Counts[0], &m.Weights[0])
	}
}

// checkedCombine does Kernel.Combine.
func (f *form) checkedCombine(c *Combination) {
	c.check()
	if len(c.Terms) > 0 {
		f.combine(&c.Matrix[0], c.Stride, &c.Rows[0], &c.Ends[0], len(c.Rows), &c.Source[0], &c.Terms[0], &c.Weights[0], &c.Terms[len(c.Terms)-1])
	}
}

// checkedDistribute does Kernel.Distribute.
func (f *form) checkedDistribute(d *Distribution) {
	d.check()
	if len(d.Terms) > 0 {
		f.distribute(&d.Matrix[0], d.Stride, &d.Now[0], &d.Rows[0], &d.Ends[0], len(d.Rows), &d.Before[0], &d.Terms[0], &d.Weights[0], &d.Terms[len(d.Terms)-1])
	}
}

// checkedWeigh does Kernel.Weigh.
func (f *form) checkedWeigh(w *Weighting) {
	w.check()
	if len(w.Rows) > 0 {
		f.weigh(&w.Matrix[0], &w.Weights[0], &w.Weighted[0], w.Stride, &w.Rows[0], len(w.Rows))
	}
}

// checkedUnweigh does Kernel.Unweigh.
func (f *form) checkedUnweigh(w *Weighting) {
	w.check()
	if len(w.Rows) > 0 {
		f.unweigh(&w.Matrix[0], &w.Weights[0], &w.Weighted[0], w.Stride, &w.Rows[0], len(w.Rows))
	}
}
