package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// A Difference is the difference of two statistics of the same units.
type Difference struct {
	// Estimate is the first statistic less the second, and Interval its confidence interval.
	Estimate float64
	Interval Interval
	// P is the two-sided p-value: 1 less the highest level at which the interval excludes 0. It is never
	// below 1/(resamples+1).
	P float64
}

// Difference compares two statistics of the same n units by the paired bootstrap. Both are computed on
// the same resamples, so what makes a unit hard for both models cancels out (Efron and Tibshirani 1993,
// chapters 8 and 16; for systems on the same test set, Koehn, "Statistical significance tests for
// machine translation evaluation", 2004). The interval is that of [Bootstrap.Interval], and the
// p-value inverts it: with F the resampled distribution of the difference and w = Φ⁻¹(F(0)) - z₀,
//
//	P = 2 F_t(-|z| √((n-1)/n)),   z = w/(1 + a w) - z₀
//
// where F_t is the distribution function of Student's t with n-1 degrees of freedom.
//
// The error is an [Undefined]. It is [NoSpread] for two models that answer everything alike.
func (b Bootstrap) Difference(n int, first, second Statistic) (Difference, error) {
	return b.Resample(n, first, second).Difference([]int{0}, []int{1})
}

// difference returns the difference whose distribution d is.
func (d *distribution) difference() Difference {
	return Difference{Estimate: d.estimate, Interval: d.interval(), P: d.p()}
}

// p returns the two-sided p-value of a true value of 0.
func (d *distribution) p() float64 {
	n := float64(len(d.values))
	share := (d.below(0)*n + 0.5) / (n + 1) // neither 0 nor 1
	z := distuv.UnitNormal.Quantile(share)
	w := z - d.bias
	if below := 1 + d.acceleration*w; below > 0 {
		z = w/below - d.bias
	}
	units := float64(d.units)
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: units - 1}
	return math.Min(1, max(2*t.CDF(-math.Abs(z)*math.Sqrt((units-1)/units)), 1/(n+1)))
}

// SeedTest compares two systems that were trained with several seeds, given the statistics of the models
// of each on the same n units, at least three models in all. Models and items are both samples: other
// seeds, or other items, would give other scores. So the difference D of the mean scores has the
// variance
//
//	V = max(0, V_items - c W) + c S,   c = 1/k₁ + 1/k₂
//
// Here k₁ and k₂ are the numbers of models. S is the variance of the models' scores about the mean of
// their system, with k₁+k₂-2 degrees of freedom. V_items is the variance of D over resamples of the
// items. W is the variance, over resamples, of a model's deviation from its system's mean: the
// interaction of seeds and items, which is part of both S and V_items and must be counted once. D/√V is
// compared with Student's t, with the degrees of freedom
//
//	V² / ( V_items²/(n-1) + (c W)²/((n-1)(k₁+k₂-2)) + (c S)²/(k₁+k₂-2) )
//
// of Satterthwaite ("An approximate distribution of estimates of variance components", 1946), or
// k₁+k₂-2 if the first term of V is 0. This is the quasi-F of Clark ("The language-as-fixed-effect
// fallacy", 1973) for subjects (models) within treatments (systems) crossed with items. The bootstrap
// estimates the components, also of scores that are not means over items.
//
// A system of one model is assumed to vary with its seed as the other system does.
//
// The error is an [Undefined].
func (b Bootstrap) SeedTest(n int, first, second []Statistic) (Difference, Test, error) {
	all := slices.Concat(first, second)
	numbers := make([]int, len(all))
	for i := range numbers {
		numbers[i] = i
	}
	return b.Resample(n, all...).SeedTest(numbers[:len(first)], numbers[len(first):])
}

// SeedTest is [Bootstrap.SeedTest] of two groups of statistics.
func (p *Resampled) SeedTest(first, second []int) (Difference, Test, error) {
	difference := less(p.mean(first), p.mean(second))
	items, err := p.variance(difference)
	if err != nil {
		return Difference{}, Test{}, err
	}
	var seeds, interaction float64
	for _, group := range [][]int{first, second} {
		if len(group) == 1 {
			continue // it doesn't deviate from itself
		}
		for _, i := range group {
			deviation := less(p.mean([]int{i}), p.mean(group))
			v, err := p.variance(deviation)
			if err != nil {
				return Difference{}, Test{}, err
			}
			interaction += v
			d := p.estimate(deviation)
			seeds += float64(d * d)
		}
	}
	k1, k2 := float64(len(first)), float64(len(second))
	c, free := 1/k1+1/k2, k1+k2-2
	seeds, interaction = c*seeds/free, c*interaction/free
	own := max(0, items-interaction)
	v, df := own+seeds, free
	const rounding = 1e-12
	if v < rounding*rounding {
		return Difference{}, Test{}, NoSpread
	}
	if own > 0 {
		units := float64(p.units - 1)
		df = v * v / (items*items/units + interaction*interaction/(units*free) + seeds*seeds/free)
		df = max(df, min(units, free)) // the formula has no floor where terms are subtracted
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}
	d := Difference{Estimate: p.estimate(difference)}
	half := t.Quantile((1+p.bootstrap.Level)/2) * math.Sqrt(v)
	d.Interval = Interval{Low: d.Estimate - half, High: d.Estimate + half, Method: StudentT}
	test := Test{Name: "t over seeds and items", Statistic: d.Estimate / math.Sqrt(v), DF: df}
	test.P = 2 * t.CDF(-math.Abs(test.Statistic))
	d.P = test.P
	return d, test, nil
}
