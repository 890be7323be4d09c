package stats

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"

	"kindred/eval/internal/evaltest"
)

func TestMeanRanks(t *testing.T) {
	tests := []struct {
		name    string
		x, want []float64
	}{
		{"empty", nil, []float64{}},
		{"one", []float64{7}, []float64{1}},
		{"distinct", []float64{30, 10, 20}, []float64{3, 1, 2}},
		{"tied pair", []float64{1, 2, 2, 3}, []float64{1, 2.5, 2.5, 4}},
		{"all equal", []float64{5, 5, 5}, []float64{2, 2, 2}},
		{"two ties", []float64{2, 1, 2, 1, 2}, []float64{4, 1.5, 4, 1.5, 4}},
		{"zeros of both signs", []float64{0, math.Copysign(0, -1), 1}, []float64{1.5, 1.5, 3}},
		{"NaN below infinity", []float64{math.Inf(-1), math.NaN(), math.NaN()}, []float64{3, 1.5, 1.5}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, MeanRanks(test.x)); diff != "" {
				t.Errorf("ranks (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCorrelationWorkedExamples(t *testing.T) {
	tests := []struct {
		name              string
		x, y              []float64
		pearson, spearman float64
	}{
		{
			// Deviations -2..2 and -2,-1,1,0,2 by hand: Σxy = 4+1+0+0+4 = 9, Σx² = Σy² = 10.
			"by hand without ties", []float64{1, 2, 3, 4, 5}, []float64{1, 2, 4, 3, 5}, 0.9, 0.9,
		},
		{
			// Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: Σxy = 4.5, Σx² = 4.5, Σy² = 5, so 4.5/√22.5.
			// Values 1, 2, 2, 3 and 1, 2, 4, 8: means 2 and 3.75, Σxy = 7, Σx² = 2, Σy² = 28.75.
			"by hand with a tie", []float64{1, 2, 2, 3}, []float64{1, 2, 4, 8}, 7 / math.Sqrt(57.5), 4.5 / math.Sqrt(22.5),
		},
		{
			// IQ and weekly hours of television, the worked example of Wikipedia's
			// "Spearman's rank correlation coefficient": Σd² = 194, n = 10, ρ = -29/165.
			"IQ and television",
			[]float64{86, 97, 99, 100, 101, 103, 106, 110, 112, 113}, []float64{0, 20, 28, 27, 50, 29, 7, 17, 6, 12},
			-0.0376014, -29.0 / 165,
		},
		{
			// The first of Anscombe's quartet, "Graphs in statistical analysis" (1973): r = 0.81642.
			"Anscombe I",
			[]float64{10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5},
			[]float64{8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68}, 0.8164205, 0.8181818,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			checkClose(t, "Pearson", test.pearson, test.x, test.y, Pearson)
			checkClose(t, "Spearman", test.spearman, test.x, test.y, Spearman)
		})
	}
}

func checkClose(t *testing.T, name string, want float64, x, y []float64, f func(x, y []float64) (float64, error)) {
	t.Helper()
	got, err := f(x, y)
	if err != nil || math.Abs(got-want) > 1e-6 {
		t.Errorf("%s = %v, %v, want %v", name, got, err, want)
	}
}

func TestCorrelationUndefined(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	tests := []struct {
		name string
		x, y []float64
		want error
	}{
		{"no value", nil, nil, TooFew},
		{"one value", []float64{1}, []float64{2}, TooFew},
		{"first constant", []float64{0.1, 0.1, 0.1}, []float64{1, 2, 3}, ConstantX},
		{"second constant", []float64{1, 2, 3}, []float64{0.1, 0.1, 0.1}, ConstantY},
		{"NaN", []float64{1, nan, 3}, []float64{1, 2, 3}, notFinite},
		{"infinite", []float64{1, 2, 3}, []float64{1, inf, 3}, notFinite},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Pearson(test.x, test.y); !errors.Is(err, test.want) {
				t.Errorf("Pearson: error %v, want %v", err, test.want)
			}
			if _, err := Spearman(test.x, test.y); !errors.Is(err, test.want) {
				t.Errorf("Spearman: error %v, want %v", err, test.want)
			}
		})
	}
}

func TestPearsonIsSound(t *testing.T) {
	tests := []struct {
		name string
		x, y []float64
		want float64
	}{
		{"mean far above the spread", []float64{1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 4}, []float64{1, 2, 4, 3}, 0.8},
		{"squares beyond the largest float", []float64{1e300, 2e300, 3e300, 4e300}, []float64{1, 2, 4, 3}, 0.8},
		{"squares below the smallest float", []float64{1e-300, 2e-300, 3e-300, 4e-300}, []float64{1, 2, 4, 3}, 0.8},
		{"neighboring floats", []float64{1, math.Nextafter(1, 2)}, []float64{3, 2}, -1},
		{"full range", []float64{-math.MaxFloat64, math.MaxFloat64}, []float64{3, 4}, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			checkClose(t, "Pearson", test.want, test.x, test.y, Pearson)
		})
	}
}

