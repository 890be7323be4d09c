package bench

import (
	"context"
	"fmt"
	"path/filepath"

	"kindred/eval"
	"kindred/eval/compare"
	"kindred/eval/sets"
	"kindred/model/format"
)

// readSets reads the evaluation sets, and reports the kind of each file.
func (b *Bench) readSets() ([]sets.Set, error) {
	paths := b.Experiment.Evaluation.Sets
	if len(paths) == 0 {
		return nil, nil
	}
	list, readings, err := sets.Options{Encoding: b.Experiment.Encoding}.ReadSets(paths...)
	if err != nil {
		return nil, err
	}
	for _, r := range readings {
		b.notify(Event{Kind: Detected, Set: r.String()})
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no evaluation set in %s", enumerate(paths))
	}
	return list, nil
}

// compare compares the vectors of all runs by sets. The rounds of a tool are the seeds of one system. The
// report gets no comparison if there are no vectors or sets, or if ctx is canceled. If a tool's vectors
// can't be read, that is its failure.
func (b *Bench) compare(ctx context.Context, report *Report, list []sets.Set) error {
	if len(list) == 0 || ctx.Err() != nil {
		return nil
	}
	b.notify(Event{Kind: Comparing})
	// Loading and comparing ignore ctx, so an interruption doesn't wait for them.
	type outcome struct {
		comparison *compare.Comparison
		failures   map[*ToolResult]string
		err        error
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		var systems []compare.System
		systems, o.failures = b.systems(report)
		if len(systems) > 0 {
			options := compare.Options{Options: eval.Options{RestrictAnalogies: report.Evaluation.Restrict}}
			o.comparison, o.err = compare.Compare(systems, list, options)
		}
		done <- o
	}()
	select {
	case o := <-done:
		for t, failure := range o.failures {
			t.Failure = failure
		}
		report.Comparison = o.comparison
		return o.err
	case <-ctx.Done():
		report.Interrupted = true
		return nil
	}
}

// systems loads the vectors of the tools that have finished a round.
func (b *Bench) systems(report *Report) (systems []compare.System, failures map[*ToolResult]string) {
	failures = map[*ToolResult]string{}
	for _, t := range report.Tools {
		system := compare.System{Name: t.Name}
		for _, r := range t.Runs {
			e, err := format.Load(filepath.Join(b.Results, filepath.FromSlash(r.Vectors)))
			if err != nil {
				failures[t] = fmt.Sprintf("its vectors of round %d: %v", r.Round, err)
				break
			}
			system.Models = append(system.Models, compare.Model{File: r.Vectors, Embeddings: e})
		}
		if len(t.Runs) > 0 && failures[t] == "" {
			systems = append(systems, system)
		}
	}
	return systems, failures
}
