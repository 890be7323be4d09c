package search

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"kindred/model"
)

// An Index answers questions about the directions of vectors: nearest neighbors, analogies, cosines.
// The candidates are the words that can be answers. If they are rows of a [model.BlockStorage], the Index has their lengths,
// which it computes when it first searches, and no copy of them. Otherwise it holds a copy, scaled to unit length. The cosine
// of a vector without a direction (see [model.Cosine]) with any other is 0. A question may be about any word that the
// embeddings have a vector for.
//
// If the vectors are in a mapped file, reading them can fail, since somebody may cut the file. Methods that return no error then
// leave out candidates; [Index.Err] tells.
//
// An Index is safe for concurrent use. If several words are equally similar, the one with the lower
// id comes first, which is the more frequent one. Results do not depend on the number of processors.
type Index struct {
	e *model.Embeddings
	// ids are the ids of the candidates in the vocabulary, ascending; nil if candidate i is word i.
	ids []int
	dim int
	// rows has the vectors of the candidates, in their order.
	rows model.BlockStorage
	n    int // candidates
	// lengths are those of the rows, nil if the rows have unit length.
	lengths *lengths
	failure *atomic.Pointer[error]
	graph   *graphSearch // nil if all candidates are searched
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
	x := &Index{e: e, ids: ids, n: n, dim: e.Dim(), failure: new(atomic.Pointer[error])}
	if CopiesNothing(e) && ids == nil {
		x.rows, x.lengths = wordRows(e).(model.BlockStorage), newLengths(n)
		return x
	}
	unit := model.NewMatrix(n, x.dim)
	x.rows = unit
	inParallel(n, 1024, func() func(start, end int) {
		vectors := e.Reader()
		return func(start, end int) {
			for i := start; i < end; i++ {
				model.Unit(unit.Row(i), vectors.Stored(x.wordID(i)))
			}
		}
	})
	return x
}

// CopiesNothing reports whether the index of [NewIndex] for e searches the rows of e where they are. Otherwise it copies
// them.
func CopiesNothing(e *model.Embeddings) bool {
	_, blocks := wordRows(e).(model.BlockStorage)
	return blocks
}

// wordRows returns the storage whose row i is the vector of word i, nil if there is none.
func wordRows(e *model.Embeddings) model.Storage {
	if _, composed := e.Vocabulary.(model.Composer); composed {
		return e.Words
	}
	return e.Input
}

// Err returns why vectors could not be read: the file that they are in was changed, or has values that are not finite. It is
// nil if all answers so far are complete. Methods that return an error return this one too.
func (x *Index) Err() error {
	if failed := x.failure.Load(); failed != nil {
		return *failed
	}
	if x.graph != nil {
		if err := x.graph.graph.Err(); err != nil {
			return err
		}
	}
	return model.StorageErr(x.e.Input)
}

// fail keeps the first error.
func (x *Index) fail(err error) { x.failure.CompareAndSwap(nil, &err) }

// orErr returns err, or that of [Index.Err] if there is one, which may be the reason of err.
func (x *Index) orErr(err error) error {
	if failed := x.Err(); failed != nil {
		return failed
	}
	return err
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
func (x *Index) Len() int { return x.n }

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
// composes. For any other word the error is an [*UnknownWordError]. Otherwise it is that of [Index.Err].
func (x *Index) Query(word string) (Query, error) {
	q, err := x.query(word)
	if unknown := (*UnknownWordError)(nil); errors.As(err, &unknown) {
		return q, err
	}
	return q, x.orErr(err)
}

func (x *Index) query(word string) (Query, error) {
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
func (x *Index) Stored(i int) Query {
	row := x.rows.ReadRow(nil, i)
	if x.lengths == nil {
		return Query{i, row}
	}
	_ = x.Check(x.Word(i), row)
	q := unitQuery(row)
	q.ID = i
	return q
}

// Check returns the error of [Index.Err], or one for a vector of a word that has values which are not finite, as a file that is
// mapped may have.
func (x *Index) Check(word string, vector []float32) error {
	if _, dense := x.rows.(*model.Matrix); dense && x.lengths != nil {
		return nil
	}
	if i := model.FirstNotFinite(vector); i >= 0 {
		x.fail(fmt.Errorf("value %d of the vector of %.60q is %v, want a finite number: the training diverged or the file is damaged", i+1, word, vector[i]))
	}
	return x.Err()
}

// search is [inParallel] for candidates: worker returns functions that read their rows.
func (x *Index) search(size int, worker func() func(start, end int)) {
	scan(x.n, size, worker, func(read func()) {
		if err := model.Guard(x.rows, read); err != nil {
			x.fail(err)
		}
	})
}

// inParallel divides 0..n-1 into blocks of size, which all processors work on: worker returns a
// function for each of them, which is called with blocks in ascending order.
func inParallel(n, size int, worker func() func(start, end int)) {
	scan(n, size, worker, func(read func()) { read() })
}

// scan is inParallel, with all that a processor does within a call of guard.
func scan(n, size int, worker func() func(start, end int), guard func(func())) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), (n+size-1)/size) {
		work := worker()
		group.Go(func() {
			guard(func() {
				for {
					start := int(next.Add(1)-1) * size
					if start >= n {
						return
					}
					work(start, min(start+size, n))
				}
			})
		})
	}
	group.Wait()
}
