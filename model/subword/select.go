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
	s := &model.Embeddings{Vocabulary: made, Input: e.Input, Positions: e.Positions, Manifest: e.Manifest, Warnings: slices.Clone(e.Warnings)}
	if e.Output != nil && len(unseen) == 0 {
		s.Output = &rows{ids: ids, words: e.Output, first: len(ids)}
	}
	if v.WordRows() == 0 {
		return s, nil
	}
	if len(unseen) == 0 {
		s.Input, err = replaceRows(e, &rows{ids: ids, first: len(ids)})
		return s, err
	}
	made.Composed = true
	s.Input, err = replaceRows(e, &rows{words: composed(e, ids, unseen), first: stored.Len()})
	return s, err
}

// Decompose returns e with words that have a row of their own beside those of their n-grams, as training needs them, if the row
// of a word is its vector (see [Vocabulary.Composed]). The rows are those with which the vectors of stored words stay as
// they are, but for rounding: a word of n - 1 n-grams has n times its vector less the rows of these.
func Decompose(e *model.Embeddings) (*model.Embeddings, error) {
	v, ok := e.Vocabulary.(*Vocabulary)
	if !ok || !v.Composed {
		return e, nil
	}
	own := model.NewMatrix(v.Len(), e.Dim())
	row := make([]float32, e.Dim())
	sum := make([]float64, e.Dim())
	var ngrams []int32
	for id := range v.Len() {
		ngrams = v.ngramRows(ngrams[:0], v.Word(id))
		for i, x := range e.Input.ReadRow(row, id) {
			sum[i] = float64(1+len(ngrams)) * float64(x)
		}
		for _, r := range ngrams {
			for i, x := range e.Input.ReadRow(row, int(r)) {
				sum[i] -= float64(x)
			}
		}
		for i, x := range sum {
			own.Row(id)[i] = float32(x)
		}
	}
	input, err := replaceRows(e, &rows{words: own, first: v.Len()})
	d := *e
	d.Words, d.Hash = nil, ""
	d.Vocabulary, d.Input = &Vocabulary{Vocab: v.Vocab, NGrams: v.NGrams}, input
	return &d, err
}

// replaceRows returns the rows of n-grams of e behind those of r, which are those of e itself if r has none.
func replaceRows(e *model.Embeddings, r *rows) (model.Storage, error) {
	base, from := e.Input, e.Vocabulary.(*Vocabulary).WordRows()
	sparse, _ := e.Input.(*Sparse)
	if sparse != nil {
		base = sparse.rows
	}
	r.ngrams, r.from = base, from
	if r.words == nil {
		r.words = base
	}
	if sparse == nil {
		return r, nil
	}
	return NewSparse(r, r.first, sparse.buckets, sparse.used, sparse.initial)
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
