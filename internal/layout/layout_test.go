package layout

import (
	"cmp"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"kindred/internal/kernel"
	"kindred/internal/kmeans"
	"kindred/model"
)

func silent(string, float64) {}

// made returns unit vectors of clusters of the given size, in random directions with noise.
func made(clusters, size, dim int, noise float64) *model.Matrix {
	r := rand.New(rand.NewPCG(3, 7))
	centers := make([][]float64, clusters)
	for c := range centers {
		centers[c] = make([]float64, dim)
		for j := range centers[c] {
			centers[c][j] = r.NormFloat64()
		}
	}
	v := make([]float32, dim)
	return kmeans.Unit(clusters*size, dim, func(i int) []float32 {
		for j := range v {
			v[j] = float32(centers[i%clusters][j] + noise*r.NormFloat64())
		}
		return v
	})
}

func compute(t *testing.T, unit *model.Matrix) *Layout {
	t.Helper()
	l, err := Compute(t.Context(), unit, silent)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// distance returns the squared distance of two points.
func distance(positions []uint16, i, j int) float64 {
	dx, dy := float64(positions[2*i])-float64(positions[2*j]), float64(positions[2*i+1])-float64(positions[2*j+1])
	return dx*dx + dy*dy
}

// ranked returns the other points by their distance from i.
func ranked(n, i int, distance func(j int) float64) []int {
	order := make([]int, 0, n-1)
	for j := range n {
		if j != i {
			order = append(order, j)
		}
	}
	d := make([]float64, n)
	for j := range d {
		d[j] = distance(j)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(d[a], d[b]) })
	return order
}

// trustworthiness is 1 if the k nearest points on a map are the k nearest vectors, and less the farther away those
// vectors are that the map shows as near (Venna and Kaski 2001).
func trustworthiness(unit *model.Matrix, positions []uint16, k int) float64 {
	n, sum := unit.Rows, 0.0
	for i := range n {
		rank := make([]int, n)
		for r, j := range ranked(n, i, func(j int) float64 { return -model.Cosine(unit.Row(i), unit.Row(j)) }) {
			rank[j] = r + 1
		}
		for _, j := range ranked(n, i, func(j int) float64 { return distance(positions, i, j) })[:k] {
			sum += float64(max(0, rank[j]-k))
		}
	}
	return 1 - 2*sum/float64(n*k*(2*n-3*k-1))
}

// TestClustersAreRecovered: words of a cluster are near each other on the map, and far from others.
func TestClustersAreRecovered(t *testing.T) {
	const clusters, size, k = 10, 60, 10
	unit := made(clusters, size, 30, 0.5)
	l := compute(t, unit)
	same, split := 0, 0
	for i := range unit.Rows {
		for _, j := range ranked(unit.Rows, i, func(j int) float64 { return distance(l.UMAP, i, j) })[:k] {
			if i%clusters == j%clusters {
				same++
			}
		}
		if l.Clusters[i] != l.Clusters[i%clusters] {
			split++
		}
	}
	if share := float64(same) / float64(unit.Rows*k); share < 0.99 {
		t.Errorf("%.3f of the nearest points are of the same cluster", share)
	}
	if split > unit.Rows/3 { // there are more clusters than were made, so some are split
		t.Errorf("%d of %d words are in another cluster than the first of their kind", split, unit.Rows)
	}
}

// TestMapIsTrustworthy: neighbors on the map are neighbors, more so than on the first principal components.
func TestMapIsTrustworthy(t *testing.T) {
	unit := made(6, 150, 20, 1)
	l := compute(t, unit)
	umap, pca := trustworthiness(unit, l.UMAP, 12), trustworthiness(unit, l.PCA, 12)
	t.Logf("trustworthiness %.3f, of the principal components %.3f", umap, pca)
	if umap < 0.9 || umap < pca+0.03 {
		t.Errorf("the trustworthiness is %.3f, that of the principal components %.3f", umap, pca)
	}
}

// TestRing: a closed curve stays one: points that follow each other are near.
func TestRing(t *testing.T) {
	const n = 400
	v := make([]float32, 3)
	l := compute(t, kmeans.Unit(n, 3, func(i int) []float32 {
		angle := 2 * math.Pi * float64(i) / n
		v[0], v[1], v[2] = float32(math.Cos(angle)), float32(math.Sin(angle)), 0.5
		return v
	}))
	far := 0
	for i := range n {
		nearest := ranked(n, i, func(j int) float64 { return distance(l.UMAP, i, j) })[:4]
		for _, j := range nearest {
			if gap := (j - i + n) % n; min(gap, n-gap) > 12 {
				far++
			}
		}
	}
	if far > n*4/50 {
		t.Errorf("%d of %d nearest points are far away on the ring", far, n*4)
	}
}

func TestSameBytes(t *testing.T) {
	unit := made(5, 500, 40, 1.5)
	one := compute(t, unit)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, threads := range []int{1, 3, 8} {
		runtime.GOMAXPROCS(threads)
		l := compute(t, unit)
		if !slices.Equal(l.UMAP, one.UMAP) || !slices.Equal(l.PCA, one.PCA) || !slices.Equal(l.Clusters, one.Clusters) {
			t.Errorf("%d threads give another layout", threads)
		}
	}
}

