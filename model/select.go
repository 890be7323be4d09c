package model

import (
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
	s := &Embeddings{Vocabulary: v, Input: e.copyRows(ids), Positions: e.Positions, Manifest: e.Manifest, Warnings: slices.Clone(e.Warnings)}
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
	unit = &Embeddings{Vocabulary: words(e.Vocabulary), Manifest: e.Manifest, Warnings: slices.Clone(e.Warnings)}
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

// words returns the words of a Vocab without the rows that they are composed of.
func words(v Vocab) Vocab {
	if _, plain := v.(*vocab.Vocabulary); plain {
		return v
	}
	return plain{v}
}

// plain hides that a Vocab composes words.
type plain struct{ Vocab }
