package bench

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// An Experiment says which text is trained by which tools, and by what the vectors
// are judged. [Defaults] returns one in which only Input and Tools are missing.
type Experiment struct {
	// Input names the text, as the patterns of source.Open but for standard input.
	Input []string `toml:"input"`
	// Rounds is how often each tool trains.
	Rounds int `toml:"rounds"`
	// Pin lists the processors that the tools may run on; all where it is empty.
	Pin []int `toml:"pin,omitempty"`
	// Settings are those of all tools.
	Settings   Settings   `toml:"settings"`
	Tools      []Tool     `toml:"tool"`
	Evaluation Evaluation `toml:"evaluation,omitempty"`
}

// Settings are the hyper-parameters, by kindred's names.
type Settings struct {
	Dim          int     `toml:"dim" json:"dim"`
	Window       int     `toml:"window" json:"window"`
	Negatives    int     `toml:"negatives" json:"negatives"`
	Subsample    float64 `toml:"subsample" json:"subsample"`
	NoisePower   float64 `toml:"noise_power" json:"noise_power"`
	MinCount     int     `toml:"min_count" json:"min_count"`
	Epochs       int     `toml:"epochs" json:"epochs"`
	LearningRate float64 `toml:"lr" json:"lr"`
	Threads      int     `toml:"threads" json:"threads"`
	// Seed is that of the first round; each round adds 1.
	Seed int `toml:"seed" json:"seed"`
}

// A Tool is a program that takes part.
type Tool struct {
	// Name is how the tool is called in the report.
	Name string `toml:"name" json:"name"`
	// Driver is the name of the driver; "" is the same as Name. One driver may serve several tools, with other
	// options.
	Driver string `toml:"driver,omitempty" json:"driver,omitempty"`
	// Path is where the program is, "" where it is on PATH.
	Path string `toml:"path,omitempty" json:"path,omitempty"`
	// Options are added to its command line.
	Options []string `toml:"options,omitempty" json:"options,omitempty"`
}

// driverName returns the name of the tool's driver.
func (t Tool) driverName() string {
	if t.Driver != "" {
		return t.Driver
	}
	return t.Name
}

// An Evaluation says by what the vectors are judged.
type Evaluation struct {
	// Sets names evaluation sets and directories of them; speed alone is reported where it is empty.
	Sets []string `toml:"sets,omitempty" json:"sets,omitempty"`
	// Restrict is the number of words, by frequency, that analogies are answered among; 0 is all.
	Restrict int `toml:"restrict,omitempty" json:"restrict,omitempty"`
}

// Defaults returns an experiment of three rounds with word2vec.c's settings, on one
// thread.
func Defaults() Experiment {
	return Experiment{
		Rounds: 3,
		Settings: Settings{
			Dim: 100, Window: 5, Negatives: 5, Subsample: 1e-3, NoisePower: 0.75,
			MinCount: 5, Epochs: 5, LearningRate: 0.025, Threads: 1, Seed: 1,
		},
	}
}

// Validate returns an error that names everything that can't be.
func (e *Experiment) Validate() error {
	var errs []error
	atLeast := func(name string, value, low int) {
		if value < low {
			errs = append(errs, fmt.Errorf("%s is %d, want %d or more", name, value, low))
		}
	}
	if len(e.Input) == 0 {
		errs = append(errs, errors.New("no input; name the text to train on"))
	}
	if slices.Contains(e.Input, "-") {
		errs = append(errs, errors.New("the input is standard input, but each tool has to read it; name a file"))
	}
	s := e.Settings
	atLeast("rounds", e.Rounds, 1)
	atLeast("dim", s.Dim, 1)
	atLeast("window", s.Window, 1)
	atLeast("negatives", s.Negatives, 1)
	atLeast("min count", s.MinCount, 1)
	atLeast("epochs", s.Epochs, 1)
	atLeast("threads", s.Threads, 1)
	atLeast("seed", s.Seed, 1) // fastText and GloVe take 0 for no seed
	atLeast("restrict", e.Evaluation.Restrict, 0)
	if !(s.Subsample >= 0) || math.IsInf(s.Subsample, 0) {
		errs = append(errs, fmt.Errorf("subsample is %v, want 0 (off) or a threshold such as 1e-4", s.Subsample))
	}
	if !(s.LearningRate > 0) || math.IsInf(s.LearningRate, 0) {
		errs = append(errs, fmt.Errorf("lr is %v, want more than 0, such as 0.025", s.LearningRate))
	}
	if math.IsNaN(s.NoisePower) || math.IsInf(s.NoisePower, 0) {
		errs = append(errs, fmt.Errorf("noise power is %v, want a finite number such as 0.75", s.NoisePower))
	}
	for _, cpu := range e.Pin {
		atLeast("a processor to pin to", cpu, 0)
	}
	return errors.Join(append(errs, e.checkTools()...)...)
}

func (e *Experiment) checkTools() []error {
	var errs []error
	if len(e.Tools) == 0 {
		errs = append(errs, fmt.Errorf("no tools; there are: %s", enumerate(DriverNames())))
	}
	seen := map[string]bool{}
	for _, t := range e.Tools {
		switch {
		case t.Name == "" || !isFileName(t.Name):
			errs = append(errs, fmt.Errorf("a tool is called %q, want a name of letters, digits, dots, dashes and underscores", t.Name))
		case seen[t.Name]:
			errs = append(errs, fmt.Errorf("two tools are called %s; give each its own name, and name the driver besides", t.Name))
		case driverOf(t) == nil:
			errs = append(errs, fmt.Errorf("there is no driver %q; there are: %s", t.driverName(), enumerate(DriverNames())))
		}
		seen[t.Name] = true
	}
	return errs
}

// isFileName tells whether a name can be part of a directory's name everywhere.
func isFileName(name string) bool {
	for i, r := range name {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_'
		if !letter && (i == 0 || r != '.' && r != '-') {
			return false
		}
	}
	return true
}
