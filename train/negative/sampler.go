package negative

import (
	"fmt"
	"slices"
	"strings"
)

// A Sampler names a way to choose negatives. Static samplers are noise distributions and train at
// full speed; the others look at the parameters or change the loss. They draw from count^NoisePower
// unless they say otherwise.
type Sampler string

const (
	// Unigram draws a word in proportion to count^NoisePower.
	Unigram Sampler = "unigram"
	// Uniform draws all words alike.
	Uniform Sampler = "uniform"
	// Zipf draws the word of rank r in proportion to log((r+1)/r), without a table.
	Zipf Sampler = "zipf"
	// Subsampled draws a word as often as it is left in the text by sub-sampling.
	Subsampled Sampler = "subsampled"
	// InBatch draws from the other centers of the block.
	InBatch Sampler = "in-batch"
	// InBatchLogQ is InBatch with corrected scores: the vectors become what they would with Unigram.
	InBatchLogQ Sampler = "in-batch-logq"
	// Hard draws candidates and keeps those that score highest with the sum of the window's inputs.
	Hard Sampler = "hard"
	// HardPair draws candidates and lets each input keep those that score highest with it.
	HardPair Sampler = "hard-pair"
	// SelfAdversarial weights negatives by the softmax of their scores over a temperature.
	SelfAdversarial Sampler = "self-adversarial"
	// Debiased takes from the loss of the negatives what is due to true contexts among them, and
	// weights the others by hardness.
	Debiased Sampler = "debiased"
	// Curriculum is Hard with a number of candidates that grows from k to all of them.
	Curriculum Sampler = "curriculum"
)

// Samplers are all there are, the static ones first.
var Samplers = []Sampler{
	Unigram, Uniform, Zipf, Subsampled, InBatch,
	InBatchLogQ, Hard, HardPair, SelfAdversarial, Debiased, Curriculum,
}

// Static reports whether the sampler is a noise distribution and no more.
func (s Sampler) Static() bool {
	return slices.Index(Samplers, s) < slices.Index(Samplers, InBatchLogQ)
}

// mines reports whether the sampler draws more candidates than it trains.
func (s Sampler) mines() bool { return s == Hard || s == HardPair || s == Curriculum }

// check returns an error that lists the samplers if s is none of them.
func (s Sampler) check() error {
	if slices.Contains(Samplers, s) {
		return nil
	}
	names := make([]string, len(Samplers))
	for i, name := range Samplers {
		names[i] = string(name)
	}
	return fmt.Errorf("sampler is %q, want one of: %s", s, strings.Join(names, ", "))
}
