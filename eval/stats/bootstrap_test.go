package stats

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gonum.org/v1/gonum/stat/distuv"

	"kindred/eval/internal/evaltest"
)

// normals returns n pairs of normal deviates with the given correlation.
func normals(seed uint64, n int, r float64) (x, y []float64) {
	random := rand.New(rand.NewPCG(seed, 1))
	for range n {
		a, b := random.NormFloat64(), random.NormFloat64()
		x, y = append(x, a), append(y, r*a+math.Sqrt(1-r*r)*b)
	}
	return x, y
}

// spatial are the spatial test data, A, of Efron and Tibshirani (1993), table 14.1.
var spatial = []float64{48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41}

// varianceStatistic returns the mean of the squared deviations.
func varianceStatistic(x []float64) Statistic {
	return func(counts []int32) float64 {
		var n, sum, squares float64
		for i, c := range counts {
			n += float64(c)
			sum += float64(c) * x[i]
			squares += float64(c) * x[i] * x[i]
		}
		return squares/n - sum*sum/(n*n)
	}
}

// TestBCaPublished compares with Efron and Tibshirani (1993), chapter 14: the
// variance 171.5 of the spatial data has a = 0.061, z₀ = 0.146 and, at 90 %,
// the BCa interval (115.8, 259.6) and the percentile interval (100.8, 233.9).
// Theirs are from 2000 resamples, hence the tolerance.
func TestBCaPublished(t *testing.T) {
	s := varianceStatistic(spatial)
	if a := acceleration(jackknife(len(spatial), s)); math.Abs(a-0.061) > 0.0005 {
		t.Errorf("acceleration is %.4f, want 0.061", a)
	}
	d, err := Bootstrap{Resamples: 100_000}.Resample(len(spatial), s).distribution([]float64{1})
	if err != nil {
		t.Fatal(err)
	}
	i := d.within(distuv.UnitNormal.Quantile(0.95))
	for _, c := range []struct {
		name              string
		got, want, within float64
	}{
		{"estimate", d.estimate, 171.5, 0.05}, {"bias", d.bias, 0.146, 0.06},
		{"low", i.Low, 115.8, 4}, {"high", i.High, 259.6, 4},
		{"percentile 5", d.quantile(0.05), 100.8, 4}, {"percentile 95", d.quantile(0.95), 233.9, 4},
	} {
		if math.Abs(c.got-c.want) > c.within {
			t.Errorf("%s is %.3f, want %.3f ± %v", c.name, c.got, c.want, c.within)
		}
	}
	if i.Method != BCa {
		t.Errorf("method is %s", i.Method)
	}
}

// TestBCaAgainstScipy compares intervals with scipy.stats.bootstrap. It draws other resamples, so limits
// may differ by about an eighth of a standard error.
func TestBCaAgainstScipy(t *testing.T) {
	python := evaltest.PythonWith(t, "scipy.stats")
	type sample struct {
		X, Y []float64
		Rank bool
	}
	var input []sample
	for i, r := range []float64{0.9, 0.3, -0.6} {
		x, y := normals(uint64(i), 30+40*i, r)
		for j := range x {
			x[j] = math.Round(4*x[j]) / 4 // ties
		}
		input = append(input, sample{x, y, i != 0})
	}
	var want []struct{ Low, High, Error float64 }
	evaltest.RunPython(t, python, `
import json, sys
import numpy as np
from scipy import stats
def statistic(rank):
    def f(x, y, axis=-1):
        if rank:
            x, y = stats.rankdata(x, axis=axis), stats.rankdata(y, axis=axis)
        x = x - x.mean(axis=axis, keepdims=True)
        y = y - y.mean(axis=axis, keepdims=True)
        return (x * y).sum(axis=axis) / np.sqrt((x * x).sum(axis=axis) * (y * y).sum(axis=axis))
    return f
out = []
for s in json.load(sys.stdin):
    b = stats.bootstrap((s["X"], s["Y"]), statistic(s["Rank"]), paired=True, vectorized=True, n_resamples=10000, batch=5000,
        method="BCa", random_state=np.random.default_rng(7))
    out.append({"Low": b.confidence_interval.low, "High": b.confidence_interval.high, "Error": b.standard_error})
print(json.dumps(out))`, input, &want)
	for i, s := range input {
		statistic := PearsonStatistic(s.X, s.Y)
		if s.Rank {
			statistic = SpearmanStatistic(s.X, s.Y)
		}
		d, err := Bootstrap{Resamples: 40_000, Seed: 7}.Resample(len(s.X), statistic).distribution([]float64{1})
		if err != nil {
			t.Fatal(err)
		}
		got := d.within(distuv.UnitNormal.Quantile(0.975))
		within := 0.12 * want[i].Error
		if math.Abs(got.Low-want[i].Low) > within || math.Abs(got.High-want[i].High) > within {
			t.Errorf("sample %d, ranked %t: %+v, scipy %+v", i, s.Rank, got, want[i])
		}
	}
}

