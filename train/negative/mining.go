package negative

import (
	"math"
	"math/bits"
	"slices"
)

// A miner cuts the candidates of a step down to the negatives that are trained: as many as the
// counter says, and if hard is set, those that score highest with the sum of the window's inputs,
//
//	keep the k largest of (sum over i of in(i)) · out(j),   j = 1..m
//
// (dynamic negative sampling: Zhang, Chen, Wang and Yu 2013; for skip-gram: Chen et al. 2017). A
// word that the model already tells apart gives almost no gradient; those that score high do.
//
// It costs one more product, less than a tenth of the arithmetic of a step at m = 2k, and k more
// rows from memory. Many candidates find words that are true contexts: m = 2k is enough.
type miner struct {
	counter   *counter
	hard      bool
	scores    []float32
	selection selection
}

// mine returns the targets to train, in place and in their order.
func (m *miner) mine(targets []int32, score func(dst []float32, candidates []int32)) []int32 {
	k, candidates := m.counter.next(), len(targets)-1
	if k >= candidates {
		return targets
	}
	if !m.hard || k == 0 {
		return targets[:1+k]
	}
	m.scores = slices.Grow(m.scores[:0], candidates)[:candidates]
	score(m.scores, targets[1:])
	kept := 1
	for j, mark := range m.selection.highest(m.scores, k) {
		targets[kept] = targets[1+j]
		kept += int(mark)
	}
	return targets[:kept]
}

// curriculumCandidates returns how many candidates the curriculum draws at a progress of training t
// from 0 to 1,
//
//	m(t) = k + t (m - k)
//
// rounded; the hard sampler then keeps k of them. Training starts with plain noise, which tells
// words apart roughly, and ends with hard negatives (curriculum learning: Bengio, Louradour,
// Collobert and Weston 2009).
func curriculumCandidates(k, m int, t float64) int {
	return k + int(math.Round(t*float64(m-k)))
}

// A selection finds the highest scores.
type selection struct{ keys, sorted, marks []uint64 }

// countedScores is the number of scores up to which ranks are counted: pairs of scores are compared
// without branches, which would be unpredictable.
const countedScores = 64

// highest marks the k highest scores with 1, the first ones of those that are equal, and the others
// with 0.
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
