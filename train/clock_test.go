package train

import (
	"math"
	"strings"
	"testing"
	"time"
)

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
