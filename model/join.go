package model

import (
	"errors"
	"fmt"
	"slices"

	"kindred/corpus/vocab"
)

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
			return nil, fmt.Errorf("a union needs vectors of one dimension, but model %d has %d dimensions, the first has %d", i+1, e.Dim(), dim)
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
