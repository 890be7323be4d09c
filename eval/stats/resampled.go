package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"kindred/internal/random"
)

// Resampled holds the values of several statistics on the same resamples of the same units: one
// statistic a model, for models that were asked the same items. A group is a list of indexes of
// statistics, and its score the mean of theirs. All methods work on linear combinations of them.
type Resampled struct {
	bootstrap Bootstrap
	units     int
	// estimates are the statistics of all units, once each.
	estimates []float64
	// values are those of the resamples, and left those of the jackknife, by statistic.
	values, left [][]float64
}

// Resample draws the resamples of n units and computes all statistics on each. Fewer than [MinUnits]
// units are not resampled: there are estimates only.
func (b Bootstrap) Resample(n int, statistics ...Statistic) *Resampled {
	b = b.withDefaults()
	p := &Resampled{bootstrap: b, units: n}
	counts := once(n)
	for _, s := range statistics {
		p.estimates = append(p.estimates, s(counts))
	}
	if n < MinUnits {
		return p
	}
	p.values = make([][]float64, len(statistics))
	for i := range statistics {
		p.values[i] = make([]float64, b.Resamples)
	}
	for r := range b.Resamples {
		clear(counts)
		stream := random.New(b.Seed, uint64(n), uint64(r))
		for range n {
			counts[stream.Uint32n(uint32(n))]++
		}
		for i, s := range statistics {
			p.values[i][r] = s(counts)
		}
	}
	for _, s := range statistics {
		p.left = append(p.left, jackknife(n, s))
	}
	return p
}

// Estimate returns the mean of a group of statistics, with each unit once.
func (p *Resampled) Estimate(group ...int) float64 { return p.estimate(p.mean(group)) }

// EstimateDifference returns the mean of one group less that of another, with each unit once.
func (p *Resampled) EstimateDifference(first, second []int) float64 {
	return p.estimate(less(p.mean(first), p.mean(second)))
}

// Interval returns the confidence interval of the mean of a group; see [Bootstrap.Interval].
func (p *Resampled) Interval(group ...int) (Interval, error) {
	d, err := p.distribution(p.mean(group))
	if err != nil {
		return Interval{}, err
	}
	return d.interval(), nil
}

// ProportionInterval is Interval for statistics between 0 and 1. If they are 0, or 1, in every
// resample, the interval is Wilson's for as many answers as there are units.
func (p *Resampled) ProportionInterval(group ...int) (Interval, error) {
	interval, err := p.Interval(group...)
	if estimate := p.Estimate(group...); err == NoSpread && (estimate == 0 || estimate == 1) {
		return WilsonInterval(int(estimate)*p.units, p.units, p.bootstrap.Level), nil
	}
	return interval, err
}

// Difference compares the mean of one group with that of another, for these models; see
// [Bootstrap.Difference].
func (p *Resampled) Difference(first, second []int) (Difference, error) {
	d, err := p.distribution(less(p.mean(first), p.mean(second)))
	if err != nil {
		return Difference{}, err
	}
	return d.difference(), nil
}

// mean returns the weights of the mean of a group.
func (p *Resampled) mean(group []int) []float64 {
	weights := make([]float64, len(p.estimates))
	for _, i := range group {
		weights[i] = 1 / float64(len(group))
	}
	return weights
}

// less returns the weights a - b.
func less(a, b []float64) []float64 {
	weights := make([]float64, len(a))
	for i := range a {
		weights[i] = a[i] - b[i]
	}
	return weights
}

// combine returns the sums of the values by the weights; a value whose weight is 0 doesn't count even where it
// is NaN.
func combine(weights []float64, values func(statistic int) []float64) []float64 {
	var sum []float64
	for i, w := range weights {
		if w == 0 {
			continue
		}
		of := values(i)
		if sum == nil {
			sum = make([]float64, len(of))
		}
		for j, v := range of {
			sum[j] += float64(w * v)
		}
	}
	return sum
}

// estimate returns the combination of the statistics of all units.
func (p *Resampled) estimate(weights []float64) float64 {
	return combine(weights, func(i int) []float64 { return p.estimates[i : i+1] })[0]
}

// resampled returns the combination of the statistics in each resample where it has a value, in the order of
// the resamples, unless too many have none.
func (p *Resampled) resampled(weights []float64) ([]float64, error) {
	switch {
	case p.values == nil:
		return nil, TooFewUnits
	case math.IsNaN(p.estimate(weights)):
		return nil, NoValue
	}
	values := combine(weights, func(i int) []float64 { return p.values[i] })
	all := float64(len(values))
	values = slices.DeleteFunc(values, math.IsNaN)
	if float64(len(values)) < (1-mostUndefined)*all {
		return nil, OftenNoValue
	}
	return values, nil
}

// variance returns that of the combination of the statistics over the resamples, times n/(n-1), as that of a mean
// over resamples of n units is too small.
func (p *Resampled) variance(weights []float64) (float64, error) {
	values, err := p.resampled(weights)
	if err != nil {
		return 0, err
	}
	centre(values)
	n := float64(p.units)
	return squares(values) / float64(len(values)-1) * n / (n - 1), nil
}

// distribution returns that of the combination of the statistics, from which intervals are taken.
func (p *Resampled) distribution(weights []float64) (*distribution, error) {
	values, err := p.resampled(weights)
	if err != nil {
		return nil, err
	}
	d := &distribution{units: p.units, level: p.bootstrap.Level, estimate: p.estimate(weights), values: values}
	slices.Sort(d.values)
	const rounding = 1e-12 // of combinations that are equal
	if d.values[len(d.values)-1]-d.values[0] < rounding {
		return nil, NoSpread
	}
	share := d.below(d.estimate)
	if share < leastBalance || share > 1-leastBalance {
		return nil, Unbalanced
	}
	d.bias = distuv.UnitNormal.Quantile(share)
	d.acceleration = acceleration(combine(weights, func(i int) []float64 { return p.left[i] }))
	return d, nil
}

// jackknife returns the values of a statistic of n units without each of them in turn, or without each of 1000
// groups where there are more units.
func jackknife(n int, s Statistic) []float64 {
	groups := min(n, jackknifeGroups)
	counts := once(n)
	set := func(group int, count int32) {
		for i := group; i < n; i += groups {
			counts[i] = count
		}
	}
	values := make([]float64, groups)
	for g := range groups {
		set(g, 0)
		values[g] = s(counts)
		set(g, 1)
	}
	return values
}
