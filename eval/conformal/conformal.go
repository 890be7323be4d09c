// Package conformal turns scores into p-values by comparing them with the scores of calibration items,
// which no model was fitted to (Vovk, Gammerman and Shafer, "Algorithmic learning in a random world", 2005;
// for anomalies Laxhammar and Falkman, "Conformal prediction for distribution-independent anomaly
// detection", 2010). It knows nothing about what is scored.
package conformal

import (
	"fmt"
	"math"
	"slices"

	"kindred/internal/random"
)

// A Calibration holds the scores of n calibration items. A higher score is more unusual. It is safe for
// concurrent use.
type Calibration struct{ scores []float64 } // ascending

// New returns the calibration by these scores, which are copied. It returns an error if one is not a
// number.
func New(scores []float64) (*Calibration, error) {
	for i, s := range scores {
		if math.IsNaN(s) {
			return nil, fmt.Errorf("calibration score %d is not a number", i+1)
		}
	}
	c := &Calibration{slices.Clone(scores)}
	slices.Sort(c.scores)
	return c, nil
}

// Len returns n, the number of calibration items.
func (c *Calibration) Len() int { return len(c.scores) }

// PValue returns the conformal p-value of a score,
//
//	p = (#{i : sᵢ > s} + r) / (n + 1),   r = 1 + ⌊u (#{i : sᵢ = s} + 1)⌋
//
// with u from [0, 1). So r is the place of the item in a random order of those with its score. If the item and the
// calibration items are exchangeable and u is uniform, p is one of 1/(n+1) … 1, each with the same probability, with
// ties or without: the probability that p is at most α is k/(n+1), k = ⌊α(n+1)⌋, and so at most α. Given the
// calibration items, it is a random number with the distribution Beta(k, n+1-k) if there are no ties. So the false
// alarms among m new items are beta-binomial (Vovk, "Conditional validity of inductive conformal predictors", 2012).
func (c *Calibration) PValue(score, u float64) float64 {
	low, _ := slices.BinarySearch(c.scores, score)
	high := low
	if low < len(c.scores) && c.scores[low] == score {
		above, _ := slices.BinarySearch(c.scores[low:], math.Nextafter(score, math.Inf(1)))
		high = low + above
	}
	n := len(c.scores)
	return float64(n-high+1+int(u*float64(high-low+1))) / float64(n+1)
}

// Needed returns the number of calibration items that a rate of false alarms needs, ⌈1/rate⌉ - 1. With fewer,
// the rate is below 1/(n+1), the lowest p-value.
func Needed(rate float64) int {
	const rounding = 1e-9 // 1/0.01 may be a little above 100
	return max(0, int(math.Ceil(1/rate-rounding/rate))-1)
}

// Check returns an error if a rate is not between 0 and 1, or needs more items than there are.
func (c *Calibration) Check(rate float64) error {
	if !(rate > 0 && rate < 1) {
		return fmt.Errorf("the rate of false alarms is %v, want a number between 0 and 1", rate)
	}
	if need := Needed(rate); len(c.scores) < need {
		return fmt.Errorf("a rate of false alarms of %.4g %% needs %d calibration lines, and there are %d, enough for %.3g %% or more",
			100*rate, need, len(c.scores), 100/float64(len(c.scores)+1))
	}
	return nil
}

// Smoothing returns the number u that breaks the ties of item i, from [0, 1). It follows from the seed and i.
func Smoothing(seed uint64, i int64) float64 {
	s := random.New(seed, smoothing, uint64(i))
	return s.Float64()
}

// smoothing is the coordinate after the seed.
const smoothing = 0x736d6f6f7468