// TestIntervalsOfFewUnits: without bias and acceleration, the limits are at the quantiles of expanded
// percentile intervals, by scipy stats.norm.cdf(-math.sqrt(n / (n - 1)) * stats.t.ppf(.975, n - 1)).
func TestIntervalsOfFewUnits(t *testing.T) {
	for units, want := range map[int]float64{8: 0.005738, 20: 0.015881, 50: 0.021179} {
		d := &distribution{units: units, level: 0.95}
		for i := range 100_001 {
			d.values = append(d.values, float64(i)/100_000)
		}
		if i := d.interval(); math.Abs(i.Low-want) > 1e-5 || math.Abs(i.High-1+want) > 1e-5 {
			t.Errorf("%d units: the interval is %+v of the distribution, want %v and the same from above", units, i, want)
		}
	}
}

func TestBootstrapIsDeterministic(t *testing.T) {
	x, y := normals(3, 50, 0.5)
	interval := func(seed uint64) Interval {
		i, err := Bootstrap{Seed: seed}.Interval(len(x), SpearmanStatistic(x, y))
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	if interval(1) != interval(1) {
		t.Error("the same seed gives another interval")
	}
	if a, b := interval(1), interval(2); a == b || math.Abs(a.Low-b.Low) > 0.05 || math.Abs(a.High-b.High) > 0.05 {
		t.Errorf("seeds give %v and %v", a, b)
	}
}

func TestBootstrapUndefined(t *testing.T) {
	few := func(n int) ([]float64, []float64) { x, y := normals(1, n, 0); return x, y }
	rare := make([]float64, 20) // 36 % of the resamples leave out the one that differs
	rare[3] = 1
	same := slices.Repeat([]float64{1}, 20)
	x, y := few(20)
	tests := []struct {
		name string
		n    int
		s    Statistic
		want error
	}{
		{"few", 7, SpearmanStatistic(few(7)), TooFewUnits},
		{"constant", 20, SpearmanStatistic(x, same), NoValue},
		{"often constant", 20, SpearmanStatistic(x, rare), oftenNoValue},
		{"no spread", 20, RatioStatistic(same, same), NoSpread},
		{"enough", 20, PearsonStatistic(x, y), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if i, err := (Bootstrap{}).Interval(test.n, test.s); !errors.Is(err, test.want) {
				t.Errorf("%+v, %v, want error %v", i, err, test.want)
			}
		})
	}
}

// TestUnbalancedResamples has a statistic that is never above the estimate: the
// number of different units in the sample.
func TestUnbalancedResamples(t *testing.T) {
	distinct := func(counts []int32) float64 {
		n := 0.0
		for _, c := range counts {
			n += float64(min(c, 1))
		}
		return n
	}
	if i, err := (Bootstrap{}).Interval(30, distinct); !errors.Is(err, unbalanced) {
		t.Errorf("interval %+v, %v", i, err)
	}
}

// TestPercentileStandsIn has a statistic without a jackknife: it has no value of a sample with fewer
// units.
func TestPercentileStandsIn(t *testing.T) {
	x, y := normals(5, 40, 0.5)
	pearson := PearsonStatistic(x, y)
	full := func(counts []int32) float64 {
		n := int32(0)
		for _, c := range counts {
			n += c
		}
		if n < 40 {
			return math.NaN()
		}
		return pearson(counts)
	}
	d, err := Bootstrap{}.Resample(40, full).distribution([]float64{1})
	if err != nil {
		t.Fatal(err)
	}
	got, want := d.within(distuv.UnitNormal.Quantile(0.95)), Interval{d.quantile(0.05), d.quantile(0.95), Percentile}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Errorf("interval (-want +got):\n%s", diff)
	}
}

