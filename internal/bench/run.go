package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"kindred/internal/atomicfile"
	"kindred/internal/experiment"
	"kindred/model"
	"kindred/model/format"
)

// The files in the directory of a run, besides its vectors and their manifest.
const (
	runFile = "run.json"   // the finished [Run]
	logFile = "output.log" // the output of its processes
	// textName is the text. The name is short: word2vec.c and its descendants take at most 99 bytes.
	textName = "text.txt"
)

// trainPart is the name of the part of a run that is the training itself.
const trainPart = "train"

// A Plan is everything that decides what a run does. Runs with different plans can't be compared round
// by round.
type Plan struct {
	Driver  string   `json:"driver"`
	Options []string `json:"options,omitempty"`
	// Program is a hash of the program's files.
	Program  string   `json:"program"`
	Version  string   `json:"version,omitempty"`
	Settings Settings `json:"settings"`
	Pin      []int    `json:"pin,omitempty"`
	// Text and Words are the hash and the size of the text.
	Text  string `json:"text"`
	Words int64  `json:"words"`
}

// conditions returns the plan with its settings as one list.
func (p Plan) conditions() experiment.Conditions {
	c := experiment.ConditionsOf(p)
	delete(c, "settings")
	maps.Copy(c, experiment.ConditionsOf(p.Settings))
	return c
}

// A Run is a finished training.
type Run struct {
	Tool  string `json:"tool"`
	Round int    `json:"round"` // from 1
	Plan  Plan   `json:"plan"`
	// Commands are the command lines. They ran in the directory of the run, with the text as text.txt.
	Commands []string  `json:"commands"`
	Started  time.Time `json:"started"`
	// Wall and CPU are those of all processes together, in seconds, from their start to their end.
	Wall float64 `json:"wall_seconds"`
	CPU  float64 `json:"cpu_seconds"`
	// PeakMemory is the largest resident set in bytes, 0 if it is not known.
	PeakMemory int64  `json:"peak_memory_bytes,omitempty"`
	Parts      []Part `json:"parts"`
	// Vectors is the path of the vectors below the directory of results.
	Vectors string `json:"vectors"`
}

// trained returns the part that is the training itself, and the seconds before and after it. ok is false
// if the tool didn't tell when it began.
func (r *Run) trained() (p Part, before, after float64, ok bool) {
	for _, q := range r.Parts {
		switch {
		case q.Name == trainPart:
			p, ok = q, true
		case ok:
			after += q.Wall
		default:
			before += q.Wall
		}
	}
	if !ok {
		before = 0
	}
	return p, before, after, ok
}

// WordsPerSecond returns the words of all epochs per second of processor time: of the whole run, and of
// the training alone. They are 0 if the time is not known.
func (r *Run) WordsPerSecond() (whole, training float64) {
	words := float64(r.Plan.Words) * float64(r.Plan.Settings.Epochs)
	if r.CPU > 0 {
		whole = words / r.CPU
	}
	if p, _, _, ok := r.trained(); ok && p.CPU > 0 {
		training = words / p.CPU
	}
	return whole, training
}

// plan returns the plan of a round.
func (t *locatedTool) plan(e Experiment, text Text, round int) Plan {
	p := Plan{
		Driver: t.driver.name, Options: t.Options, Program: t.program.hash, Version: t.program.version,
		Settings: e.Settings, Pin: e.Pin, Text: text.Hash, Words: text.Words,
	}
	p.Settings.Seed += round - 1
	return p
}

// A toolRun is one training by one tool.
type toolRun struct {
	tool  *locatedTool
	round int
	plan  Plan
	// name is the name of the run's directory dir, and text is the path of the text.
	name, dir, text string
}

