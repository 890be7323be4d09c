package compare

import (
	"kindred/eval/stats"
	"kindred/model"
	"kindred/model/search"
)

const (
	// OverlapNeighbors is the number of nearest neighbors of a word that are compared.
	OverlapNeighbors = 10
	// OverlapWords is the largest number of words of a frequency bin whose neighbors are compared.
	OverlapWords = 200
)

// overlaps adds the overlaps of vocabularies and of neighbors.
func (c *comparer) overlaps(result *Comparison) {
	for second := range c.systems {
		for first := range second {
			a, b := c.groups[first], c.groups[second]
			shared := c.shared.count(append(append([]int{}, a...), b...))
			either := result.Systems[first].Words + result.Systems[second].Words - shared
			result.Vocabularies = append(result.Vocabularies, VocabularyOverlap{first, second, shared, stats.SixDigits(float64(shared) / float64(either))})
		}
	}
	sample := c.sampleWords()
	lists := make([][][]int, len(c.models))
	for m := range c.models {
		lists[m] = neighborLists(c.shared.view(m), sample)
	}
	for second := range c.systems {
		for first := range second + 1 {
			if o, ok := c.neighborOverlap(first, second, sample, lists); ok {
				result.Neighbors = append(result.Neighbors, o)
			}
		}
	}
}

// sampleWords returns the numbers of some words of each bin, at equal distances.
func (c *comparer) sampleWords() []int {
	var sample []int
	for _, bin := range frequencyBins() {
		end := len(c.shared.words)
		if bin.To > 0 {
			end = min(end, bin.To)
		}
		size := max(0, end-bin.From+1)
		n := min(size, OverlapWords)
		for i := range n {
			sample = append(sample, bin.From-1+i*size/n)
		}
	}
	return sample
}

// neighborLists returns the ids of the nearest neighbors of some words.
func neighborLists(e *model.Embeddings, words []int) [][]int {
	index := search.NewIndex(e, 0)
	var queries [][]float32
	var themselves [][]int
	for _, id := range words {
		queries = append(queries, index.Stored(id).Vector)
		themselves = append(themselves, []int{id})
	}
	lists := make([][]int, len(words))
	for i, list := range index.NearestAll(queries, OverlapNeighbors, themselves) {
		for _, n := range list {
			lists[i] = append(lists[i], n.ID)
		}
	}
	return lists
}

// neighborOverlap returns the overlap of two systems, or of the models of one, and whether there are two
// models to compare.
func (c *comparer) neighborOverlap(first, second int, sample []int, lists [][][]int) (NeighborOverlap, bool) {
	o := NeighborOverlap{First: first, Second: second, Bins: []BinOverlap{}}
	var pairs [][2]int
	for i, a := range c.groups[first] {
		for j, b := range c.groups[second] {
			if first != second || i < j {
				pairs = append(pairs, [2]int{a, b})
			}
		}
	}
	if len(pairs) == 0 {
		return o, false
	}
	for _, bin := range frequencyBins() {
		sum, words := 0.0, 0
		for i, word := range sample {
			if !bin.has(word + 1) {
				continue
			}
			words++
			for _, p := range pairs {
				sum += jaccard(lists[p[0]][i], lists[p[1]][i]) / float64(len(pairs))
			}
		}
		if words > 0 {
			o.Bins = append(o.Bins, BinOverlap{bin, words, stats.SixDigits(sum / float64(words))})
		}
	}
	return o, true
}

// jaccard returns the Jaccard coefficient of two sets, 1 for two empty ones.
func jaccard(a, b []int) float64 {
	in := make(map[int]bool, len(a))
	for _, v := range a {
		in[v] = true
	}
	both := 0
	for _, v := range b {
		if in[v] {
			both++
		}
	}
	if len(a)+len(b) == 0 {
		return 1
	}
	return float64(both) / float64(len(a)+len(b)-both)
}
