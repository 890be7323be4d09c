package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// StudentT is the interval of a difference between systems by [Bootstrap.SeedTest].
const StudentT IntervalMethod = "Student's t"

// SeedTest compares two systems that were trained several times with other seeds, given the statistics of the models
// of each on the same n units, at least three in all. Models and items are both samples: the same systems with other
// seeds, or asked other items, would score otherwise. So the difference D of the mean scores has the variance
//
//	V = max(0, V_items - c W) + c S,   c = 1/k₁ + 1/k₂
//
// where k₁ and k₂ are the numbers of models, S is the variance of the models' scores about their system's mean
// with k₁+k₂-2 degrees of freedom, V_items that of D over resamples of the items, and W that over resamples of
// a model's deviation from its system's mean, which is the interaction of seeds and items: it is in S and in V_items
// both, and must be counted once. D/√V is taken for Student's t, with the degrees of freedom
//
//	V² / ( V_items²/(n-1) + (c W)²/((n-1)(k₁+k₂-2)) + (c S)²/(k₁+k₂-2) )
//
// of Satterthwaite ("An approximate distribution of estimates of variance components", 1946), and with k₁+k₂-2 where
// the first term of V is 0. This is the quasi-F of Clark ("The language-as-fixed-effect fallacy", 1973) for
// subjects, here models, within treatments, here systems, crossed with items; the components of a score that is no
// mean over items are estimated by the bootstrap.
//
// A system of one model is taken to vary with its seed as its opponent does.
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
