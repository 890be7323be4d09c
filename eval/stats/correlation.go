package stats

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// The reasons why a correlation is undefined.
const (
	TooFew    Undefined = "fewer than two values"
	ConstantX Undefined = "all values of the first variable are equal"
	ConstantY Undefined = "all values of the second variable are equal"
	notFinite Undefined = "a value is NaN or infinite"
	allEqual  Undefined = "all values are equal"
)

// MeanRanks returns the ranks 1..len(x) of the values of x in ascending order. Equal values share the
// mean of the ranks they occupy, so the ranks always add up to n(n+1)/2 (Kendall, "The treatment of
// ties in ranking problems", 1945). NaN ranks below every number and equals itself.
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
// (Pearson, Proc. R. Soc. 58, 1895), between -1 and 1. Two passes, the means first, keep the digits that
// the one-pass formula loses if the mean is large beside the spread (Chan, Golub and LeVeque,
// "Algorithms for computing the sample variance", 1983). The error is an [Undefined]. It panics if the
// lengths differ.
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

// Spearman returns the rank correlation of the pairs (x[i], y[i]), the [Pearson] correlation of their
// [MeanRanks] (Spearman, "The proof and measurement of association between two things", 1904). This
// definition holds with ties; the short formula 1 - 6Σd²/(n(n²-1)) does not. The error is an
// [Undefined]. It panics if the lengths differ.
func Spearman(x, y []float64) (float64, error) {
	if !allFinite(x) || !allFinite(y) {
		return 0, notFinite
	}
	return Pearson(MeanRanks(x), MeanRanks(y))
}

// deviations returns the differences of the values from their mean. They are scaled, exactly, by a
// power of two that brings the largest value near 1, so squares neither overflow nor vanish. The mean is
// subtracted twice, the second time to remove what rounding left of it. The error is constant if all
// values are equal.
func deviations(x []float64, constant Undefined) ([]float64, error) {
	if !allFinite(x) {
		return nil, notFinite
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
	center(scaled)
	center(scaled)
	return scaled, nil
}

// allFinite reports whether no value is NaN or infinite.
func allFinite(x []float64) bool {
	return !slices.ContainsFunc(x, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
}

// Skewness returns the mean of ((x - x̄)/σ)³, where σ is the standard deviation with divisor n: 0 for
// values that are spread evenly about their mean, and positive if a few are far above it. The error
// is an [Undefined].
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
		return 0, allEqual
	}
	return third / math.Pow(second, 1.5), nil
}

// PearsonStatistic returns [Pearson] as a statistic of samples of the pairs (x[i], y[i]), which must be
// finite. It panics if the lengths differ.
func PearsonStatistic(x, y []float64) Statistic {
	mustPair(len(x), len(y))
	x, y = slices.Clone(x), slices.Clone(y)
	center(x) // keeps the digits of the one-pass formula
	center(y)
	return func(counts []int32) float64 {
		var n, sx, sy, xx, yy, xy float64
		for i, c := range counts {
			w := float64(c)
			wx, wy := w*x[i], w*y[i]
			n += w
			sx += wx
			sy += wy
			xx += wx * x[i]
			yy += wy * y[i]
			xy += wx * y[i]
		}
		const rounding = 1e-12
		vx, vy := xx-sx*sx/n, yy-sy*sy/n
		if !(vx > rounding*xx && vy > rounding*yy) { // all equal, or no pair
			return math.NaN()
		}
		return max(-1, min(1, (xy-sx*sy/n)/math.Sqrt(vx*vy)))
	}
}

// SpearmanStatistic returns [Spearman] as a statistic of samples of the pairs (x[i], y[i]), which must
// be finite. It ranks each sample again, in time proportional to its size. It panics if the lengths
// differ.
func SpearmanStatistic(x, y []float64) Statistic {
	mustPair(len(x), len(y))
	xTies, yTies := sortTies(x), sortTies(y)
	rank := make([]float64, len(x)) // of x, less the mean rank
	return func(counts []int32) float64 {
		total := int32(0)
		for _, c := range counts {
			total += c
		}
		mean := float64(total+1) / 2
		var xx, yy, xy float64
		before := int32(0) // values below the present ones
		for _, ties := range xTies {
			equal := int32(0)
			for _, i := range ties {
				equal += counts[i]
			}
			d := float64(before) + float64(equal+1)/2 - mean
			for _, i := range ties {
				rank[i] = d
			}
			xx += float64(equal) * d * d
			before += equal
		}
		before = 0
		for _, ties := range yTies {
			equal, sum := int32(0), 0.0
			for _, i := range ties {
				equal += counts[i]
				sum += float64(counts[i]) * rank[i]
			}
			d := float64(before) + float64(equal+1)/2 - mean
			yy += float64(equal) * d * d
			xy += sum * d
			before += equal
		}
		if xx == 0 || yy == 0 {
			return math.NaN()
		}
		return max(-1, min(1, xy/math.Sqrt(xx*yy)))
	}
}

// sortTies returns the indexes of x in ascending order of their values, grouped by equal values.
func sortTies(x []float64) [][]int32 {
	order := make([]int32, len(x))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(i, j int32) int { return cmp.Compare(x[i], x[j]) })
	var groups [][]int32
	for start := 0; start < len(order); {
		end := start + 1
		for end < len(order) && x[order[end]] == x[order[start]] {
			end++
		}
		groups = append(groups, order[start:end])
		start = end
	}
	return groups
}
