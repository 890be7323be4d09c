package stats

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"kindred/internal/random"
)

const (
	// DefaultResamples is the number of resamples if none is given. Efron (1987) finds 1000 the least for
	// BCa, whose limits lie farther out than the percentiles.
	DefaultResamples = 2000
	// DefaultLevel is the confidence level if none is given.
	DefaultLevel = 0.95
	// minUnits is the number of units that a bootstrap needs. 8 units have 6435 different resamples;
	// fewer do not fill the tails.
	minUnits = 8
	// jackknifeGroups is the largest number of samples of the jackknife. More units are left out in
	// groups, which have the same acceleration.
	jackknifeGroups = 1000
	// leastBalance is the least proportion of resampled values on either side of the estimate. Below it,
	// z₀ cannot be trusted.
	leastBalance = 0.1
	// mostUndefined is the proportion of resamples that may have no value.
	mostUndefined = 0.05
)

// The reasons why a bootstrap has no interval.
const (
	NoValue      Undefined = "the score has no value"
	TooFewUnits  Undefined = "fewer than 8 independent items to resample"
	NoSpread     Undefined = "all resamples have the same score"
	unbalanced   Undefined = "more than 90 % of the resamples are on one side of the score"
	oftenNoValue Undefined = "more than 5 % of the resamples have no score"
)

// A Bootstrap says how to find confidence intervals by resampling. It draws as many units as there are,
// with replacement. The spread of a statistic over many such resamples estimates its spread over
// samples from the population (Efron, "Bootstrap methods: another look at the jackknife", 1979).
type Bootstrap struct {
	// Resamples is the number of resamples, 0 for [DefaultResamples].
	Resamples int
	// Level is the confidence level between 0 and 1, 0 for [DefaultLevel].
	Level float64
	// Seed seeds the random numbers. The same seed gives the same resamples of a number of units.
	Seed uint64
}

func (b Bootstrap) withDefaults() Bootstrap {
	if b.Resamples == 0 {
		b.Resamples = DefaultResamples
	}
	if b.Level == 0 {
		b.Level = DefaultLevel
	}
	if b.Resamples < 1 || !(b.Level > 0 && b.Level < 1) {
		panic(fmt.Sprintf("stats: bootstrap of %d resamples at level %v", b.Resamples, b.Level))
	}
	return b
}

// Interval returns the bias-corrected and accelerated (BCa) confidence interval of a statistic of n
// units (Efron, "Better bootstrap confidence intervals", 1987; Efron and Tibshirani, "An introduction
// to the bootstrap", 1993, section 14.3). Its limits are the quantiles of the resampled values at
//
//	Φ(z₀ + (z₀+z)/(1 - a(z₀+z))),   z = Φ⁻¹((1±level)/2)
//
// z₀ = Φ⁻¹(proportion of resampled values below the estimate; equal ones count half) corrects for bias.
// The acceleration a corrects for a spread that depends on the value; see acceleration. With
// z₀ = a = 0 the limits are percentiles.
//
// Resamples of few units vary too little, by √((n-1)/n), and how much they vary is uncertain. So z is
// not the normal quantile but √(n/(n-1)) times that of Student's t with n-1 degrees of freedom
// (Hesterberg, "What teachers should know about the bootstrap", 2015): 2.53 instead of 1.96 for 8
// units, 1.97 for 353.
//
// The error is an [Undefined]. It panics if Resamples or Level are out of range.
func (b Bootstrap) Interval(n int, s Statistic) (Interval, error) {
	return b.Resample(n, s).Interval(0)
}

// ProportionInterval is Interval for a statistic between 0 and 1, such as an accuracy. If it is 0, or
// 1, in every resample, the interval is Wilson's for as many answers as there are units, since answers
// within a unit are not independent.
func (b Bootstrap) ProportionInterval(n int, s Statistic) (Interval, error) {
	return b.Resample(n, s).ProportionInterval(0)
}

// A distribution holds the values of a statistic in resamples.
type distribution struct {
	units    int
	level    float64 // of its interval
	estimate float64
	values   []float64 // sorted
	// bias and acceleration are z₀ and a, which may be NaN.
	bias, acceleration float64
}

