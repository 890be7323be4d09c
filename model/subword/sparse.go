package subword

import (
	"fmt"
	"math/bits"
	"slices"

	"kindred/internal/random"
	"kindred/model"
)

// Initial are the initial values of the rows of n-grams: uniform in ±Bound, or zero if Bound is 0. They
// follow from Seed and the bucket, so that the rows of n-grams that no training has touched need not be
// stored.
type Initial struct {
	Seed  uint64  `json:"seed"`
	Bound float64 `json:"bound"`
}

// Row sets dst to the initial row of a bucket.
func (i Initial) Row(dst []float32, bucket int) {
	if i.Bound == 0 {
		clear(dst)
		return
	}
	rng := random.New(i.Seed, random.NGramInitialization, uint64(bucket))
	for k := range dst {
		dst[k] = float32(float64(rng.Float64()*2-1) * i.Bound)
	}
}

// A Sparse is a [model.Storage] of rows of words and of n-grams that has only the rows in use. The row of
// any other bucket is its initial one.
type Sparse struct {
	rows    model.Storage // of words, then of the buckets in use
	words   int
	buckets int
	used    []int32 // ascending
	initial Initial
}

// NewSparse returns the storage of words rows, of the used of all buckets, ascending, and of the initial
// rows of the others. rows has the rows of the words, then those of used.
func NewSparse(rows model.Storage, words, buckets int, used []int32, initial Initial) (*Sparse, error) {
	if n, _ := rows.Shape(); words < 0 || n != words+len(used) {
		return nil, fmt.Errorf("%d rows for %d words and %d buckets in use", n, words, len(used))
	}
	last := int32(-1)
	for _, b := range used {
		if b <= last || int(b) >= buckets {
			return nil, fmt.Errorf("bucket %d of %d after %d, want them ascending", b, buckets, last)
		}
		last = b
	}
	return &Sparse{rows, words, buckets, used, initial}, nil
}

// Shape implements [model.Storage]: all rows, those that are not in use too.
func (s *Sparse) Shape() (rows, dim int) {
	_, dim = s.rows.Shape()
	return s.words + s.buckets, dim
}

// ReadRow implements [model.Storage].
func (s *Sparse) ReadRow(buf []float32, i int) []float32 {
	if i < s.words {
		return s.rows.ReadRow(buf, i)
	}
	b := i - s.words
	if at, ok := slices.BinarySearch(s.used, int32(b)); ok {
		return s.rows.ReadRow(buf, s.words+at)
	}
	_, dim := s.rows.Shape()
	buf = slices.Grow(buf[:0], dim)[:dim]
	s.initial.Row(buf, b)
	return buf
}

// Err returns the error of the storage of the rows in use, if it can have one.
func (s *Sparse) Err() error {
	if e, ok := s.rows.(interface{ Err() error }); ok {
		return e.Err()
	}
	return nil
}

// Stored returns the rows that are stored: those of words, then those of [Sparse.Used].
func (s *Sparse) Stored() model.Storage { return s.rows }

// Initial returns what the rows of buckets that are not in use are.
func (s *Sparse) Initial() Initial { return s.initial }

// Used returns the buckets in use, ascending. They must not be changed.
func (s *Sparse) Used() []int32 { return s.used }

// UsedBuckets returns the buckets of all stored words, ascending: those that training touches.
func (v *Vocabulary) UsedBuckets() []int32 {
	seen := make([]uint64, (v.Buckets+63)/64)
	var buf, list []int32
	for id := range v.Len() {
		buf = v.Append(buf[:0], v.Word(id))
		for _, b := range buf {
			seen[b/64] |= 1 << (b % 64)
		}
	}
	for i, set := range seen {
		for ; set != 0; set &= set - 1 {
			list = append(list, int32(64*i+bits.TrailingZeros64(set)))
		}
	}
	return list
}
