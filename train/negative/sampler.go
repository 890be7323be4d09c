// Package negative chooses and weighs the negatives of skip-gram with negative sampling: the noise
// words that each context word is trained against (Mikolov et al. 2013).
//
// [Settings] is the group of settings, part of a training's configuration. [Samplers] is the table of
// the ways to choose negatives. For each there is
//
//   - a noise distribution that negatives are drawn from (noise.go);
//   - a loss, for most the logistic one (loss.go);
//   - hard-negative mining, for some: more candidates are drawn than trained (mining.go).
//
// Beside the sampler, a false-negative filter draws negatives again that may be true contexts
// (filter.go), among them pairs of high mutual information (pmi.go). A gradient probe looks at
// one step of 256 and records what its negatives are worth (probe.go).
//
// A training has one [Plan], which all its workers share, and each of them a [Worker], which takes a
// block through drawing, filtering, mining, probing and loss. The package knows nothing of windows,
// rounds and threads. A step is a list of target rows, the first of them the positive one. Random
// numbers come from the caller, as the state of a SplitMix64 generator.
package negative

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"kindred/internal/english"
)

// A Sampler names a way to choose negatives: a row of the table that [Samplers] returns.
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
	// Debiased subtracts the expected loss of true contexts from that of the negatives, and
	// weights the others by hardness.
	Debiased Sampler = "debiased"
	// Curriculum is Hard with a number of candidates that grows from k to all of them.
	Curriculum Sampler = "curriculum"
)

// An Info describes a sampler. All that the program knows of a sampler is in its row of the table:
// training, validation, help and completion read it there. To add a sampler, write its noise, its
// loss or its number of candidates, and add a row.
type Info struct {
	Name Sampler
	// Description says what the sampler does, in one line without a final period.
	Description string
	// Options are the settings that only some samplers read, and this one does.
	Options []*Option
	// Cost is the time for a word relative to Unigram, as docs/negative-sampling.md measures it.
	Cost string
	// Paper is where the sampler was proposed.
	Paper string

	noise      *noiseKind
	loss       *lossKind
	keeps      keeping
	candidates func(k, m int, progress float64) int // nil if all steps have m candidates
}

// table has a row for each sampler, the static ones first.
var table = []Info{
	{
		Name: Unigram, Description: "draws a word in proportion to a power of its count",
		noise: powerNoise, loss: logisticLoss, Options: []*Option{noisePower},
		Cost: "1", Paper: "Mikolov et al. 2013",
	},
	{
		Name: Uniform, Description: "draws all words alike",
		noise: evenNoise, loss: logisticLoss,
		Cost: "1", Paper: "Mikolov et al. 2013",
	},
	{
		Name: Zipf, Description: "draws a word by its rank, as if counts followed Zipf's law",
		noise: rankNoise, loss: logisticLoss,
		Cost: "1", Paper: "Jean et al. 2015",
	},
	{
		Name: Subsampled, Description: "draws a word as often as sub-sampling leaves it in the text",
		noise: textNoise, loss: logisticLoss,
		Cost: "1", Paper: "Levy and Goldberg 2014",
	},
	{
		Name: InBatch, Description: "draws from the center words of the same block of text",
		noise: blockNoise, loss: logisticLoss,
		Cost: "1", Paper: "Hidasi et al. 2016",
	},
	{
		Name: InBatchLogQ, Description: "in-batch with scores corrected for the probabilities of the negatives",
		noise: blockNoise, loss: logQLoss, Options: []*Option{noisePower},
		Cost: "2.3", Paper: "Yi et al. 2019",
	},
	{
		Name: Hard, Description: "keeps the candidates that score highest with the sum of the context words",
		noise: powerNoise, loss: logisticLoss, keeps: keepsForWindow, Options: []*Option{noisePower, candidates},
		Cost: "1.3", Paper: "Zhang, Chen, Wang and Yu 2013",
	},
	{
		Name: HardPair, Description: "keeps the candidates that score highest with each context word",
		noise: powerNoise, loss: hardPairLoss, keeps: keepsForInput, Options: []*Option{noisePower, candidates},
		Cost: "4.3", Paper: "Zhang, Chen, Wang and Yu 2013",
	},
	{
		Name: SelfAdversarial, Description: "weights negatives by the softmax of their scores",
		noise: powerNoise, loss: selfAdversarialLoss, Options: []*Option{noisePower, temperature},
		Cost: "2.7", Paper: "Sun, Deng, Nie and Tang 2019",
	},
	{
		Name: Debiased, Description: "subtracts the expected loss of true contexts, and weights negatives by hardness",
		noise: powerNoise, loss: debiasedLoss, Options: []*Option{noisePower, tauPlus, beta},
		Cost: "2.9", Paper: "Chuang et al. 2020; Robinson et al. 2021",
	},
	{
		Name: Curriculum, Description: "hard with a number of candidates that grows during training",
		noise: powerNoise, loss: logisticLoss, keeps: keepsForWindow, candidates: curriculumCandidates,
		Options: []*Option{noisePower, candidates},
		Cost:    "1 to 1.3", Paper: "Bengio, Louradour, Collobert and Weston 2009",
	},
}

// Samplers returns the table of samplers, the static ones first.
func Samplers() []Info { return slices.Clone(table) }

// Static reports whether the sampler is a noise distribution and no more. Such samplers train at
// full speed; the others look at the parameters or change the loss.
func (i Info) Static() bool { return i.keeps == keepsAll && i.loss == logisticLoss }

