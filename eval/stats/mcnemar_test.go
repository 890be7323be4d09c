package stats

import (
	"fmt"
	"math"
	"testing"

	"kindred/eval/internal/evaltest"
)

func TestMcNemarPublished(t *testing.T) {
	// Fagerland, Lydersen and Laake (2013) on Bentur et al. (2009), 1 and 7 discordant pairs:
	// asymptotic .034, exact .070, mid-p .039. By hand: 2·9/256, that less 8/256, and 36/8 = 4.5.
	tests := []struct {
		test Test
		p    float64
	}{
		{McNemarExact(1, 7), 18. / 256}, {McNemarMidP(1, 7), 10. / 256}, {McNemarChiSquare(1, 7), 0.033895},
		{McNemarExact(7, 1), 18. / 256}, {McNemarMidP(7, 1), 10. / 256}, {McNemarChiSquare(7, 1), 0.033895},
		// 3 and 3: all of the distribution, and all but half of C(6,3)/64.
		{McNemarExact(3, 3), 1}, {McNemarMidP(3, 3), 1 - 10./64}, {McNemarChiSquare(3, 3), 1},
		{McNemarExact(0, 0), 1}, {McNemarMidP(0, 0), 1}, {McNemarChiSquare(0, 0), 1},
		{McNemarExact(0, 5), 2. / 32}, {McNemarMidP(5, 0), 1. / 32},
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
		got := []float64{McNemarExact(c[0], c[1]).P, McNemarChiSquare(c[0], c[1]).P, WilsonInterval(c[0], c[0]+c[1], 0.9).High}
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
