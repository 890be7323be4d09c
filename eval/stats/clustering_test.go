package stats

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"kindred/eval/internal/evaltest"
)

// manning is the example of Manning, Raghavan and Schütze (2008), figure 16.4:
// three clusters of x x x x x o, x o o o o d and x x d d d.
var manning = struct{ clusters, categories []int }{
	[]int{0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2},
	[]int{0, 0, 0, 0, 0, 1, 0, 1, 1, 1, 1, 2, 0, 0, 2, 2, 2},
}

func TestPartitionMeasures(t *testing.T) {
	tests := []struct {
		name                 string
		clusters, categories []int
		purity, rand, v      float64
		within               float64
	}{
		// Purity 12/17 and NMI, which with the mean of the entropies is the V-measure, 0.36 in the
		// book; it counts 20 pairs together in both, 40 in a cluster and 44 in a category, of 136.
		{"Manning", manning.clusters, manning.categories, 12. / 17, (20 - 40*44/136.) / (42 - 40*44/136.), 0.36, 0.005},
		// scikit-learn's documentation of adjusted_rand_score and v_measure_score has 0.57 and 0.8:
		// by hand, 1 pair in both, 1 in a cluster, 2 in a category of 6; h = 1, c = 2/3.
		{"categories split", []int{0, 0, 1, 2}, []int{0, 0, 1, 1}, 1, (1 - 1./3) / (1.5 - 1./3), 0.8, 1e-12},
		{"categories joined", []int{0, 0, 1, 1}, []int{0, 0, 1, 2}, 0.75, (1 - 1./3) / (1.5 - 1./3), 0.8, 1e-12},
		{"other labels", []int{7, 7, 3, 3}, []int{0, 0, 9, 9}, 1, 1, 1, 1e-12},
		// Every pair is together in one of them alone: (0 - 4/6)/(2 - 4/6).
		{"crossed", []int{0, 1, 0, 1}, []int{0, 0, 1, 1}, 0.5, -0.5, 0, 1e-12},
		{"all in one", []int{0, 0, 0, 0}, []int{0, 0, 1, 1}, 0.5, 0, 0, 1e-12},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, m := range []struct {
				name    string
				measure func(clusters, categories []int) (float64, error)
				want    float64
			}{{"Purity", Purity[int, int], test.purity}, {"AdjustedRand", AdjustedRand[int, int], test.rand}, {"VMeasure", VMeasure[int, int], test.v}} {
				if got, err := m.measure(test.clusters, test.categories); err != nil || math.Abs(got-m.want) > test.within {
					t.Errorf("%s = %v, %v, want %v", m.name, got, err, m.want)
				}
			}
		})
	}
}

func TestPartitionMeasuresUndefined(t *testing.T) {
	for _, test := range []struct {
		labels []int
		want   error
	}{{nil, noItems}, {[]int{1, 1}, oneCluster}, {[]int{1, 2}, allSingletons}} {
		if _, err := AdjustedRand(test.labels, test.labels); !errors.Is(err, test.want) {
			t.Errorf("AdjustedRand of %v: error %v, want %v", test.labels, err, test.want)
		}
	}
	for name, f := range map[string]func(a, b []int) (float64, error){"Purity": Purity[int, int], "VMeasure": VMeasure[int, int]} {
		if _, err := f(nil, nil); !errors.Is(err, noItems) {
			t.Errorf("%s of nothing: error %v", name, err)
		}
	}
}

func TestPartitionProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 40).Draw(t, "n")
		label := rapid.IntRange(0, 4)
		a, b := rapid.SliceOfN(label, n, n).Draw(t, "a"), rapid.SliceOfN(label, n, n).Draw(t, "b")
		purity, _ := Purity(a, b)
		v, _ := VMeasure(a, b)
		swapped, _ := VMeasure(b, a)
		if purity <= 0 || purity > 1 || v < 0 || v > 1 || math.Abs(v-swapped) > 1e-9 {
			t.Fatalf("purity %v, V %v, swapped %v", purity, v, swapped)
		}
		ari, err := AdjustedRand(a, b)
		swapped, err2 := AdjustedRand(b, a)
		if err != err2 || math.Abs(ari-swapped) > 1e-9 || ari > 1+1e-12 {
			t.Fatalf("adjusted Rand %v, %v, swapped %v, %v", ari, err, swapped, err2)
		}
		if same, err := AdjustedRand(a, a); err == nil && math.Abs(same-1) > 1e-12 {
			t.Fatalf("adjusted Rand with itself is %v", same)
		}
	})
}

