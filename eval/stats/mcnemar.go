package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// exactBelow is the number of discordant questions from which [McNemar] no
// longer takes the exact test, which is conservative.
const exactBelow = 25

// McNemar tests whether two models answer the same questions right equally
// often (McNemar, "Note on the sampling error of the difference between
// correlated proportions or percentages", 1947). What counts are the
// discordant questions: those that only the first answers right, and those
// that only the second does. Under the null hypothesis each is of either sort
// with probability 1/2.
//
// It is [McNemarExact] for fewer than 25 discordant questions and
// [McNemarMidP] for more. All of these take questions to be independent. Where
// they share words, as analogies do, the p-values are too small, and
// [Bootstrap.Difference] over groups of them is to be preferred. They panic where a count is negative.
func McNemar(onlyFirst, onlySecond int) Test {
	if onlyFirst+onlySecond < exactBelow {
		return McNemarExact(onlyFirst, onlySecond)
	}
	return McNemarMidP(onlyFirst, onlySecond)
}

// McNemarExact is [McNemar] by the binomial distribution: the p-value is twice
// the probability that the smaller count is as small or smaller, at most 1. The
// test statistic is the first count.
func McNemarExact(onlyFirst, onlySecond int) Test {
	tail, _ := binomialTail(onlyFirst, onlySecond)
	return Test{Name: "McNemar, exact", Statistic: float64(onlyFirst), P: min(1, 2*tail)}
}

// McNemarMidP is [McNemarExact] with the observed counts' own probability
// taken half, which keeps closer to the nominal level, and hardly ever exceeds it
// (Fagerland, Lydersen and Laake, "The McNemar test for binary matched-pairs
// data: mid-p and asymptotic are better than exact conditional", 2013).
func McNemarMidP(onlyFirst, onlySecond int) Test {
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

// McNemarChiSquare is [McNemar]'s original test without continuity
// correction: (b-c)²/(b+c) has about the chi-square distribution with one
// degree of freedom where there are many discordant questions.
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

// binomialTail returns the probability that a binomial variable with
// probability 1/2 is at most the smaller of the counts, and that it is equal to it.
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
