package train

import (
	"fmt"

	"kindred/corpus/vocab"
	"kindred/internal/random"
	"kindred/model"
)

// Init are vectors from which a training begins. Words of the text that they lack begin
// with random vectors.
//
// [vocab.Selection] decides which words of the text are trained: its Keep adds words, its Only
// restricts them.
type Init struct {
	// Vectors must have the dimension of the training. If they have an output matrix, it is used as
	// well.
	Vectors *model.Embeddings
	// Source names them in the manifest.
	Source string
	// KeepAll adds words that are not in the text to the vocabulary, with a count
	// of 0. They are not trained and keep their vectors.
	KeepAll bool
}

// Vocabulary returns the words of the text, followed by those that KeepAll adds.
func (i *Init) Vocabulary(text *vocab.Vocabulary) (*vocab.Vocabulary, error) {
	if i == nil || !i.KeepAll {
		return text, nil
	}
	return text.Extend(func(yield func(string) bool) {
		for id := range i.Vectors.Vocabulary.Len() {
			if !yield(i.Vectors.Vocabulary.Word(id)) {
				return
			}
		}
	})
}

func contains(v model.Vocab, word string) bool {
	_, ok := v.ID(word)
	return ok
}

// Check returns an error if a training of dim dimensions cannot begin from the vectors.
func (i *Init) Check(dim int) error {
	if i != nil && i.Vectors.Dim() != dim {
		return fmt.Errorf("the vectors to begin from, %s, have %d dimensions, and the training has %d; both must be the same", i.Source, i.Vectors.Dim(), dim)
	}
	return nil
}

// parameters are what a run trains: the matrices of the words of a vocabulary.
type parameters struct {
	Vocabulary    *vocab.Vocabulary
	Input, Output *model.Matrix
}

// embeddings returns the parameters as vectors, which share their memory.
func (p *parameters) embeddings() *model.Embeddings {
	return &model.Embeddings{Vocabulary: p.Vocabulary, Input: p.Input, Output: p.Output}
}

// parametersOf returns vectors as parameters, and whether they are the dense matrices of a
// vocabulary.
func parametersOf(e *model.Embeddings) (*parameters, bool) {
	v, plain := e.Vocabulary.(*vocab.Vocabulary)
	in, dense := e.Input.(*model.Matrix)
	out, both := e.Output.(*model.Matrix)
	return &parameters{v, in, out}, plain && dense && both
}

// initial returns the parameters with which training begins: the input matrix uniform in ±0.5/dim
// and the output matrix zero, as in word2vec.c, except for the words of init. Behind each matrix
// there is room for replica rows.
func initial(v *vocab.Vocabulary, cfg Config, replicas int, init *Init) *parameters {
	p := &parameters{
		Vocabulary: v,
		Input:      newMatrix(v.Len(), replicas, cfg.Dim),
		Output:     newMatrix(v.Len(), replicas, cfg.Dim),
	}
	initialize := init.copier(p)
	for id := range v.Len() {
		if initialize != nil && initialize(id) {
			continue
		}
		rng := random.New(cfg.Seed, random.Initialization, uint64(id))
		row := p.Input.Row(id)
		for i := range row {
			row[i] = float32((rng.Float64() - 0.5) / float64(cfg.Dim))
		}
	}
	return p
}

// copier returns a function that sets the rows of a word from the vectors to begin from, and
// reports whether they have it; nil if the training begins from random ones.
func (i *Init) copier(p *parameters) func(id int) bool {
	if i == nil {
		return nil
	}
	vectors := i.Vectors.Reader()
	return func(id int) bool {
		from, ok := i.Vectors.Vocabulary.ID(p.Vocabulary.Word(id))
		if !ok {
			return false
		}
		copy(p.Input.Row(id), vectors.Stored(from))
		if i.Vectors.Output != nil {
			copy(p.Output.Row(id), i.Vectors.Output.ReadRow(p.Output.Row(id), from))
		}
		return true
	}
}

// Record returns the manifest's record of the vectors, for a text with the given vocabulary.
func (i *Init) Record(text *vocab.Vocabulary) *model.InitRecord {
	if i == nil {
		return nil
	}
	found := 0
	for id := range text.Len() {
		if contains(i.Vectors.Vocabulary, text.Word(id)) {
			found++
		}
	}
	r := &model.InitRecord{Source: i.Source, Words: found, Output: i.Vectors.Output != nil}
	if i.KeepAll {
		r.Words = i.Vectors.Vocabulary.Len()
		r.Idle = r.Words - found
	}
	return r
}
