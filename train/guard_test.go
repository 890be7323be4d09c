package train

import (
	"context"
	"fmt"
	"math"
	"testing"

	"kindred/internal/kernel"
	"kindred/model"
)

// TestGuard feeds the guard with losses.
func TestGuard(t *testing.T) {
	const k, planned = 5, 64
	untrained := (1 + k) * math.Ln2
	g := newGuard()
	feed := func(rounds int, loss float64) (changes int) {
		for range rounds {
			if changed, _ := g.add(tally{pairs: 1000, loss: 1000 * loss}, k, planned); changed {
				changes++
			}
			g.next()
		}
		return changes
	}
	if n := feed(100, 0.5*untrained) + feed(1, 2*untrained) + feed(20, 0.9*untrained); n != 0 || g.blocks(planned) != planned {
		t.Errorf("a healthy run with one odd round changes the plan %d times", n)
	}
	if n := feed(guardRounds, 1.5*untrained); n != 1 || g.blocks(planned) != planned/2 {
		t.Errorf("a window that costs too much changes the plan %d times, to %d blocks", n, g.blocks(planned))
	}
	if n := feed(1, 1e6*untrained); n != 1 || g.blocks(planned) != planned/4 {
		t.Errorf("an explosion changes the plan %d times, to %d blocks", n, g.blocks(planned))
	}
	feed(20*guardRounds, 2*untrained)
	if g.blocks(planned) != 1 {
		t.Errorf("a run that goes on to diverge has rounds of %d blocks", g.blocks(planned))
	}
	if n := feed(3*calmWindows*guardRounds, 0.5*untrained); n != 3 || g.blocks(planned) != 8 {
		t.Errorf("calm changes the plan %d times, to %d blocks, want 3 times, to 8", n, g.blocks(planned))
	}
	if n := feed(1, 20*untrained); n != 1 {
		t.Error("rounds that are too long again stay as they are")
	}
	if n := feed(3*calmWindows*guardRounds, 0.5*untrained); n != 0 {
		t.Errorf("after rounds were too long again, they become longer as soon as before")
	}
}

// divergingRun returns a run whose merge adds up moves without weights, so that it diverges.
func divergingRun(t *testing.T, threads int, o Options) *run {
	t.Helper()
	cfg := small()
	cfg.LearningRate, cfg.Epochs, cfg.Threads, cfg.Subsample = 0.05, 6, threads, 0
	r, err := newRun(read(t, zipfText(8000, 12)), cfg, o)
	if err != nil {
		t.Fatal(err)
	}
	r.plan = roundPlan{blockTokens: 30, blocks: 16, pool: 32, words: r.plan.words}
	merge := r.kernel.Merge
	r.kernel.Merge = func(m *kernel.Merge) {
		for i := range m.Weights {
			m.Weights[i] = 1
		}
		merge(m)
	}
	return r
}

// TestGuardSavesDivergingRuns trains what diverges. The guard must shorten the rounds before the loss
// overflows, say so, and decide alike for any number of threads.
func TestGuardSavesDivergingRuns(t *testing.T) {
	var results []string
	for _, threads := range []int{1, 3} {
		var told []model.PlanChange
		r := divergingRun(t, threads, Options{PlanChanged: func(c model.PlanChange) { told = append(told, c) }})
		if err := r.train(context.Background()); err != nil {
			t.Fatal(err)
		}
		recorded := r.manifest(true).Training.Rounds
		if len(recorded.Changes) == 0 || fmt.Sprint(told) != fmt.Sprint(recorded.Changes) {
			t.Fatalf("the manifest has the changes %+v, and %+v were told", recorded.Changes, told)
		}
		if c := recorded.Changes[0]; c.Before != 16 || c.After != 8 || c.Epoch < 1 || c.Tokens <= 0 || !(c.Loss > 4) {
			t.Errorf("the first change is %+v", c)
		}
		last := r.progress.epochs[r.cfg.Epochs-1].meanLoss()
		if untrained := (1 + r.cfg.Negatives) * math.Ln2; !(last < untrained) {
			t.Errorf("the last epoch has the loss %v, no less than untrained vectors with %v", last, untrained)
		}
		results = append(results, fmt.Sprint(recorded.Changes, r.progress.sum.loss, r.parameters.Input.Data[:20]))
	}
	if results[0] != results[1] {
		t.Errorf("1 thread: %s\n3 threads: %s", results[0], results[1])
	}
}

// TestGuardState checks which states of a guard are taken from a checkpoint.
func TestGuardState(t *testing.T) {
	good := guard{Halvings: [2]int{2, 3}, Loss: 12.5, Pairs: 7, Rounds: 3, Calm: 4, Wait: calmWindows}
	if !good.valid() {
		t.Errorf("%+v is refused", good)
	}
	for _, change := range []func(*guard){
		func(g *guard) { g.Halvings[0] = -1 },
		func(g *guard) { g.Halvings[1] = maxHalvings + 1 },
		func(g *guard) { g.Loss = math.NaN() },
		func(g *guard) { g.Pairs = math.Inf(1) },
		func(g *guard) { g.Rounds = guardRounds },
		func(g *guard) { g.Calm = calmWindows + 1 },
		func(g *guard) { g.Wait = 0 },
	} {
		g := good
		if change(&g); g.valid() {
			t.Errorf("%+v is taken for the state of a guard", g)
		}
	}
}
