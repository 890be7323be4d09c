package explore

import (
	"cmp"
	"context"
	"slices"

	"kindred/model/search"
)

const (
	// mostCompared is the number of words whose neighbors are compared, the most frequent ones of both models.
	mostCompared = 2000
	// mostShared is the number of words among which neighbors are searched.
	mostShared = 50_000
	// comparedNeighbors is the number of neighbors of each word, and listedWords that of words in a list.
	comparedNeighbors = 10
	listedWords       = 20
	// comparedAtOnce is the number of words whose neighbors are searched between two looks at the context.
	comparedAtOnce = 256
)

// Differences says how many of their nearest words words have in common in two models, among the first words that both have.
type Differences struct {
	// Compared is the number of words that were compared, and Top that of neighbors of each.
	Compared int `json:"compared"`
	Top      int `json:"top"`
	// Mean is the mean share of common neighbors, from 0 to 1.
	Mean float64 `json:"mean"`
	// Most are the words with the fewest common neighbors, and Least those with the most. Of equal words the more
	// frequent one comes first in Most, and last in Least.
	Most  []Overlap `json:"most"`
	Least []Overlap `json:"least"`
}

// An Overlap is the number of common neighbors of a word.
type Overlap struct {
	Word   string `json:"word"`
	Shared int    `json:"shared"`
}

// Compare compares two models. The only error is that of ctx.
func Compare(ctx context.Context, a, b *search.Index) (Differences, error) {
	d := Differences{Top: comparedNeighbors, Most: []Overlap{}, Least: []Overlap{}}
	var shared []string
	for i := range a.Embeddings().Vocabulary.Len() {
		w := a.Embeddings().Vocabulary.Word(i)
		if _, ok := b.Embeddings().Vocabulary.ID(w); ok {
			shared = append(shared, w)
		}
		if len(shared) == mostShared {
			break
		}
	}
	if len(shared) < 2 {
		return d, ctx.Err()
	}
	words := shared[:min(mostCompared, len(shared))]
	nearA, err := nearWords(ctx, a, shared, words)
	if err != nil {
		return d, err
	}
	nearB, err := nearWords(ctx, b, shared, words)
	if err != nil {
		return d, err
	}
	sum := 0
	list := make([]Overlap, len(words))
	for i, w := range words {
		n := 0
		for _, word := range nearA[i] {
			if slices.Contains(nearB[i], word) {
				n++
			}
		}
		list[i] = Overlap{w, n}
		sum += n
	}
	d.Compared, d.Mean = len(words), float64(sum)/float64(len(words)*comparedNeighbors)
	slices.SortStableFunc(list, func(x, y Overlap) int { return cmp.Compare(x.Shared, y.Shared) })
	d.Most = append(d.Most, list[:min(listedWords, len(list))]...)
	slices.Reverse(list)
	d.Least = append(d.Least, list[:min(listedWords, len(list))]...)
	return d, nil
}

// nearWords returns the nearest words of each of some words among others.
func nearWords(ctx context.Context, x *search.Index, among, words []string) ([][]string, error) {
	y, _ := search.NewIndexAmong(x.Embeddings(), among)
	var all [][]string
	for part := range slices.Chunk(words, comparedAtOnce) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		queries, exclude := make([][]float32, len(part)), make([][]int, len(part))
		for i, w := range part {
			q, err := y.Query(w)
			if err != nil {
				return nil, err
			}
			queries[i], exclude[i] = q.Vector, []int{q.ID}
		}
		for _, found := range y.NearestAll(queries, comparedNeighbors, exclude) {
			near := make([]string, len(found))
			for i, n := range found {
				near[i] = n.Word
			}
			all = append(all, near)
		}
	}
	return all, nil
}
