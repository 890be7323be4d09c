package stats

import (
	"cmp"
	"math"
	"slices"
)

// A Prediction is the score that a classifier gave to an item, and the truth about it.
type Prediction struct {
	// Score is higher the more the item looks positive.
	Score    float64
	Positive bool
	// Unit is the number of the unit that is resampled with the item; see [Statistic].
	Unit int32
}

// units returns one more than the highest unit.
func units(p []Prediction) int {
	n := int32(0)
	for _, item := range p {
		n = max(n, item.Unit+1)
	}
	return int(n)
}

// ranked returns the predictions in descending order of their scores.
func ranked(p []Prediction) []Prediction {
	p = slices.Clone(p)
	slices.SortStableFunc(p, func(a, b Prediction) int { return cmp.Compare(b.Score, a.Score) })
	return p
}

// A rankedSample steps through predictions in descending order of their scores. Those of equal score are
// one step.
type rankedSample struct {
	items  []Prediction
	counts []int32
	next   int
	// The positives and negatives of this step, and of all steps so far.
	positives, negatives           float64
	positivesSoFar, negativesSoFar float64
}

// advance takes the step to the next lower score and reports whether there is one.
func (s *rankedSample) advance() bool {
	if s.next == len(s.items) {
		return false
	}
	s.positives, s.negatives = 0, 0
	score := s.items[s.next].Score
	for ; s.next < len(s.items) && s.items[s.next].Score == score; s.next++ {
		item := &s.items[s.next]
		if n := float64(s.counts[item.Unit]); item.Positive {
			s.positives += n
		} else {
			s.negatives += n
		}
	}
	s.positivesSoFar += s.positives
	s.negativesSoFar += s.negatives
	return true
}

// ROCAUCStatistic returns the area under the receiver operating characteristic: the probability that a
// positive item scores higher than a negative one; equal scores count half (Hanley and McNeil, "The
// meaning and use of the area under a receiver operating characteristic (ROC) curve", 1982). It has no
// value if a sample lacks positives or negatives.
func ROCAUCStatistic(p []Prediction) Statistic {
	items := ranked(p)
	return func(counts []int32) float64 {
		s, area := rankedSample{items: items, counts: counts}, 0.0
		for s.advance() {
			area += s.negatives * (s.positivesSoFar - s.positives/2)
		}
		return area / (s.positivesSoFar * s.negativesSoFar) // 0/0 is NaN
	}
}

// AveragePrecisionStatistic returns the area under the precision-recall curve, as the step function
//
//	Σ (R_i - R_(i-1)) P_i
//
// over the distinct scores in descending order. R_i and P_i are recall and precision if all items of the
// i-th score or a higher one are called positive. Linear interpolation between the points would be too
// optimistic (Davis and Goadrich, "The relationship between precision-recall and ROC curves", 2006). It
// depends on the proportion of positives. It has no value if a sample lacks positives.
func AveragePrecisionStatistic(p []Prediction) Statistic {
	items := ranked(p)
	return func(counts []int32) float64 {
		s, sum := rankedSample{items: items, counts: counts}, 0.0
		for s.advance() {
			if s.positives > 0 {
				sum += s.positives * s.positivesSoFar / (s.positivesSoFar + s.negativesSoFar)
			}
		}
		return sum / s.positivesSoFar
	}
}

// BestThreshold returns the threshold with the greatest F1 if items with this score or a higher one are
// called positive: the highest of several, NaN without positive items.
func BestThreshold(p []Prediction) float64 {
	items := ranked(p)
	all := 0.0
	for _, item := range items {
		if item.Positive {
			all++
		}
	}
	threshold, best := math.NaN(), 0.0
	s := rankedSample{items: items, counts: once(units(p))}
	for s.advance() {
		// F1 = 2TP / (2TP + FP + FN), where TP + FN are all positives.
		if f1 := 2 * s.positivesSoFar / (s.positivesSoFar + s.negativesSoFar + all); f1 > best {
			threshold, best = items[s.next-1].Score, f1
		}
	}
	return threshold
}

// A Confusion counts the items of each unit by their truth and by what they are called.
type Confusion struct {
	TruePositive, FalsePositive, TrueNegative, FalseNegative []float64
}

// Confuse counts predictions at a threshold: an item is called positive if its score is at least the
// threshold.
func Confuse(p []Prediction, threshold float64) Confusion {
	n := units(p)
	c := Confusion{make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)}
	for _, item := range p {
		switch called := item.Score >= threshold; {
		case called && item.Positive:
			c.TruePositive[item.Unit]++
		case called:
			c.FalsePositive[item.Unit]++
		case item.Positive:
			c.FalseNegative[item.Unit]++
		default:
			c.TrueNegative[item.Unit]++
		}
	}
	return c
}

// Precision returns the proportion of true positives among the items called positive.
func (c Confusion) Precision() Statistic {
	return RatioStatistic(c.TruePositive, sums(c.TruePositive, c.FalsePositive))
}

// Recall returns the proportion of positive items that are called positive.
func (c Confusion) Recall() Statistic {
	return RatioStatistic(c.TruePositive, sums(c.TruePositive, c.FalseNegative))
}

