package eval

import (
	"slices"

	"kindred/eval/stats"
	"kindred/model/search"
)

const (
	// hubnessNeighbors is the length of the neighbor lists.
	hubnessNeighbors = 10
	// hubsShown is the number of the largest hubs that are listed.
	hubsShown = 5
)

// A Hub is a word that is a nearest neighbor of many words.
type Hub struct {
	Word string `json:"word"`
	// Occurrences is the number of neighbor lists with the word.
	Occurrences int `json:"occurrences"`
}

// Hubness tells how evenly words occur among each other's nearest neighbors (Radovanović, Nanopoulos and
// Ivanović, "Hubs in space: popular nearest neighbors in high-dimensional data", 2010). The k-occurrence
// N_k of a word is the number of other words that have it among their k nearest. Its mean is k.
//
// All words at the start of the vocabulary are counted. They are not a sample, so the scores have no
// interval.
type Hubness struct {
	// Words is the number of words, from the start of the vocabulary. Neighbors is k, the length of their
	// lists.
	Words     int `json:"words"`
	Neighbors int `json:"neighbours"`
	// Skewness is the mean of ((N_k - k)/σ)³ over the words: 0 if N_k is spread evenly about
	// k, and higher the more a few words are neighbors of many.
	Skewness stats.Score `json:"skewness"`
	// Antihubs is the proportion of words that are in no list.
	Antihubs stats.Score `json:"orphans"`
	// Hubs are the words with the highest N_k, the highest first.
	Hubs []Hub `json:"hubs"`
}

// hubness counts the neighbors of the first words of the vocabulary.
func (c *evalContext) hubness(words int) *Hubness {
	index := search.NewIndex(c.e, words)
	n := index.Len()
	h := &Hubness{Words: n, Neighbors: min(hubnessNeighbors, max(0, n-1)), Hubs: []Hub{}}
	if n < 2 {
		none := stats.Score{Undefined: "fewer than two words"}
		h.Skewness, h.Antihubs = none, none
		return h
	}
	occurrences := occurrences(index, h.Neighbors)
	h.Skewness, h.Antihubs = spread(occurrences)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return occurrences[j] - occurrences[i] })
	for _, id := range order[:min(hubsShown, n)] {
		h.Hubs = append(h.Hubs, Hub{index.Word(id), occurrences[id]})
	}
	return h
}

// occurrences returns, for each word of the index, the number of words that have it among their nearest.
func occurrences(index *search.Index, neighbors int) []int {
	const block = 1024 // words whose lists are in memory at a time
	n := index.Len()
	counts := make([]int, n)
	for start := 0; start < n; start += block {
		var queries [][]float32
		var themselves [][]int
		for id := start; id < min(start+block, n); id++ {
			queries = append(queries, index.Stored(id).Vector)
			themselves = append(themselves, []int{id})
		}
		for _, list := range index.NearestAll(queries, neighbors, themselves) {
			for _, neighbor := range list {
				counts[neighbor.ID]++
			}
		}
	}
	return counts
}

// spread returns the skewness of the counts and the proportion of zeros.
func spread(counts []int) (skewness, antihubs stats.Score) {
	values, zeros := make([]float64, len(counts)), 0
	for i, c := range counts {
		values[i] = float64(c)
		if c == 0 {
			zeros++
		}
	}
	antihubs = stats.Score{Value: float64(zeros) / float64(len(counts))}
	value, err := stats.Skewness(values)
	if err != nil {
		return stats.Score{Undefined: "all words are neighbors equally often"}, antihubs
	}
	return stats.Score{Value: value}, antihubs
}
