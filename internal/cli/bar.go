package cli

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"kindred/train"
)

const (
	// barWidth is the width of a bar without the text beside it.
	barWidth    = 20
	barInterval = 150 * time.Millisecond
)

// A bar is a gauge for terminals: a line that is drawn again and again, and
// wiped when all is done.
type bar struct {
	out io.Writer
	// screen and line are nil where nothing is shown.
	screen *mpb.Progress
	line   *mpb.Bar
	note   atomic.Value // string: what stands behind the bar
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
	b.draw(p.Tokens, p.TotalTokens, fmt.Sprintf("epoch %d/%d  %s words/s  ETA %s  lr %.4f  loss %.3f",
		p.Epoch, p.Epochs, scaled(p.TokensPerSecond), clock(p.Remaining), p.Rate, p.Loss))
}

// draw shows the bar at its new place; total is 0 where it is not known.
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
