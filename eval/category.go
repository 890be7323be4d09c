package eval

import (
	"context"
	"slices"

	"kindred/eval/sets"
	"kindred/eval/stats"
	"kindred/internal/kmeans"
)

const (
	// clusteringRestarts is the number of starts of k-means, and clusteringSteps the largest number of
	// steps of each.
	clusteringRestarts = 50
	clusteringSteps    = 100
)

// A CategoryScore is the cluster of a [sets.CategoryItem].
type CategoryScore struct {
	Item sets.CategoryItem
	// Covered tells whether the word has a vector, and Unseen whether it has one without being stored.
	Covered, Unseen bool
	// Cluster is the number of the cluster that the word was put in, from 0; -1 for none.
	Cluster int
}

// A CategoryResult tells how well clusters of vectors agree with categories. Spherical k-means divides
// the words into as many clusters as they have categories; it takes the best of 50 starts, which
// [Options.Seed] determines. Intervals are those over other words of the kind, given the clusters:
// words are resampled, but not clustered again. Another seed adds variance that they do not show.
type CategoryResult struct {
	sets.Source
	// Words is the number of words in the set: those Used, which have vectors, and the Missing ones.
	Words   int `json:"words"`
	Used    int `json:"used"`
	Missing int `json:"missing"`
	WordsFound
	// Blank, Repeated and Ambiguous are the lines and words of the file that were left out, see
	// [sets.CategorySet].
	Blank     int      `json:"blank"`
	Repeated  int      `json:"repeated"`
	Ambiguous []string `json:"ambiguous"`
	// Columns are the columns of words and categories, nil if the file has no others.
	Columns *sets.Columns `json:"columns,omitempty"`
	// Categories is the number of categories with a word used, and the number of clusters.
	Categories int `json:"categories"`
	// Purity, AdjustedRand and VMeasure are defined in package stats.
	// They are undefined if fewer than two categories are covered.
	Purity       stats.Score `json:"purity"`
	AdjustedRand stats.Score `json:"adjusted_rand"`
	VMeasure     stats.Score `json:"v_measure"`
	// Items are the words in the order of the file.
	Items []CategoryScore `json:"-"`
}

// categories scores a categorization set.
func (c *evalContext) categories(s *sets.CategorySet) CategoryResult {
	result := CategoryResult{Source: s.Source, Words: len(s.Items), Blank: s.Blank, Repeated: s.Repeated, Ambiguous: s.Ambiguous, Columns: s.Columns}
	if result.Ambiguous == nil {
		result.Ambiguous = []string{}
	}
	words := c.wordsOf(func(yield func(string) bool) {
		for _, item := range s.Items {
			if !yield(item.Word) {
				return
			}
		}
	})
	var vectors [][]float32
	for _, item := range s.Items {
		v, form, ok := words.vector(item.Word)
		if ok {
			vectors = append(vectors, v)
		}
		words.count(ok, form)
		result.Items = append(result.Items, CategoryScore{Item: item, Covered: ok, Unseen: form.unseen, Cluster: -1})
	}
	result.Used, result.Missing = len(vectors), len(s.Items)-len(vectors)
	result.WordsFound = words.found()
	c.cluster(&result, vectors)
	return result
}

// cluster divides the covered words, whose vectors are given, into clusters and sets the scores.
func (c *evalContext) cluster(r *CategoryResult, vectors [][]float32) {
	var labels []string
	for _, item := range r.Items {
		if item.Covered {
			labels = append(labels, item.Item.Category)
		}
	}
	r.Categories = len(slices.Compact(slices.Sorted(slices.Values(labels))))
	if r.Categories < 2 {
		none := stats.Score{Undefined: "fewer than two categories with a covered word"}
		r.Purity, r.AdjustedRand, r.VMeasure = none, none, none
		return
	}
	unit := kmeans.Unit(len(vectors), c.e.Dim(), func(i int) []float32 { return vectors[i] })
	clustering, err := kmeans.Cluster(context.Background(), unit, r.Categories, clusteringRestarts, clusteringSteps, c.options.Seed)
	if err != nil {
		panic(err) // nothing ends the context
	}
	found := clustering.Clusters
	next := 0
	for i := range r.Items {
		if r.Items[i].Covered {
			r.Items[i].Cluster = found[next]
			next++
		}
	}
	r.Purity = partitionScore(stats.Purity(found, labels))
	r.AdjustedRand = partitionScore(stats.AdjustedRand(found, labels))
	r.VMeasure = partitionScore(stats.VMeasure(found, labels))
	n := len(found)
	c.intervals.addToProportion(&r.Purity, n, stats.PurityStatistic(found, labels))
	c.intervals.add(&r.AdjustedRand, n, stats.AdjustedRandStatistic(found, labels))
	c.intervals.add(&r.VMeasure, n, stats.VMeasureStatistic(found, labels))
}