// perform performs the run from the start.
func (t toolRun) perform(ctx context.Context) (*Run, error) {
	if err := os.RemoveAll(t.dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(t.dir, 0o755); err != nil {
		return nil, err
	}
	if err := os.Symlink(t.text, filepath.Join(t.dir, textName)); err != nil {
		return nil, err
	}
	r := &Run{
		Tool: t.tool.Name, Round: t.round, Plan: t.plan, Started: time.Now().UTC().Truncate(time.Second),
		Vectors: path.Join(t.name, t.tool.driver.vectors),
	}
	if err := t.execute(ctx, r); err != nil {
		return nil, err
	}
	if info, err := os.Stat(t.vectors()); err != nil || info.Size() == 0 {
		return nil, fmt.Errorf("it ended without an error, but left no vectors in %s; its output is in %s", t.vectors(), filepath.Join(t.dir, logFile))
	}
	if err := t.cleanUp(); err != nil {
		return nil, err
	}
	return r, t.writeManifest(r)
}

// check returns an error if a stored result is not that of the run.
func (t toolRun) check(r *Run) error {
	want := path.Join(t.name, t.tool.driver.vectors)
	switch {
	case r.Tool != t.tool.Name || r.Round != t.round:
		return fmt.Errorf("it is of %q, round %d; want %s, round %d", r.Tool, r.Round, t.tool.Name, t.round)
	case r.Vectors != want:
		return fmt.Errorf("its vectors are %q, want %q", r.Vectors, want)
	case !(r.Wall > 0) || r.CPU < 0:
		return fmt.Errorf("it took %v s, and %v s of processor time", r.Wall, r.CPU)
	}
	return nil
}

// vectors returns the path of the run's vectors.
func (t toolRun) vectors() string { return filepath.Join(t.dir, t.tool.driver.vectors) }

// execute runs the processes of the run and measures them.
func (t toolRun) execute(ctx context.Context, r *Run) error {
	file, err := os.Create(filepath.Join(t.dir, logFile))
	if err != nil {
		return err
	}
	defer file.Close()
	log := &boundedLog{w: file}
	steps := t.tool.driver.steps(t.tool.program, t.plan.Settings)
	last := &steps[len(steps)-1]
	last.args = append(last.args, t.tool.Options...)
	var sum usage
	for _, s := range steps {
		r.Commands = append(r.Commands, s.commandLine())
		u, err := s.execute(ctx, t.dir, t.plan.Pin, log)
		if err != nil {
			if ctx.Err() != nil {
				return errors.Join(err, log.Close())
			}
			return withLastOutput(errors.Join(err, log.Close()), file.Name())
		}
		sum.add(u)
	}
	if err := log.Close(); err != nil {
		return err
	}
	r.Wall, r.CPU, r.PeakMemory, r.Parts = sum.wall.Seconds(), sum.cpu.Seconds(), sum.memory, sum.parts
	return nil
}

// withLastOutput adds the last lines of the log to an error.
func withLastOutput(err error, log string) error {
	text, readErr := os.ReadFile(log)
	if readErr != nil {
		return err
	}
	said := tail(text)
	if said == "" {
		return fmt.Errorf("%w, without a word", err)
	}
	return fmt.Errorf("%w; it said last:\n%s", err, said)
}

// cleanUp removes everything from the run's directory but its vectors, with their manifest, and its
// output.
func (t toolRun) cleanUp() error {
	entries, err := os.ReadDir(t.dir)
	if err != nil {
		return err
	}
	vectors := t.tool.driver.vectors
	for _, e := range entries {
		if name := e.Name(); name != vectors && name != format.ManifestPath(vectors) && name != logFile {
			if err := os.RemoveAll(filepath.Join(t.dir, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeManifest writes a manifest beside the vectors, unless the tool has written one itself. It has the
// settings that the tool trained with, which need not be those it was given.
func (t toolRun) writeManifest(r *Run) error {
	e, err := format.Load(t.vectors())
	if err != nil {
		return fmt.Errorf("its vectors: %w", err)
	}
	if e.Manifest != nil {
		return nil
	}
	driver := t.tool.driver
	settings := driver.actualSettings(t.plan.Settings)
	if len(t.tool.Options) > 0 {
		settings["options"] = strings.Join(t.tool.Options, " ")
	}
	m := model.Manifest{
		Tool: driver.name, Version: t.tool.program.version, Remarks: driver.unmatchedSettings(t.plan.Settings),
		Vectors: e.Vocabulary.Len(), Dim: e.Dim(),
	}
	if m.Settings, err = json.Marshal(settings); err != nil {
		return err
	}
	if p, _, _, ok := r.trained(); ok {
		m.Training = &model.TrainingRecord{Started: r.Started, Wall: p.Wall, CPU: p.CPU, Completed: true}
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(format.ManifestPath(t.vectors()), append(text, '\n'))
}
