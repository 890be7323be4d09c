package search

import (
	"cmp"
	"fmt"
	"slices"

	"kindred/model"
)

// A Neighbor is a word that was found by its similarity.
type Neighbor struct {
	// ID is the number of the word among the candidates of the index, see [Index.Word].
	ID   int
	Word string
	// Similarity is the cosine, from -1 to 1. For analogies by [CosMul] it is the score of that
	// method, 0 or more.
	Similarity float64
}

const (
	// tileRows is the number of vectors that are multiplied at a time. Those of 100 values fit the
	// first-level cache.
	tileRows = 64
	// tileQueries is the number of queries they are multiplied by at a time.
	tileQueries = 64
)

// Nearest returns the top words whose vectors have the highest cosine with query, the highest first,
// except the ids in exclude. It panics if query does not have the dimension of the vectors.
func (x *Index) Nearest(query []float32, top int, exclude ...int) []Neighbor {
	return x.NearestAll([][]float32{query}, top, [][]int{exclude})[0]
}

// NearestWord returns the top words nearest to word, without itself. The error is that of
// [Index.Query], or a [*NoDirectionError].
func (x *Index) NearestWord(word string, top int) ([]Neighbor, error) {
	return x.NearestWords([]string{word}, nil, top)
}

// NearestWords returns the top words nearest to the positive words and farthest from the negative ones:
// those with the highest cosine with the sum of the positive words' unit vectors minus those of the
// negative words. None of the words in the question is an answer. Each counts as often as it is given.
// It is gensim's most_similar, and without negative words the program distance of word2vec.c. The error
// is that of [Index.Query], or a [*NoDirectionError].
func (x *Index) NearestWords(positive, negative []string, top int) ([]Neighbor, error) {
	sum := make([]float32, x.dim)
	var exclude []int
	add := func(words []string, sign float32) error {
		for _, w := range words {
			q, err := x.Query(w)
			if err != nil {
				return err
			}
			if !hasDirection(q.Vector) {
				return x.orErr(&NoDirectionError{Word: w})
			}
			for k, v := range q.Vector {
				sum[k] += sign * v
			}
			exclude = append(exclude, q.ID)
		}
		return nil
	}
	if err := add(positive, 1); err != nil {
		return nil, err
	}
	if err := add(negative, -1); err != nil {
		return nil, err
	}
	if !hasDirection(sum) {
		return nil, x.orErr(&NoDirectionError{})
	}
	list := x.Nearest(sum, top, exclude...)
	if err := x.Err(); err != nil {
		return nil, err
	}
	return list, nil
}

// A NoDirectionError reports a question that has no answer, as a zero vector is similar to nothing.
type NoDirectionError struct {
	// Word is the word whose vector is zero. It is empty if the words of the question cancel out.
	Word string
}

func (e *NoDirectionError) Error() string {
	if e.Word == "" {
		return "the vectors of these words add up to zero, which has no direction and so no neighbors"
	}
	return fmt.Sprintf("the vector of %q is zero: it has no direction, so it is similar to no word", e.Word)
}

func hasDirection(v []float32) bool {
	return slices.ContainsFunc(v, func(x float32) bool { return x != 0 })
}

// Similarity returns the cosine of two words. The error is that of [Index.Query], or a
// [*NoDirectionError].
func (x *Index) Similarity(a, b string) (float64, error) {
	var queries [2]Query
	for i, w := range []string{a, b} {
		q, err := x.Query(w)
		if err != nil {
			return 0, err
		}
		if !hasDirection(q.Vector) {
			return 0, x.orErr(&NoDirectionError{Word: w})
		}
		queries[i] = q
	}
	return model.Cosine(queries[0].Vector, queries[1].Vector), nil
}

