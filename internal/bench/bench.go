// Package bench trains on the same text with the same settings by kindred and by other tools, and reports
// speed and quality together.
//
// An [Experiment] lists the text, the settings and the tools. It can be kept in a small TOML file.
// [Bench.Run] performs it in rounds: each tool trains once a round (A B C A B C …), so that a machine
// that slows down does so for all tools. Each round has its own seed, so the rounds of a tool are the
// seeds of one system.
//
// The drivers in one table know the tools: how to find and call them, and which settings they can't be
// given. A finished run has a directory of its own with its measurements (run.json), its vectors and its
// output, so that an interrupted benchmark can be resumed.
package bench

import (
	"context"
	"errors"
	"fmt"
	"path"

	"kindred/internal/experiment"
)

// A Bench performs an experiment.
type Bench struct {
	Experiment Experiment
	// Results is the directory of the finished runs. It is made if it is missing.
	Results string
	// Notify, unless nil, is told what happens.
	Notify func(Event)
}

// An Event is something that happens during a benchmark.
type Event struct {
	Kind EventKind
	// Tool and Round are empty for Detected and Comparing, and Round is 0 for Missing.
	Tool  string
	Round int
	// Run is the run of Finished and Found. For Began it is an earlier run of the same tool, nil if there
	// is none.
	Run *Run
	// Err is the reason of Missing and Failed.
	Err error
	// Set says which file was taken for which kind of evaluation set, for Detected.
	Set string
}

// An EventKind is the kind of an [Event].
type EventKind int

// The kinds of events: an evaluation set was read; a tool is missing; a run begins, has finished, was
// found in the results, or has failed; the vectors are compared.
const (
	Detected EventKind = iota
	Missing
	Began
	Finished
	Found
	Failed
	Comparing
)

// Run performs the missing runs of the experiment and returns the report of all runs. A tool that is
// missing or fails is part of the report, and no error. If ctx is canceled, the report has the rounds
// finished by then, and says so. If another process uses the directory of results, the error wraps a
// [*machine.LockedError].
func (b *Bench) Run(ctx context.Context) (*Report, error) {
	if err := b.Experiment.Validate(); err != nil {
		return nil, err
	}
	sets, err := b.readSets()
	if err != nil {
		return nil, err
	}
	store, err := experiment.Open(b.Results)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	report := newReport(b.Experiment)
	tools := b.locateTools(ctx, report)
	if len(tools) == 0 && ctx.Err() == nil {
		return nil, fmt.Errorf("none of the tools is there: %w", errors.Join(report.missing()...))
	}
	if report.Text, err = prepare(ctx, b.Experiment.Input, b.Experiment.Encoding, b.Results); err != nil {
		return nil, err
	}
	if err := b.perform(ctx, store, tools, report.Text); err != nil {
		return nil, err
	}
	report.Interrupted = ctx.Err() != nil
	report.summarize()
	return report, b.compare(ctx, report, sets)
}

func (b *Bench) notify(e Event) {
	if b.Notify != nil {
		b.Notify(e)
	}
}

// A locatedTool is a tool whose program was found.
type locatedTool struct {
	Tool
	driver  *driver
	program program
	result  *ToolResult
	last    *Run // the finished run that was reported last
}

// locateTools returns the tools that are there, and enters all tools in the report.
func (b *Bench) locateTools(ctx context.Context, report *Report) []*locatedTool {
	var tools []*locatedTool
	for _, tool := range b.Experiment.Tools {
		d := driverOf(tool)
		result := &ToolResult{Tool: tool, Unmatched: d.unmatchedSettings(b.Experiment.Settings)}
		report.Tools = append(report.Tools, result)
		p, err := d.locateProgram(ctx, tool.Path)
		if err != nil {
			result.NotRun = err.Error()
			b.notify(Event{Kind: Missing, Tool: tool.Name, Err: err})
			continue
		}
		result.Version = p.version
		tools = append(tools, &locatedTool{Tool: tool, driver: d, program: p, result: result})
	}
	return tools
}

// missing returns why each of the tools isn't there.
func (r *Report) missing() []error {
	var errs []error
	for _, t := range r.Tools {
		errs = append(errs, fmt.Errorf("%s: %s", t.Name, t.NotRun))
	}
	return errs
}

// perform performs the runs that are not in the store, round by round, and enters all runs in the
// results of the tools. A tool that fails is not called again.
func (b *Bench) perform(ctx context.Context, store *experiment.Store, tools []*locatedTool, text Text) error {
	var runs []toolRun
	e := experiment.Experiment[Run]{
		Perform:    func(ctx context.Context, i int) (*Run, error) { return runs[i].perform(ctx) },
		Conditions: func(r *Run) experiment.Conditions { return r.Plan.conditions() },
		Check:      func(i int, r *Run) error { return runs[i].check(r) },
		Notify:     func(event experiment.Event[Run]) { b.report(runs[event.Run], event) },
		Indent:     true,
	}
	for round := 1; round <= b.Experiment.Rounds; round++ {
		for _, tool := range tools {
			name := fmt.Sprintf("%s-%d", tool.Name, round)
			run := toolRun{tool: tool, round: round, name: name, dir: store.Path(name), text: text.path, plan: tool.plan(b.Experiment, text, round)}
			runs = append(runs, run)
			e.Runs = append(e.Runs, experiment.Run{Key: path.Join(name, runFile), Group: tool.Name, Conditions: run.plan.conditions()})
		}
	}
	results, err := e.Resume(ctx, store)
	if mismatch := (*experiment.MismatchError)(nil); errors.As(err, &mismatch) {
		return fmt.Errorf("%w; keep the results apart with --results DIR, or remove those in %s", err, b.Results)
	}
	if results == nil {
		return err
	}
	for i, result := range results {
		if result != nil {
			t := runs[i].tool.result
			t.Runs = append(t.Runs, result)
		}
	}
	return nil // the report has the failures
}

// report passes on what happens to a run, and enters failures in the tool's result.
func (b *Bench) report(run toolRun, e experiment.Event[Run]) {
	tool := run.tool
	event := Event{Tool: tool.Name, Round: run.round, Run: e.Result, Err: e.Err}
	switch e.Kind {
	case experiment.Found:
		event.Kind = Found
		tool.last = e.Result
	case experiment.Began:
		event.Kind, event.Run = Began, tool.last
	case experiment.Finished:
		event.Kind = Finished
		tool.last = e.Result
	case experiment.Failed:
		event.Kind = Failed
		tool.result.Failure = fmt.Sprintf("round %d: %v", run.round, e.Err)
	}
	b.notify(event)
}
