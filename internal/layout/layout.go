// Package layout puts words on a map: a point in the plane for each, so that words with similar vectors
// are near each other.
//
// There are two maps. The one is the first two principal components, a linear view that keeps large
// distances. The other starts there and follows UMAP (McInnes, Healy and Melville, "UMAP: Uniform
// Manifold Approximation and Projection for Dimension Reduction", 2018, arXiv 1802.03426): words attract
// their nearest neighbors and repel words at random, which keeps neighborhoods. It differs from the paper's
// program in what would make it depend on threads, timing or the processor:
//
//   - Neighbors are exact, not approximate.
//   - All points move at once, from where they were at the start of a step, by the expected attraction of all
//     their edges, not one edge after the other. Moves are damped by the sum of the attractions, so that
//     words with many neighbors do not overshoot.
//   - 20 words repel a word for each neighbor, not 5, which keeps more neighborhoods of large vocabularies.
//   - Attraction is that of the curve 1/(1+d²), as in t-SNE and LargeVis, which needs no powers.
//
// Vectors are quantized first (see [kmeans.Unit]), so cosines are exact, and all other arithmetic is rounded in a fixed
// order. The same vectors give the same bytes with any number of threads on any machine.
package layout

import (
	"context"
	"math"

	"kindred/internal/kernel"
	"kindred/internal/kmeans"
	"kindred/internal/random"
	"kindred/model"
)

// MostWords is the largest number of words on a map, for which exact neighbors take about a minute.
const MostWords = 100_000

// Clusters is the largest number of clusters: as many colors can be told apart.
const Clusters = 12

// seed is that of all maps.
const seed = 1

// A Layout is the two maps and the clusters of words.
type Layout struct {
	// UMAP and PCA hold two coordinates for each word, x and y, from 0 to 65535. Both coordinates of a map
	// have one scale, and the larger of the two extents is full.
	UMAP, PCA []uint16
	// Clusters has the number of its cluster for each word, below [Clusters]. They are numbered by the first of
	// their words.
	Clusters []uint8
}

// A Progress is told how far a layout is: a stage, and its share that is done, from 0 to 1.
type Progress func(stage string, done float64)

// Compute lays out unit vectors of [kmeans.Unit]. The only error is that of ctx.
func Compute(ctx context.Context, unit *model.Matrix, progress Progress) (*Layout, error) {
	if unit.Rows < 2 {
		return &Layout{UMAP: make([]uint16, 2*unit.Rows), PCA: make([]uint16, 2*unit.Rows), Clusters: make([]uint8, unit.Rows)}, ctx.Err()
	}
	progress("principal components", 0)
	start := principal(unit)
	progress("clusters", 0)
	clusters, err := kmeans.Cluster(ctx, unit, min(Clusters, unit.Rows), 2, 30, seed)
	if err != nil {
		return nil, err
	}
	near, err := nearest(ctx, unit, min(mostNeighbors, unit.Rows-1), kernel.Auto(unit.Dim), progress)
	if err != nil {
		return nil, err
	}
	positions, err := settle(ctx, newGraph(near), spread(start), random.New(seed, random.Layout), progress)
	if err != nil {
		return nil, err
	}
	return &Layout{UMAP: pixels(positions), PCA: pixels(start), Clusters: renumbered(clusters.Clusters)}, nil
}

// pixels scales a map to integers.
func pixels(positions []float32) []uint16 {
	low := [2]float64{math.Inf(1), math.Inf(1)}
	high := [2]float64{math.Inf(-1), math.Inf(-1)}
	for i, v := range positions {
		low[i%2], high[i%2] = min(low[i%2], float64(v)), max(high[i%2], float64(v))
	}
	extent := max(high[0]-low[0], high[1]-low[1])
	if extent == 0 {
		extent = 1
	}
	scaled := make([]uint16, len(positions))
	for i, v := range positions {
		middle := (low[i%2] + high[i%2]) / 2
		scaled[i] = uint16(math.Round(float64((float64(v)-middle)/extent*65535) + 32767.5))
	}
	return scaled
}

// renumbered numbers clusters by the first of their words.
func renumbered(clusters []int) []uint8 {
	numbers := map[int]uint8{}
	list := make([]uint8, len(clusters))
	for i, c := range clusters {
		n, ok := numbers[c]
		if !ok {
			n = uint8(len(numbers))
			numbers[c] = n
		}
		list[i] = n
	}
	return list
}
