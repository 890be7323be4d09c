package train

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"kindred/model"
)

// TestClockThatIsSet checks that setting the system clock changes neither times nor the moments of
// checkpoints: times are differences of monotonic readings, also in a training that was resumed.
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
	// Without a monotonic reading, and with the clock set back by a day.
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

func TestAfterEpoch(t *testing.T) {
	text := read(t, zipfText(3000, 200))
	cfg := small()
	cfg.Epochs, cfg.Threads = 4, 3
	want := trained(t, text, func() Config { c := cfg; c.Threads = 1; return c }())

	var epochs []int
	e, err := Run(context.Background(), text, cfg, Options{AfterEpoch: func(epoch int, e *model.Embeddings) (bool, error) {
		epochs = append(epochs, epoch)
		return epoch < 3, nil
	}})
	if err != nil || !slices.Equal(epochs, []int{1, 2, 3}) {
		t.Fatalf("called after epochs %v, %v; want 1 to 3", epochs, err)
	}
	record := e.Manifest.Training
	if !record.Completed || record.Tokens != 3*text.Len() || len(record.EpochLoss) != 3 {
		t.Errorf("ended after epoch 3: %+v", record)
	}

	// AfterEpoch changes nothing.
	cfg.Threads = 1
	e, err = Run(context.Background(), text, cfg, Options{AfterEpoch: func(int, *model.Embeddings) (bool, error) { return true, nil }})
	if err != nil {
		t.Fatal(err)
	}
	if got := slices.Concat(e.Input.(*model.Matrix).Data, e.Output.(*model.Matrix).Data); !slices.Equal(got, want) {
		t.Error("other vectors with AfterEpoch than without")
	}

	broken := errors.New("no figure")
	for _, at := range []int{2, cfg.Epochs} {
		e, err = Run(context.Background(), text, cfg, Options{AfterEpoch: func(epoch int, _ *model.Embeddings) (bool, error) {
			if epoch == at {
				return true, broken
			}
			return true, nil
		}})
		if e != nil || !errors.Is(err, broken) {
			t.Errorf("error after epoch %d: %v", at, err)
		}
	}
}
