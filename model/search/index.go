package search

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"kindred/model"
)

// An Index answers questions about the directions of vectors: nearest neighbors, analogies, cosines.
// It holds a copy of the vectors of the stored words, scaled to unit length, so that a cosine is an
// inner product. A vector without a direction (see [model.Cosine]) is zero in it, and its cosine with
// any other is 0.
//
// An Index is safe for concurrent use. If several words are equally similar, the one with the lower
// id comes first, which is the more frequent one. Results do not depend on the number of processors.
type Index struct {
	words    model.Vocab
	composes *model.Embeddings // to compose words that are not stored, nil if there are none
	unit     *model.Matrix
}

// NewIndex returns the index of the first restrict words of e, which are the most frequent ones if
// kindred trained them; of all words if restrict is 0 or more than there are.
func NewIndex(e *model.Embeddings, restrict int) *Index {
	n := e.Vocabulary.Len()
	if restrict > 0 {
		n = min(n, restrict)
	}
	x := &Index{words: e.Vocabulary, unit: model.NewMatrix(n, e.Dim())}
	if _, ok := e.Vocabulary.(model.Composer); ok {
		x.composes = e
	}
	inParallel(n, 1024, func() func(start, end int) {
		vectors := e.Reader()
		return func(start, end int) {
			for id := start; id < end; id++ {
				normalize(x.unit.Row(id), vectors.Stored(id))
			}
		}
	})
	return x
}

// Len returns the number of words in the index.
func (x *Index) Len() int { return x.unit.Rows }

// Word returns the word with the given id, 0 <= id < Len().
func (x *Index) Word(id int) string { return x.words.Word(id) }

// A Query is a word that is asked about.
type Query struct {
	// ID is the id of a word in the index, -1 for any other word.
	ID int
	// Vector is the vector of the word, scaled to unit length. It must not be changed.
	Vector []float32
}

// Query returns the query for a word: one that is in the index, or one that a [model.Composer]
// composes. For any other word the error is an [*UnknownWordError].
func (x *Index) Query(word string) (Query, error) {
	id, stored := x.words.ID(word)
	if stored && id < x.Len() {
		return x.Stored(id), nil
	}
	if !stored {
		if q, ok := x.Unseen(word); ok {
			return q, nil
		}
	}
	return Query{}, &UnknownWordError{Word: word, Suggestions: x.Suggest(word, 5)}
}

// Unseen returns the query for a word that is not stored, if a [model.Composer] composes it.
func (x *Index) Unseen(word string) (Query, bool) {
	if x.composes == nil {
		return Query{}, false
	}
	v, ok := x.composes.Reader().Unseen(word)
	if !ok {
		return Query{}, false
	}
	q := Query{-1, make([]float32, len(v))}
	normalize(q.Vector, v)
	return q, true
}

// Stored returns the query for the word with this id, 0 <= id < Len().
func (x *Index) Stored(id int) Query { return Query{id, x.unit.Row(id)} }

// inParallel divides 0..n-1 into blocks of size, which all processors work on: worker returns a
// function for each of them, which is called with blocks in ascending order.
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

// normalize sets dst to src divided by its Euclidean length, or to zero if src has no direction (see
// [model.Cosine]).
func normalize(dst, src []float32) {
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