// F1 returns the harmonic mean of precision and recall, 2TP / (2TP + FP + FN).
func (c Confusion) F1() Statistic {
	twice := sums(c.TruePositive, c.TruePositive)
	return RatioStatistic(twice, sums(twice, sums(c.FalsePositive, c.FalseNegative)))
}

// sums returns the sums of the elements of two slices.
func sums(a, b []float64) []float64 {
	sum := slices.Clone(a)
	for i, v := range b {
		sum[i] += v
	}
	return sum
}

// A Calibration turns a score s into the probability σ(A s + B) that an item is positive (Platt,
// "Probabilistic outputs for support vector machines", 1999, with the opposite sign of A).
type Calibration struct {
	A float64 `json:"a"`
	B float64 `json:"b"`
}

// AsTrained is the probability that training by negative sampling gives to a pair, σ(s).
var AsTrained = Calibration{A: 1}

// Probability returns the probability that belongs to a score.
func (c Calibration) Probability(score float64) float64 { return sigmoid(c.A*score + c.B) }

// FitCalibration returns the calibration with the least log-loss of the predictions. Its targets are not
// 1 and 0 but, with n positives and m negatives, (n+1)/(n+2) and 1/(m+2), as in Platt. This keeps A
// finite if a threshold separates the items. The error is an [Undefined] if there are no positives or
// no negatives.
func FitCalibration(p []Prediction) (Calibration, error) {
	var positives, negatives float64
	for _, item := range p {
		if item.Positive {
			positives++
		} else {
			negatives++
		}
	}
	if positives == 0 || negatives == 0 {
		return Calibration{}, NoValue
	}
	target := map[bool]float64{true: (positives + 1) / (positives + 2), false: 1 / (negatives + 2)}
	loss := func(c Calibration) float64 {
		sum := 0.0
		for _, item := range p {
			z := c.A*item.Score + c.B
			sum += softplus(z) - target[item.Positive]*z
		}
		return sum
	}
	c := Calibration{B: math.Log((positives + 1) / (negatives + 1))}
	current := loss(c)
	const most, tolerance = 100, 1e-10
	for range most {
		step := newtonStep(p, c, target)
		next, reached := c, current
		for size := 1.0; size > tolerance; size /= 2 { // the loss is convex, but a whole step may overshoot
			next = Calibration{c.A + size*step.A, c.B + size*step.B}
			if reached = loss(next); reached < current {
				break
			}
		}
		if !(reached < current-tolerance*float64(len(p))) {
			break
		}
		c, current = next, reached
	}
	return c, nil
}

// newtonStep returns the step of Newton's method from c toward the least loss.
func newtonStep(p []Prediction, c Calibration, target map[bool]float64) Calibration {
	const ridge = 1e-12 // keeps the Hessian regular where all scores are equal
	aa, ab, bb := ridge, 0.0, ridge
	var a, b float64
	for _, item := range p {
		q := c.Probability(item.Score)
		gradient, weight := q-target[item.Positive], q*(1-q)
		a += gradient * item.Score
		b += gradient
		aa += weight * item.Score * item.Score
		ab += weight * item.Score
		bb += weight
	}
	determinant := aa*bb - ab*ab
	return Calibration{-(bb*a - ab*b) / determinant, -(aa*b - ab*a) / determinant}
}

// LogLossStatistic returns the mean of -log P(truth about the item), in nats.
func LogLossStatistic(p []Prediction, c Calibration) Statistic {
	return MeanStatistic(p, func(item Prediction) float64 {
		z := c.A*item.Score + c.B
		if item.Positive {
			z = -z
		}
		return softplus(z)
	})
}

// BrierStatistic returns the mean squared difference between the probability and the truth, 1 or 0
// (Brier, "Verification of forecasts expressed in terms of probability", 1950, for two classes).
func BrierStatistic(p []Prediction, c Calibration) Statistic {
	return MeanStatistic(p, func(item Prediction) float64 {
		d := c.Probability(item.Score)
		if item.Positive {
			d--
		}
		return d * d
	})
}

// A ReliabilityBin is a point of a reliability curve: the items with a probability from Low up to, but
// excluding, High. The last bin includes 1.
type ReliabilityBin struct {
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	Items int     `json:"items"`
	// Predicted is the mean probability and Observed the proportion of positive items. Both are 0 without
	// items.
	Predicted float64 `json:"predicted"`
	Observed  float64 `json:"observed"`
}

// Reliability returns the reliability curve of predictions in bins of equal width (Murphy and Winkler,
// "Reliability of subjective probability forecasts", 1977).
func Reliability(p []Prediction, c Calibration, bins int) []ReliabilityBin {
	curve := make([]ReliabilityBin, bins)
	for i := range curve {
		curve[i].Low, curve[i].High = float64(i)/float64(bins), float64(i+1)/float64(bins)
	}
	for _, item := range p {
		q := c.Probability(item.Score)
		b := &curve[min(int(q*float64(bins)), bins-1)]
		b.Items++
		b.Predicted += q
		if item.Positive {
			b.Observed++
		}
	}
	for i := range curve {
		if n := float64(curve[i].Items); n > 0 {
			curve[i].Predicted /= n
			curve[i].Observed /= n
		}
	}
	return curve
}

// sigmoid returns 1 / (1 + e^-x).
func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// softplus returns log(1 + e^x) = -log σ(-x).
func softplus(x float64) float64 {
	return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
}
