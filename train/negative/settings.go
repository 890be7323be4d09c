package negative

import (
	"errors"
	"fmt"
	"math"

	"kindred/internal/random"
)

// Sharing says which pairs of a window are trained against the same negatives.
type Sharing string

const (
	// PerWindow draws k negatives for a window and trains all its context words against them
	// (HogBatch; Ji et al. 2016): as many updates from fewer draws, in one small matrix product.
	PerWindow Sharing = "window"
	// PerPair draws k negatives for each pair of a context word and the center, as word2vec.c does.
	PerPair Sharing = "pair"
)

// Settings are the settings of training that choose and weigh negatives.
type Settings struct {
	// Negatives is k, the number of noise words for each positive one, 0 to 4096. If it is not
	// whole, each step has the whole number below or above, k on average. With 0, nothing keeps
	// the vectors from becoming all alike.
	Negatives float64 `json:"negatives"`
	// NegativesLast is k at the end of training; k moves there linearly from Negatives. 0 means
	// that k stays as it is.
	NegativesLast float64 `json:"negatives_last,omitempty"`
	// Sampler chooses the negatives.
	Sampler Sampler `json:"sampler"`
	// Candidates is m, the number of words drawn by samplers that mine hard negatives, k to 4096.
	// 0 means 2k. It must be 0 for all other samplers.
	Candidates int `json:"candidates,omitempty"`
	// Temperature divides the scores in the softmax of SelfAdversarial, above 0.
	Temperature float64 `json:"temperature"`
	// TauPlus is the share of true contexts among the noise that Debiased assumes, in [0, 1).
	TauPlus float64 `json:"tau_plus"`
	// Beta says how much Debiased prefers hard negatives, 0 or more.
	Beta float64 `json:"beta"`
	// Reject says which negatives are drawn again.
	Reject Rejection `json:"reject"`
	// PMIBound is the pointwise mutual information with the center, in nats, above which
	// RejectPMI rejects a word.
	PMIBound float64 `json:"pmi_bound"`
	// NoisePower is the power of the counts in the noise distribution, any finite number.
	NoisePower float64 `json:"noise_power"`
	// NegativeSharing is PerWindow or PerPair.
	NegativeSharing Sharing `json:"negative_sharing"`
	// SharedWindows is the number of consecutive windows that train against the same negatives,
	// 1 to 1024. More is faster; each window then sees noise that its neighbors saw. It must be 1
	// with PerPair.
	SharedWindows int `json:"share_windows"`
}

// Defaults returns word2vec.c's settings, except that a window shares its negatives, which is
// faster and no worse.
func Defaults() Settings {
	s := Settings{
		Negatives: 5, Sampler: Unigram, Reject: RejectTarget, PMIBound: 3, NegativeSharing: PerWindow, SharedWindows: 1,
	}
	for _, o := range Options() {
		if field, ok := o.field(&s).(*float64); ok {
			*field = o.Default
		}
	}
	return s
}

// Larger numbers are typing errors.
const (
	maxNegatives = 1 << 12
	maxShared    = 1 << 10
)

// Validate returns an error that names every setting outside its range, and the range.
func (s Settings) Validate() error {
	var errs []error
	if s.SharedWindows < 1 || s.SharedWindows > maxShared {
		errs = append(errs, fmt.Errorf("share windows is %d, want 1 to %d", s.SharedWindows, maxShared))
	}
	if s.NegativeSharing == PerPair && s.SharedWindows > 1 {
		errs = append(errs, fmt.Errorf("share windows is %d, but negatives are drawn for each pair; use sharing by window", s.SharedWindows))
	}
	inRange := func(name string, value float64, ok bool, want string) {
		if !ok || math.IsInf(value, 0) {
			errs = append(errs, fmt.Errorf("%s is %v, want %s", name, value, want))
		}
	}
	if s.NegativeSharing != PerWindow && s.NegativeSharing != PerPair {
		errs = append(errs, fmt.Errorf("negative sharing is %q, want %q or %q", s.NegativeSharing, PerWindow, PerPair))
	}
	errs = append(errs, s.Sampler.check(), s.Reject.check())
	for _, k := range []struct {
		name  string
		value float64
	}{{"negatives", s.Negatives}, {"last negatives", s.NegativesLast}} {
		inRange(k.name, k.value, k.value >= 0 && k.value <= maxNegatives, fmt.Sprintf("0 to %d; a number that is not whole is a mean", maxNegatives))
	}
	inRange("PMI bound", s.PMIBound, !math.IsNaN(s.PMIBound), "a finite number, such as 3")
	for _, o := range Options() {
		errs = append(errs, o.validate(s))
	}
	errs = append(errs, s.checkCandidates())
	return errors.Join(errs...)
}

// NegativesAt returns k, the mean number of negatives of a step, at a progress of training from 0
// to 1.
func (s Settings) NegativesAt(progress float64) float64 {
	if s.NegativesLast == 0 {
		return s.Negatives
	}
	return s.Negatives + progress*(s.NegativesLast-s.Negatives)
}

// MaxMeanNegatives returns the highest k of the training.
func (s Settings) MaxMeanNegatives() float64 { return max(s.Negatives, s.NegativesLast) }

// MaxNegatives returns the largest number of negatives that a step trains.
func (s Settings) MaxNegatives() int { return int(math.Ceil(s.MaxMeanNegatives())) }

// MaxCandidates returns the largest number of negatives that are drawn for a step.
func (s Settings) MaxCandidates() int { return max(s.CandidatesAt(0), s.CandidatesAt(1)) }

// CandidatesAt returns the number of negatives that are drawn for a step at a progress of training
// from 0 to 1. It is above k if the sampler mines hard negatives or k is not whole.
func (s Settings) CandidatesAt(progress float64) int {
	k, row := int(math.Ceil(s.NegativesAt(progress))), s.Sampler.row()
	if row.keeps == keepsAll {
		return k
	}
	m := s.Candidates
	if m == 0 {
		m = defaultCandidates * k
	}
	if row.candidates != nil {
		return row.candidates(k, m, progress)
	}
	return m
}

// defaultCandidates is the default of Candidates in units of k.
const defaultCandidates = 2

// fixed reports whether all steps have the same number of negatives.
func (s Settings) fixed() bool {
	return s.NegativesLast == 0 && s.Negatives == math.Trunc(s.Negatives)
}

// A counter draws the number of negatives of each step: the whole number below or above k, such
// that the mean is k.
type counter struct {
	below    int
	fraction float64
	rng      random.Stream
}

func newCounter(k float64, rng random.Stream) counter {
	below := math.Floor(k)
	return counter{int(below), k - below, rng}
}

func (c *counter) next() int {
	if c.fraction > 0 && c.rng.Float64() < c.fraction {
		return c.below + 1
	}
	return c.below
}
