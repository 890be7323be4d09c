package eval

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kindred/eval/internal/evaltest"
	"kindred/internal/kernel"
	"kindred/internal/random"
	"kindred/model"
)

// rowsOf returns the rows of a matrix.
func rowsOf(m *model.Matrix) [][]float32 {
	rows := make([][]float32, m.Rows)
	for i := range rows {
		rows[i] = m.Row(i)
	}
	return rows
}

func TestClusteringIsDeterministic(t *testing.T) {
	g, _ := evaltest.CategoryVectors(t, 2, 20, 20, 20, 20)
	e := g.Embeddings(t)
	unit := unitVectors(rowsOf(e.Input.(*model.Matrix)), e.Dim())
	first := cluster(unit, 7, 3)
	if again := cluster(unit, 7, 3); !slices.Equal(first.clusters, again.clusters) || first.cohesion != again.cohesion {
		t.Error("the same seed gives other clusters")
	}
	single := newKMeans(unit, 7).run(random.New(3, 0))
	if single.cohesion > first.cohesion {
		t.Errorf("the best of several starts has cohesion %v, the first of them %v", first.cohesion, single.cohesion)
	}
}

// TestClusteringProperties: every cluster has a vector, and no vector is
// nearer to the center of another cluster, whatever the vectors are.
func TestClusteringProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "n")
		k := rapid.IntRange(1, n).Draw(t, "k")
		m := model.NewMatrix(n, 3)
		for i := range n {
			for j := range 3 { // quantized, so that vectors are equal or zero at times
				m.Row(i)[j] = float32(rapid.IntRange(-1, 1).Draw(t, "v"))
			}
		}
		unit := unitVectors(rowsOf(m), 3)
		c := newKMeans(unit, k).run(random.New(rapid.Uint64().Draw(t, "seed")))
		sizes := make([]int, k)
		for _, cluster := range c.clusters {
			sizes[cluster]++
		}
		if slices.Contains(sizes, 0) {
			t.Fatalf("clusters of %v", sizes)
		}
	})
}

func TestDraw(t *testing.T) {
	tests := []struct {
		weights []float64
		share   float64
		want    int
	}{
		{[]float64{1, 1, 2}, 0, 0}, {[]float64{1, 1, 2}, 0.3, 1}, {[]float64{1, 1, 2}, 0.5, 2}, {[]float64{1, 1, 2}, 0.999, 2},
		{[]float64{0, 1, 0}, 0, 1}, {[]float64{0, 1, 0}, 1 - 0x1p-53, 1}, {[]float64{0, 0, 0}, 0.5, 1},
	}
	for _, test := range tests {
		if got := draw(test.weights, test.share); got != test.want {
			t.Errorf("draw(%v, %v) = %d, want %d", test.weights, test.share, got, test.want)
		}
	}
}

// TestClusteringByEveryKernel: kernels add products in different orders and with different instructions,
// and find the same clusters.
func TestClusteringByEveryKernel(t *testing.T) {
	noise := rand.New(rand.NewPCG(21, 1))
	m := model.NewMatrix(300, 100)
	for i := range m.Rows {
		for j := range m.Row(i) { // no clusters at all, so that every rounding would tell
			m.Row(i)[j] = float32(noise.NormFloat64())
		}
	}
	unit := unitVectors(rowsOf(m), 100)
	run := func(k kernel.Kernel, start uint64) clustering {
		m := newKMeans(unit, 12)
		m.kernel = k
		return m.run(random.New(1, start))
	}
	kernels := kernel.Available()
	if len(kernels) == 1 {
		t.Skipf("there is only the kernel %s", kernels[0].Name)
	}
	for _, k := range kernels[1:] {
		for start := range uint64(5) {
			got, want := run(k, start), run(kernels[0], start)
			if !slices.Equal(got.clusters, want.clusters) || got.cohesion != want.cohesion {
				t.Errorf("start %d has cohesion %v by kernel %s, and %v by %s", start, got.cohesion, k.Name, want.cohesion, kernels[0].Name)
			}
		}
	}
}
