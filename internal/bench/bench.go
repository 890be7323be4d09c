package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/zeebo/xxh3"

	"kindred/internal/machine"
)

// A Bench performs an experiment.
type Bench struct {
	Experiment Experiment
	// Results is the directory that keeps the finished runs, made where it doesn't exist.
	Results string
	// Notify, unless it is nil, is told what happens.
	Notify func(Event)
}

// An Event is something that happens during a benchmark.
type Event struct {
	Kind  EventKind
	Tool  string
	Round int
	// Run is the run of Finished and Found, and for Began the run of the same tool before it, which
	// may be nil.
	Run *Run
	// Err says why for Missing and Failed.
	Err error
	// Set says what a file was taken for, for Detected.
	Set string
}

// An EventKind is the kind of an [Event].
type EventKind int

// The kinds of events: a file with an evaluation set was read; a tool isn't there; a run begins, was finished
// now, was found finished by an earlier benchmark, or failed; the results are compared.
const (
	Detected EventKind = iota
	Missing
	Began
	Finished
	Found
	Failed
	Comparing
)

// A contestant is a tool that takes part.
type contestant struct {
	Tool
	driver  driver
	program program
	hash    string // of the program
	result  *ToolResult
}

// Run performs what is missing of the experiment and returns the report of all of
// it. A tool that isn't there or fails is part of the report, and no error. Where ctx
// is cancelled, the report has the rounds finished by then, and says so. Where another process has the directory
// of results, the error wraps a *machine.LockedError.
func (b *Bench) Run(ctx context.Context) (*Report, error) {
	if err := b.Experiment.Validate(); err != nil {
		return nil, err
	}
	sets, err := b.readSets()
	if err != nil {
		return nil, err
	}
	lock, err := machine.LockDir(b.Results)
	if err != nil {
		return nil, fmt.Errorf("results in %s: %w", b.Results, err)
	}
	defer lock.Release()
	report := newReport(b.Experiment)
	there := b.muster(ctx, report)
	if len(there) == 0 && ctx.Err() == nil {
		return nil, fmt.Errorf("none of the tools is there: %w", errors.Join(b.reasons(report)...))
	}
	if report.Text, err = prepare(ctx, b.Experiment.Input, b.Results); err != nil {
		return nil, err
	}
	if err := b.recall(there, report.Text); err != nil {
		return nil, err
	}
	b.rounds(ctx, there, report.Text)
	report.Interrupted = ctx.Err() != nil
	report.summarize()
	return report, b.compare(ctx, report, sets)
}

func (b *Bench) notify(e Event) {
	if b.Notify != nil {
		b.Notify(e)
	}
}

// muster finds the tools, and enters all of them in the report.
func (b *Bench) muster(ctx context.Context, report *Report) []*contestant {
	var there []*contestant
	for _, tool := range b.Experiment.Tools {
		d := driverOf(tool)
		result := &ToolResult{Tool: tool, Unmatched: d.unmatched(b.Experiment.Settings)}
		report.Tools = append(report.Tools, result)
		p, err := d.locate(ctx, tool.Path)
		hash := ""
		if err == nil {
			hash, err = hashFiles(p.files)
		}
		if err != nil {
			result.NotRun = err.Error()
			b.notify(Event{Kind: Missing, Tool: tool.Name, Err: err})
			continue
		}
		result.Version = p.version
		there = append(there, &contestant{Tool: tool, driver: d, program: p, hash: hash, result: result})
	}
	return there
}

// reasons tells why each of the tools isn't there.
func (b *Bench) reasons(report *Report) []error {
	var errs []error
	for _, t := range report.Tools {
		errs = append(errs, fmt.Errorf("%s: %s", t.Name, t.NotRun))
	}
	return errs
}

// recall enters the runs that were finished earlier.
func (b *Bench) recall(there []*contestant, text Text) error {
	for round := 1; round <= b.Experiment.Rounds; round++ {
		for _, c := range there {
			run, err := stored(runDir(b.Results, c.Name, round), c.plan(b.Experiment, text, round))
			if err != nil {
				return err
			}
			if run != nil {
				c.result.Runs = append(c.result.Runs, run)
			}
		}
	}
	return nil
}

