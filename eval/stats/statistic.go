package stats

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// A Statistic is a figure computed from a sample of units, in which unit i
// occurs counts[i] times; it is NaN where it has no value. Units are what is
// sampled: pairs of words, or groups of questions that depend on each other.
//
// A Statistic may use memory of its own between calls, and so must not be called
// concurrently.
type Statistic func(counts []int32) float64

// Value returns the statistic of n units, each of them once.
func (s Statistic) Value(n int) float64 { return s(once(n)) }

// once returns the counts of a sample with each of n units once.
func once(n int) []int32 {
	counts := make([]int32, n)
	for i := range counts {
		counts[i] = 1
	}
	return counts
}

// RatioStatistic returns the sum of the numerators of a sample's units divided by
// that of their denominators: an accuracy, where unit i is a group of
// denominators[i] questions, numerators[i] of which were answered right. It
// panics where the lengths differ.
func RatioStatistic(numerators, denominators []float64) Statistic {
	mustPair(len(numerators), len(denominators))
	return func(counts []int32) float64 {
		var above, below float64
		for i, n := range counts {
			above += float64(n) * numerators[i]
			below += float64(n) * denominators[i]
		}
		return above / below // 0/0 is NaN
	}
}

// PearsonStatistic returns [Pearson] as a statistic of samples of the pairs
// (x[i], y[i]), which must be finite. It panics where the lengths differ.
func PearsonStatistic(x, y []float64) Statistic {
	mustPair(len(x), len(y))
	x, y = slices.Clone(x), slices.Clone(y)
	centre(x) // keeps the digits of the one-pass formula
	centre(y)
	return func(counts []int32) float64 {
		var n, sx, sy, xx, yy, xy float64
		for i, c := range counts {
			w := float64(c)
			wx, wy := w*x[i], w*y[i]
			n += w
			sx += wx
			sy += wy
			xx += wx * x[i]
			yy += wy * y[i]
			xy += wx * y[i]
		}
		const rounding = 1e-12
		vx, vy := xx-sx*sx/n, yy-sy*sy/n
		if !(vx > rounding*xx && vy > rounding*yy) { // all equal, or no pair
			return math.NaN()
		}
		return max(-1, min(1, (xy-sx*sy/n)/math.Sqrt(vx*vy)))
	}
}

// SpearmanStatistic returns [Spearman] as a statistic of samples of the pairs
// (x[i], y[i]), which must be finite: each sample is ranked anew, in time
// proportional to its size. It panics where the lengths differ.
func SpearmanStatistic(x, y []float64) Statistic {
	mustPair(len(x), len(y))
	xTies, yTies := sortTies(x), sortTies(y)
	rank := make([]float64, len(x)) // of x, less the mean rank
	return func(counts []int32) float64 {
		total := int32(0)
		for _, c := range counts {
			total += c
		}
		mean := float64(total+1) / 2
		var xx, yy, xy float64
		before := int32(0) // values below the present ones
		for _, ties := range xTies {
			equal := int32(0)
			for _, i := range ties {
				equal += counts[i]
			}
			d := float64(before) + float64(equal+1)/2 - mean
			for _, i := range ties {
				rank[i] = d
			}
			xx += float64(equal) * d * d
			before += equal
		}
		before = 0
		for _, ties := range yTies {
			equal, sum := int32(0), 0.0
			for _, i := range ties {
				equal += counts[i]
				sum += float64(counts[i]) * rank[i]
			}
			d := float64(before) + float64(equal+1)/2 - mean
			yy += float64(equal) * d * d
			xy += sum * d
			before += equal
		}
		if xx == 0 || yy == 0 {
			return math.NaN()
		}
		return max(-1, min(1, xy/math.Sqrt(xx*yy)))
	}
}

// sortTies returns the indexes of x in ascending order of their values, equal
// values together.
func sortTies(x []float64) [][]int32 {
	order := make([]int32, len(x))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(i, j int32) int { return cmp.Compare(x[i], x[j]) })
	var groups [][]int32
	for start := 0; start < len(order); {
		end := start + 1
		for end < len(order) && x[order[end]] == x[order[start]] {
			end++
		}
		groups = append(groups, order[start:end])
		start = end
	}
	return groups
}

// Linear returns the linear approximation of a statistic of n units by the jackknife,
//
//	θ + Σ counts[i] (Uᵢ - Ū) / Σ counts[i],   Uᵢ = (n-1)(θ - θᵢ)
//
// where θ is the statistic of all units and θᵢ that without unit i (the
// nonparametric delta method: Davison and Hinkley, "Bootstrap methods and their
// application", 1997, section 2.7). It has about the spread of the statistic,
// but is not biased by units that are drawn twice or not at all, as measures
// that count different items are.
func Linear(n int, s Statistic) Statistic {
	counts := once(n)
	all := s(counts)
	influence := make([]float64, n)
	for i := range influence {
		counts[i] = 0
		influence[i] = float64(n-1) * (all - s(counts))
		counts[i] = 1
	}
	centre(influence)
	return func(counts []int32) float64 {
		var total, sum float64
		for i, c := range counts {
			total += float64(c)
			sum += float64(c) * influence[i]
		}
		return all + sum/total // 0/0 is NaN
	}
}

func mustPair(n, m int) {
	if n != m {
		panic(fmt.Sprintf("stats: statistic of %d and %d values", n, m))
	}
}
