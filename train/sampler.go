package train

import (
	"fmt"
	"slices"
	"strings"

	"kindred/corpus/sampling"
	"kindred/internal/random"
)

// A Sampler names a way to choose negatives. Static samplers are noise distributions and train at full
// speed; the others look at the parameters, or change the loss. What these draw from is unigram^power,
// unless they say otherwise. Each has a file of its own.
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
	// InBatch draws from the other targets of the block.
	InBatch Sampler = "in-batch"
	// InBatchLogQ is InBatch with a correction of the scores, after which the vectors become what they
	// would with Unigram.
	InBatchLogQ Sampler = "in-batch-logq"
	// Hard draws candidates and keeps those that score highest with the sum of the window's inputs.
	Hard Sampler = "hard"
	// HardPair draws candidates and lets each input keep those that score highest with it.
	HardPair Sampler = "hard-pair"
	// SelfAdversarial weights negatives by the softmax of their scores over a temperature.
	SelfAdversarial Sampler = "self-adversarial"
	// Debiased takes from the loss of the negatives what is due to words that are true contexts, and weights the
	// others by hardness.
	Debiased Sampler = "debiased"
	// Curriculum is Hard with more and more candidates, from as many as are kept to all of them.
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

// chooses reports whether the sampler draws more candidates than it trains.
func (s Sampler) chooses() bool { return s == Hard || s == HardPair || s == Curriculum }

// check returns an error that lists the samplers where s is none of them.
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

// noise is a distribution of negatives that knows neither the window nor the
// parameters. Workers share it.
type noise interface {
	// draw fills dst with independent draws. Many at a time cost less each: their
	// accesses to memory overlap.
	draw(dst []int32, rng *random.Stream)
}

// newNoise sets the noise distribution of the sampler and its weights by id, which are proportional to
// the probabilities. The in-batch samplers draw from the text, and from this where a block has only one word.
func (r *run) newNoise() (err error) {
	v := r.text.Vocabulary()
	if r.reference, err = sampling.NoiseWeights(v.Counts(), r.cfg.NoisePower); err != nil {
		return err
	}
	name := "sampler " + string(r.cfg.Sampler)
	switch r.cfg.Sampler {
	case Uniform:
		r.noise, r.weights = uniform{uint32(v.Len())}, uniformWeights(v.Len())
	case Zipf:
		r.noise, r.weights = newZipf(v.Len()), zipfWeights(v.Len())
	case Subsampled, InBatch, InBatchLogQ:
		r.weights = subsampledWeights(v, r.subsample)
		r.noise, err = newTabulated(r.weights)
	default:
		r.weights, name = r.reference, fmt.Sprintf("power %v", r.cfg.NoisePower)
		r.noise, err = newTabulated(r.weights)
	}
	if err != nil {
		return err
	}
	r.effective = effectiveWords(r.weights)
	return checkShares(v, r.weights, name)
}

// effectiveWords returns the effective sample size of a distribution, the inverse of the probability
// that two draws are equal: n where n words are equally likely, and fewer elsewhere.
func effectiveWords(weights []float64) float64 {
	sum, squares := 0.0, 0.0
	for _, w := range weights {
		sum += w
		squares += w * w
	}
	return sum / squares * sum
}
