package subword

import (
	"slices"

	"kindred/corpus/vocab"
	"kindred/model"
)

// Select returns e, whose vocabulary is a *[Vocabulary], with only some of its words: those with the given
// ids, in this order, and then words that are not stored and that n-grams make. The n-grams stay, so that
// all other words have vectors, too. Matrices are shared, not copied.
//
// A word that was not stored has no row of its own. If there are any, the vectors of all stored words
// become their rows (see [Vocabulary.Composed]), unless the hash is [Floret], and there is no output
// matrix.
func Select(e *model.Embeddings, ids []int, unseen []string) (*model.Embeddings, error) {
	v := e.Vocabulary.(*Vocabulary)
	words, counts := slices.Grow([]string(nil), len(ids)+len(unseen)), make([]int64, len(ids)+len(unseen))
	for i, id := range ids {
		words, counts[i] = append(words, v.Word(id)), v.Count(id)
	}
	stored, err := vocab.New(append(words, unseen...), counts)
	if err != nil {
		return nil, err
	}
	made := &Vocabulary{Vocab: stored, NGrams: v.NGrams, Composed: v.Composed}
	s := &model.Embeddings{Vocabulary: made, Input: e.Input, Manifest: e.Manifest, Warnings: slices.Clone(e.Warnings)}
	if e.Output != nil && len(unseen) == 0 {
		s.Output = &rows{ids: ids, words: e.Output, first: len(ids)}
	}
	if v.WordRows() == 0 {
		return s, nil
	}
	kept := &rows{ids: ids, words: e.Input, ngrams: e.Input, first: len(ids), from: v.WordRows()}
	if len(unseen) > 0 {
		made.Composed = true
		kept.ids, kept.first = nil, stored.Len()
		kept.words = composed(e, ids, unseen)
	}
	s.Input = kept
	if sparse, ok := e.Input.(*Sparse); ok {
		kept.ngrams = sparse.rows
		if kept.ids != nil {
			kept.words = sparse.rows
		}
		s.Input, err = NewSparse(kept, kept.first, sparse.buckets, sparse.used, sparse.initial)
	}
	return s, err
}

// composed returns the vectors of stored words and of others.
func composed(e *model.Embeddings, ids []int, unseen []string) *model.Matrix {
	m := model.NewMatrix(len(ids)+len(unseen), e.Dim())
	r := e.Reader()
	for i, id := range ids {
		copy(m.Row(i), r.Stored(id))
	}
	for i, word := range unseen {
		vector, _ := r.Unseen(word)
		copy(m.Row(len(ids)+i), vector)
	}
	return m
}

// rows is a storage of some rows of words, and of the rows of n-grams behind them.
type rows struct {
	ids   []int // the rows of words, nil for all
	words model.Storage
	first int // rows of words
	// ngrams has the rows of n-grams from row from on; nil if there are none.
	ngrams model.Storage
	from   int
}

// Shape implements [model.Storage].
func (r *rows) Shape() (n, dim int) {
	_, dim = r.words.Shape()
	if r.ngrams == nil {
		return r.first, dim
	}
	n, _ = r.ngrams.Shape()
	return r.first + n - r.from, dim
}

// ReadRow implements [model.Storage].
func (r *rows) ReadRow(buf []float32, i int) []float32 {
	switch {
	case i >= r.first:
		return r.ngrams.ReadRow(buf, i-r.first+r.from)
	case r.ids != nil:
		return r.words.ReadRow(buf, r.ids[i])
	}
	return r.words.ReadRow(buf, i)
}

// Err returns the first failure of reading the rows.
func (r *rows) Err() error {
	for _, s := range []model.Storage{r.words, r.ngrams} {
		if failing, ok := s.(interface{ Err() error }); ok {
			if err := failing.Err(); err != nil {
				return err
			}
		}
	}
	return nil
}
