package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"kindred/corpus/vocab"
	"kindred/model"
	"kindred/model/format"
)

// checkpointVersion changes when training would go on otherwise from the same state.
const checkpointVersion = 1

// A Checkpoint is a training on its way: what a run needs to go on from there to the
// same vectors as if it had never stopped. As randomness is addressed (see the package
// documentation) that is little more than the two matrices and a position.
type Checkpoint struct {
	// Path is the file that it was read from.
	Path string
	// Config holds the settings of the training, with the kernel by its own name.
	Config Config
	// Vectors are the words and both matrices. Their Manifest is that of the training so far.
	Vectors *model.Embeddings

	state state
}

// TextVocabulary returns the vocabulary of the text: all of it, but for the words
// that [Init] has added.
func (c *Checkpoint) TextVocabulary() (*vocab.Vocabulary, error) {
	v, n := c.Vectors.Vocabulary, c.state.TextWords
	if n == v.Len() {
		return v, nil
	}
	words := make([]string, n)
	for id := range words {
		words[id] = v.Word(id)
	}
	return vocab.New(words, v.Counts()[:n])
}

// Tokens is the number of tokens processed over all epochs.
func (c *Checkpoint) Tokens() int64 { return c.state.Total.Tokens }

// LastRate is the learning rate of the last block, NextRate that with which training goes on if it
// is to have so many epochs in all. The two are far apart where epochs were added.
func (c *Checkpoint) LastRate() float64 { return c.state.Rate }

// NextRate is explained at LastRate.
func (c *Checkpoint) NextRate(epochs int) float64 {
	s := schedule{c.Config.LearningRate, c.Vectors.Manifest.Corpus.TokensKept * int64(epochs)}
	return s.rate(c.Tokens())
}

// A state is the part of a checkpoint that no vectors have: JSON in the metadata of the file.
// JSON numbers hold a float64 exactly.
type state struct {
	Version int `json:"version"`
	// Epoch and Block address the block that is trained next, both from 0.
	Epoch int   `json:"epoch"`
	Block int64 `json:"block"`
	// RoundBlocks is the number of blocks in a round, 0 in Hogwild training; see shrinkOnDivergence.
	RoundBlocks int `json:"round_blocks"`
	// Rate is the learning rate of the last block, for information: the rate follows from the position.
	Rate float64 `json:"lr"`
	// TextWords is how many words of the vocabulary, from its first, are those of the text: see [Checkpoint.TextVocabulary].
	TextWords int `json:"text_words"`
	// Epochs are the tallies of the epochs that were begun, Total is that of the run: sums in the order of training.
	Epochs []tallyState `json:"epochs"`
	Total  tallyState   `json:"total"`
}

type tallyState struct {
	Tokens int64   `json:"tokens"`
	Kept   int64   `json:"kept"`
	Pairs  int64   `json:"pairs"`
	Loss   float64 `json:"loss"`

	Negatives negativesTally `json:"negatives"`
}

func (t tally) state() tallyState { return tallyState{t.tokens, t.kept, t.pairs, t.loss, t.negatives} }

func (t tallyState) tally() tally { return tally{t.Tokens, t.Kept, t.Pairs, t.Loss, t.Negatives} }

// state returns the state of a run that stands still.
func (r *run) state() state {
	p := &r.progress
	s := state{
		Version: checkpointVersion, Epoch: r.position.epoch, Block: r.position.index, RoundBlocks: r.plan.blocks, Rate: p.rate,
		TextWords: r.text.Vocabulary().Len(), Total: p.sum.state(),
	}
	for _, epoch := range p.epochs[:p.epoch+1] {
		s.Epochs = append(s.Epochs, epoch.state())
	}
	return s
}

// ReadCheckpoint reads a checkpoint and checks all of it.
func ReadCheckpoint(path string) (*Checkpoint, error) {
	native, err := format.ByName("safetensors")
	if err != nil {
		return nil, err
	}
	vectors, err := native.Load(path)
	if err != nil {
		return nil, err
	}
	return newCheckpoint(vectors, path)
}

