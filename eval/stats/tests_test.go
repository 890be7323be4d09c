package stats

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"kindred/eval/internal/evaltest"
)

func TestDependentCorrelationsPublished(t *testing.T) {
	const any = math.MaxFloat64 // no value published
	tests := []struct {
		name         string
		d            DependentCorrelations
		test         func(DependentCorrelations) (Test, error)
		statistic, p float64
		within       float64
	}{
		// Silver, Hittner and May, "A FORTRAN 77 program for comparing dependent correlations" (2006).
		{"Williams", DependentCorrelations{.3, .4, .5, 100}, DependentCorrelations.Williams, -1.0767, 0.2843, 5e-5},
		{"Dunn and Clark", DependentCorrelations{.3, .4, .5, 100}, DependentCorrelations.DunnClark, -1.0730, 0.2833, 5e-5},
		{"Steiger", DependentCorrelations{.3, .4, .5, 100}, DependentCorrelations.Steiger, -1.0718, 0.2838, 5e-5},
		// The spreadsheet of DeCoster, stat-help.com.
		{"Dunn and Clark, ten digits", DependentCorrelations{.5, .6, .7, 100}, DependentCorrelations.DunnClark, -1.5838851123, 0.1132198659, 1e-9},
		// Steiger (1980), case A: -.8913 with a covariance rounded to four digits; unrounded, as
		// cocor's tests have it.
		{"Steiger's case A", DependentCorrelations{.4, .5, .1, 103}, DependentCorrelations.Steiger, -0.8887185, any, 5e-8},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.test(test.d)
			if err != nil || math.Abs(got.Statistic-test.statistic) > test.within || test.p != any && math.Abs(got.P-test.p) > test.within {
				t.Errorf("%+v, %v, want %v with p = %v", got, err, test.statistic, test.p)
			}
			test.d.First, test.d.Second = test.d.Second, test.d.First
			if swapped, _ := test.test(test.d); math.Abs(swapped.Statistic+got.Statistic) > 1e-12 || math.Abs(swapped.P-got.P) > 1e-12 {
				t.Errorf("models swapped: %+v, before %+v", swapped, got)
			}
		})
	}
}

func TestDependentCorrelationsAtTheEdge(t *testing.T) {
	all := map[string]func(DependentCorrelations) (Test, error){
		"Williams": DependentCorrelations.Williams, "DunnClark": DependentCorrelations.DunnClark, "Steiger": DependentCorrelations.Steiger,
	}
	tests := []struct {
		name string
		d    DependentCorrelations
		want error
	}{
		{"few", DependentCorrelations{.3, .4, .5, 3}, fewForComparison},
		{"impossible", DependentCorrelations{.9, -.9, .9, 50}, impossible},
		{"beyond 1", DependentCorrelations{1.1, .5, .5, 50}, impossible},
		{"NaN", DependentCorrelations{math.NaN(), .5, .5, 50}, impossible},
		{"the same model", DependentCorrelations{.6, .6, 1, 50}, nil},
	}
	for _, test := range tests {
		for name, f := range all {
			got, err := f(test.d)
			if !errors.Is(err, test.want) || err == nil && (got.P != 1 || got.Statistic != 0) {
				t.Errorf("%s, %s: %+v, %v, want error %v", test.name, name, got, err, test.want)
			}
		}
	}
	perfect := DependentCorrelations{1, .5, .5, 50}
	if _, err := perfect.Steiger(); !errors.Is(err, perfectFit) {
		t.Errorf("Steiger of a perfect fit: %v", err)
	}
	if w, err := perfect.Williams(); err != nil || w.P > 1e-6 || math.IsNaN(w.Statistic) {
		t.Errorf("Williams of a perfect fit: %+v, %v", w, err)
	}
}

