package sampling

import (
	"fmt"
	"math"
	"slices"
)

// A Subsampler decides which tokens of a text are trained on, by the formula of word2vec.c
//
//	P(keep) = min(1, sqrt(t/f) + t/f)
//
// where f is the word's share of all tokens in the vocabulary and t the threshold. (Mikolov et al.
// 2013 print 1 - sqrt(t/f) as the probability of discarding; their program does this.) A Subsampler
// is safe for concurrent use.
type Subsampler struct {
	// thresholds[id] is P(keep) * 2^32 - 1, rounded: of the 2^32 random numbers, those up to it keep
	// the token. The last one is that of all words from there on, which are always kept. As ids are
	// ranks by frequency, only a few hundred words have thresholds of their own, which fit in the
	// first-level cache.
	thresholds []uint32
}

// NewSubsampler returns the sub-sampling of a text with the given counts, by id, at threshold t, 0 or
// more. 0 keeps every token; 1e-3 to 1e-5 are usual.
func NewSubsampler(counts []int64, t float64) (*Subsampler, error) {
	if !(t >= 0) || math.IsInf(t, 0) {
		return nil, fmt.Errorf("sub-sampling: threshold is %v, want a finite number of 0 or more (1e-3 to 1e-5 are usual, 0 keeps all)", t)
	}
	total := 0.0
	for _, c := range counts {
		total += float64(c)
	}
	var thresholds []uint32
	dropped := 0 // the words before this one may be dropped
	for id, c := range counts {
		p := keepProbability(float64(c)/total, t)
		thresholds = append(thresholds, uint32(max(math.Round(p*(1<<32))-1, 0)))
		if thresholds[id] != math.MaxUint32 {
			dropped = id + 1
		}
	}
	return &Subsampler{slices.Clone(append(thresholds[:dropped], math.MaxUint32))}, nil
}

func keepProbability(f, t float64) float64 {
	if t == 0 || f == 0 {
		return 1
	}
	return min(1, math.Sqrt(t/f)+t/f)
}

// P returns the probability that a token with this id is kept.
func (s *Subsampler) P(id int32) float64 { return (float64(s.threshold(id)) + 1) / (1 << 32) }

// Keep tells whether to keep a token with this id, given 32 uniformly random bits.
func (s *Subsampler) Keep(id int32, random uint32) bool {
	return random <= s.threshold(id)
}

func (s *Subsampler) threshold(id int32) uint32 {
	return s.thresholds[min(uint(uint32(id)), uint(len(s.thresholds)-1))]
}
