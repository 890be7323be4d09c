package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"

	"kindred/internal/kernel"
	"kindred/train/negative"
)

// A Config holds the settings of a training run, in groups. [Defaults] returns one that is
// ready to use. Its JSON form is a flat object.
type Config struct {
	Architecture
	negative.Settings
	Schedule
	Execution
}

// Schedule says how much of the text is trained, how often, and at which rate.
type Schedule struct {
	// Subsample is the threshold t of [sampling.Subsampler]; 0 keeps all tokens.
	Subsample float64 `json:"subsample"`
	// Epochs is the number of passes over the text, 1 to 1048576.
	Epochs int `json:"epochs"`
	// LearningRate is the initial learning rate. It falls linearly to almost 0 over the tokens of all epochs. 0
	// stands for the one that [Config.RateFor] returns for the text.
	LearningRate float64 `json:"lr"`
}

// Execution says how the training runs.
type Execution struct {
	// Threads is the number of workers, 1 to 4096. The vectors do not depend on it
	// unless Hogwild is set.
	Threads int `json:"threads"`
	// Hogwild lets workers update shared parameters without locks (Niu et al. 2011). Two
	// runs with several workers then give different vectors.
	Hogwild bool `json:"hogwild"`
	// Seed selects the random numbers.
	Seed uint64 `json:"seed"`
	// Kernel names the implementation of the inner loop; "" or "auto" is the fastest that the
	// processor can run.
	Kernel string `json:"kernel"`
}

// Defaults returns word2vec.c's settings, with three differences: the pairs of a window share
// negatives, which is faster and no worse, the learning rate follows from the text, and there is a worker for each processor.
func Defaults() Config {
	return Config{
		Architecture: Architecture{Kind: SkipGram, Dim: 100, Window: 5},
		Settings:     negative.Defaults(),
		Schedule:     Schedule{Subsample: 1e-3, Epochs: 5},
		Execution:    Execution{Threads: runtime.GOMAXPROCS(0), Seed: 1, Kernel: "auto"},
	}
}

// Larger values are typing errors.
const (
	maxDim     = 1 << 16
	maxWindow  = 1 << 12
	maxEpochs  = 1 << 20
	maxThreads = 1 << 12
)

// Validate returns an error that names every setting outside its range, and the range.
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
	if !(c.Subsample >= 0) || math.IsInf(c.Subsample, 0) {
		errs = append(errs, fmt.Errorf("subsample is %v, want 0 (off) or a threshold such as 1e-4", c.Subsample))
	}
	if !(c.LearningRate >= 0) || math.IsInf(c.LearningRate, 0) {
		errs = append(errs, fmt.Errorf("learning rate is %v, want more than 0, such as 0.025, or 0 for one that follows from the text", c.LearningRate))
	}
	if err := c.Architecture.validate(); err != nil {
		errs = append(errs, err)
	}
	if err := c.Settings.Validate(); err != nil {
		errs = append(errs, err)
	} else if c.isCBOW() && c.NegativeSharing == negative.PerPair {
		errs = append(errs, fmt.Errorf("negative sharing is %q, want %q: with %s a window is one input, so that its words have the same negatives", negative.PerPair, negative.PerWindow, CBOW))
	}
	if _, err := kernel.Select(c.Kernel, c.Dim); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// settingNames are the JSON names of the settings in their order in manifests and checkpoints,
// which is older than the groups.
var settingNames = []string{
	"architecture", "bag", "position_weights", "min_n", "max_n", "bucket", "hash_count", "dim", "window", "negatives", "negatives_last", "sampler", "candidates", "temperature", "tau_plus", "beta", "reject",
	"pmi_bound", "subsample", "noise_power", "epochs", "lr", "threads", "hogwild", "seed", "negative_sharing",
	"share_windows", "kernel",
}

// SettingNames returns the JSON names of all settings.
func SettingNames() []string { return slices.Clone(settingNames) }

// MarshalJSON returns a flat object with the settings in the order of settingNames.
func (c Config) MarshalJSON() ([]byte, error) {
	type plain Config // has no MarshalJSON
	data, err := json.Marshal(plain(c))
	if err != nil {
		return nil, err
	}
	var byName map[string]json.RawMessage
	if err := json.Unmarshal(data, &byName); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for _, name := range settingNames {
		if value, ok := byName[name]; ok {
			fmt.Fprintf(&b, ",%q:%s", name, value)
		}
	}
	b.WriteByte('}')
	object := b.Bytes()
	object[0] = '{'
	return object, nil
}
