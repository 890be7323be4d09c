package stats

import (
	"cmp"
	"math"
	"slices"
)

// A Prediction is the score that a classifier gave to an item, and what is true of it.
type Prediction struct {
	// Score is the higher, the more the item looks positive.
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

// A rankedSample walks through predictions in descending order of their scores, those of equal score together.
type rankedSample struct {
	items  []Prediction
	counts []int32
	next   int
	// Positives and negatives of the present score, and their sums so far, with the present ones.
	positives, negatives           float64
	positivesSoFar, negativesSoFar float64
}

// advance goes on to the next lower score and reports whether there is one.
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

// ROCAUCStatistic returns the area under the receiver operating characteristic: the probability that a positive
// item scores higher than a negative one, equal scores counting half (Hanley and McNeil, "The meaning and use of the
// area under a receiver operating characteristic (ROC) curve", 1982). It has no value where a sample lacks
// positives or negatives.
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

// AveragePrecisionStatistic returns the area under the curve of precision against recall, as the step function
//
//	Σ (R_i - R_(i-1)) P_i
//
// over the distinct scores in descending order, where R_i and P_i are recall and precision if all items of the
// i-th score or a higher one are taken for positive. (Linear interpolation between the points would be too
// optimistic: Davis and Goadrich, "The relationship between precision-recall and ROC curves", 2006.) It depends
// on the share of positives. It has no value where a sample lacks positives.
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

// BestThreshold returns the score from which on to call an item positive so that F1 is greatest; the highest of
// several, and NaN without positive items.
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

// A Confusion counts the items of each unit by what they are and what they are taken for.
type Confusion struct {
	TruePositive, FalsePositive, TrueNegative, FalseNegative []float64
}

// Confuse counts predictions at a threshold: an item is called positive where its score is the threshold or more.
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

// Precision returns the share of true positives among what is called positive.
func (c Confusion) Precision() Statistic {
	return RatioStatistic(c.TruePositive, sums(c.TruePositive, c.FalsePositive))
}

// Recall returns the share of positive items that are called so.
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