// rounds performs the runs that are missing. A tool that fails is not called again.
func (b *Bench) rounds(ctx context.Context, there []*contestant, text Text) {
	for round := 1; round <= b.Experiment.Rounds; round++ {
		for _, c := range there {
			event := Event{Tool: c.Name, Round: round}
			if run := c.result.round(round); run != nil {
				event.Kind, event.Run = Found, run
				b.notify(event)
				continue
			}
			if ctx.Err() != nil || c.result.Failure != "" {
				continue
			}
			event.Kind, event.Run = Began, c.result.last()
			b.notify(event)
			run, err := b.run(ctx, c, text, round)
			switch {
			case ctx.Err() != nil:
				continue
			case err != nil:
				c.result.Failure = fmt.Sprintf("round %d: %v", round, err)
				event.Kind, event.Err = Failed, err
			default:
				c.result.Runs = append(c.result.Runs, run)
				event.Kind, event.Run = Finished, run
			}
			b.notify(event)
		}
	}
	for _, c := range there {
		slices.SortFunc(c.result.Runs, func(x, y *Run) int { return x.Round - y.Round })
	}
}

// plan returns the plan of a round.
func (c *contestant) plan(e Experiment, text Text, round int) Plan {
	p := Plan{
		Driver: c.driver.name(), Options: c.Options, Program: c.hash, Version: c.program.version,
		Settings: e.Settings, Pin: e.Pin, Text: text.Hash, Words: text.Words,
	}
	p.Settings.Seed += round - 1
	return p
}

// run performs one run from the start and keeps what came out.
func (b *Bench) run(ctx context.Context, c *contestant, text Text, round int) (*Run, error) {
	dir := runDir(b.Results, c.Name, round)
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if err := os.Symlink(text.path, filepath.Join(dir, textName)); err != nil {
		return nil, err
	}
	plan := c.plan(b.Experiment, text, round)
	r := &Run{
		Tool: c.Name, Round: round, Plan: plan, Started: time.Now().UTC().Truncate(time.Second),
		Vectors: filepath.ToSlash(filepath.Join(filepath.Base(dir), c.driver.vectors())),
	}
	u, err := b.perform(ctx, c, r, dir)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(filepath.Join(dir, c.driver.vectors())); err != nil || info.Size() == 0 {
		return nil, fmt.Errorf("it ended without an error, but left no vectors in %s; its output is in %s",
			filepath.Join(dir, c.driver.vectors()), filepath.Join(dir, logFile))
	}
	r.Wall, r.CPU, r.PeakMemory, r.Parts = u.wall.Seconds(), u.cpu.Seconds(), u.memory, u.parts
	if err := tidy(dir, c.driver.vectors()); err != nil {
		return nil, err
	}
	if err := c.describe(r, dir); err != nil {
		return nil, err
	}
	return r, r.save(dir)
}

// perform runs the processes of a run in dir.
func (b *Bench) perform(ctx context.Context, c *contestant, r *Run, dir string) (usage, error) {
	var sum usage
	log, err := os.Create(filepath.Join(dir, logFile))
	if err != nil {
		return sum, err
	}
	defer log.Close()
	steps := c.driver.steps(c.program, r.Plan.Settings)
	last := &steps[len(steps)-1]
	last.args = append(last.args, c.Options...)
	for _, s := range steps {
		r.Commands = append(r.Commands, s.commandLine())
		u, err := s.perform(ctx, dir, b.Experiment.Pin, log)
		if err != nil {
			return sum, describeFailure(err, log.Name())
		}
		sum.add(u)
	}
	return sum, nil
}

// describeFailure adds what the tool said last.
func describeFailure(err error, log string) error {
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

// hashFiles returns a hash of programs.
func hashFiles(paths []string) (string, error) {
	var h xxh3.Hasher
	for _, path := range paths {
		if err := hashFile(&h, path); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%016x", h.Sum64()), nil
}

func hashFile(h *xxh3.Hasher, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(h, f)
	return err
}
