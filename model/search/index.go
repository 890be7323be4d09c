package search

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"kindred/corpus/vocab"
	"kindred/model"
)

// An Index answers questions about the directions of vectors: nearest
// neighbours, analogies, cosines. It holds a copy of them, scaled to unit
// length, so that a cosine is an inner product. A vector without a direction
// (see [model.Cosine]) is zero in it, and its cosine with any other is 0.
//
// An Index is safe for concurrent use. Where several words are equally
// similar the one with the lower id, the more frequent, comes first; results
// do not depend on the number of processors.
type Index struct {
	words *vocab.Vocabulary
	unit  *model.Matrix
}

// NewIndex returns the index of the first restrict words of e, which are the
// most frequent ones where kindred trained them; of all words where restrict
// is 0 or more than there are.
func NewIndex(e *model.Embeddings, restrict int) *Index {
	n := e.Input.Rows
	if restrict > 0 {
		n = min(n, restrict)
	}
	x := &Index{words: e.Vocabulary, unit: model.NewMatrix(n, e.Dim())}
	inParallel(n, 1024, func() func(start, end int) {
		return func(start, end int) {
			for i := start; i < end; i++ {
				normalise(x.unit.Row(i), e.Input.Row(i))
			}
		}
	})
	return x
}

// Len returns the number of words in the index.
func (x *Index) Len() int { return x.unit.Rows }

// ID returns the id of word, and whether it is in the index.
func (x *Index) ID(word string) (int, bool) {
	id, ok := x.words.ID(word)
	return id, ok && id < x.Len()
}

// Word returns the word with the given id, 0 <= id < Len().
func (x *Index) Word(id int) string { return x.words.Word(id) }

// Lookup is like [Index.ID] with an [*UnknownWordError] for a word that is
// not in the index.
func (x *Index) Lookup(word string) (int, error) {
	if id, ok := x.ID(word); ok {
		return id, nil
	}
	return 0, &UnknownWordError{Word: word, Suggestions: x.Suggest(word, 5)}
}

// Vector returns the vector of a word, scaled to unit length. It is the
// index's own and must not be changed.
func (x *Index) Vector(id int) []float32 { return x.unit.Row(id) }

// Cosine returns the cosine similarity of the words i and j.
func (x *Index) Cosine(i, j int) float64 {
	sum := 0.0
	b := x.unit.Row(j)
	for k, v := range x.unit.Row(i) {
		sum += float64(v) * float64(b[k])
	}
	return max(-1, min(1, sum))
}

// inParallel cuts 0..n-1 into blocks of size, and has them worked on by all
// processors: worker returns a function for each of them, which is called
// with blocks in ascending order.
func inParallel(n, size int, worker func() func(start, end int)) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), (n+size-1)/size) {
		work := worker()
		group.Go(func() {
			for {
				start := int(next.Add(1)-1) * size
				if start >= n {
					return
				}
				work(start, min(start+size, n))
			}
		})
	}
	group.Wait()
}

// normalise sets dst to src divided by its Euclidean length, or to zero where
// src has no direction (see [model.Cosine]).
func normalise(dst, src []float32) {
	sum := 0.0
	for _, v := range src {
		sum += float64(v) * float64(v) // no float32 overflows this
	}
	if !(sum > 0) || math.IsInf(sum, 1) {
		clear(dst)
		return
	}
	scale := 1 / math.Sqrt(sum)
	for i, v := range src {
		dst[i] = float32(float64(v) * scale)
	}
}
