package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"kindred/corpus"
	"kindred/corpus/vocab"
	"kindred/internal/kernel"
	"kindred/model"
	"kindred/model/format"
	"kindred/train/negative"
)

// checkpointVersion changes if training would continue differently from the same state.
const checkpointVersion = 3

// A Checkpoint is the state of an unfinished training. A run that resumes from it gives the same
// vectors as one that never stopped. As random numbers are addressed (see the package
// documentation), the state is little more than the two matrices and a position.
type Checkpoint struct {
	// Path is the file that the checkpoint was read from.
	Path string
	// Config holds the settings of the training. Its Kernel is never "auto".
	Config Config
	// Vectors has the words and both matrices. Its Manifest describes the training so far.
	Vectors *model.Embeddings

	parameters *parameters // those of Vectors
	state      state
}

// TextVocabulary returns the vocabulary of the text, without the words that [Init] added.
func (c *Checkpoint) TextVocabulary() (*vocab.Vocabulary, error) {
	v, n := c.parameters.Vocabulary, c.state.TextWords
	if n == v.Len() {
		return v, nil
	}
	words := make([]string, n)
	for id := range words {
		words[id] = v.Word(id)
	}
	return vocab.New(words, v.Counts()[:n])
}

// Tokens returns the number of tokens processed over all epochs.
func (c *Checkpoint) Tokens() int64 { return c.state.Total.Tokens }

// LastRate returns the learning rate of the last block.
func (c *Checkpoint) LastRate() float64 { return c.state.Rate }

// NextRate returns the learning rate with which training resumes if it has the given number of
// epochs in all. If epochs are added, it may be far above [Checkpoint.LastRate].
func (c *Checkpoint) NextRate(epochs int) float64 {
	s := schedule{c.Config.LearningRate, c.Vectors.Manifest.Corpus.TokensKept * int64(epochs)}
	return s.rate(c.Tokens())
}

// A state is the part of a checkpoint that plain vectors lack. It is stored as JSON in the metadata
// of the file; JSON numbers represent a float64 exactly.
type state struct {
	Version int `json:"version"`
	// Epoch and Block address the block that is trained next, both from 0.
	Epoch int   `json:"epoch"`
	Block int64 `json:"block"`
	// Guard is the state of the guard against divergence, nil in Hogwild training.
	Guard *guard `json:"guard,omitempty"`
	// Rate is the learning rate of the last block. It is only shown: the next rate follows from the
	// position.
	Rate float64 `json:"lr"`
	// TextWords is the number of words of the text, which are the first of the vocabulary.
	TextWords int `json:"text_words"`
	// Epochs has the tallies of the epochs begun so far, Total that of the run, both summed in the
	// order of training.
	Epochs []tallyState `json:"epochs"`
	Total  tallyState   `json:"total"`
}

type tallyState struct {
	Tokens int64   `json:"tokens"`
	Kept   int64   `json:"kept"`
	Pairs  int64   `json:"pairs"`
	Loss   float64 `json:"loss"`

	Negatives negative.Tally `json:"negatives"`
}

func (t tally) state() tallyState { return tallyState{t.tokens, t.kept, t.pairs, t.loss, t.negatives} }

func (t tallyState) tally() tally { return tally{t.Tokens, t.Kept, t.Pairs, t.Loss, t.Negatives} }

// state returns the state of a run. No worker may be running.
func (r *run) state() state {
	p := &r.progress
	s := state{
		Version: checkpointVersion, Epoch: r.first().epoch, Block: r.first().index, Rate: p.rate,
		TextWords: r.text.Vocabulary().Len(), Total: p.sum.state(),
	}
	if !r.cfg.Hogwild {
		s.Guard = &r.guard
	}
	for _, epoch := range p.epochs[:p.epoch+1] {
		s.Epochs = append(s.Epochs, epoch.state())
	}
	return s
}

// ReadCheckpoint reads and verifies a checkpoint. The error says why the file cannot be used.
func ReadCheckpoint(path string) (*Checkpoint, error) {
	native, err := format.ByName("safetensors")
	if err != nil {
		return nil, err
	}
	vectors, err := format.LoadOptions{Format: native, NewMatrix: func(rows, dim int) *model.Matrix {
		return newMatrix(rows, spareRows(rows), dim)
	}}.Load(path)
	if err != nil {
		return nil, err
	}
	return newCheckpoint(vectors, path)
}

