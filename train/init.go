package train

import (
	"fmt"
	"runtime/debug"

	"kindred/corpus/vocab"
	"kindred/internal/random"
	"kindred/model"
	"kindred/model/subword"
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
	// Release lets the run drop the matrices of Vectors once it has copied them, which saves memory.
	// Nobody may use Vectors afterwards.
	Release bool
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
	// Positions are the weights of positions, nil if there are none.
	Positions *model.Matrix
}

// embeddings returns the parameters as vectors, which share their memory.
func (p *parameters) embeddings() *model.Embeddings {
	return &model.Embeddings{Vocabulary: p.Vocabulary, Input: p.Input, Output: p.Output, Positions: p.Positions}
}

// parametersOf returns vectors as parameters, and whether they are the dense matrices of a
// vocabulary. If words are made of n-grams, the input matrix is zero: the words are composed before they are
// trained.
func parametersOf(e *model.Embeddings) (*parameters, bool) {
	if made, ok := e.Vocabulary.(*subword.Vocabulary); ok {
		v, plain := made.Vocab.(*vocab.Vocabulary)
		out, dense := e.Output.(*model.Matrix)
		if !plain || !dense {
			return nil, false
		}
		return &parameters{v, newMatrix(out.Rows, spareRows(out.Rows), out.Dim), out, e.Positions}, true
	}
	v, plain := e.Vocabulary.(*vocab.Vocabulary)
	in, dense := e.Input.(*model.Matrix)
	out, both := e.Output.(*model.Matrix)
	return &parameters{v, in, out, e.Positions}, plain && dense && both
}

// initial returns the parameters with which training begins: the input matrix uniform in ±0.5/dim
// and the output matrix zero, as in word2vec.c, except for the words of init. Behind each matrix
// there is room for replica rows. It returns for each word the id that it has in init, as copyInput does.
func initial(v *vocab.Vocabulary, cfg Config, replicas int, init *Init) (p *parameters, ids []int32, err error) {
	p = &parameters{Vocabulary: v, Input: newMatrix(v.Len(), replicas, cfg.Dim), Positions: init.positions(cfg.Architecture)}
	if ids, err = init.copyInput(p); err != nil {
		return nil, nil, err
	}
	for id := range v.Len() {
		if ids != nil && ids[id] >= 0 {
			continue
		}
		rng := random.New(cfg.Seed, random.Initialization, uint64(id))
		row := p.Input.Row(id)
		for i := range row {
			row[i] = float32((rng.Float64() - 0.5) / float64(cfg.Dim))
		}
	}
	init.released(func(e *model.Embeddings) { e.Input = nil })
	p.Output = newMatrix(v.Len(), replicas, cfg.Dim)
	err = init.copyOutput(p, ids)
	init.released(func(e *model.Embeddings) { *e = model.Embeddings{} })
	return p, ids, err
}

// copyInput copies the vectors to begin from. It returns for each word the id that it has among them, -1
// if they lack it; nil if the training begins from random vectors.
func (i *Init) copyInput(p *parameters) (ids []int32, err error) {
	if i == nil {
		return nil, nil
	}
	ids = make([]int32, p.Vocabulary.Len())
	vectors := i.Vectors.Reader()
	for id := range ids {
		ids[id] = -1
		if from, ok := i.Vectors.Vocabulary.ID(p.Vocabulary.Word(id)); ok {
			ids[id] = int32(from)
			copy(p.Input.Row(id), vectors.Stored(from))
			if err := i.checkRow(p.Vocabulary.Word(id), p.Input.Row(id)); err != nil {
				return nil, err
			}
		}
	}
	return ids, readError(i.Vectors.Input)
}

// largestInit is the largest value with which training begins. The values of trained vectors are rarely above 5,
// and those above [kernel.MostFixed] would be cut when blocks are merged.
const largestInit = 100

// checkRow returns an error if training can't begin with the row of a word.
func (i *Init) checkRow(word string, row []float32) error {
	for _, x := range row {
		if !(x >= -largestInit && x <= largestInit) {
			return fmt.Errorf("the vectors to begin from, %s, have the value %v for the word %.60q, and training needs values from %d to %d; scale the vectors first", i.Source, x, word, -largestInit, largestInit)
		}
	}
	return nil
}

// copyOutput copies the rows of the output matrix to begin from, if there is one.
func (i *Init) copyOutput(p *parameters, ids []int32) error {
	if i == nil || i.Vectors.Output == nil {
		return nil
	}
	for id, from := range ids {
		if from >= 0 {
			copy(p.Output.Row(id), i.Vectors.Output.ReadRow(p.Output.Row(id), int(from)))
			if err := i.checkRow(p.Vocabulary.Word(id), p.Output.Row(id)); err != nil {
				return err
			}
		}
	}
	return readError(i.Vectors.Output)
}

// positions returns the weights of positions with which training begins, nil if it has none: those of the vectors to begin from
// if their window is the same, else ones.
func (i *Init) positions(a Architecture) *model.Matrix {
	if !a.PositionWeights {
		return nil
	}
	m := newPositions(a)
	if i != nil && i.Vectors.Positions != nil && i.Vectors.Positions.Rows == m.Rows {
		copy(m.Data, i.Vectors.Positions.Data)
	}
	return m
}

// readError returns the first failure of reading a storage, nil if its reading can't fail.
func readError(s model.Storage) error {
	if file, ok := s.(interface{ Err() error }); ok {
		return file.Err()
	}
	return nil
}

// released drops the vectors that the run no longer needs, if it may, and gives their memory back.
func (i *Init) released(drop func(*model.Embeddings)) {
	if i != nil && i.Release {
		drop(i.Vectors)
		debug.FreeOSMemory()
	}
}

// growth returns the memory that the parameters of a training add to the vectors to begin from, if a
// matrix of theirs takes so many bytes.
func (i *Init) growth(matrix int64) int64 {
	if !i.Release {
		return 2 * matrix
	}
	released := int64(0)
	if m, dense := i.Vectors.Input.(*model.Matrix); dense {
		released = model.MatrixBytes(m.Rows, m.Dim)
	}
	return matrix + max(matrix-released, 0)
}

// Record returns the manifest's record of the vectors, for a text with the given vocabulary and a training of the given
// architecture.
func (i *Init) Record(text *vocab.Vocabulary, a Architecture) *model.InitRecord {
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
	if g := a.nGrams(); a.hasSubwords() {
		r.NGrams = savedRowsOf(i.Vectors, &g) != nil
	}
	if i.KeepAll {
		r.Words = i.Vectors.Vocabulary.Len()
		r.Idle = r.Words - found
	}
	return r
}
