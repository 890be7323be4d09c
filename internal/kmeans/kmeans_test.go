package kmeans

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kindred/internal/kernel"
	"kindred/internal/random"
	"kindred/model"
)

func unitOf(m *model.Matrix) *model.Matrix { return Unit(m.Rows, m.Dim, m.Row) }

// noisy returns vectors of clusters of the given size, with noise.
func noisy(clusters, size, dim int) *model.Matrix {
	noise := rand.New(rand.NewPCG(7, 1))
	m, center := model.NewMatrix(clusters*size, dim), make([]float64, dim)
	for i := range m.Rows {
		if i%size == 0 {
			for j := range center {
				center[j] = noise.NormFloat64()
			}
		}
		for j := range center {
			m.Row(i)[j] = float32(center[j] + 0.2*noise.NormFloat64())
		}
	}
	return m
}

func TestClusteringIsDeterministic(t *testing.T) {
	const size = 20
	unit := unitOf(noisy(4, size, 10))
	first, _ := Cluster(t.Context(), unit, 4, 10, 50, 3)
	if again, _ := Cluster(t.Context(), unit, 4, 10, 50, 3); !slices.Equal(first.Clusters, again.Clusters) || first.Cohesion != again.Cohesion {
		t.Error("the same seed gives other clusters")
	}
	for i, c := range first.Clusters {
		if c != first.Clusters[i/size*size] {
			t.Errorf("vectors %d and %d of one cluster were separated", i, i/size*size)
		}
	}
	single := newKMeans(unit, 4).run(t.Context(), random.New(3, 0), 50)
	if single.Cohesion > first.Cohesion {
		t.Errorf("the best of several starts has cohesion %v, the first of them %v", first.Cohesion, single.Cohesion)
	}
}

func TestInterruptedClustering(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Cluster(ctx, unitOf(noisy(2, 10, 5)), 2, 3, 50, 1); err != context.Canceled {
		t.Errorf("the error is %v, want that of the context", err)
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
		unit := unitOf(m)
		c := newKMeans(unit, k).run(context.Background(), random.New(rapid.Uint64().Draw(t, "seed")), 100)
		sizes := make([]int, k)
		for _, cluster := range c.Clusters {
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
	unit := unitOf(m)
	run := func(k kernel.Kernel, start uint64) Clustering {
		m := newKMeans(unit, 12)
		m.kernel = k
		return m.run(context.Background(), random.New(1, start), 100)
	}
	kernels := kernel.Available()
	if len(kernels) == 1 {
		t.Skipf("there is only the kernel %s", kernels[0].Name)
	}
	for _, k := range kernels[1:] {
		for start := range uint64(5) {
			got, want := run(k, start), run(kernels[0], start)
			if !slices.Equal(got.Clusters, want.Clusters) || got.Cohesion != want.Cohesion {
				t.Errorf("start %d has cohesion %v by kernel %s, and %v by %s", start, got.Cohesion, k.Name, want.Cohesion, kernels[0].Name)
			}
		}
	}
}