// newCheckpoint returns the checkpoint in the vectors that were read from path.
func newCheckpoint(vectors *model.Embeddings, path string) (*Checkpoint, error) {
	c := &Checkpoint{Path: path, Vectors: vectors}
	if err := c.decode(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	vectors.Checkpoint = nil // vectors trained from these are a checkpoint only once written as one
	return c, nil
}

// decode sets the state and the settings from the metadata of the vectors.
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
	var dense bool
	if c.parameters, dense = parametersOf(vectors); !dense {
		return errors.New("its vectors are not dense matrices with a row for each word")
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

// readVersion returns an error if this program cannot resume from the state.
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

// decodeStrictly decodes JSON and rejects unknown fields.
func decodeStrictly(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// check returns an error if parts of the checkpoint contradict each other.
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
	case c.Config.Hogwild != (s.Guard == nil):
		return fmt.Errorf("the guard against divergence is %+v in a training with hogwild %v", s.Guard, c.Config.Hogwild)
	case s.Guard != nil && !s.Guard.valid():
		return fmt.Errorf("the guard against divergence is at %+v", *s.Guard)
	case s.TextWords < 1 || s.TextWords > c.Vectors.Vocabulary.Len():
		return fmt.Errorf("%d of the %d words are those of the text", s.TextWords, c.Vectors.Vocabulary.Len())
	case !(trained.Wall >= 0 && trained.Wall < longest && trained.CPU >= 0 && trained.CPU < longest):
		return fmt.Errorf("the training has taken %g seconds and %g of processors", trained.Wall, trained.CPU)
	case c.Config.PositionWeights != (c.Vectors.Positions != nil) || c.Config.PositionWeights && c.Vectors.Positions.Rows != 2*c.Config.Window:
		return fmt.Errorf("weights of positions that do not belong to a training with the settings position_weights %v and window %d", c.Config.PositionWeights, c.Config.Window)
	case c.Config.Dim != c.Vectors.Dim():
		return fmt.Errorf("vectors of %d values in a training of %d dimensions", c.Vectors.Dim(), c.Config.Dim)
	}
	// Whether this machine has the kernel says nothing about the file.
	valid := c.Config
	valid.Kernel = ""
	if err := valid.Validate(); err != nil {
		return fmt.Errorf("the settings: %w", err)
	}
	return nil
}

// A MismatchError reports that a checkpoint belongs to another training than the one to be resumed.
type MismatchError struct {
	Path string
	// Differences are sentences without a period.
	Differences []string
	// Kernel is that of the checkpoint if the settings have another one, "" otherwise.
	Kernel string
}

func (e *MismatchError) Error() string {
	return fmt.Sprintf("the checkpoint %s is of another training: %s", e.Path, strings.Join(e.Differences, "; "))
}

// resumable are the settings that may change when a training resumes. Epochs may only be added.
var resumable = []string{"epochs", "threads"}

// MatchSettings returns a *[MismatchError] if training cannot resume from the checkpoint with
// these settings. It needs no text, so callers can check before they read one.
func (c *Checkpoint) MatchSettings(cfg Config) error {
	if k, err := kernel.Select(cfg.Kernel, cfg.Dim); err == nil {
		cfg.Kernel = k.Name
	}
	differences := c.settingsDifferences(cfg)
	if len(differences) > 0 && cfg.Kernel != c.Config.Kernel {
		return &MismatchError{c.Path, differences, c.Config.Kernel}
	}
	return c.mismatch(differences)
}

// match is like MatchSettings, but compares the text as well.
func (c *Checkpoint) match(text *corpus.Corpus, cfg Config) error {
	if err := c.MatchSettings(cfg); err != nil {
		return err
	}
	var differences []string
	if d := c.vocabularyDifference(text.Vocabulary()); d != "" {
		differences = append(differences, d)
	} else if d := c.textDifference(text.Record()); d != "" {
		differences = append(differences, d)
	}
	return c.mismatch(differences)
}

func (c *Checkpoint) mismatch(differences []string) error {
	if len(differences) == 0 {
		return nil
	}
	return &MismatchError{Path: c.Path, Differences: differences}
}

func (c *Checkpoint) settingsDifferences(cfg Config) []string {
	var differences []string
	was, is := settingsByName(c.Config), settingsByName(cfg)
	for _, name := range slices.Sorted(maps.Keys(was)) {
		if !slices.Contains(resumable, name) && !bytes.Equal(was[name], is[name]) {
			differences = append(differences, fmt.Sprintf("its %s is %s, not %s", name, was[name], is[name]))
		}
	}
	if cfg.Epochs < c.Config.Epochs {
		differences = append(differences, fmt.Sprintf("its epochs are %d, and can be more but not %d", c.Config.Epochs, cfg.Epochs))
	}
	return differences
}

// settingsByName returns the settings as they are in the manifest.
func settingsByName(cfg Config) map[string]json.RawMessage {
	var byName map[string]json.RawMessage
	data, err := json.Marshal(cfg)
	if err == nil {
		err = json.Unmarshal(data, &byName)
	}
	if err != nil {
		panic(fmt.Sprintf("train: settings have a JSON form: %v", err))
	}
	return byName
}

// vocabularyDifference describes how a vocabulary differs from that of the checkpoint's text, "" if
// it does not.
func (c *Checkpoint) vocabularyDifference(v *vocab.Vocabulary) string {
	was, n := c.Vectors.Vocabulary, c.state.TextWords
	for id := range min(n, v.Len()) {
		if was.Word(id) != v.Word(id) || was.Count(id) != v.Count(id) {
			return fmt.Sprintf("word %d of its vocabulary is %.60q, seen %d times, and here it is %.60q, seen %d times", id, was.Word(id), was.Count(id), v.Word(id), v.Count(id))
		}
	}
	if n != v.Len() {
		return fmt.Sprintf("its vocabulary has %d words, and here it has %d", n, v.Len())
	}
	return ""
}

// textDifference describes how a text differs from that of the checkpoint, "" if it does not.
func (c *Checkpoint) textDifference(is vocab.Record) string {
	was := c.Vectors.Manifest.Corpus
	switch {
	case was.Hash == is.Hash:
		return ""
	case was.TokensKept != is.TokensKept || was.Sentences != is.Sentences:
		return fmt.Sprintf("its text has %d tokens of the vocabulary in %d sentences, and here it has %d in %d", was.TokensKept, was.Sentences, is.TokensKept, is.Sentences)
	}
	return fmt.Sprintf("its text has the hash %s, and here it has %s: the words are the same, but not their order", was.Hash, is.Hash)
}

// roomBytes returns the memory that it takes to make room for replica rows behind the matrices, one
// after the other, if there is none.
func (c *Checkpoint) roomBytes(replicas int) int64 {
	for _, m := range []*model.Matrix{c.parameters.Input, c.parameters.Output} {
		if cap(m.Data) < (m.Rows+replicas)*m.Stride {
			return model.MatrixBytes(m.Rows, m.Dim)
		}
	}
	return 0
}

// resume sets the state of the run to that of a checkpoint, which must match. It is an error if the
// text has no such place, or if so many tokens do not lie before it.
func (r *run) resume(c *Checkpoint) error {
	next, tokens := block{c.state.Epoch, c.state.Block}, c.Tokens()
	if next.index > 0 && next.index >= r.blocksPerEpoch() || r.processed(next) != tokens {
		return fmt.Errorf("%s: the state of the training is impossible: block %d of epoch %d is next after %d tokens, and an epoch has %d tokens in %d blocks",
			c.Path, next.index, next.epoch, tokens, r.text.Len(), r.blocksPerEpoch())
	}
	r.parameters = c.parameters
	r.resumed = c.Vectors.Manifest.Training.Resumed + 1
	r.init = c.Vectors.Manifest.Init
	r.position = next
	r.progress.resume(c)
	r.ranksRecords = c.Vectors.Manifest.Training.Ranks
	if rounds := c.Vectors.Manifest.Training.Rounds; rounds != nil {
		r.planChanges = rounds.Changes
	}
	if c.state.Guard != nil {
		r.guard = *c.state.Guard
	}
	return nil
}
