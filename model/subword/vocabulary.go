package subword

import (
	"fmt"
	"math"

	"kindred/model"
)

// A Vocabulary is a [model.Composer] whose words are made of rows of n-grams. With n stored words, row i
// is that of word i for i < n, and row n + b that of bucket b.
//
//   - A stored word is the mean of its own row and the rows of its n-grams, each as often as it occurs.
//   - A word that is not stored is the mean of the rows of its n-grams. It has no vector if it has none.
//   - With [Floret] no word has a row of its own: row b is that of bucket b, and all words, stored or
//     not, are the mean of the rows that the word and its n-grams are hashed to, as floret computes it.
//   - If Composed is true, the row of a stored word is its vector already, as in finalfusion.
type Vocabulary struct {
	// Vocab has the stored words.
	model.Vocab
	NGrams
	Composed bool
}

var _ model.Composer = (*Vocabulary)(nil)

// New returns the vocabulary of stored words with n-grams. The error is that of [NGrams.Check], or says
// that there are more rows than can be numbered.
func New(words model.Vocab, g NGrams) (*Vocabulary, error) {
	if err := g.Check(); err != nil {
		return nil, err
	}
	v := &Vocabulary{Vocab: words, NGrams: g}
	if rows := int64(v.WordRows()) + int64(g.Buckets); rows > math.MaxInt32 {
		return nil, fmt.Errorf("%d words and %d buckets for n-grams are more rows than the %d that can be numbered; use fewer buckets", v.Len(), g.Buckets, math.MaxInt32)
	}
	return v, nil
}

// WordRows returns the number of rows of stored words, before those of n-grams: Len(), or 0 with
// [Floret].
func (v *Vocabulary) WordRows() int {
	if v.Hash == Floret && !v.Composed {
		return 0
	}
	return v.Len()
}

// Rows returns the number of all rows that words are made of.
func (v *Vocabulary) Rows() int { return v.WordRows() + v.Buckets }

// Stored implements [model.Composer].
func (v *Vocabulary) Stored(buf []int32, id int) ([]int32, float32) {
	start := len(buf)
	if v.WordRows() > 0 {
		buf = append(buf, int32(id))
	}
	if !v.Composed {
		buf = v.ngramRows(buf, v.Word(id))
	}
	return buf, scale(len(buf) - start)
}

// Unseen implements [model.Composer].
func (v *Vocabulary) Unseen(buf []int32, word string) ([]int32, float32, bool) {
	if word == "" {
		return nil, 0, false
	}
	start := len(buf)
	buf = v.ngramRows(buf, word)
	return buf, scale(len(buf) - start), len(buf) > start
}

// ngramRows appends the rows of the n-grams of a word.
func (v *Vocabulary) ngramRows(buf []int32, word string) []int32 {
	start, first := len(buf), int32(v.WordRows())
	buf = v.Append(buf, word)
	for i := range buf[start:] {
		buf[start+i] += first
	}
	return buf
}

// scale returns 1/n as fastText computes it, in float32 from a float64.
func scale(n int) float32 { return float32(1 / float64(n)) }
