package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// A Difference is that between the scores of two models on the same items.
type Difference struct {
	// Estimate is the first score less the second, Interval its confidence
	// interval.
	Estimate float64
	Interval Interval
	// P is the two-sided p-value: 1 less the highest level at which the
	// interval leaves out 0. It is never below 1/(resamples+1).
	P float64
}

// Difference compares two statistics of the same n units by the paired
// bootstrap: both are taken of the same resamples, so that what makes a unit
// hard for both models cancels out (Efron and Tibshirani 1993, chapters 8
// and 16; for systems on the same test set, Koehn, "Statistical significance
// tests for machine translation evaluation", 2004). The interval is by
// [Bootstrap.Interval], and the p-value inverts it: with F the resampled
// distribution of the difference and w = Φ⁻¹(F(0)) - z₀,
//
//	P = 2 F_t(-|z| √((n-1)/n)),   z = w/(1 + a w) - z₀
//
// where F_t is the distribution function of Student's t with n-1 degrees of freedom.
//
// The error is an [Undefined]; two models that answer everything alike have
// no difference at all, which is [NoSpread].
func (b Bootstrap) Difference(n int, first, second Statistic) (Difference, error) {
	return b.Resample(n, first, second).Difference([]int{0}, []int{1})
}

// difference returns what the distribution says of a difference.
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
