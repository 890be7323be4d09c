package stats

import (
	"fmt"
	"math"
	"slices"
)

// The reasons why a measure of agreement between partitions is undefined.
const (
	noItems       Undefined = "no item"
	oneCluster    Undefined = "one cluster and one category: nothing to agree on"
	allSingletons Undefined = "every cluster and every category has one item: nothing to agree on"
)

// A partition holds the cluster and the category of each item.
type partition struct{ clusters, categories Grouping }

func newPartition[A, B comparable](clusters []A, categories []B) *partition {
	if len(clusters) != len(categories) {
		panic(fmt.Sprintf("stats: clusters of %d items and categories of %d", len(clusters), len(categories)))
	}
	return &partition{GroupBy(clusters), GroupBy(categories)}
}

// A crossTable counts the items of a sample by cluster and category.
type crossTable struct {
	cells                [][]float64 // by cluster, then by category
	clusters, categories []float64   // sums of cells
	total                float64
	// The numbers of pairs of different items that share a cell, a cluster or a category, and of all
	// pairs.
	cellPairs, clusterPairs, categoryPairs, pairs float64
}

// cross counts a sample in which item i occurs counts[i] times.
func (p *partition) cross(counts []int32) *crossTable {
	k, c := p.clusters.Groups, p.categories.Groups
	t := &crossTable{cells: make([][]float64, k), clusters: make([]float64, k), categories: make([]float64, c)}
	for i := range t.cells {
		t.cells[i] = make([]float64, c)
	}
	same := 0.0 // ordered pairs of an item and itself
	for i, n := range counts {
		f := float64(n)
		t.cells[p.clusters.Of[i]][p.categories.Of[i]] += f
		same += f * f
	}
	for i, row := range t.cells {
		for j, n := range row {
			t.clusters[i] += n
			t.categories[j] += n
			t.total += n
			t.cellPairs += n * n
		}
	}
	t.clusterPairs, t.categoryPairs, t.pairs = squares(t.clusters), squares(t.categories), t.total*t.total
	for _, pairs := range []*float64{&t.cellPairs, &t.clusterPairs, &t.categoryPairs, &t.pairs} {
		*pairs = (*pairs - same) / 2
	}
	return t
}

// Purity returns the proportion of items whose category is the most frequent one of their cluster,
//
//	1/N Σ_k max_j |cluster k ∩ category j|
//
// (Manning, Raghavan and Schütze, "Introduction to information retrieval", 2008, section 16.3), between
// 0 and 1. clusters[i] and categories[i] are the labels of item i. The error is an [Undefined]. It panics
// if the lengths differ.
func Purity[A, B comparable](clusters []A, categories []B) (float64, error) {
	if len(clusters) == 0 {
		return 0, noItems
	}
	return PurityStatistic(clusters, categories)(once(len(clusters))), nil
}

// PurityStatistic returns [Purity] as a statistic of samples of the items. The most frequent category of
// a cluster is that of all items, in every sample. Choosing it again by each sample, in which many items
// are missing and others repeated, would make samples look purer than they are.
func PurityStatistic[A, B comparable](clusters []A, categories []B) Statistic {
	return RatioStatistic(ofMajority(clusters, categories), ones(len(clusters)))
}

// ofMajority returns 1 for each item of the most frequent category of its cluster (the first of several),
// and 0 for the others.
func ofMajority[A, B comparable](clusters []A, categories []B) []float64 {
	p := newPartition(clusters, categories)
	cells := p.cross(once(len(clusters))).cells
	list := make([]float64, len(clusters))
	for i, cluster := range p.clusters.Of {
		row := cells[cluster]
		if p.categories.Of[i] == slices.Index(row, slices.Max(row)) {
			list[i] = 1
		}
	}
	return list
}

// AdjustedRand returns the Rand index adjusted for chance (Hubert and Arabie,
// "Comparing partitions", 1985),
//
//	(S - E) / ((A + B)/2 - E),   E = A B / (number of pairs)
//
// where A pairs of items share a cluster, B a category and S both. It is 1 for equal partitions, and 0
// on average for independent ones. The error is an [Undefined]. It panics if the lengths differ.
func AdjustedRand[A, B comparable](clusters []A, categories []B) (float64, error) {
	p := newPartition(clusters, categories)
	n := len(clusters)
	switch {
	case n == 0:
		return 0, noItems
	case p.clusters.Groups == 1 && p.categories.Groups == 1:
		return 0, oneCluster
	case p.clusters.Groups == n && p.categories.Groups == n:
		return 0, allSingletons
	}
	return p.cross(once(n)).adjustedRand(), nil
}

// AdjustedRandStatistic returns [AdjustedRand] as a statistic of samples of the items. An item that is
// drawn twice makes no pair with itself, since that would always agree.
func AdjustedRandStatistic[A, B comparable](clusters []A, categories []B) Statistic {
	p := newPartition(clusters, categories)
	return func(counts []int32) float64 { return p.cross(counts).adjustedRand() }
}

func (t *crossTable) adjustedRand() float64 {
	expected := t.clusterPairs * t.categoryPairs / t.pairs
	return (t.cellPairs - expected) / ((t.clusterPairs+t.categoryPairs)/2 - expected) // 0/0 is NaN
}

// VMeasure returns the harmonic mean of homogeneity and completeness
// (Rosenberg and Hirschberg, "V-measure: a conditional entropy-based external
// cluster evaluation measure", 2007),
//
//	h = 1 - H(category|cluster)/H(category),   c = 1 - H(cluster|category)/H(cluster)
//
// between 0 and 1. h is 1 if there is one category, and c is 1 if there is one cluster. The error is an
// [Undefined]. It panics if the lengths differ.
func VMeasure[A, B comparable](clusters []A, categories []B) (float64, error) {
	if len(clusters) == 0 {
		return 0, noItems
	}
	return newPartition(clusters, categories).cross(once(len(clusters))).vMeasure(), nil
}

// VMeasureStatistic returns [VMeasure] as a statistic of samples of the items, in its [Linear]
// approximation: a sample in which many items are missing and others repeated looks more homogeneous
// than it is.
func VMeasureStatistic[A, B comparable](clusters []A, categories []B) Statistic {
	p := newPartition(clusters, categories)
	return Linear(len(clusters), func(counts []int32) float64 { return p.cross(counts).vMeasure() })
}

func (t *crossTable) vMeasure() float64 {
	joint := 0.0
	for _, row := range t.cells {
		joint += t.entropy(row)
	}
	category, cluster := t.entropy(t.categories), t.entropy(t.clusters)
	homogeneity := explained(category, joint-cluster)
	completeness := explained(cluster, joint-category)
	if homogeneity+completeness == 0 {
		return 0
	}
	return 2 * homogeneity * completeness / (homogeneity + completeness)
}

// entropy returns the terms of the entropy of cells with counts n.
func (t *crossTable) entropy(n []float64) float64 {
	h := 0.0
	for _, v := range n {
		if v > 0 {
			h -= v / t.total * math.Log(v/t.total)
		}
	}
	return h
}

// explained returns 1 - conditional/entropy, clamped to 0 and 1 against rounding.
func explained(entropy, conditional float64) float64 {
	const rounding = 1e-12
	if entropy < rounding {
		return 1
	}
	e := max(0, min(1, 1-conditional/entropy))
	if e < rounding {
		return 0
	}
	return e
}