// Noise returns the distribution that negatives are drawn from, as a formula or in words.
func (i Info) Noise() string { return i.noise.about }

// Loss returns the name of the loss.
func (i Info) Loss() string { return i.loss.about }

// Selects says which of the negatives that are drawn are trained.
func (i Info) Selects() string { return i.keeps.String() }

// Info returns the row of the sampler, and false if there is none.
func (s Sampler) Info() (Info, bool) {
	n := slices.IndexFunc(table, func(i Info) bool { return i.Name == s })
	if n < 0 {
		return Info{}, false
	}
	return table[n], true
}

// row returns the row of a sampler, or that of the default if there is none.
func (s Sampler) row() Info {
	if i, ok := s.Info(); ok {
		return i
	}
	return table[0]
}

// check returns an error that lists the samplers if s is none of them.
func (s Sampler) check() error {
	if _, ok := s.Info(); ok {
		return nil
	}
	var names []string
	for _, i := range table {
		names = append(names, string(i.Name))
	}
	return fmt.Errorf("sampler is %q, want one of: %s", s, strings.Join(names, ", "))
}

// keeping says which candidates of a step are trained.
type keeping int

const (
	keepsAll       keeping = iota
	keepsForWindow         // those with the highest score with the sum of the step's inputs
	keepsForInput          // for each input, those with the highest score with it
)

func (k keeping) String() string {
	return [...]string{
		"all",
		"the k candidates that score highest with the sum of the context words",
		"for each context word, the k candidates that score highest with it",
	}[k]
}

// An Option is a setting that only some samplers read.
type Option struct {
	// Name is the name of the setting in manifests.
	Name string
	// Value stands for a value in help.
	Value string
	// Range says which values are valid.
	Range string
	// Default is the default value.
	Default float64
	// DefaultText says what the default means; "" if it is the number itself.
	DefaultText string

	help  string // with %s for the samplers that read it
	field func(*Settings) any
	valid func(float64) bool // of finite numbers; nil if Settings.Validate checks the option itself
}

var (
	noisePower = &Option{
		Name: "noise_power", Value: "P", Range: "a finite number", Default: 0.75,
		help:  "draw negatives in proportion to count^P, for any P",
		field: func(s *Settings) any { return &s.NoisePower },
		valid: func(v float64) bool { return true },
	}
	candidates = &Option{
		Name: "candidates", Value: "M", Range: "the number of negatives to 4096, or 0 for twice the negatives", DefaultText: "twice the negatives",
		help:  "words that %s draw for a window; they keep K of them",
		field: func(s *Settings) any { return &s.Candidates },
	}
	temperature = &Option{
		Name: "temperature", Value: "T", Range: "a number above 0", Default: 1,
		help:  "temperature of %s; a lower one gives hard negatives more weight",
		field: func(s *Settings) any { return &s.Temperature },
		valid: func(v float64) bool { return v > 0 },
	}
	tauPlus = &Option{
		Name: "tau_plus", Value: "SHARE", Range: "0 or more and below 1", Default: 0.01,
		help:  "share of true contexts in the noise, for %s",
		field: func(s *Settings) any { return &s.TauPlus },
		valid: func(v float64) bool { return v >= 0 && v < 1 },
	}
	beta = &Option{
		Name: "beta", Value: "B", Range: "a number of 0 or more", Default: 1,
		help:  "how strongly %s prefers hard negatives; 0 is not at all",
		field: func(s *Settings) any { return &s.Beta },
		valid: func(v float64) bool { return v >= 0 },
	}
)

// Options returns all options of the samplers in the table.
func Options() []*Option {
	var all []*Option
	for _, i := range table {
		for _, o := range i.Options {
			if !slices.Contains(all, o) {
				all = append(all, o)
			}
		}
	}
	return all
}

// Samplers returns the names of the samplers that read the option.
func (o *Option) Samplers() []string {
	var names []string
	for _, i := range table {
		if slices.Contains(i.Options, o) {
			names = append(names, string(i.Name))
		}
	}
	return names
}

// Help says what the option does and for which samplers, in one line without a final period.
func (o *Option) Help() string {
	if !strings.Contains(o.help, "%s") {
		return o.help
	}
	return fmt.Sprintf(o.help, english.And(o.Samplers()))
}

// Field returns a pointer to the option in settings: a *float64 or an *int.
func (o *Option) Field(s *Settings) any { return o.field(s) }

// validate returns an error if the option is outside its range.
func (o *Option) validate(s Settings) error {
	if o.valid == nil {
		return nil
	}
	value := *o.field(&s).(*float64)
	if o.valid(value) && !math.IsInf(value, 0) && !math.IsNaN(value) {
		return nil
	}
	return fmt.Errorf("%s is %v, want %s, such as %v", strings.ReplaceAll(o.Name, "_", " "), value, o.Range, o.Default)
}

// checkCandidates returns an error if the number of candidates is outside its range, which depends on
// other settings.
func (s Settings) checkCandidates() error {
	k := s.MaxNegatives()
	switch {
	case s.Candidates == 0:
		return nil
	case s.Sampler.row().keeps == keepsAll:
		return fmt.Errorf("candidates is %d, but the sampler %s trains all that it draws; use %s, or leave candidates at 0",
			s.Candidates, s.Sampler, english.Or(candidates.Samplers()))
	case s.Candidates < k || s.Candidates > maxNegatives:
		return fmt.Errorf("candidates is %d, want %d, the number of negatives, to %d; or 0 for twice the negatives", s.Candidates, k, maxNegatives)
	}
	return nil
}
