package train

import (
	"errors"
	"fmt"
	"math"
	"runtime"

	"kindred/internal/kernel"
)

// NegativeSharing says which pairs of a window are trained against the same
// negatives.
type NegativeSharing string

const (
	// ShareWindow draws k negatives for a window and trains all its context
	// words against them (HogBatch, Ji et al. 2016): the same number of updates
	// from 2*window times fewer draws, in one small matrix product.
	ShareWindow NegativeSharing = "window"
	// SharePair draws k negatives for each pair of a context word and the
	// centre, as word2vec.c does.
	SharePair NegativeSharing = "pair"
)

// A Config holds the settings of a training run. [Defaults] returns one that
// is ready to use.
type Config struct {
	// Dim is the number of values in a vector, 1 or more.
	Dim int `json:"dim"`
	// Window is the largest distance between the centre and a context word,
	// 1 or more. The distance of each window is drawn uniformly from
	// 1..Window, so that near words count more.
	Window int `json:"window"`
	// Negatives is k, the number of noise words against each positive one, 0
	// or more. With 0 nothing keeps the vectors from becoming all alike. Where it is not
	// whole, each step has the whole number below or above, k on average.
	Negatives float64 `json:"negatives"`
	// NegativesLast is k at the end of the training, where it is not 0: k then moves there
	// from Negatives, linearly over all epochs.
	NegativesLast float64 `json:"negatives_last,omitempty"`
	// Sampler chooses the negatives.
	Sampler Sampler `json:"sampler"`
	// Candidates is m, the number of words that the samplers draw which choose from candidates, k or more; 0
	// is twice k. It is 0 for all others.
	Candidates int `json:"candidates,omitempty"`
	// Temperature is that of SelfAdversarial, above 0.
	Temperature float64 `json:"temperature"`
	// TauPlus is the share of true contexts among the noise that Debiased assumes, from 0 to
	// below 1; Beta, 0 or more, how much it prefers hard negatives.
	TauPlus float64 `json:"tau_plus"`
	Beta    float64 `json:"beta"`
	// Reject says which negatives are drawn again, and PMIBound above which mutual
	// information, in natural logarithms, RejectPMI does so.
	Reject   Rejection `json:"reject"`
	PMIBound float64   `json:"pmi_bound"`
	// Subsample is the threshold t of [sampling.Subsampler]; 0 keeps all tokens.
	Subsample float64 `json:"subsample"`
	// NoisePower is the power of the counts in the noise distribution, any
	// finite number.
	NoisePower float64 `json:"noise_power"`
	// Epochs is the number of passes over the text, 1 or more.
	Epochs int `json:"epochs"`
	// LearningRate is where the learning rate starts, above 0; it falls
	// linearly to 0 over the tokens of all epochs.
	LearningRate float64 `json:"lr"`
	// Threads is the number of workers, 1 or more. The vectors are the same for any number
	// of them, unless Hogwild is set.
	Threads int `json:"threads"`
	// Hogwild lets the workers update shared parameters without locks (Niu et al. 2011), which
	// makes the result of several workers irreproducible.
	Hogwild bool `json:"hogwild"`
	// Seed selects the random numbers.
	Seed uint64 `json:"seed"`
	// NegativeSharing is ShareWindow or SharePair.
	NegativeSharing NegativeSharing `json:"negative_sharing"`
	// SharedWindows is the number of consecutive windows that train against the same
	// negatives, 1 or more: more is faster, and each window sees noise
	// that its neighbours saw. It is 1 where NegativeSharing is SharePair.
	SharedWindows int `json:"share_windows"`
	// Kernel names the inner loop; "" or "auto" is the fastest that the processor has.
	Kernel string `json:"kernel"`
}

// Defaults returns word2vec.c's settings, with two differences: negatives are
// shared in the window, which is faster and no worse, and there are as many
// workers as the machine has processors.
func Defaults() Config {
	return Config{
		Dim: 100, Window: 5, Negatives: 5, Subsample: 1e-3, NoisePower: 0.75,
		Epochs: 5, LearningRate: 0.025, Threads: runtime.GOMAXPROCS(0), Seed: 1,
		Sampler: Unigram, Temperature: 1, TauPlus: 0.01, Beta: 1, Reject: RejectNothing, PMIBound: 3,
		NegativeSharing: ShareWindow, SharedWindows: 1, Kernel: "auto",
	}
}

// Limits that keep sizes far from overflow; beyond them a setting is a slip
// of the keyboard.
const (
	maxDim       = 1 << 16
	maxWindow    = 1 << 12
	maxNegatives = 1 << 12
	maxEpochs    = 1 << 20
	maxThreads   = 1 << 12
	maxShare     = 1 << 10
)

// Validate returns an error that names every setting outside its range and
// the range.
func (c Config) Validate() error {
	var errs []error
	between := func(name string, value, low, high int) {
		if value < low || value > high {
			errs = append(errs, fmt.Errorf("%s is %d, want %d to %d", name, value, low, high))
		}
	}
	between("dim", c.Dim, 1, maxDim)
	between("window", c.Window, 1, maxWindow)
	between("epochs", c.Epochs, 1, maxEpochs)
	between("threads", c.Threads, 1, maxThreads)
	between("share windows", c.SharedWindows, 1, maxShare)
	if c.NegativeSharing == SharePair && c.SharedWindows > 1 {
		errs = append(errs, fmt.Errorf("share windows is %d, but negatives are drawn for each pair; use sharing by window", c.SharedWindows))
	}
	if !(c.Subsample >= 0) || math.IsInf(c.Subsample, 0) {
		errs = append(errs, fmt.Errorf("subsample is %v, want 0 (off) or a threshold such as 1e-4", c.Subsample))
	}
	if math.IsNaN(c.NoisePower) || math.IsInf(c.NoisePower, 0) {
		errs = append(errs, fmt.Errorf("noise power is %v, want a finite number such as 0.75", c.NoisePower))
	}
	if !(c.LearningRate > 0) || math.IsInf(c.LearningRate, 0) {
		errs = append(errs, fmt.Errorf("learning rate is %v, want more than 0, such as 0.025", c.LearningRate))
	}
	if c.NegativeSharing != ShareWindow && c.NegativeSharing != SharePair {
		errs = append(errs, fmt.Errorf("negative sharing is %q, want %q or %q", c.NegativeSharing, ShareWindow, SharePair))
	}
	if err := c.validateNegatives(); err != nil {
		errs = append(errs, err)
	}
	if _, err := kernel.Select(c.Kernel); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