// NearestAll is [Index.Nearest] for many queries, in much less time than one after the other.
// exclude[i] has the ids that are not neighbors of query i; a nil exclude excludes none.
func (x *Index) NearestAll(queries [][]float32, top int, exclude [][]int) [][]Neighbor {
	all := make([][]Neighbor, len(queries))
	for start := 0; start < len(queries); start += tileQueries {
		end := min(start+tileQueries, len(queries))
		var excluded [][]int
		if exclude != nil {
			excluded = exclude[start:end]
		}
		for i, best := range x.nearestTile(queries[start:end], min(top, x.Len()), excluded) {
			all[start+i] = x.neighbors(best)
		}
	}
	return all
}

// nearestTile returns the best candidates for each query. There are at most tileQueries queries.
func (x *Index) nearestTile(queries [][]float32, top int, exclude [][]int) []*ranking {
	unit := model.NewMatrix(len(queries), x.dim)
	for i, q := range queries {
		if len(q) != x.dim {
			panic(fmt.Sprintf("model: a query of %d values for vectors of %d", len(q), x.dim))
		}
		model.Unit(unit.Row(i), q)
	}
	if x.graph != nil {
		return x.nearestInGraph(unit, top, exclude)
	}
	var workers [][]*ranking
	x.search(tileRows, func() func(start, end int) {
		mine := newRankings(len(queries), top)
		workers = append(workers, mine)
		dst, tile := make([]float32, len(queries)*tileRows), x.newTile(tileRows)
		return func(start, end int) {
			n := end - start
			tile.cosines(dst, start, n, unit)
			for i, r := range mine {
				for j, s := range dst[i*n : (i+1)*n] {
					if r.admits(s) && (exclude == nil || !slices.Contains(exclude[i], start+j)) {
						r.add(candidate{start + j, s})
					}
				}
			}
		}
	})
	merged := newRankings(len(queries), top)
	for _, mine := range workers {
		for i, r := range mine {
			for _, c := range r.heap {
				merged[i].add(c)
			}
		}
	}
	return merged
}

func (x *Index) neighbors(r *ranking) []Neighbor {
	slices.SortFunc(r.heap, func(a, b candidate) int { return -compareCandidates(a, b) })
	list := make([]Neighbor, len(r.heap))
	for i, c := range r.heap {
		list[i] = Neighbor{ID: c.id, Word: x.Word(c.id), Similarity: float64(c.score)}
	}
	return list
}

// A candidate is a word with its score.
type candidate struct {
	id    int
	score float32
}

// compareCandidates is positive if a is better than b: by its higher score, then by its lower id.
func compareCandidates(a, b candidate) int {
	return cmp.Or(cmp.Compare(a.score, b.score), cmp.Compare(b.id, a.id))
}

// A ranking keeps the best candidates that were added, in a binary heap with the worst on top.
type ranking struct {
	heap []candidate
	size int
}

// newRankings returns n rankings of the best size candidates.
func newRankings(n, size int) []*ranking {
	list := make([]*ranking, n)
	for i := range list {
		list[i] = &ranking{size: max(size, 0)}
	}
	return list
}

// admits reports whether a candidate of this score may be among the best.
func (r *ranking) admits(score float32) bool {
	return len(r.heap) < r.size || r.size > 0 && score >= r.heap[0].score
}

// add keeps c if it is among the best.
func (r *ranking) add(c candidate) {
	switch {
	case len(r.heap) < r.size:
		r.heap = append(r.heap, c)
		r.up(len(r.heap) - 1)
	case r.size > 0 && compareCandidates(c, r.heap[0]) > 0:
		r.heap[0] = c
		r.down()
	}
}

func (r *ranking) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if compareCandidates(r.heap[i], r.heap[parent]) >= 0 {
			return
		}
		r.heap[i], r.heap[parent] = r.heap[parent], r.heap[i]
		i = parent
	}
}

func (r *ranking) down() {
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(r.heap); child++ {
			if compareCandidates(r.heap[child], r.heap[least]) < 0 {
				least = child
			}
		}
		if least == i {
			return
		}
		r.heap[i], r.heap[least] = r.heap[least], r.heap[i]
		i = least
	}
}
