package cli

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"kindred/train"
)

// A reporter shows the user what a training job does.
type reporter interface {
	// reading is called with the number of bytes read so far. total is 0 if it is unknown.
	reading(bytes, total int64)
	// read is called when the text has been read, before the training.
	read(p plan)
	// training is called during the training.
	training(p train.Progress)
	// checkpoint is called after a checkpoint, written or failed.
	checkpoint(r train.CheckpointReport)
	// clear is called when the reading or the training ends, also after an error.
	clear()
	// trained is called when the vectors have been saved.
	trained(o outcome)
	// interval is the time between two calls of training.
	interval() time.Duration
}

func newReporter(con *console, quiet, json bool) reporter {
	switch {
	case quiet:
		return noReporter{}
	case json:
		return newEvents(con.out)
	case con.animated():
		return &summary{con, newBar(con.screen.stream)}
	}
	return &summary{con, newTicker(con.log)}
}

// noReporter prints nothing.
type noReporter struct{}

func (noReporter) reading(int64, int64)              {}
func (noReporter) read(plan)                         {}
func (noReporter) training(train.Progress)           {}
func (noReporter) checkpoint(train.CheckpointReport) {}
func (noReporter) clear()                            {}
func (noReporter) trained(outcome)                   {}
func (noReporter) interval() time.Duration           { return time.Second }

// A summary reports to a person: lines before and after the training, a gauge during it.
type summary struct {
	con *console
	gauge
}

// A gauge shows progress.
type gauge interface {
	reading(bytes, total int64)
	training(p train.Progress)
	clear()
	interval() time.Duration
}

const (
	// barWidth is the width of a bar without its text.
	barWidth    = 20
	barInterval = 150 * time.Millisecond
)

// A bar is a gauge for terminals: a line that is redrawn, and erased at the end.
type bar struct {
	out io.Writer
	// screen and line are nil if nothing is shown.
	screen *mpb.Progress
	line   *mpb.Bar
	note   atomic.Value // string: the text after the bar
}

func newBar(out io.Writer) *bar { return &bar{out: out} }

func (b *bar) reading(bytes, total int64) {
	note := "reading " + size(bytes)
	if total > 0 {
		note += " of " + size(total)
	}
	b.draw(bytes, total, note)
}

func (b *bar) training(p train.Progress) {
	b.draw(p.Tokens, p.TotalTokens, fmt.Sprintf("epoch %d/%d  %s words/s  ETA %s  lr %.4f  loss %s",
		p.Epoch, p.Epochs, scaled(p.TokensPerSecond), clock(p.Remaining), p.Rate, lossText(p, 3)))
}

// lossText returns the loss since the last report with this many decimals, or a dash if no pair was
// trained.
func lossText(p train.Progress, decimals int) string {
	if p.Pairs == 0 {
		return "-"
	}
	return strconv.FormatFloat(p.Loss, 'f', decimals, 64)
}

// draw shows the bar at its new position. total is 0 if it is unknown.
func (b *bar) draw(current, total int64, note string) {
	b.note.Store(note)
	if b.line == nil {
		b.begin(total)
	}
	b.line.SetCurrent(current)
}

func (b *bar) begin(total int64) {
	style := mpb.BarStyle().Lbound("").Filler("━").Tip("━").Padding("─").Rbound("")
	share := func(s decor.Statistics) string { return fmt.Sprintf(" %7s  ", percent(s.Current, total)) }
	builder := mpb.BarFillerBuilder(style)
	if total == 0 {
		builder = mpb.NopStyle()
		share = func(decor.Statistics) string { return "" }
	}
	note := func(decor.Statistics) string { return b.note.Load().(string) }
	b.screen = mpb.New(mpb.WithOutput(b.out), mpb.WithWidth(barWidth), mpb.WithRefreshRate(barInterval))
	b.line = b.screen.New(total, builder,
		mpb.BarFillerTrim(), mpb.BarRemoveOnComplete(),
		mpb.AppendDecorators(decor.Any(share), decor.Any(note)))
}

func (b *bar) clear() {
	if b.line == nil {
		return
	}
	b.line.Abort(true)
	b.screen.Wait()
	b.screen, b.line = nil, nil
}

func (b *bar) interval() time.Duration { return barInterval }

// tickerInterval is the time between two lines of a ticker.
const tickerInterval = 5 * time.Second

// A ticker is a gauge for logs and simple terminals: it writes a line at intervals.
type ticker struct {
	log  *slog.Logger
	mu   sync.Mutex
	last time.Time // of a line about reading
}

func newTicker(log *slog.Logger) *ticker { return &ticker{log: log, last: time.Now()} }

func (t *ticker) reading(bytes, total int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if time.Since(t.last) < tickerInterval {
		return
	}
	t.last = time.Now()
	if total > 0 {
		t.log.Info("reading", "done", share(bytes, total))
		return
	}
	t.log.Info("reading", "MiB", bytes>>20)
}

func (t *ticker) training(p train.Progress) {
	if p.Done {
		return
	}
	t.log.Info("training", "done", share(p.Tokens, p.TotalTokens), "epoch", fmt.Sprintf("%d/%d", p.Epoch, p.Epochs),
		"words/s", scaled(p.TokensPerSecond), "eta", clock(p.Remaining), "lr", fmt.Sprintf("%.4g", p.Rate), "loss", lossText(p, 4))
}

// share returns a percentage without a space, so that a log does not quote it.
func share(part, whole int64) string { return strings.ReplaceAll(percent(part, whole), " ", "") }

func (t *ticker) clear()                  {}
func (t *ticker) interval() time.Duration { return tickerInterval }
