package stats

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// A Test is the outcome of a significance test.
type Test struct {
	// Name is the name of the test.
	Name string `json:"test"`
	// Statistic is the test statistic. If it has a sign, positive means that the first model is ahead.
	Statistic float64 `json:"statistic"`
	// DF is the number of degrees of freedom, 0 if the distribution has none.
	DF float64 `json:"df,omitempty"`
	// P is the two-sided p-value.
	P float64 `json:"p"`
}

// The reasons why correlations cannot be compared.
const (
	fewForComparison Undefined = "fewer than 4 items"
	impossible       Undefined = "no data have these three correlations"
	perfectFit       Undefined = "a correlation of 1 or -1"
)

// DependentCorrelations are the correlations of two models with human judgments of the same items. They
// are dependent: they share the judgments, and the models tend to be right and wrong on the same items.
// The tests of their difference assume Pearson's correlation. With Spearman's they keep about their
// level (Myers and Sirois, "Spearman correlation coefficients, differences between", 2006).
type DependentCorrelations struct {
	// First and Second are the correlations of the models with the judgments, and Between is that of the
	// models with each other.
	First, Second, Between float64
	// N is the number of items.
	N int
}

// Dependent returns the correlations of two models' values with human judgments. correlate is [Pearson]
// or [Spearman]; Dependent returns its error.
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

// determinant returns the determinant of the matrix of the three correlations.
func (d DependentCorrelations) determinant() float64 {
	a, b, c := d.First, d.Second, d.Between
	return 1 - a*a - b*b - c*c + 2*a*b*c
}

// check returns why the correlations cannot be compared.
func (d DependentCorrelations) check() error {
	const rounding = 1e-9
	switch {
	case d.N < 4:
		return fewForComparison
	case !(max(math.Abs(d.First), math.Abs(d.Second), math.Abs(d.Between)) <= 1), d.determinant() < -rounding:
		return impossible
	}
	return nil
}

// Williams tests whether the correlations differ, by Hotelling's t as modified by Williams ("The
// comparison of regression variables", 1959) and recommended by Steiger ("Tests for comparing elements
// of a correlation matrix", 1980, equation 7). With r₁, r₂ the correlations with the judgments, r₁₂ that
// between the models, r̄ = (r₁+r₂)/2 and |R| the determinant of their matrix,
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

// DunnClark tests whether the correlations differ, by the z of Dunn and Clark
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

// Steiger is [DependentCorrelations.DunnClark] with (r₁+r₂)/2 instead of r₁ and r₂ in c, since they are
// equal under the null hypothesis (Steiger 1980, equation 14). The error is an [Undefined].
func (d DependentCorrelations) Steiger() (Test, error) {
	mean := (d.First + d.Second) / 2
	return d.fisher("Steiger", mean, mean)
}

