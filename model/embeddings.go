package model

import (
	"encoding/json"

	"kindred/corpus/vocab"
)

// Embeddings are the vectors of a vocabulary: row i of Input is the vector of
// word i.
type Embeddings struct {
	Vocabulary *vocab.Vocabulary
	// Input is the input matrix (syn0 in word2vec.c), the one that is exported and used:
	// Vocabulary.Len() x dim.
	Input *Matrix
	// Output is the output matrix (syn1neg in word2vec.c), of the same
	// shape. It is nil where the vectors come from a format that has none.
	Output *Matrix
	// Manifest says how the vectors came to be; nil where that is not known.
	Manifest *Manifest
	// Checkpoint is the state of a training that can go on from here, as package train writes it: JSON, nil
	// where the vectors are no checkpoint. Only the native format holds it.
	Checkpoint json.RawMessage
	// Warnings tell what a reader noticed that is no error, such as words
	// that occur twice: one sentence each, without a final stop.
	Warnings []string
}

// Dim returns the number of values in a vector.
func (e *Embeddings) Dim() int { return e.Input.Dim }

// Vector returns the vector of word, as a slice of the input matrix, and
// whether the word is in the vocabulary.
func (e *Embeddings) Vector(word string) ([]float32, bool) {
	id, ok := e.Vocabulary.ID(word)
	if !ok {
		return nil, false
	}
	return e.Input.Row(id), true
}
