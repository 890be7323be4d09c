// Package kmeans divides vectors into clusters by their directions.
package kmeans

import (
	"context"
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"kindred/internal/kernel"
	"kindred/internal/random"
	"kindred/model"
)

// A Clustering puts each of some vectors into one of k clusters.
type Clustering struct {
	// Clusters has the number of its cluster, 0 to k-1, for each vector.
	Clusters []int
	// Centers has the center of each cluster, of unit length and quantized (see [Unit]).
	Centers *model.Matrix
	// Cohesion is the sum of the vectors' cosines with the center of their cluster.
	Cohesion float64
}

// Cluster divides vectors of [Unit] into k clusters, 1 <= k <= unit.Rows, by spherical k-means (Dhillon and
// Modha, "Concept decompositions for large sparse text data using clustering", 2001), which maximizes
// cosines, with the starts of k-means++ (Arthur and Vassilvitskii 2007). Of restarts such starts, each of
// at most the given number of steps, it takes the one with the greatest cohesion, which uses no knowledge of
// categories.
//
// Hierarchical clustering needs the cosines of all pairs, its average linkage gives few large clusters
// and many of one word, and it never revises a step.
//
// The result depends on the seed, but not on the number or the kind of processors. The only error is that
// of ctx.
func Cluster(ctx context.Context, unit *model.Matrix, k, restarts, steps int, seed uint64) (Clustering, error) {
	all := make([]Clustering, restarts)
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(all)) {
		group.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(all)); i = next.Add(1) - 1 {
				all[i] = newKMeans(unit, k).run(ctx, random.New(seed, uint64(i)), steps)
			}
		})
	}
	group.Wait()
	best := all[0]
	for _, c := range all[1:] {
		if c.Cohesion > best.Cohesion {
			best = c
		}
	}
	return best, ctx.Err()
}

// A kMeans is one run of k-means.
type kMeans struct {
	unit     *model.Matrix // the vectors to cluster
	centers  *model.Matrix // k x dim, of unit length
	products []float32     // cosines by center, then by vector
	clusters []int
	kernel   kernel.Kernel
}

func newKMeans(unit *model.Matrix, k int) *kMeans {
	m := &kMeans{
		unit: unit, centers: model.NewMatrix(k, unit.Dim), products: make([]float32, k*unit.Rows),
		clusters: make([]int, unit.Rows), kernel: kernel.Auto(unit.Dim),
	}
	for i := range m.clusters {
		m.clusters[i] = -1
	}
	return m
}

func (m *kMeans) run(ctx context.Context, r random.Stream, steps int) Clustering {
	m.seed(ctx, &r)
	for range steps {
		if ctx.Err() != nil || !m.assign() {
			break
		}
		m.recenter()
	}
	c := Clustering{Clusters: m.clusters, Centers: m.centers}
	for i, of := range m.clusters {
		if of >= 0 { // unless interrupted
			c.Cohesion += m.similarity(i)
		}
	}
	return c
}

// similarity returns the cosine of vector i with the center of its cluster at the last assignment.
func (m *kMeans) similarity(i int) float64 {
	return float64(m.products[m.clusters[i]*m.unit.Rows+i])
}

// multiply sets the cosines with all centers.
func (m *kMeans) multiply() {
	m.kernel.Products(m.products, m.unit.Data, m.centers.Data, m.unit.Stride, m.unit.Dim)
}

// seed chooses vectors as the first centers, one after the other, with probabilities proportional to
// their squared distances from the nearest center so far, which for unit vectors is twice 1 - cos. Of a
// few such draws it takes the one that leaves the smallest distances (greedy k-means++, which Arthur and
// Vassilvitskii suggest). Without that, small clusters are often missed.
func (m *kMeans) seed(ctx context.Context, r *random.Stream) {
	n, stride := m.unit.Rows, m.unit.Stride
	nearest := make([]float64, n)
	for i := range nearest {
		nearest[i] = 1
	}
	best, trial, product := make([]float64, n), make([]float64, n), make([]float32, n)
	draws := 2 + int(math.Log(float64(m.centers.Rows)))
	for c := range m.centers.Rows {
		if ctx.Err() != nil {
			return
		}
		least := math.Inf(1)
		for range draws {
			id := draw(nearest, r.Float64())
			m.kernel.Products(product, m.unit.Data, m.unit.Data[id*stride:(id+1)*stride], stride, m.unit.Dim)
			sum := 0.0
			for i, p := range product {
				trial[i] = min(nearest[i], max(0, 1-float64(p)))
				sum += trial[i]
			}
			if sum < least {
				least = sum
				best, trial = trial, best
				copy(m.centers.Row(c), m.unit.Row(id))
			}
		}
		nearest, best = best, nearest
	}
}

