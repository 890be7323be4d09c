package search

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"kindred/model"
)

// An Index answers questions about the directions of vectors: nearest neighbors, analogies, cosines.
// It holds a copy of the vectors of its candidates, the words that can be answers, scaled to unit length,
// so that a cosine is an inner product. A vector without a direction (see [model.Cosine]) is zero in it,
// and its cosine with any other is 0. A question may be about any word that the embeddings have a vector
// for.
//
// An Index is safe for concurrent use. If several words are equally similar, the one with the lower
// id comes first, which is the more frequent one. Results do not depend on the number of processors.
type Index struct {
	e *model.Embeddings
	// ids are the ids of the candidates in the vocabulary, ascending; nil if candidate i is word i.
	ids  []int
	unit *model.Matrix
}

// NewIndex returns an index whose candidates are the first restrict words of e, which are the most
// frequent ones if kindred trained them; all words if restrict is 0 or more than there are.
func NewIndex(e *model.Embeddings, restrict int) *Index {
	n := e.Vocabulary.Len()
	if restrict > 0 {
		n = min(n, restrict)
	}
	return newIndex(e, n, nil)
}

// NewIndexAmong returns an index whose candidates are those of the words that are stored in e. missing
// are the others.
func NewIndexAmong(e *model.Embeddings, words []string) (x *Index, missing []string) {
	ids := make([]int, 0, len(words))
	for _, w := range words {
		if id, ok := e.Vocabulary.ID(w); ok {
			ids = append(ids, id)
		} else {
			missing = append(missing, w)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return newIndex(e, len(ids), ids), missing
}

func newIndex(e *model.Embeddings, n int, ids []int) *Index {
	x := &Index{e: e, ids: ids, unit: model.NewMatrix(n, e.Dim())}
	inParallel(n, 1024, func() func(start, end int) {
		vectors := e.Reader()
		return func(start, end int) {
			for i := start; i < end; i++ {
				model.Unit(x.unit.Row(i), vectors.Stored(x.wordID(i)))
			}
		}
	})
	return x
}

// wordID returns the id in the vocabulary of candidate i.
func (x *Index) wordID(i int) int {
	if x.ids == nil {
		return i
	}
	return x.ids[i]
}

// candidate returns the candidate that is the word with this id in the vocabulary.
func (x *Index) candidate(id int) (i int, ok bool) {
	if x.ids == nil {
		return id, id < x.Len()
	}
	return slices.BinarySearch(x.ids, id)
}

// Len returns the number of candidates.
func (x *Index) Len() int { return x.unit.Rows }

// Word returns candidate i, 0 <= i < Len(). For an index of [NewIndex] i is the id of the word in the
// vocabulary.
func (x *Index) Word(i int) string { return x.e.Vocabulary.Word(x.wordID(i)) }

// Embeddings returns the embeddings that the index was made from.
func (x *Index) Embeddings() *model.Embeddings { return x.e }

// A Query is a word that is asked about.
type Query struct {
	// ID is the number of the word among the candidates of the index, -1 for any other word.
	ID int
	// Vector is the vector of the word, scaled to unit length. It must not be changed.
	Vector []float32
}

// Query returns the query for a word: a candidate, another stored word, or one that a [model.Composer]
// composes. For any other word the error is an [*UnknownWordError].
func (x *Index) Query(word string) (Query, error) {
	if id, stored := x.e.Vocabulary.ID(word); stored {
		if i, ok := x.candidate(id); ok {
			return x.Stored(i), nil
		}
		return unitQuery(x.e.Reader().Stored(id)), nil
	}
	if q, ok := x.Unseen(word); ok {
		return q, nil
	}
	return Query{}, &UnknownWordError{Word: word, Suggestions: x.Suggest(word, 5)}
}

// Unseen returns the query for a word that is not stored, if a [model.Composer] composes it.
func (x *Index) Unseen(word string) (Query, bool) {
	v, ok := x.e.Reader().Unseen(word)
	if !ok {
		return Query{}, false
	}
	return unitQuery(v), true
}

// unitQuery returns the query for a word outside the candidates.
func unitQuery(v []float32) Query {
	q := Query{-1, make([]float32, len(v))}
	model.Unit(q.Vector, v)
	return q
}

// Stored returns the query for candidate i, 0 <= i < Len().
func (x *Index) Stored(i int) Query { return Query{i, x.unit.Row(i)} }

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
