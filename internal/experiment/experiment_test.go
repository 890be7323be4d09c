package experiment

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"kindred/internal/machine"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A tuner looks for the settings with the least loss by successive halving: it tries all candidates
// with a small budget, the better half with twice the budget, and so on.
type tuner struct {
	store *Store
	text  string
	// diverges is the rate from which on trials fail.
	diverges float64
	// trials counts the calls of the objective.
	trials int
	events []string
}

// A trial is the result of one evaluation.
type trial struct {
	Settings settings `json:"settings"`
	Text     string   `json:"text"`
	Loss     float64  `json:"loss"`
}

type settings struct {
	Rate   float64 `json:"rate"`
	Dim    int     `json:"dim"`
	Budget int     `json:"budget"`
}

func (t *tuner) conditions(r *trial) Conditions {
	c := ConditionsOf(r.Settings)
	c["text"] = r.Text
	return c
}

// rung tries all candidates. A trial that fails drops out and stops no other.
func (t *tuner) rung(ctx context.Context, candidates []settings) ([]*trial, error) {
	e := &Experiment[trial]{
		Conditions: t.conditions,
		Perform: func(_ context.Context, i int) (*trial, error) {
			t.trials++
			s := candidates[i]
			if s.Rate >= t.diverges {
				return nil, fmt.Errorf("diverged at %v", s.Rate)
			}
			loss := (s.Rate-0.3)*(s.Rate-0.3) + 1/float64(s.Dim) + 1/float64(s.Budget)
			return &trial{Settings: s, Text: t.text, Loss: loss}, nil
		},
		Notify: func(event Event[trial]) {
			kind := []string{"found", "began", "finished", "failed"}[event.Kind]
			t.events = append(t.events, fmt.Sprintf("%s %v %d/%d", kind, candidates[event.Run].Rate, event.Done, event.Total))
		},
	}
	for _, s := range candidates {
		key := fmt.Sprintf("budget %d/rate %v dim %d.json", s.Budget, s.Rate, s.Dim)
		e.Runs = append(e.Runs, Run{Key: key, Group: key, Conditions: t.conditions(&trial{Settings: s, Text: t.text})})
	}
	return e.Resume(ctx, t.store)
}

// best halves the candidates until one is left.
func (t *tuner) best(ctx context.Context, candidates []settings) (settings, error) {
	for len(candidates) > 1 {
		results, err := t.rung(ctx, candidates)
		if results == nil || ctx.Err() != nil {
			return settings{}, err
		}
		results = slices.DeleteFunc(results, func(r *trial) bool { return r == nil })
		slices.SortStableFunc(results, func(a, b *trial) int { return int(1e6 * (a.Loss - b.Loss)) })
		candidates = nil
		for _, r := range results[:(len(results)+1)/2] {
			r.Settings.Budget *= 2
			candidates = append(candidates, r.Settings)
		}
	}
	return candidates[0], nil
}

