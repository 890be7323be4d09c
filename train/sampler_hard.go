package train

import (
	"math"
	"math/bits"
	"slices"

	"kindred/internal/kernel"
)

// A chooser cuts the candidates of a step down to those that are trained: as many as k says for this window, and
// where hard is set, those that score highest with the sum of the window's inputs,
//
//	keep the k largest of (sum over i of in(i)) · out(j),   j = 1..m
//
// (dynamic negative sampling: Zhang, Chen, Wang and Yu 2013; for skip-gram: Chen et al. 2017). A word that
// the model tells apart already gives almost no gradient; those that score high do.
//
// It costs one more product, of the sum with m candidates, less than a tenth of the arithmetic of a step at m = 2k,
// and the k more rows that come from memory. When to use it: where the text gives no more epochs, as each of them teaches
// more. Many candidates find words that are true contexts (false negatives): m = 2k is enough.
type chooser struct {
	counts *counts
	hard   bool
	kernel kernel.Kernel

	scores    []float32
	selection selection
}

// choose cuts the targets of a step, in place and in their order. What it drops is forgotten.
func (c *chooser) choose(s *kernel.Step) {
	k, candidates := c.counts.next(), len(s.Targets)-1
	if k >= candidates {
		return
	}
	if !c.hard || k == 0 {
		s.Targets = s.Targets[:1+k]
		return
	}
	s.NextInputs, s.NextTargets = nil, nil
	all := s.Targets
	s.Targets = all[1:]
	c.scores = slices.Grow(c.scores[:0], candidates)[:candidates]
	c.kernel.SumScores(c.scores, s)
	marks := c.selection.highest(c.scores, k)
	kept := 1
	for j, mark := range marks {
		all[kept] = all[1+j]
		kept += int(mark)
	}
	s.Targets = all[:kept]
}

// A selection finds the highest scores.
type selection struct{ keys, sorted, marks []uint64 }

// countedScores is the number of scores up to which ranks are counted: pairs of scores are compared without
// branches, as none of them can be foreseen.
const countedScores = 64

// highest marks with 1 the k highest scores, the first ones of those that are equal, and the others with 0.
func (s *selection) highest(scores []float32, k int) (marks []uint64) {
	n := len(scores)
	s.keys, s.marks = slices.Grow(s.keys[:0], n)[:n], slices.Grow(s.marks[:0], n)[:n]
	keys, marks := s.keys, s.marks[:n]
	for j, score := range scores {
		keys[j] = uint64(ascending(score))<<32 | uint64(n-j)
	}
	if n > countedScores {
		s.sorted = append(s.sorted[:0], keys...)
		slices.Sort(s.sorted)
		threshold := s.sorted[n-k]
		for j, key := range keys {
			_, below := bits.Sub64(key, threshold, 0)
			marks[j] = 1 - below
		}
		return marks
	}
	for j, key := range keys {
		higher := uint64(0)
		for _, other := range keys {
			_, below := bits.Sub64(key, other, 0)
			higher += below
		}
		_, marks[j] = bits.Sub64(higher, uint64(k), 0)
	}
	return marks
}

// ascending maps floats to integers in the same order. NaN is beyond the infinities.
func ascending(x float32) uint32 {
	b := math.Float32bits(x)
	return b ^ (uint32(int32(b)>>31) | 1<<31)
}