// newCheckpoint returns the checkpoint that the vectors from a file are.
func newCheckpoint(vectors *model.Embeddings, path string) (*Checkpoint, error) {
	c := &Checkpoint{Path: path, Vectors: vectors}
	if err := c.decode(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	vectors.Checkpoint = nil // what is made of these vectors is no checkpoint before it is written as one
	return c, nil
}

// decode sets state and settings from what came with the vectors.
func (c *Checkpoint) decode() error {
	vectors, m := c.Vectors, c.Vectors.Manifest
	switch {
	case vectors.Checkpoint == nil:
		return errors.New("these are vectors, but no checkpoint: the state of the training is not in the file")
	case m == nil || m.Corpus == nil || m.Training == nil:
		return errors.New("the manifest, or the record of text or training in it, is missing")
	case vectors.Output == nil:
		return errors.New("the output matrix is missing")
	}
	if err := c.readVersion(); err != nil {
		return err
	}
	if err := decodeStrictly(vectors.Checkpoint, &c.state); err != nil {
		return fmt.Errorf("the state of the training: %w", err)
	}
	if err := decodeStrictly(m.Settings, &c.Config); err != nil {
		return fmt.Errorf("the settings: %w", err)
	}
	c.Config.Kernel = m.Kernel
	if err := c.check(); err != nil {
		return fmt.Errorf("the state of the training is impossible: %w", err)
	}
	return nil
}

// readVersion makes sure that this program can go on from the state.
func (c *Checkpoint) readVersion() error {
	var v struct{ Version *int }
	if err := json.Unmarshal(c.Vectors.Checkpoint, &v); err != nil {
		return fmt.Errorf("the state of the training: %w", err)
	}
	switch {
	case v.Version == nil:
		return errors.New("the state of the training has no version")
	case *v.Version > checkpointVersion:
		return fmt.Errorf("the checkpoint has version %d and this program knows versions up to %d; use the kindred that wrote it, %s", *v.Version, checkpointVersion, c.Vectors.Manifest.Version)
	case *v.Version != checkpointVersion:
		return fmt.Errorf("the checkpoint has version %d, from which this program would not train on to the same vectors; use the kindred that wrote it, %s", *v.Version, c.Vectors.Manifest.Version)
	}
	return nil
}

// decodeStrictly decodes JSON in which there may be nothing that is not known.
func decodeStrictly(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// check returns an error where parts of the checkpoint contradict each other.
func (c *Checkpoint) check() error {
	const longest = 1e9 // seconds
	s, trained := &c.state, c.Vectors.Manifest.Training
	var sum tally
	for _, e := range append(s.Epochs, s.Total) {
		if min(e.Tokens, e.Kept, e.Pairs) < 0 || !(e.Loss >= 0) || math.IsInf(e.Loss, 0) {
			return fmt.Errorf("a tally is %+v", e)
		}
	}
	for _, e := range s.Epochs {
		sum.add(e.tally())
	}
	switch {
	case len(s.Epochs) < 1 || len(s.Epochs) > c.Config.Epochs:
		return fmt.Errorf("tallies of %d epochs in a training of %d", len(s.Epochs), c.Config.Epochs)
	case sum.tokens != s.Total.Tokens || sum.kept != s.Total.Kept || sum.pairs != s.Total.Pairs:
		return fmt.Errorf("the epochs add up to %+v and not to %+v", sum.state(), s.Total)
	case s.Epoch < 0 || s.Block < 0 || s.Epoch > c.Config.Epochs || s.Epoch == c.Config.Epochs && s.Block != 0:
		return fmt.Errorf("block %d of epoch %d of %d is next", s.Block, s.Epoch, c.Config.Epochs)
	case !checkBlocks(s.RoundBlocks, c.Config):
		return fmt.Errorf("%d blocks in a round", s.RoundBlocks)
	case s.TextWords < 1 || s.TextWords > c.Vectors.Vocabulary.Len():
		return fmt.Errorf("%d of the %d words are those of the text", s.TextWords, c.Vectors.Vocabulary.Len())
	case !(trained.Wall >= 0 && trained.Wall < longest && trained.CPU >= 0 && trained.CPU < longest):
		return fmt.Errorf("the training has taken %g seconds and %g of processors", trained.Wall, trained.CPU)
	case c.Config.Dim != c.Vectors.Dim():
		return fmt.Errorf("vectors of %d values in a training of %d dimensions", c.Vectors.Dim(), c.Config.Dim)
	}
	return nil
}
