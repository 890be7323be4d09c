package model

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"kindred/corpus/vocab"
)

// Select returns the embeddings of some stored words of e, in the order of ids, with their counts and
// their rows of the output matrix. The vectors are copies in a dense matrix: words made of several rows
// get the vector that the rows make up. The result has no checkpoint, as that belongs to all words.
// Warnings and the manifest are those of e.
func Select(e *Embeddings, ids []int) (*Embeddings, error) {
	words, counts := make([]string, len(ids)), make([]int64, len(ids))
	for i, id := range ids {
		words[i], counts[i] = e.Vocabulary.Word(id), e.Vocabulary.Count(id)
	}
	v, err := vocab.New(words, counts)
	if err != nil {
		return nil, err
	}
	s := &Embeddings{Vocabulary: v, Input: e.copyRows(ids), Manifest: e.Manifest, Warnings: slices.Clone(e.Warnings)}
	if e.Output != nil {
		_, dim := e.Output.Shape()
		m, buffer := NewMatrix(len(ids), dim), make([]float32, dim)
		for i, id := range ids {
			copy(m.Row(i), e.Output.ReadRow(buffer, id))
		}
		s.Output = m
	}
	return s, nil
}

// copyRows returns the vectors of the stored words with these ids.
func (e *Embeddings) copyRows(ids []int) *Matrix {
	m := NewMatrix(len(ids), e.Dim())
	r := e.Reader()
	for i, id := range ids {
		copy(m.Row(i), r.Stored(id))
	}
	return m
}

// Normalize returns e with the vectors of its stored words scaled to unit length, in a dense matrix, and
// the words whose vectors have no direction (see [Cosine]). Their vectors stay as they are. The result
// has no output matrix and no checkpoint, as both belong to vectors of the lengths that e has.
func Normalize(e *Embeddings) (unit *Embeddings, without []string) {
	n := e.Vocabulary.Len()
	unit = &Embeddings{Vocabulary: plain{e.Vocabulary}, Manifest: e.Manifest, Warnings: slices.Clone(e.Warnings)}
	if v, ok := e.Vocabulary.(*vocab.Vocabulary); ok {
		unit.Vocabulary = v
	}
	m := NewMatrix(n, e.Dim())
	r := e.Reader()
	for id := range n {
		v := r.Stored(id)
		if !Unit(m.Row(id), v) {
			copy(m.Row(id), v)
			without = append(without, e.Vocabulary.Word(id))
		}
	}
	unit.Input = m
	return unit, without
}

// plain hides that a Vocab composes words.
type plain struct{ Vocab }

// Unit sets dst to v divided by its Euclidean length. If v has no direction (see [Cosine]) it sets dst
// to zero and returns false.
func Unit(dst, v []float32) bool {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x) // no float32 overflows this
	}
	if !(sum > 0) || math.IsInf(sum, 1) {
		clear(dst)
		return false
	}
	scale := 1 / math.Sqrt(sum)
	for i, x := range v {
		dst[i] = float32(float64(x) * scale)
	}
	return true
}

// A Joined is the outcome of [Union] or [SideBySide].
type Joined struct {
	*Embeddings
	// Shared is the number of words that more than one model has, for [Union], or all, for [SideBySide].
	Shared int
	// Conflicts counts the words whose later vectors [Union] left out, as they differ from the first.
	Conflicts int
	// Dropped counts the words that [SideBySide] left out, as not all models have them.
	Dropped int
}

var errNothingToJoin = errors.New("there are no embeddings to join")

// Union returns the stored words of all models: those of the first, then those that the second has
// besides, and so on. A word has the vector and the count of the first model that has it. Vectors are
// never averaged: trainings that did not start from the same vectors use unrelated coordinates, and
// words of different ones cannot be compared unless the models were aligned before. The models must
// have the same dimension. The result has neither output matrix nor manifest.
func Union(models ...*Embeddings) (*Joined, error) {
	if len(models) == 0 {
		return nil, errNothingToJoin
	}
	dim := models[0].Dim()
	j := &Joined{}
	var words []string
	var counts []int64
	var origin []*Reader // of each word
	var ids []int        // of each word, in its model
	place := make(map[string]int)
	again := make(map[int]bool) // places of words that occurred in several models; true if they differ
	for i, e := range models {
		if e.Dim() != dim {
			return nil, fmt.Errorf("model %d has %d dimensions, the first has %d: a union needs the same", i+1, e.Dim(), dim)
		}
		r, other := e.Reader(), e.Reader()
		for id := range e.Vocabulary.Len() {
			w := e.Vocabulary.Word(id)
			at, known := place[w]
			if !known {
				place[w] = len(words)
				words, counts = append(words, w), append(counts, e.Vocabulary.Count(id))
				origin, ids = append(origin, r), append(ids, id)
				continue
			}
			again[at] = again[at] || !slices.Equal(origin[at].Stored(ids[at]), other.Stored(id))
		}
	}
	for _, differs := range again {
		j.Shared++
		if differs {
			j.Conflicts++
		}
	}
	m := NewMatrix(len(words), dim)
	for i := range words {
		copy(m.Row(i), origin[i].Stored(ids[i]))
	}
	return j, j.set(words, counts, m)
}

// SideBySide returns the stored words that all models have, in the order of the first. The vector of a
// word is its vectors in all models, one after the other, so the dimensions add up. Counts are those of
// the first model. The result has neither output matrix nor manifest.
func SideBySide(models ...*Embeddings) (*Joined, error) {
	if len(models) == 0 {
		return nil, errNothingToJoin
	}
	dim := 0
	readers := make([]*Reader, len(models))
	for i, e := range models {
		readers[i] = e.Reader()
		dim += e.Dim()
	}
	j := &Joined{}
	first := models[0].Vocabulary
	var words []string
	var counts []int64
	var ids [][]int
	for id := range first.Len() {
		row := []int{id}
		for _, e := range models[1:] {
			if other, ok := e.Vocabulary.ID(first.Word(id)); ok {
				row = append(row, other)
			}
		}
		if len(row) == len(models) {
			words, counts = append(words, first.Word(id)), append(counts, first.Count(id))
			ids = append(ids, row)
		}
	}
	if len(words) == 0 {
		return nil, errors.New("the models share no word")
	}
	distinct := make(map[string]struct{}, first.Len())
	for _, e := range models {
		for id := range e.Vocabulary.Len() {
			distinct[e.Vocabulary.Word(id)] = struct{}{}
		}
	}
	j.Shared, j.Dropped = len(words), len(distinct)-len(words)
	m := NewMatrix(len(words), dim)
	for i, row := range ids {
		dst := m.Row(i)
		for k, id := range row {
			dst = dst[copy(dst, readers[k].Stored(id)):]
		}
	}
	return j, j.set(words, counts, m)
}

func (j *Joined) set(words []string, counts []int64, m *Matrix) error {
	v, err := vocab.New(words, counts)
	if err != nil {
		return err
	}
	j.Embeddings = &Embeddings{Vocabulary: v, Input: m}
	return nil
}