// fisher compares the correlations after Fisher's transformation. a and b are the correlations for the
// covariance.
func (d DependentCorrelations) fisher(name string, a, b float64) (Test, error) {
	if err := d.check(); err != nil {
		return Test{}, err
	}
	if max(math.Abs(d.First), math.Abs(d.Second)) == 1 {
		return Test{}, perfectFit
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

// exactBelow is the number of discordant questions below which [McNemar] uses the exact test, which is
// conservative.
const exactBelow = 25

// McNemar tests whether two models answer the same questions correctly equally often (McNemar, "Note on
// the sampling error of the difference between correlated proportions or percentages", 1947). Only
// discordant questions count: those that only the first model answers correctly, and those that only
// the second does. Under the null hypothesis each is of either sort with probability 1/2.
//
// Fewer than 25 discordant questions are tested by the binomial distribution: the p-value is twice the
// probability that the smaller count is as small or smaller, at most 1. More are tested with half of
// the probability of the observed counts (mid-p), which keeps closer to the nominal level and hardly
// ever exceeds it (Fagerland, Lydersen and Laake, "The McNemar test for binary matched-pairs data:
// mid-p and asymptotic are better than exact conditional", 2013). The test statistic is the first
// count.
//
// The test assumes independent questions. If questions share words, as analogies do, the p-value is
// too small; prefer [Bootstrap.Difference] over groups of questions. It panics if a count is negative.
func McNemar(onlyFirst, onlySecond int) Test {
	if onlyFirst+onlySecond < exactBelow {
		return mcnemarExact(onlyFirst, onlySecond)
	}
	return mcnemarMidP(onlyFirst, onlySecond)
}

// mcnemarExact is [McNemar] by the binomial distribution.
func mcnemarExact(onlyFirst, onlySecond int) Test {
	tail, _ := binomialTail(onlyFirst, onlySecond)
	return Test{Name: "McNemar, exact", Statistic: float64(onlyFirst), P: min(1, 2*tail)}
}

// mcnemarMidP is mcnemarExact with half of the probability of the observed counts.
func mcnemarMidP(onlyFirst, onlySecond int) Test {
	tail, own := binomialTail(onlyFirst, onlySecond)
	p := 2*tail - own
	switch {
	case onlyFirst+onlySecond == 0:
		p = 1
	case onlyFirst == onlySecond:
		p = 1 - own/2
	}
	return Test{Name: "McNemar, mid-p", Statistic: float64(onlyFirst), P: min(1, p)}
}

// McNemarChiSquare is [McNemar]'s original test without continuity correction: with many discordant
// questions, (b-c)²/(b+c) has about the chi-square distribution with one degree of freedom.
func McNemarChiSquare(onlyFirst, onlySecond int) Test {
	mustCount(onlyFirst, onlySecond)
	test := Test{Name: "McNemar, chi-square", DF: 1, P: 1}
	if n := float64(onlyFirst + onlySecond); n > 0 {
		d := float64(onlyFirst - onlySecond)
		test.Statistic = d * d / n
		test.P = 2 * distuv.UnitNormal.CDF(-math.Abs(d)/math.Sqrt(n))
	}
	return test
}

// binomialTail returns the probability that a binomial variable with probability 1/2 is at most the
// smaller of the counts, and the probability that it equals that count.
func binomialTail(b, c int) (tail, own float64) {
	mustCount(b, c)
	if b+c == 0 {
		return 1, 1
	}
	binomial := distuv.Binomial{N: float64(b + c), P: 0.5}
	least := float64(min(b, c))
	return binomial.CDF(least), binomial.Prob(least)
}

func mustCount(b, c int) {
	if b < 0 || c < 0 {
		panic(fmt.Sprintf("stats: McNemar's test of %d and %d questions", b, c))
	}
}

// Holm returns p-values corrected for their number by the step-down method of Holm ("A simple
// sequentially rejective multiple test procedure", 1979). With m of them in ascending order, the i-th
// becomes
//
//	max over j ≤ i of min(1, (m-j+1) p_j)
//
// Rejecting those below α has a probability of at most α of rejecting any true hypothesis, whatever
// their dependence, and rejects all that Bonferroni's correction does. It panics if a value is not
// between 0 and 1.
func Holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i, v := range p {
		if !(v >= 0 && v <= 1) {
			panic(fmt.Sprintf("stats: p-value %v", v))
		}
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(p[i], p[j]) })
	corrected := make([]float64, len(p))
	least := 0.0
	for rank, i := range order {
		least = max(least, min(1, float64(len(p)-rank)*p[i]))
		corrected[i] = least
	}
	return corrected
}

// CohenQ returns the effect size q of the difference of two correlations, atanh r₁ - atanh r₂ (Cohen,
// "Statistical power analysis for the behavioral sciences", 2nd edition 1988, chapter 4): 0.1 is small,
// 0.3 medium and 0.5 large. It is infinite if one of them is 1 or -1.
func CohenQ(r1, r2 float64) float64 { return math.Atanh(r1) - math.Atanh(r2) }

// CohenH returns the effect size h of the difference of two proportions, 2 asin √p₁ - 2 asin √p₂ (Cohen
// 1988, chapter 6): 0.2 is small, 0.5 medium and 0.8 large.
func CohenH(p1, p2 float64) float64 {
	return 2*math.Asin(math.Sqrt(p1)) - 2*math.Asin(math.Sqrt(p2))
}

// CohenG returns the effect size g of the difference of two models on the same questions: the first
// model's proportion of the discordant questions (see [McNemar]) less 1/2 (Cohen 1988, chapter 5). 0.05
// is small, 0.15 medium and 0.25 large. It is 0 if there are none.
func CohenG(onlyFirst, onlySecond int) float64 {
	if onlyFirst+onlySecond == 0 {
		return 0
	}
	return float64(onlyFirst)/float64(onlyFirst+onlySecond) - 0.5
}