// TestAdjustedRandCountsPairs compares with the definition: counts of pairs of different items.
func TestAdjustedRandCountsPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(3, 12).Draw(t, "n")
		label := rapid.IntRange(0, 2)
		a, b := rapid.SliceOfN(label, n, n).Draw(t, "a"), rapid.SliceOfN(label, n, n).Draw(t, "b")
		counts := rapid.SliceOfN(rapid.Int32Range(0, 3), n, n).Draw(t, "counts")
		var both, inA, inB, all float64
		for i := range n {
			for j := range i {
				w := float64(counts[i]) * float64(counts[j])
				all += w
				if a[i] == a[j] {
					inA += w
				}
				if b[i] == b[j] {
					inB += w
				}
				if a[i] == a[j] && b[i] == b[j] {
					both += w
				}
			}
		}
		expected := inA * inB / all
		want := (both - expected) / ((inA+inB)/2 - expected)
		got := AdjustedRandStatistic(a, b)(counts)
		if math.IsNaN(got) != math.IsNaN(want) && !math.IsInf(want, 0) || math.Abs(got-want) > 1e-9 {
			t.Fatalf("adjusted Rand of counts %v is %v, want %v", counts, got, want)
		}
	})
}

// TestPartitionAgainstScipy compares V-measure and adjusted Rand index with their definitions by
// scipy's entropy and binomial coefficients, and the skewness of hubness with scipy.stats.skew.
func TestPartitionAgainstScipy(t *testing.T) {
	python := evaltest.PythonWith(t, "scipy.stats")
	type labels struct{ Clusters, Categories []int }
	random := rand.New(rand.NewPCG(16, 16))
	var input []labels
	for _, n := range []int{20, 100, 400} {
		var l labels
		for range n {
			c := random.IntN(6)
			l.Clusters = append(l.Clusters, c)
			if random.IntN(3) == 0 {
				c = random.IntN(9)
			}
			l.Categories = append(l.Categories, c)
		}
		input = append(input, l)
	}
	var want []struct{ V, Rand, Purity, Skew float64 }
	evaltest.RunPython(t, python, `
import json, sys
import numpy as np
from scipy import stats, special
out = []
for l in json.load(sys.stdin):
    a, b = np.array(l["Clusters"]), np.array(l["Categories"])
    table = stats.contingency.crosstab(a, b).count
    h = lambda counts: stats.entropy(np.ravel(counts))
    homogeneity = 1 - (h(table) - h(table.sum(1))) / h(table.sum(0))
    completeness = 1 - (h(table) - h(table.sum(0))) / h(table.sum(1))
    pairs = lambda counts: special.comb(np.ravel(counts), 2).sum()
    expected = pairs(table.sum(0)) * pairs(table.sum(1)) / special.comb(len(a), 2)
    out.append({"V": stats.hmean([homogeneity, completeness]), "Purity": table.max(1).sum() / len(a), "Skew": stats.skew(a),
        "Rand": (pairs(table) - expected) / ((pairs(table.sum(0)) + pairs(table.sum(1))) / 2 - expected)})
print(json.dumps(out))`, input, &want)
	for i, l := range input {
		purity, _ := Purity(l.Clusters, l.Categories)
		ari, _ := AdjustedRand(l.Clusters, l.Categories)
		v, _ := VMeasure(l.Clusters, l.Categories)
		values := make([]float64, len(l.Clusters))
		for i, c := range l.Clusters {
			values[i] = float64(c)
		}
		skewness, _ := Skewness(values)
		got := []float64{v, ari, purity, skewness}
		if diff := cmp.Diff([]float64{want[i].V, want[i].Rand, want[i].Purity, want[i].Skew}, got, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
			t.Errorf("%d items: V-measure, adjusted Rand, purity, skewness (-scipy +ours):\n%s", len(l.Clusters), diff)
		}
	}
}
