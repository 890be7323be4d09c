// Package stats has the statistics of evaluation: correlations, confidence intervals and tests by the
// bootstrap, classification and calibration measures, clustering measures, and effect sizes. It knows
// nothing about words.
//
// A [Statistic] is a function of a sample of units. Units are what is sampled independently: pairs of
// words, sentences, or groups of questions that depend on each other. [Bootstrap.Interval] gives the
// confidence interval of one statistic, [Bootstrap.Difference] compares two on the same units, and
// [Bootstrap.SeedTest] compares systems that were trained several times. [Resampled] does all of
// these for many statistics on the same resamples. [Holm] corrects the p-values of several tests.
package stats

import (
	"fmt"
	"slices"
)

// Undefined is the error of a statistic that has no value for its data. Its text says why.
type Undefined string

func (u Undefined) Error() string { return string(u) }

// A Statistic is a figure computed from a sample of units in which unit i occurs counts[i] times. It
// is NaN if it has no value. It may reuse memory between calls, so it must not be called concurrently.
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

// RatioStatistic returns the sum of a sample's numerators divided by the sum of its denominators. It is
// an accuracy if unit i is a group of denominators[i] questions, numerators[i] of which were answered
// correctly. It panics if the lengths differ.
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

// A Grouping puts items into groups. If the items of a group depend on each other, the groups are the
// units to resample.
type Grouping struct {
	// Of has the group of each item. Groups are numbered from 0 in the order of their first items.
	Of []int
	// Groups is the number of groups.
	Groups int
}

// GroupBy returns the grouping of items by their keys: equal keys are one group.
func GroupBy[K comparable](keys []K) Grouping {
	g := Grouping{Of: make([]int, len(keys))}
	number := make(map[K]int)
	for i, key := range keys {
		n, known := number[key]
		if !known {
			n = len(number)
			number[key] = n
		}
		g.Of[i] = n
	}
	g.Groups = len(number)
	return g
}

// Sums returns, by group, the sum of a value of its items.
func (g Grouping) Sums(value func(item int) float64) []float64 {
	sums := make([]float64, g.Groups)
	for i, group := range g.Of {
		sums[group] += value(i)
	}
	return sums
}

// Count returns, by group, the number of items that pass a test.
func (g Grouping) Count(passes func(item int) bool) []float64 {
	return g.Sums(func(i int) float64 {
		if passes(i) {
			return 1
		}
		return 0
	})
}

// Sizes returns, by group, the number of items.
func (g Grouping) Sizes() []float64 { return g.Sums(func(int) float64 { return 1 }) }

// Linear returns the linear approximation of a statistic of n units by the jackknife:
//
//	θ + Σ counts[i] (Uᵢ - Ū) / Σ counts[i],   Uᵢ = (n-1)(θ - θᵢ)
//
// Here θ is the statistic of all units and θᵢ that without unit i (the nonparametric delta method of
// Davison and Hinkley, "Bootstrap methods and their application", 1997, section 2.7). It has about
// the spread of the statistic. But units that are drawn twice or not at all do not bias it, as they
// bias measures that count different items.
func Linear(n int, s Statistic) Statistic {
	counts := once(n)
	all := s(counts)
	influence := make([]float64, n)
	for i := range influence {
		counts[i] = 0
		influence[i] = float64(n-1) * (all - s(counts))
		counts[i] = 1
	}
	center(influence)
	return func(counts []int32) float64 {
		var total, sum float64
		for i, c := range counts {
			total += float64(c)
			sum += float64(c) * influence[i]
		}
		return all + sum/total // 0/0 is NaN
	}
}

// MeanStatistic returns the mean of a value over the items of a sample of units.
func MeanStatistic(p []Prediction, value func(Prediction) float64) Statistic {
	n := units(p)
	sum, items := make([]float64, n), make([]float64, n)
	for _, item := range p {
		sum[item.Unit] += value(item)
		items[item.Unit]++
	}
	return RatioStatistic(sum, items)
}

// center subtracts the mean of x from each of its values.
func center(x []float64) {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	mean := sum / float64(len(x))
	for i := range x {
		x[i] -= mean
	}
}

// squares returns the sum of the squares of x.
func squares(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	return sum
}

// ones returns n ones.
func ones(n int) []float64 { return slices.Repeat([]float64{1}, n) }

func mustPair(n, m int) {
	if n != m {
		panic(fmt.Sprintf("stats: statistic of %d and %d values", n, m))
	}
}