// TestNeighborsAreExact compares neighbors with those found by sorting all words.
func TestNeighborsAreExact(t *testing.T) {
	unit := made(3, 70, 10, 2)
	copy(unit.Row(200), unit.Row(5)) // equal words: the lower id comes first
	const k = 7
	n, err := nearest(t.Context(), unit, k, kernel.Auto(unit.Dim), silent)
	if err != nil {
		t.Fatal(err)
	}
	for i := range unit.Rows {
		want := ranked(unit.Rows, i, func(j int) float64 {
			var p [1]float32
			kernel.Portable.Products(p[:], unit.Data[j*unit.Stride:(j+1)*unit.Stride], unit.Data[i*unit.Stride:(i+1)*unit.Stride], unit.Stride, unit.Dim)
			return -float64(p[0])
		})
		for r := range k {
			if int(n.ids[i*k+r]) != want[r] {
				t.Fatalf("neighbor %d of %d is %d, want %d", r, i, n.ids[i*k+r], want[r])
			}
		}
	}
}

// TestNeighborsByEveryKernel: kernels add products in different orders, and find the same neighbors.
func TestNeighborsByEveryKernel(t *testing.T) {
	unit := made(3, 200, 100, 50) // hardly any clusters, so that every rounding would tell
	want, err := nearest(t.Context(), unit, 15, kernel.Portable, silent)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range kernel.Available() {
		got, err := nearest(t.Context(), unit, 15, k, silent)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.ids, want.ids) || !slices.Equal(got.cosines, want.cosines) {
			t.Errorf("the kernel %s finds other neighbors than the portable one", k.Name)
		}
	}
}

// TestGraphIsSymmetric: each edge has the same weight in both directions, once.
func TestGraphIsSymmetric(t *testing.T) {
	n, err := nearest(t.Context(), made(4, 50, 8, 1), 10, kernel.Portable, silent)
	if err != nil {
		t.Fatal(err)
	}
	g := newGraph(n)
	weights := map[[2]int32]float32{}
	for i := range len(g.ends) - 1 {
		for e := g.ends[i]; e < g.ends[i+1]; e++ {
			edge := [2]int32{int32(i), g.to[e]}
			if _, twice := weights[edge]; twice || edge[0] == edge[1] {
				t.Errorf("the edge %v is there twice, or goes nowhere", edge)
			}
			weights[edge] = g.weights[e]
			if w := g.weights[e]; !(w > 0 && w <= 1) {
				t.Errorf("the edge %v has weight %v", edge, w)
			}
		}
	}
	for edge, w := range weights {
		if back := weights[[2]int32{edge[1], edge[0]}]; back != w {
			t.Errorf("the edge %v has weight %v, and back %v", edge, w, back)
		}
	}
}

// TestMembership: weights add up to log2(k), the nearest has weight 1.
func TestMembership(t *testing.T) {
	cosines := []float32{0.9, 0.8, 0.75, 0.7, 0.5, 0.45, 0.4, 0.1}
	weights := make([]float32, len(cosines))
	membership(weights, cosines)
	sum := float32(0)
	for _, w := range weights {
		sum += w
	}
	if weights[0] != 1 || math.Abs(float64(sum)-3) > 1e-3 || !slices.IsSortedFunc(weights, func(a, b float32) int { return cmp.Compare(b, a) }) {
		t.Errorf("the weights %v add up to %v, want 1 first and 3 in all", weights, sum)
	}
}

// TestPrincipalComponents: the axes of vectors with known variances are found.
func TestPrincipalComponents(t *testing.T) {
	c := [][]float64{{2, 0, 0, 0}, {0, 9, 3, 0}, {0, 3, 9, 0}, {0, 0, 0, 1}} // eigenvalues 12, 6, 2, 1
	axes := largest(c)
	h := math.Sqrt(0.5)
	for a, want := range [][]float64{{0, h, h, 0}, {0, h, -h, 0}} {
		if d := math.Abs(dot(axes[a], want)); math.Abs(d-1) > 1e-9 {
			t.Errorf("axis %d is %v, want ±%v", a, axes[a], want)
		}
	}
}

// TestOddVectors: few, equal and zero vectors, and vectors of one dimension, are laid out.
func TestOddVectors(t *testing.T) {
	zero, equal := model.NewMatrix(30, 5), model.NewMatrix(30, 5)
	for i := range equal.Rows {
		equal.Row(i)[0] = 1
	}
	one := model.NewMatrix(20, 1)
	for i := range one.Rows {
		one.Row(i)[0] = float32(i%2*2 - 1)
	}
	for name, unit := range map[string]*model.Matrix{
		"none": model.NewMatrix(0, 5), "a word": made(1, 1, 5, 1), "two words": made(2, 1, 5, 1), "three words": made(3, 1, 5, 1),
		"all zero": zero, "all equal": equal, "a dimension": one,
	} {
		l := compute(t, unit)
		if len(l.UMAP) != 2*unit.Rows || len(l.PCA) != 2*unit.Rows || len(l.Clusters) != unit.Rows {
			t.Errorf("%s: %d, %d and %d values for %d words", name, len(l.UMAP), len(l.PCA), len(l.Clusters), unit.Rows)
		}
	}
}

func TestInterrupt(t *testing.T) {
	for _, stage := range []string{"clusters", "neighbors", "map"} {
		ctx, cancel := context.WithCancel(t.Context())
		l, err := Compute(ctx, made(3, 800, 10, 1), func(now string, _ float64) {
			if now == stage {
				cancel()
			}
		})
		if l != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("interrupted at %s, the error is %v", stage, err)
		}
	}
}