func open(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// TestTuner uses the store for something that is neither an ablation nor a benchmark: which runs there
// are depends on the results before.
func TestTuner(t *testing.T) {
	var candidates []settings
	for _, rate := range []float64{0.1, 0.2, 0.4, 0.9} {
		candidates = append(candidates, settings{rate, 50, 1})
	}
	tune := &tuner{store: open(t, t.TempDir()), text: "text8", diverges: 0.8}
	best, err := tune.best(context.Background(), candidates)
	if want := (settings{0.2, 50, 4}); err != nil || best != want {
		t.Fatalf("the best is %v, %v, want %v", best, err, want)
	}
	want := []string{
		"began 0.1 0/4", "finished 0.1 1/4", "began 0.2 1/4", "finished 0.2 2/4", "began 0.4 2/4", "finished 0.4 3/4", "began 0.9 3/4", "failed 0.9 3/4",
		"began 0.2 0/2", "finished 0.2 1/2", "began 0.4 1/2", "finished 0.4 2/2",
	}
	if diff := cmp.Diff(want, tune.events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}

	// With a candidate more, only what is new and what failed is tried.
	tune.trials, tune.events = 0, nil
	best, err = tune.best(context.Background(), append(candidates, settings{0.3, 50, 1}))
	if err != nil || best.Rate != 0.3 {
		t.Errorf("the best is %v, %v", best, err)
	}
	if tune.trials != 2+1 || tune.events[3] != "began 0.9 3/5" {
		t.Errorf("%d trials, events %q", tune.trials, tune.events)
	}

	// Another text is another experiment.
	other := &tuner{store: tune.store, text: "text9", diverges: 1}
	_, err = other.best(context.Background(), candidates)
	var mismatch *MismatchError
	if !errors.As(err, &mismatch) || !slices.Equal(mismatch.Differences, []Difference{{"text", "text8", "text9"}}) || other.trials > 0 {
		t.Errorf("error %v after %d trials, want one that names the text", err, other.trials)
	}
}

func TestStoreIsLocked(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	var locked *machine.LockedError
	if _, err := Open(dir); !errors.As(err, &locked) || !strings.HasPrefix(err.Error(), "results in "+dir) {
		t.Errorf("error %v, want a *LockedError that names the directory", err)
	}
}

func TestUnusableResults(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	run := func(keys ...string) error {
		e := Experiment[trial]{
			Conditions: func(*trial) Conditions { return nil },
			Perform:    func(context.Context, int) (*trial, error) { t.Error("a run was performed"); return &trial{}, nil },
		}
		for _, key := range keys {
			e.Runs = append(e.Runs, Run{Key: key})
		}
		results, err := e.Resume(context.Background(), s)
		if results != nil {
			t.Errorf("%d results", len(results))
		}
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "torn"), []byte(`{"loss":`), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run("new", "torn"); err == nil || !strings.HasPrefix(err.Error(), filepath.Join(dir, "torn")+" is no result") {
		t.Errorf("a torn result: %v", err)
	}
	if err := run("new", "new"); err == nil || !strings.Contains(err.Error(), "two runs have their results in "+filepath.Join(dir, "new")) {
		t.Errorf("two runs of one key: %v", err)
	}
}

// TestFailureEndsGroup lets one of several parallel runs fail.
func TestFailureEndsGroup(t *testing.T) {
	var together sync.WaitGroup
	together.Add(3)
	failure := errors.New("out of luck")
	failed := make(chan struct{})
	var performed []int
	e := Experiment[trial]{
		Runs:       []Run{{Key: "0", Group: "a"}, {Key: "1", Group: "a"}, {Key: "2", Group: "b"}, {Key: "3", Group: "a"}, {Key: "4", Group: "b"}},
		Parallel:   3,
		Conditions: func(*trial) Conditions { return nil },
		Perform: func(ctx context.Context, i int) (*trial, error) {
			if i < 3 {
				together.Done()
				together.Wait()
			}
			switch i {
			case 0:
				<-ctx.Done() // because of run 1
				return nil, ctx.Err()
			case 1:
				return nil, failure
			case 2:
				<-failed // keeps this worker from beginning run 3
			}
			return &trial{Loss: float64(i)}, nil
		},
		Notify: func(event Event[trial]) {
			if event.Kind == Failed {
				if event.Run != 1 {
					t.Errorf("run %d failed: %v", event.Run, event.Err)
				}
				close(failed)
			}
			if event.Kind == Finished {
				performed = append(performed, event.Run)
			}
		},
	}
	results, err := e.Resume(context.Background(), open(t, t.TempDir()))
	if err == nil || err.Error() != failure.Error() || !errors.Is(err, failure) {
		t.Errorf("error %v, want %v", err, failure)
	}
	for i, r := range results {
		if got, want := r != nil, slices.Contains(performed, i); got != want || want != (i == 2 || i == 4) {
			t.Errorf("run %d has a result: %v", i, got)
		}
	}
}

// TestInterrupted cancels an experiment and resumes it.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	performed := 0
	e := Experiment[trial]{
		Runs:       []Run{{Key: "0"}, {Key: "1"}, {Key: "2"}},
		Conditions: func(*trial) Conditions { return nil },
		Perform: func(ctx context.Context, i int) (*trial, error) {
			performed++
			if performed == 2 {
				cancel()
				return nil, ctx.Err()
			}
			return &trial{Loss: float64(i)}, nil
		},
	}
	s := open(t, t.TempDir())
	results, err := e.Resume(ctx, s)
	if !errors.Is(err, context.Canceled) || results[0] == nil || results[1] != nil || results[2] != nil {
		t.Fatalf("results %v, error %v", results, err)
	}
	results, err = e.Resume(context.Background(), s)
	if performed != 2+2 || err != nil || slices.Contains(results, nil) {
		t.Errorf("%d performed, results %v, error %v", performed, results, err)
	}
}

func TestConditions(t *testing.T) {
	type nested struct {
		Name  string   `json:"name"`
		Rate  float64  `json:"rate"`
		Pin   []int    `json:"pin,omitempty"`
		Empty string   `json:"empty"`
		Inner settings `json:"inner"`
	}
	c := ConditionsOf(nested{Name: `a "b"`, Rate: 1e6, Inner: settings{0.5, 3, 1}})
	if diff := cmp.Diff(Conditions{"name": `a "b"`, "rate": "1000000", "empty": "", "inner": `{"rate":0.5,"dim":3,"budget":1}`}, c); diff != "" {
		t.Errorf("conditions (-want +got):\n%s", diff)
	}
	now := ConditionsOf(nested{Name: `a "b"`, Pin: []int{1}, Empty: "no"})
	err := &MismatchError{Path: "run.json", Differences: now.differences(c)}
	want := `run.json was made with other settings: empty was "" and is no, inner was {"rate":0.5,"dim":3,"budget":1} and is {"rate":0,"dim":0,"budget":0}, ` +
		`pin was unset and is [1], rate was 1000000 and is 0`
	if err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestFileName(t *testing.T) {
	if got := FileName(`k=5 a/b:c`); got != "k=5 a_b_c" {
		t.Errorf("%q", got)
	}
}
