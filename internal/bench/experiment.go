package bench

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"kindred/internal/atomicfile"
	"kindred/internal/english"
	"kindred/internal/filetype"
	"kindred/internal/textfile"
)

// An Experiment says which tools train on which text, and which evaluation sets score the vectors.
// [Defaults] returns one that lacks only Input and Tools.
type Experiment struct {
	// Input names the text by patterns of source.Open. Standard input is refused.
	Input []string `toml:"input"`
	// Encoding is the encoding of the text, and of evaluation sets that are not UTF-8; "" is UTF-8.
	Encoding string `toml:"encoding,omitempty"`
	// Rounds is how many times each tool trains.
	Rounds int `toml:"rounds"`
	// Pin lists the processors that the tools may run on. Empty is all.
	Pin []int `toml:"pin,omitempty"`
	// Settings are the settings of all tools.
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
	// Seed is the seed of the first round. Each round adds 1.
	Seed int `toml:"seed" json:"seed"`
}

// A Tool is a program that takes part.
type Tool struct {
	// Name is the tool's name in the report.
	Name string `toml:"name" json:"name"`
	// Driver is the name of the driver, by default the same as Name. One driver may serve several tools
	// with different options.
	Driver string `toml:"driver,omitempty" json:"driver,omitempty"`
	// Path is the path of the program, or "" if it is on PATH.
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

// An Evaluation says how the vectors are scored.
type Evaluation struct {
	// Sets names evaluation sets and directories of them. If it is empty, only speed is reported.
	Sets []string `toml:"sets,omitempty" json:"sets,omitempty"`
	// Restrict is the number of most frequent words among which analogies are answered, 0 for all.
	Restrict int `toml:"restrict,omitempty" json:"restrict,omitempty"`
}

// Defaults returns an experiment of three rounds with word2vec.c's settings, on one thread.
func Defaults() Experiment {
	return Experiment{
		Rounds: 3,
		Settings: Settings{
			Dim: 100, Window: 5, Negatives: 5, Subsample: 1e-3, NoisePower: 0.75,
			MinCount: 5, Epochs: 5, LearningRate: 0.025, Threads: 1, Seed: 1,
		},
	}
}

// mostRounds is the largest number of rounds.
const mostRounds = 10_000

// Validate returns an error that names every value out of range.
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
	if e.Rounds < 1 || e.Rounds > mostRounds {
		errs = append(errs, fmt.Errorf("rounds is %d, want 1 to %d", e.Rounds, mostRounds))
	}
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
			kind := "driver"
			if t.Driver == "" {
				kind = "tool"
			}
			errs = append(errs, fmt.Errorf("there is no %s %q; there are: %s", kind, t.driverName(), enumerate(DriverNames())))
		}
		seen[t.Name] = true
	}
	return errs
}

// isFileName reports whether a name can be part of a directory's name on all systems.
func isFileName(name string) bool {
	for i, r := range name {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_'
		if !letter && (i == 0 || r != '.' && r != '-') {
			return false
		}
	}
	return true
}

// enumerate returns the first items of a list, and how many follow.
func enumerate(list []string) string { return english.List(list, 8) }

// maxPlan is the size of the largest TOML file that is read, in bytes.
const maxPlan = 16 << 20

// Load reads an experiment from a TOML file such as
//
//	input = ["$DATA/wiki.txt.zst"]   # text; paths begin at the file's directory, $NAME is a variable of the environment
//	encoding = "windows-1252"        # optional
//	rounds = 3
//	pin = [0]                        # processors; optional
//	[settings]                       # all optional, as in Settings
//	dim = 100
//	[[tool]]
//	name = "kindred"
//	[[tool]]
//	name = "pairs"                   # path, driver and options are optional
//	driver = "kindred"
//	options = ["--negative-sharing", "pair"]
//	[evaluation]                     # optional
//	sets = ["$DATA/eval"]
//	restrict = 30000
//
// An unknown name is an error.
func Load(path string) (Experiment, error) {
	e := Defaults()
	text, err := textfile.Read(path, textfile.Options{Want: filetype.Plan, MaxBytes: maxPlan})
	if errors.As(err, new(*fs.PathError)) { // which names the file
		return e, fmt.Errorf("experiment: %w", err)
	} else if err != nil {
		return e, err
	}
	if err := textfile.CheckNesting(path, text); err != nil {
		return e, err
	}
	meta, err := toml.Decode(string(text), &e)
	var broken toml.ParseError
	switch {
	case errors.As(err, &broken) && broken.Position.Line > 0:
		return e, &textfile.Error{File: path, Line: broken.Position.Line, Message: broken.Message}
	case err != nil:
		return e, fmt.Errorf("%s: %w", path, err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return e, fmt.Errorf("%s: there is no setting %s", path, unknown[0])
	}
	if err := e.locate(filepath.Dir(path)); err != nil {
		return e, fmt.Errorf("%s: %w", path, err)
	}
	if err := e.Validate(); err != nil {
		return e, fmt.Errorf("%s: %w", path, err)
	}
	return e, nil
}

// locate replaces variables by their values, and makes relative paths begin at dir.
func (e *Experiment) locate(dir string) error {
	for _, list := range [][]string{e.Input, e.Evaluation.Sets} {
		for i, p := range list {
			var err error
			if list[i], err = expand(p, dir); err != nil {
				return err
			}
		}
	}
	for i, t := range e.Tools {
		if t.Path == "" {
			continue
		}
		var err error
		if e.Tools[i].Path, err = expand(t.Path, dir); err != nil {
			return err
		}
	}
	return nil
}

func expand(path, dir string) (string, error) {
	var unset []string
	expanded := os.Expand(path, func(name string) string {
		value, ok := os.LookupEnv(name)
		if !ok {
			unset = append(unset, name)
		}
		return value
	})
	if len(unset) > 0 {
		return "", fmt.Errorf("%q needs the environment variable %s, which is not set", path, strings.Join(unset, " and "))
	}
	if !filepath.IsAbs(expanded) {
		expanded = filepath.Join(dir, expanded)
	}
	return expanded, nil
}

// Save writes the experiment to a TOML file that [Load] reads. Relative paths begin at the working
// directory; in the file, they begin at the file's directory.
func (e Experiment) Save(path string) error {
	e.Tools = slices.Clone(e.Tools)
	var err error
	if e.Input, err = relative(e.Input, path); err != nil {
		return err
	}
	if e.Evaluation.Sets, err = relative(e.Evaluation.Sets, path); err != nil {
		return err
	}
	for i, t := range e.Tools {
		if t.Path == "" {
			continue
		}
		located, err := relative([]string{t.Path}, path)
		if err != nil {
			return err
		}
		e.Tools[i].Path = located[0]
	}
	var text bytes.Buffer
	encoder := toml.NewEncoder(&text)
	encoder.Indent = ""
	if err := encoder.Encode(e); err != nil {
		return err
	}
	return atomicfile.WriteFile(path, text.Bytes())
}

// relative returns paths as they are seen from the directory of file.
func relative(paths []string, file string) ([]string, error) {
	dir, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return nil, err
	}
	var seen []string
	for _, p := range paths {
		if !filepath.IsAbs(p) {
			abs, err := filepath.Abs(p)
			if err != nil {
				return nil, err
			}
			if p, err = filepath.Rel(dir, abs); err != nil {
				return nil, err
			}
		}
		seen = append(seen, filepath.ToSlash(p))
	}
	return seen, nil
}
