package stats

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Undefined is the error of a statistic that has no value for the data it
// was given; its text says why.
type Undefined string

func (u Undefined) Error() string { return string(u) }

// The reasons why a correlation is undefined.
const (
	TooFew    Undefined = "fewer than two values"
	ConstantX Undefined = "all values of the first variable are equal"
	ConstantY Undefined = "all values of the second variable are equal"
	NotFinite Undefined = "a value is NaN or infinite"
	Equal     Undefined = "all values are equal"
)

// MeanRanks returns the ranks 1..len(x) of the values of x in ascending
// order. Equal values share the mean of the ranks they occupy (fractional
// ranking), so that the ranks always add up to n(n+1)/2; see Kendall, "The
// treatment of ties in ranking problems", Biometrika 33 (1945). NaN ranks
// below every number and equals itself.
func MeanRanks(x []float64) []float64 {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(x[i], x[j]) })
	ranks := make([]float64, len(x))
	for start := 0; start < len(order); {
		end := start + 1
		for end < len(order) && cmp.Compare(x[order[start]], x[order[end]]) == 0 {
			end++
		}
		mean := float64(start+1+end) / 2 // of the ranks start+1 .. end
		for _, i := range order[start:end] {
			ranks[i] = mean
		}
		start = end
	}
	return ranks
}

// Pearson returns the product-moment correlation of the pairs (x[i], y[i]),
//
//	r = Σ(x-x̄)(y-ȳ) / √( Σ(x-x̄)² Σ(y-ȳ)² )
//
// (Pearson, Proc. R. Soc. 58, 1895), between -1 and 1. It is computed in two
// passes, the means first, which keeps the digits that the one-pass formula
// loses where the mean is large beside the spread (Chan, Golub and LeVeque,
// "Algorithms for computing the sample variance", 1983). The error is an
// [Undefined]. It panics where the lengths differ.
func Pearson(x, y []float64) (float64, error) {
	if len(x) != len(y) {
		panic(fmt.Sprintf("stats: correlation of %d and %d values", len(x), len(y)))
	}
	if len(x) < 2 {
		return 0, TooFew
	}
	dx, err := deviations(x, ConstantX)
	if err != nil {
		return 0, err
	}
	dy, err := deviations(y, ConstantY)
	if err != nil {
		return 0, err
	}
	var xx, yy, xy float64
	for i := range dx {
		xx += dx[i] * dx[i]
		yy += dy[i] * dy[i]
		xy += dx[i] * dy[i]
	}
	r := xy / (math.Sqrt(xx) * math.Sqrt(yy))
	return min(1, max(-1, r)), nil // rounding may carry it past the bounds
}

// Spearman returns the rank correlation of the pairs (x[i], y[i]): the
// [Pearson] correlation of their [MeanRanks], which is the definition that
// holds with ties (Spearman, "The proof and measurement of association
// between two things", 1904; the short formula 1 - 6Σd²/(n(n²-1)) equals it
// without ties only). The error is an [Undefined]. It panics where the
// lengths differ.
func Spearman(x, y []float64) (float64, error) {
	if !allFinite(x) || !allFinite(y) {
		return 0, NotFinite
	}
	return Pearson(MeanRanks(x), MeanRanks(y))
}

// deviations returns the differences of the values from their mean, all
// times one power of two that brings the largest value near 1: exact, and
// squares neither overflow nor vanish. The mean is taken away twice, the second
// time what rounding left of it. It returns constant as the error where all
// values are equal.
func deviations(x []float64, constant Undefined) ([]float64, error) {
	if !allFinite(x) {
		return nil, NotFinite
	}
	low, high := slices.Min(x), slices.Max(x)
	if low == high {
		return nil, constant
	}
	_, exponent := math.Frexp(max(math.Abs(low), math.Abs(high)))
	scaled := make([]float64, len(x))
	for i, v := range x {
		scaled[i] = math.Ldexp(v, -exponent)
	}
	centre(scaled)
	centre(scaled)
	return scaled, nil
}

// centre takes the mean of x away from each of its values.
func centre(x []float64) {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	mean := sum / float64(len(x))
	for i := range x {
		x[i] -= mean
	}
}

// allFinite reports whether no value is NaN or infinite.
func allFinite(x []float64) bool {
	return !slices.ContainsFunc(x, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
}

// Skewness returns the mean of ((x - x̄)/σ)³, where σ is the standard deviation with divisor n: 0 for
// values that are spread evenly about their mean, and positive if a few are far above it. The error
// is [Equal].
func Skewness(x []float64) (float64, error) {
	n, sum := float64(len(x)), 0.0
	for _, v := range x {
		sum += v
	}
	mean := sum / n
	var second, third float64
	for _, v := range x {
		d := v - mean
		second += d * d / n
		third += d * d * d / n
	}
	if second == 0 {
		return 0, Equal
	}
	return third / math.Pow(second, 1.5), nil
}