// TestAccelerationOfGroups: the mean of skewed values has a = skewness/(6 √n), whether
// units are left out one by one or in groups.
func TestAccelerationOfGroups(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{900, 5000} {
		var x []float64
		for range n {
			x = append(x, random.ExpFloat64())
		}
		ones := slices.Repeat([]float64{1}, n)
		got := acceleration(jackknife(n, RatioStatistic(x, ones)))
		center(x)
		var second, third float64
		for _, v := range x {
			second += v * v / float64(n)
			third += v * v * v / float64(n)
		}
		want := third / math.Pow(second, 1.5) / 6 / math.Sqrt(float64(n))
		if math.Abs(got-want) > 0.25*want {
			t.Errorf("acceleration of %d values is %.5f, want about %.5f", n, got, want)
		}
	}
}

func TestWilsonPublished(t *testing.T) {
	// Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I, method 3.
	for _, c := range []struct {
		successes, n int
		low, high    float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}, {29, 29, 0.8830, 1}} {
		got := WilsonInterval(c.successes, c.n, 0.95)
		if math.Abs(got.Low-c.low) > 5e-5 || math.Abs(got.High-c.high) > 5e-5 || got.Method != Wilson {
			t.Errorf("%d of %d: %+v, want %v to %v", c.successes, c.n, got, c.low, c.high)
		}
	}
}

func TestDifferenceOfEqualModels(t *testing.T) {
	x, y := normals(4, 60, 0.5)
	if d, err := (Bootstrap{}).Difference(60, SpearmanStatistic(x, y), SpearmanStatistic(x, y)); !errors.Is(err, NoSpread) {
		t.Errorf("a model differs from itself: %+v, %v", d, err)
	}
}

// TestDifferenceAgreesWithItsInterval: the p-value is below 1 - level if the interval excludes 0, and
// above it otherwise.
func TestDifferenceAgreesWithItsInterval(t *testing.T) {
	for seed := range uint64(40) {
		human, first := normals(seed, 80, 0.5)
		_, noise := normals(seed+100, 80, 0)
		second := make([]float64, len(first))
		for i := range second {
			second[i] = first[i] + noise[i]
		}
		for _, level := range []float64{0.8, 0.95} {
			d, err := Bootstrap{Level: level, Resamples: 1000, Seed: seed}.Difference(80, SpearmanStatistic(human, first), SpearmanStatistic(human, second))
			if err != nil {
				t.Fatal(err)
			}
			outside := d.Interval.Low > 0 || d.Interval.High < 0
			if borderline := math.Abs(d.P-(1-level)) < 0.005; outside != (d.P < 1-level) && !borderline {
				t.Errorf("seed %d: %+v at level %v", seed, d, level)
			}
		}
	}
}

func TestHolmPublished(t *testing.T) {
	tests := []struct{ p, want []float64 }{
		{nil, []float64{}},
		{[]float64{0.03}, []float64{0.03}},
		// By hand, and as R's p.adjust(p, "holm") has them: 4·0.005, 3·0.01, 2·0.03 and 0.04, which
		// may not be below it.
		{[]float64{0.01, 0.04, 0.03, 0.005}, []float64{0.03, 0.06, 0.06, 0.02}},
		{[]float64{0.01, 0.02, 0.03, 0.04, 0.05}, []float64{0.05, 0.08, 0.09, 0.09, 0.09}},
		{[]float64{0.5, 0.5, 1, 0}, []float64{1, 1, 1, 0}},
	}
	for _, test := range tests {
		got := Holm(test.p)
		if len(got) != len(test.want) {
			t.Fatalf("Holm(%v) = %v", test.p, got)
		}
		for i := range got {
			if math.Abs(got[i]-test.want[i]) > 1e-12 {
				t.Errorf("Holm(%v) = %v, want %v", test.p, got, test.want)
				break
			}
		}
	}
}

func TestEffectSizes(t *testing.T) {
	// Cohen (1988): example 4.1's kind, q of 0.50 and 0.30 is .549 - .310; table 6.2.2 has 1.571 and
	// 1.047 for .50 and .25.
	got := []float64{CohenQ(0.5, 0.3), CohenH(0.5, 0.25), CohenG(15, 5), CohenG(0, 0)}
	want := []float64{0.24, 0.524, 0.25, 0}
	for i := range got {
		got[i] = math.Round(got[i]*1000) / 1000
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("q, h, g (-want +got):\n%s", diff)
	}
}