// samples draws two samples of one length, with ties.
func samples(t *rapid.T) (x, y []float64) {
	n := rapid.IntRange(2, 60).Draw(t, "n")
	coarse := rapid.Custom(func(t *rapid.T) float64 { return float64(rapid.IntRange(-8, 8).Draw(t, "v")) / 4 })
	return rapid.SliceOfN(coarse, n, n).Draw(t, "x"), rapid.SliceOfN(coarse, n, n).Draw(t, "y")
}

func TestMeanRanksProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOf(rapid.Float64()).Draw(t, "x")
		ranks := MeanRanks(x)
		sum := 0.0
		for i, r := range ranks {
			sum += r
			below, equal := 0, 0
			for _, v := range x {
				if v < x[i] {
					below++
				} else if v == x[i] {
					equal++
				}
			}
			if want := float64(below) + float64(equal+1)/2; r != want {
				t.Fatalf("rank of %v is %v, want %v", x[i], r, want)
			}
		}
		if n := float64(len(x)); sum != n*(n+1)/2 {
			t.Fatalf("ranks add up to %v, want %v", sum, n*(n+1)/2)
		}
	})
}

func TestSpearmanProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := samples(t)
		rho, err := Spearman(x, y)
		transform := func(f func(float64) float64) []float64 {
			image := make([]float64, len(x))
			for i, v := range x {
				image[i] = f(v)
			}
			return image
		}
		rising, err2 := Spearman(transform(func(v float64) float64 { return math.Exp(v) + v*v*v }), y)
		if rising != rho || err2 != err {
			t.Fatalf("after a rising transform %v, %v, before %v, %v", rising, err2, rho, err)
		}
		falling, _ := Spearman(transform(func(v float64) float64 { return -math.Exp(v) }), y)
		if math.Abs(falling+rho) > 1e-12 {
			t.Fatalf("after a falling transform %v, before %v", falling, rho)
		}
		if swapped, _ := Spearman(y, x); math.Abs(swapped-rho) > 1e-12 {
			t.Fatalf("Spearman(y, x) = %v, Spearman(x, y) = %v", swapped, rho)
		}
		if err == nil && math.Abs(rho) > 1 || err != nil && rho != 0 {
			t.Fatalf("Spearman = %v, %v", rho, err)
		}
	})
}

func TestPearsonAgainstGonum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := samples(t)
		for _, c := range []struct {
			name       string
			got        func(x, y []float64) (float64, error)
			xref, yref []float64
		}{{"Pearson", Pearson, x, y}, {"Spearman", Spearman, MeanRanks(x), MeanRanks(y)}} {
			got, err := c.got(x, y)
			want := stat.Correlation(c.xref, c.yref, nil)
			if (err != nil) != math.IsNaN(want) || err == nil && math.Abs(got-want) > 1e-12 {
				t.Fatalf("%s = %v, %v, gonum says %v", c.name, got, err, want)
			}
		}
	})
}

func TestAgainstScipy(t *testing.T) {
	python := evaltest.PythonWith(t, "scipy.stats")
	type sample struct{ X, Y []float64 }
	generator := rapid.Custom(func(t *rapid.T) sample {
		x, y := samples(t)
		return sample{x, y}
	})
	var input []sample
	for seed := 0; len(input) < 40; seed++ {
		s := generator.Example(seed)
		if slices.Min(s.X) < slices.Max(s.X) && slices.Min(s.Y) < slices.Max(s.Y) {
			input = append(input, s)
		}
	}
	var want []struct {
		Ranks             []float64
		Pearson, Spearman float64
	}
	evaltest.RunPython(t, python, `
import json, sys
from scipy import stats
print(json.dumps([{"Ranks": list(stats.rankdata(s["X"])),
    "Pearson": float(stats.pearsonr(s["X"], s["Y"])[0]),
    "Spearman": float(stats.spearmanr(s["X"], s["Y"])[0])} for s in json.load(sys.stdin)]))`, input, &want)
	for i, s := range input {
		if diff := cmp.Diff(want[i].Ranks, MeanRanks(s.X)); diff != "" {
			t.Errorf("ranks of %v (-scipy +ours):\n%s", s.X, diff)
		}
		pearson, err1 := Pearson(s.X, s.Y)
		spearman, err2 := Spearman(s.X, s.Y)
		if err1 != nil || err2 != nil || math.Abs(pearson-want[i].Pearson) > 1e-12 || math.Abs(spearman-want[i].Spearman) > 1e-12 {
			t.Errorf("%v: Pearson %v, %v, Spearman %v, %v; scipy %v, %v", s, pearson, err1, spearman, err2, want[i].Pearson, want[i].Spearman)
		}
	}
}
