package stats

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

const (
	// DefaultResamples is the number of resamples where none is given: Efron
	// (1987) finds 1000 the least for BCa, whose limits lie farther out than
	// the percentiles.
	DefaultResamples = 2000
	// DefaultLevel is the confidence level where none is given.
	DefaultLevel = 0.95
	// MinUnits is the number of units that a bootstrap needs: 8 have 6435
	// different resamples, fewer don't fill the tails.
	MinUnits = 8
	// jackknifeGroups is the largest number of samples of the jackknife. More units are
	// left out in groups, which have the same acceleration.
	jackknifeGroups = 1000
	// leastBalance is the least share of resampled values on either side of
	// the estimate: z₀ is not to be trusted beyond it.
	leastBalance = 0.1
	// mostUndefined is the share of resamples that may be without a value.
	mostUndefined = 0.05
)

// The reasons why a bootstrap has no interval.
const (
	NoValue      Undefined = "the score has no value"
	TooFewUnits  Undefined = "fewer than 8 independent items to resample"
	NoSpread     Undefined = "all resamples have the same score"
	Unbalanced   Undefined = "more than 90 % of the resamples are on one side of the score"
	OftenNoValue Undefined = "more than 5 % of the resamples have no score"
)

// An IntervalMethod says how a confidence interval was found.
type IntervalMethod string

// The methods of intervals.
const (
	// BCa is the bias-corrected and accelerated bootstrap.
	BCa IntervalMethod = "BCa"
	// Percentile is the plain bootstrap, which stands in for [BCa] where the
	// acceleration has no value, or too large a one.
	Percentile IntervalMethod = "percentile"
	// Wilson is the interval of a proportion by [WilsonInterval], for
	// accuracies of 0 and 1, of which resamples say nothing.
	Wilson IntervalMethod = "Wilson"
)

// An Interval is a confidence interval.
type Interval struct {
	Low, High float64
	Method    IntervalMethod
}

// A Bootstrap says how confidence intervals are found by resampling: units
// are drawn with replacement, as many as there are, and the statistic's spread over many
// such resamples stands for that over samples from the population (Efron,
// "Bootstrap methods: another look at the jackknife", 1979).
type Bootstrap struct {
	// Resamples is the number of resamples, 0 for [DefaultResamples].
	Resamples int
	// Level is the confidence level between 0 and 1, 0 for [DefaultLevel].
	Level float64
	// Seed starts the random numbers: with the same seed the resamples of a
	// number of units are the same.
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

// Interval returns the BCa confidence interval of a statistic of n units
// (Efron, "Better bootstrap confidence intervals", 1987; Efron and Tibshirani,
// "An introduction to the bootstrap", 1993, section 14.3). Its limits are the quantiles of
// the resampled values at
//
//	Φ(z₀ + (z₀+z)/(1 - a(z₀+z))),   z = Φ⁻¹((1±level)/2)
//
// where z₀ = Φ⁻¹(share of resampled values below the estimate, equal ones
// counting half) corrects for bias, and the acceleration a for a spread that
// depends on the value; see [Acceleration]. With z₀ = a = 0 they are the
// percentiles.
//
// Resamples of few units vary too little, by √((n-1)/n), and how much they vary is itself uncertain. So z is
// not the normal quantile but, as Hesterberg ("What teachers should know about the bootstrap", 2015) expands percentiles,
// √(n/(n-1)) times that of Student's t with n-1 degrees of freedom: for 8 units 2.53 in the place of 1.96, for 353
// units 1.97.
//
// The error is an [Undefined]. It panics where Resamples or Level are out of range.
func (b Bootstrap) Interval(n int, s Statistic) (Interval, error) {
	return b.Resample(n, s).Interval(0)
}

// ProportionInterval is Interval for a statistic between 0 and 1, such as an accuracy. If it is 0, or
// 1, in every resample, the interval is Wilson's for as many answers as there are units: answers
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
	// bias and acceleration are z₀ and a, which is NaN where it has no value.
	bias, acceleration float64
}

// below returns the share of values below x, those equal counting half.
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

// correct returns the probability at which BCa reads the quantile for the
// normal quantile z, and whether it has a value.
func (d *distribution) correct(z float64) (float64, bool) {
	below := 1 - d.acceleration*(d.bias+z)
	if !(below > 0) {
		return 0, false
	}
	return distuv.UnitNormal.CDF(d.bias + (d.bias+z)/below), true
}

// quantile returns the value at probability p, by linear interpolation
// between the order statistics (type 7 of Hyndman and Fan 1996).
func (d *distribution) quantile(p float64) float64 {
	position := p * float64(len(d.values)-1)
	i := min(int(position), len(d.values)-2)
	return d.values[i] + (position-float64(i))*(d.values[i+1]-d.values[i])
}

// Acceleration returns the acceleration of a statistic of n units by the jackknife,
//
//	a = Σ(θ̄ - θᵢ)³ / (6 (Σ(θ̄ - θᵢ)²)^(3/2))
//
// where θᵢ is the statistic without unit i and θ̄ the mean of these (Efron and
// Tibshirani 1993, equation 14.15). Of more than 1000 units, 1000 groups are left out in
// turn. It is NaN where some θᵢ has no value or all are equal.
func Acceleration(n int, s Statistic) float64 { return acceleration(jackknife(n, s)) }

// acceleration returns that of the values of a jackknife, which it uses up.
func acceleration(values []float64) float64 {
	centre(values)
	var second, third float64
	for _, v := range values {
		second += v * v
		third -= v * v * v
	}
	return third / (6 * math.Pow(second, 1.5)) // 0/0 is NaN
}
