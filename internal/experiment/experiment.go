// Package experiment performs the runs of an experiment and keeps the result of each in a
// directory. The same experiment, started again, loads the finished runs and performs the rest.
//
// A [Run] has a key, which names the file of its result, and [Conditions], which are everything
// that its result depends on. A stored result with other conditions is refused.
package experiment

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// An Experiment is a list of runs whose results are of type R. A result is stored as JSON, with the
// conditions of its run in it.
type Experiment[R any] struct {
	// Runs are in the order in which they begin. Their keys differ.
	Runs []Run
	// Parallel is the number of runs at a time. Below 1, it is 1.
	Parallel int
	// Perform performs Runs[i] and returns its result, which is not nil if err is nil. Up to Parallel
	// calls overlap.
	Perform func(ctx context.Context, i int) (result *R, err error)
	// Conditions returns the conditions that a result was made under.
	Conditions func(*R) Conditions
	// Check, unless nil, returns an error if the stored result of Runs[i] lacks something or does not fit
	// its run. Its conditions have been compared before.
	Check func(i int, result *R) error
	// Notify, unless nil, is told what happens. Calls don't overlap.
	Notify func(Event[R])
	// Indent stores results as indented JSON, for people to read.
	Indent bool
}

// A Run is one run of an experiment.
type Run struct {
	// Key is the path of the result's file below the directory of the store, with slashes.
	Key string
	// Group names the runs that end together: once a run of it fails, the others that are under way are
	// canceled and no more begin.
	Group string
	// Conditions are what the result depends on.
	Conditions Conditions
}

// An Event reports the progress of one run.
type Event[R any] struct {
	Kind EventKind
	// Run is the index of the run.
	Run int
	// Result is the result of a run that was found or has finished, nil otherwise.
	Result *R
	// Err says why a run failed, nil for other kinds.
	Err error
	// Done of Total runs have a result.
	Done, Total int
}

// An EventKind says what happened.
type EventKind int

// The kinds of events: the result was found in the store; the run begins, has finished, has failed.
const (
	Found EventKind = iota
	Began
	Finished
	Failed
)

// Resume loads the results of finished runs and performs the other runs in their order. It returns the
// results by run, nil for each that is missing.
//
// If a stored result can't be used, Resume performs nothing and returns nil and the error: a
// [*MismatchError] if it was made under other conditions. Otherwise, the error is that of ctx if it is
// done, or holds the first failure of each group. Results that are finished by then stay in the store.
func (e *Experiment[R]) Resume(ctx context.Context, s *Store) ([]*R, error) {
	results, err := e.load(s)
	if err != nil {
		return nil, err
	}
	p := &performance[R]{Experiment: e, store: s, results: results, groups: map[string]*group{}}
	var groups []*group
	var missing []int
	for i, run := range e.Runs {
		if p.groups[run.Group] == nil {
			g := newGroup(ctx)
			defer g.cancel()
			p.groups[run.Group] = g
			groups = append(groups, g)
		}
		if results[i] == nil {
			missing = append(missing, i)
			continue
		}
		p.notify(Event[R]{Kind: Found, Run: i, Result: results[i]})
	}
	p.perform(missing)
	if ctx.Err() != nil {
		return results, context.Cause(ctx)
	}
	var failures []error
	for _, g := range groups {
		failures = append(failures, g.failure)
	}
	return results, errors.Join(failures...)
}

// load returns the stored results by run.
func (e *Experiment[R]) load(s *Store) ([]*R, error) {
	results := make([]*R, len(e.Runs))
	seen := map[string]bool{}
	for i, run := range e.Runs {
		if seen[run.Key] {
			return nil, fmt.Errorf("two runs have their results in %s; give them other names", s.Path(run.Key))
		}
		seen[run.Key] = true
		result := new(R)
		found, err := s.load(run.Key, result)
		if err != nil {
			return nil, err
		}
		if !found {
			continue
		}
		if differences := run.Conditions.differences(e.Conditions(result)); len(differences) > 0 {
			return nil, &MismatchError{Path: s.Path(run.Key), Differences: differences}
		}
		if e.Check != nil {
			if err := e.Check(i, result); err != nil {
				return nil, damaged(s.Path(run.Key), err)
			}
		}
		results[i] = result
	}
	return results, nil
}

// A performance is one call of Resume.
type performance[R any] struct {
	*Experiment[R]
	store   *Store
	results []*R
	groups  map[string]*group

	mu   sync.Mutex // guards done, and keeps calls of Notify apart
	done int
}

// A group is what runs of the same Group share.
type group struct {
	ctx     context.Context
	cancel  context.CancelFunc
	mu      sync.Mutex
	failure error
}

func newGroup(parent context.Context) *group {
	g := &group{}
	g.ctx, g.cancel = context.WithCancel(parent)
	return g
}

// fail cancels the group. It reports whether err is why: an error after that is a consequence.
func (g *group) fail(err error) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ctx.Err() != nil {
		return false
	}
	g.failure = err
	g.cancel()
	return true
}

func (p *performance[R]) notify(e Event[R]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e.Result != nil {
		p.done++
	}
	if p.Notify != nil {
		e.Done, e.Total = p.done, len(p.Runs)
		p.Notify(e)
	}
}

// perform performs runs in their order, several at a time.
func (p *performance[R]) perform(runs []int) {
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(max(1, p.Parallel), len(runs)) {
		workers.Go(func() {
			for i := range next {
				p.performOne(i)
			}
		})
	}
	for _, i := range runs {
		next <- i
	}
	close(next)
	workers.Wait()
}

// performOne performs a run and stores its result, unless its group has ended.
func (p *performance[R]) performOne(i int) {
	run := p.Runs[i]
	g := p.groups[run.Group]
	if g.ctx.Err() != nil {
		return
	}
	p.notify(Event[R]{Kind: Began, Run: i})
	result, err := p.Perform(g.ctx, i)
	if err == nil {
		err = p.store.keep(run.Key, result, p.Indent)
	}
	if err != nil {
		if g.fail(err) {
			p.notify(Event[R]{Kind: Failed, Run: i, Err: err})
		}
		return
	}
	p.results[i] = result
	p.notify(Event[R]{Kind: Finished, Run: i, Result: result})
}
