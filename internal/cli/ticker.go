package cli

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"kindred/train"
)

// tickerInterval is the time between two lines of a ticker.
const tickerInterval = 5 * time.Second

// A ticker is a gauge that writes a line now and then: for logs and terminals
// that can do no more.
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
		"words/s", scaled(p.TokensPerSecond), "eta", clock(p.Remaining), "lr", fmt.Sprintf("%.4g", p.Rate), "loss", fmt.Sprintf("%.4f", p.Loss))
}

// share returns part in whole as a percentage that needs no quotes in a log.
func share(part, whole int64) string { return strings.ReplaceAll(percent(part, whole), " ", "") }

func (t *ticker) clear()                  {}
func (t *ticker) interval() time.Duration { return tickerInterval }