// draw returns the index at a proportion, 0 <= share < 1, of the sum of the weights. If all weights are
// 0 they count as equal.
func draw(weights []float64, share float64) int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	if sum == 0 {
		return int(share * float64(len(weights)))
	}
	rest, last := float64(share*sum), 0 // rounded, as in setDirection
	for i, w := range weights {
		if w == 0 {
			continue
		}
		if last = i; rest < w {
			return i
		}
		rest -= w
	}
	return last
}

// assign puts each vector into the cluster with the nearest center, the first of several, and reports
// whether anything changed.
func (m *kMeans) assign() bool {
	m.multiply()
	changed := false
	for i := range m.clusters {
		best := 0
		for c := range m.centers.Rows {
			if m.products[c*m.unit.Rows+i] > m.products[best*m.unit.Rows+i] {
				best = c
			}
		}
		changed = changed || m.clusters[i] != best
		m.clusters[i] = best
	}
	return m.fillEmpty() || changed
}

// fillEmpty gives each empty cluster the vector that is farthest from its center, among those that are
// not alone in their cluster. It reports whether there was an empty cluster.
func (m *kMeans) fillEmpty() bool {
	sizes := make([]int, m.centers.Rows)
	for _, c := range m.clusters {
		sizes[c]++
	}
	filled := false
	for c, size := range sizes {
		if size > 0 {
			continue
		}
		farthest := -1
		for i, of := range m.clusters {
			if sizes[of] > 1 && (farthest < 0 || m.similarity(i) < m.similarity(farthest)) {
				farthest = i
			}
		}
		sizes[m.clusters[farthest]]--
		m.clusters[farthest], sizes[c] = c, 1
		m.products[c*m.unit.Rows+farthest] = 1 // as it will be the center
		filled = true
	}
	return filled
}

// recenter sets each center to the direction of the sum of its vectors.
func (m *kMeans) recenter() {
	dim := m.unit.Dim
	sums := make([]float64, m.centers.Rows*dim)
	for i, c := range m.clusters {
		sum := sums[c*dim : (c+1)*dim]
		for j, v := range m.unit.Row(i) {
			sum[j] += float64(v)
		}
	}
	for c := range m.centers.Rows {
		setDirection(m.centers.Row(c), sums[c*dim:(c+1)*dim])
	}
}

// quantization is the number of steps of the values of unit vectors between 0 and 1. A product of two
// values is a multiple of 2⁻²², and so are all sums of products on the way to a cosine. They are below 2,
// so a float32 holds each of them exactly: cosines, and so clusters, are the same by any kernel, in any
// order of summation, on any machine. Cosines are off by about 0.0002.
const quantization = 1 << 11

// setDirection sets row to the direction of the vector with these values, quantized. It leaves row as it
// is if they have no direction.
func setDirection(row []float32, values []float64) {
	length := 0.0
	for _, v := range values {
		length += float64(v * v) // rounded, so no machine fuses it with the sum
	}
	if length = math.Sqrt(length); length == 0 {
		return
	}
	for j, v := range values {
		row[j] = float32(math.Round(v/length*quantization) / quantization)
	}
}

// Unit returns n vectors scaled to unit length and quantized: their cosines, as a kernel computes them, are
// the same by any kernel, in any order of summation, on any machine, and off by about 0.0002. Those without a direction are
// zero. vector(i) is only valid until the next call.
func Unit(n, dim int, vector func(i int) []float32) *model.Matrix {
	unit := model.NewMatrix(n, dim)
	values := make([]float64, dim)
	for i := range n {
		for j, v := range vector(i) {
			values[j] = float64(v)
		}
		setDirection(unit.Row(i), values)
	}
	return unit
}
