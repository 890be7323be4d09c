package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// The reasons why correlations can't be compared.
const (
	FewForComparison Undefined = "fewer than 4 items"
	Impossible       Undefined = "no data have these three correlations"
	PerfectFit       Undefined = "a correlation of 1 or -1"
)

// DependentCorrelations are those of two models with human judgements of the
// same items, which are dependent: they share the judgements, and the models
// tend to be right and wrong on the same items. The tests of their difference are made
// for Pearson's correlation. For Spearman's, put in the correlations of the ranks:
// the tests keep about their level (Myers and Sirois, "Spearman correlation
// coefficients, differences between", 2006).
type DependentCorrelations struct {
	// First and Second are the correlations of the models with the
	// judgements, and Between that of the models with each other.
	First, Second, Between float64
	// N is the number of items.
	N int
}

// Dependent returns the correlations of two models' values with human
// judgements, by correlate: [Pearson] or [Spearman], whose error it returns.
func Dependent(human, first, second []float64, correlate func(x, y []float64) (float64, error)) (DependentCorrelations, error) {
	d := DependentCorrelations{N: len(human)}
	var err error
	for _, c := range []struct {
		x, y []float64
		r    *float64
	}{{human, first, &d.First}, {human, second, &d.Second}, {first, second, &d.Between}} {
		if *c.r, err = correlate(c.x, c.y); err != nil {
			return DependentCorrelations{}, err
		}
	}
	return d, nil
}

// determinant returns that of the matrix of the three correlations.
func (d DependentCorrelations) determinant() float64 {
	a, b, c := d.First, d.Second, d.Between
	return 1 - a*a - b*b - c*c + 2*a*b*c
}

// check returns why the correlations can't be compared.
func (d DependentCorrelations) check() error {
	const rounding = 1e-9
	switch {
	case d.N < 4:
		return FewForComparison
	case !(max(math.Abs(d.First), math.Abs(d.Second), math.Abs(d.Between)) <= 1), d.determinant() < -rounding:
		return Impossible
	}
	return nil
}

// Williams tests whether the correlations differ by Hotelling's t as modified
// by Williams ("The comparison of regression variables", 1959), which Steiger
// ("Tests for comparing elements of a correlation matrix", 1980, equation 7)
// recommends: with r₁, r₂ those with the judgements, r₁₂ that between the
// models, r̄ = (r₁+r₂)/2 and |R| the determinant of their matrix,
//
//	t = (r₁-r₂) √( (n-1)(1+r₁₂) / (2|R|(n-1)/(n-3) + r̄²(1-r₁₂)³) )
//
// has n-3 degrees of freedom. The error is an [Undefined].
func (d DependentCorrelations) Williams() (Test, error) {
	if err := d.check(); err != nil {
		return Test{}, err
	}
	n, mean := float64(d.N), (d.First+d.Second)/2
	test := Test{Name: "Williams", DF: n - 3}
	if d.First != d.Second {
		below := 2*max(0, d.determinant())*(n-1)/(n-3) + mean*mean*math.Pow(1-d.Between, 3)
		test.Statistic = (d.First - d.Second) * math.Sqrt((n-1)*(1+d.Between)/below)
	}
	test.P = 2 * distuv.StudentsT{Mu: 0, Sigma: 1, Nu: test.DF}.CDF(-math.Abs(test.Statistic))
	return test, nil
}

// DunnClark tests whether the correlations differ by the z of Dunn and Clark
// ("Correlation coefficients measured on the same individuals", 1969):
//
//	z = (atanh r₁ - atanh r₂) √(n-3) / √(2 - 2c)
//
// where c is the correlation of the two transformed values,
//
//	c = (r₁₂(1-r₁²-r₂²) - r₁r₂(1-r₁²-r₂²-r₁₂²)/2) / ((1-r₁²)(1-r₂²))
//
// The error is an [Undefined].
func (d DependentCorrelations) DunnClark() (Test, error) {
	return d.fisher("Dunn and Clark", d.First, d.Second)
}

// Steiger is [DependentCorrelations.DunnClark] with (r₁+r₂)/2 in the place of
// both in c, as the null hypothesis has them equal (Steiger 1980, equation
// 14). The error is an [Undefined].
func (d DependentCorrelations) Steiger() (Test, error) {
	mean := (d.First + d.Second) / 2
	return d.fisher("Steiger", mean, mean)
}

// fisher compares the correlations after Fisher's transformation, with the
// covariance that follows from the correlations a and b.
func (d DependentCorrelations) fisher(name string, a, b float64) (Test, error) {
	if err := d.check(); err != nil {
		return Test{}, err
	}
	if max(math.Abs(d.First), math.Abs(d.Second)) == 1 {
		return Test{}, PerfectFit
	}
	test := Test{Name: name}
	if d.First != d.Second {
		rest := 1 - a*a - b*b
		c := (d.Between*rest - a*b*(rest-d.Between*d.Between)/2) / ((1 - a*a) * (1 - b*b))
		test.Statistic = CohenQ(d.First, d.Second) * math.Sqrt(float64(d.N-3)) / math.Sqrt(max(0, 2-2*c))
	}
	test.P = 2 * distuv.UnitNormal.CDF(-math.Abs(test.Statistic))
	return test, nil
}
