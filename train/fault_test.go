package train

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kindred/internal/kernel"
)

// A worker that panics ends the training with an error; nobody waits for it forever.
func TestPanicInWorker(t *testing.T) {
	text := read(t, zipfText(5000, 100))
	cfg := small()
	cfg.Threads = 3
	r, err := newRun(text, cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var steps atomic.Int64
	trainStep := r.kernel.Train
	r.kernel.Train = func(s *kernel.Step) {
		if steps.Add(1) == 20_000 {
			panic("a step too far")
		}
		trainStep(s)
	}
	err = r.hogwild(context.Background())
	var fault *PanicError
	if !errors.As(err, &fault) || fault.Value != "a step too far" || !strings.Contains(fault.Stack, "TestPanicInWorker") {
		t.Errorf("error %v, want a *PanicError that shows where it was", err)
	}
	if r.complete() || !strings.Contains(err.Error(), "a step too far") {
		t.Errorf("complete: %v, error: %v", r.complete(), err)
	}
}

// A clock that is set, forwards or backwards, changes neither times nor the moments of checkpoints: times are
// differences of monotonic readings, in a training that was resumed too.
func TestClockThatIsSet(t *testing.T) {
	p := newProgress(2, 100)
	c := &Checkpoint{state: state{Epochs: []tallyState{{Tokens: 50}}, Total: tallyState{Tokens: 50}}}
	c.Vectors = whole(t, read(t, "a b c\n"), small())
	c.Vectors.Manifest.Training.Wall = 3600
	p.resume(c)
	if !strings.Contains(p.started.String(), " m=") {
		t.Fatalf("%v has no monotonic reading", p.started)
	}
	if got := p.elapsed(); got < time.Hour || got > 2*time.Hour {
		t.Errorf("elapsed: %v, want an hour and a little", got)
	}
	// What would come if there were no monotonic clock, and the clock were set back by a day.
	p.started = p.started.Round(0).Add(24 * time.Hour)
	report := p.report(false)
	if report.Elapsed <= 0 || report.Remaining < 0 || math.IsInf(report.TokensPerSecond, 0) || math.IsNaN(report.TokensPerSecond) {
		t.Errorf("%+v", report)
	}
	r := &run{}
	r.progress.started = p.started
	if w := (&checkpointer{Checkpoints: Checkpoints{Every: time.Minute}, run: r}); w.due(1000) {
		t.Error("a checkpoint is due before its time")
	}
}
