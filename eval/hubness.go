package eval

import (
	"slices"

	"kindred/eval/stats"
	"kindred/model/search"
)

const (
	// hubnessNeighbours is the length of the neighbour lists.
	hubnessNeighbours = 10
	// hubsShown is the number of the largest hubs that are listed.
	hubsShown = 5
)

// A Hub is a word that is often a neighbour.
type Hub struct {
	Word string `json:"word"`
	// Occurrences is the number of neighbour lists that the word is in.
	Occurrences int `json:"occurrences"`
}

// Hubness tells how evenly the words occur among each other's nearest neighbours
// (Radovanović, Nanopoulos and Ivanović, "Hubs in space: popular nearest
// neighbors in high-dimensional data", 2010). The k-occurrence N_k of a word is
// the number of other words that have it among their k nearest; its mean is k.
//
// All words of a given part of the vocabulary are counted, which is no sample, so
// that the scores have no interval.
type Hubness struct {
	// Words is the number of words looked at, from the start of the
	// vocabulary, and Neighbours is k, the length of their lists.
	Words     int `json:"words"`
	Neighbors int `json:"neighbours"`
	// Skewness is that of N_k over the words, the mean of ((N_k - k)/σ)³: 0
	// where they are spread evenly about k, and higher the more a few words
	// are neighbours of many.
	Skewness stats.Score `json:"skewness"`
	// Antihubs is the share of words that are in nobody's list.
	Antihubs stats.Score `json:"orphans"`
	// Hubs are the words with the highest N_k, the highest first.
	Hubs []Hub `json:"hubs"`
}

// hubness looks at the first words of the subject's vocabulary.
func (c *evalContext) hubness(words int) *Hubness {
	index := search.NewIndex(c.e, words)
	n := index.Len()
	h := &Hubness{Words: n, Neighbors: min(hubnessNeighbours, max(0, n-1)), Hubs: []Hub{}}
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

// occurrences returns the number of words that have each word of the index
// among their nearest.
func occurrences(index *search.Index, neighbours int) []int {
	const block = 1024 // words, so that the lists of few are in memory at a time
	n := index.Len()
	counts := make([]int, n)
	for start := 0; start < n; start += block {
		var queries [][]float32
		var themselves [][]int
		for id := start; id < min(start+block, n); id++ {
			queries = append(queries, index.Stored(id).Vector)
			themselves = append(themselves, []int{id})
		}
		for _, list := range index.NearestAll(queries, neighbours, themselves) {
			for _, neighbour := range list {
				counts[neighbour.ID]++
			}
		}
	}
	return counts
}

// spread returns the skewness of the counts and the share of zeros.
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
		return stats.Score{Undefined: "all words are neighbours equally often"}, antihubs
	}
	return stats.Score{Value: value}, antihubs
}