func TestDependent(t *testing.T) {
	human, first, second := []float64{1, 2, 3, 4, 5}, []float64{2, 1, 3, 5, 4}, []float64{5, 4, 3, 2, 1}
	d, err := Dependent(human, first, second, Spearman)
	if want := (DependentCorrelations{0.8, -1, -0.8, 5}); err != nil || math.Abs(d.First-want.First)+math.Abs(d.Second-want.Second)+math.Abs(d.Between-want.Between) > 1e-12 || d.N != 5 {
		t.Errorf("%+v, %v, want %+v", d, err, want)
	}
	if _, err := Dependent(human, first, []float64{1, 1, 1, 1, 1}, Spearman); !errors.Is(err, ConstantY) {
		t.Errorf("error %v, want %v", err, ConstantY)
	}
}

func TestMcNemarPublished(t *testing.T) {
	// Fagerland, Lydersen and Laake (2013) on Bentur et al. (2009), 1 and 7 discordant pairs:
	// asymptotic .034, exact .070, mid-p .039. By hand: 2·9/256, that less 8/256, and 36/8 = 4.5.
	tests := []struct {
		test Test
		p    float64
	}{
		{mcnemarExact(1, 7), 18. / 256}, {mcnemarMidP(1, 7), 10. / 256}, {McNemarChiSquare(1, 7), 0.033895},
		{mcnemarExact(7, 1), 18. / 256}, {mcnemarMidP(7, 1), 10. / 256}, {McNemarChiSquare(7, 1), 0.033895},
		// 3 and 3: all of the distribution, and all but half of C(6,3)/64.
		{mcnemarExact(3, 3), 1}, {mcnemarMidP(3, 3), 1 - 10./64}, {McNemarChiSquare(3, 3), 1},
		{mcnemarExact(0, 0), 1}, {mcnemarMidP(0, 0), 1}, {McNemarChiSquare(0, 0), 1},
		{mcnemarExact(0, 5), 2. / 32}, {mcnemarMidP(5, 0), 1. / 32},
	}
	for _, test := range tests {
		if math.Abs(test.test.P-test.p) > 1e-6 {
			t.Errorf("%+v, want p = %v", test.test, test.p)
		}
	}
	for counts, want := range map[[2]int]string{{10, 14}: "McNemar, exact", {10, 15}: "McNemar, mid-p"} {
		if got := McNemar(counts[0], counts[1]); got.Name != want {
			t.Errorf("McNemar of %v is %+v, want %s", counts, got, want)
		}
	}
}

func TestMcNemarAgainstScipy(t *testing.T) {
	python := evaltest.PythonWith(t, "scipy.stats")
	counts := [][2]int{{0, 3}, {4, 9}, {30, 12}, {100, 151}, {2000, 2100}}
	var want []struct{ Exact, Chi, Wilson float64 }
	evaltest.RunPython(t, python, `
import json, sys
from scipy import stats
print(json.dumps([{"Exact": stats.binomtest(b, b + c, 0.5).pvalue, "Chi": stats.chi2.sf((b - c) ** 2 / (b + c), 1),
    "Wilson": stats.binomtest(b, b + c).proportion_ci(0.9, "wilson").high} for b, c in json.load(sys.stdin)]))`, counts, &want)
	for i, c := range counts {
		got := []float64{mcnemarExact(c[0], c[1]).P, McNemarChiSquare(c[0], c[1]).P, WilsonInterval(c[0], c[0]+c[1], 0.9).High}
		for j, w := range []float64{want[i].Exact, want[i].Chi, want[i].Wilson} {
			if math.Abs(got[j]-w) > 1e-9 {
				t.Errorf("%v: %s is %v, scipy says %v", c, []string{"exact", "chi-square", "Wilson's limit"}[j], got[j], w)
			}
		}
	}
}

func ExampleMcNemar() {
	// Of the questions that one model alone answered right, 9 are the first's and 2 the second's.
	test := McNemar(9, 2)
	fmt.Printf("%s: p = %.3f, g = %.2f\n", test.Name, test.P, CohenG(9, 2))
	// Output:
	// McNemar, exact: p = 0.065, g = 0.32
}