// below returns the proportion of values below x. Equal ones count half.
func (d *distribution) below(x float64) float64 {
	const rounding = 1e-12
	low, _ := slices.BinarySearch(d.values, x-rounding)
	high, _ := slices.BinarySearch(d.values, x+rounding)
	return float64(low+high) / 2 / float64(len(d.values))
}

// interval returns the confidence interval.
func (d *distribution) interval() Interval {
	n := float64(d.units)
	return d.within(math.Sqrt(n/(n-1)) * distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile((1+d.level)/2))
}

// within returns the interval between the normal quantiles -z and z.
func (d *distribution) within(z float64) Interval {
	method := BCa
	low, ok1 := d.correct(-z)
	high, ok2 := d.correct(z)
	if !ok1 || !ok2 {
		method, low, high = Percentile, distuv.UnitNormal.CDF(-z), distuv.UnitNormal.CDF(z)
	}
	return Interval{Low: d.quantile(low), High: d.quantile(high), Method: method}
}

// correct returns the probability of the quantile that BCa takes for the normal quantile z, and
// whether it has a value.
func (d *distribution) correct(z float64) (float64, bool) {
	below := 1 - d.acceleration*(d.bias+z)
	if !(below > 0) {
		return 0, false
	}
	return distuv.UnitNormal.CDF(d.bias + (d.bias+z)/below), true
}

// quantile returns the value at probability p, by linear interpolation between order statistics (type 7
// of Hyndman and Fan 1996).
func (d *distribution) quantile(p float64) float64 {
	position := p * float64(len(d.values)-1)
	i := min(int(position), len(d.values)-2)
	return d.values[i] + (position-float64(i))*(d.values[i+1]-d.values[i])
}

// acceleration returns the acceleration of a statistic from the values of its jackknife, which it
// overwrites:
//
//	a = Σ(θ̄ - θᵢ)³ / (6 (Σ(θ̄ - θᵢ)²)^(3/2))
//
// Here θᵢ is the statistic without unit i and θ̄ the mean of these (Efron and Tibshirani 1993, equation
// 14.15). More than 1000 units are left out in 1000 groups. It is NaN if some θᵢ has no value or all
// are equal.
func acceleration(values []float64) float64 {
	center(values)
	var second, third float64
	for _, v := range values {
		second += v * v
		third -= v * v * v
	}
	return third / (6 * math.Pow(second, 1.5)) // 0/0 is NaN
}

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

// Resample draws the resamples of n units and computes all statistics on each. It does not resample
// fewer than minUnits units: then there are only estimates.
func (b Bootstrap) Resample(n int, statistics ...Statistic) *Resampled {
	b = b.withDefaults()
	p := &Resampled{bootstrap: b, units: n}
	counts := once(n)
	for _, s := range statistics {
		p.estimates = append(p.estimates, s(counts))
	}
	if n < minUnits {
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

// combine returns the weighted sums of the values. A value with weight 0 does not count, even if it is
// NaN.
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

// resampled returns the combination of the statistics in each resample in which it has a value, unless
// too many have none.
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
		return nil, oftenNoValue
	}
	return values, nil
}

// variance returns the variance of the combination over the resamples, times n/(n-1): the variance of a
// mean over resamples of n units is too small by that factor.
func (p *Resampled) variance(weights []float64) (float64, error) {
	values, err := p.resampled(weights)
	if err != nil {
		return 0, err
	}
	center(values)
	n := float64(p.units)
	return squares(values) / float64(len(values)-1) * n / (n - 1), nil
}

// distribution returns the distribution of the combination over the resamples.
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
		return nil, unbalanced
	}
	d.bias = distuv.UnitNormal.Quantile(share)
	d.acceleration = acceleration(combine(weights, func(i int) []float64 { return p.left[i] }))
	return d, nil
}

// jackknife returns the values of a statistic of n units without each of them in turn, or without each
// of 1000 groups if there are more units.
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
