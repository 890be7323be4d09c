package main

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"kindred/corpus"
	"kindred/internal/machine"
	"kindred/model"
	"kindred/train"
)

// A run of training says what its tokens cost.
type cost struct {
	tokens    int64
	cpu, wall float64 // seconds
}

// trainTokens trains until the given number of tokens is processed, and as many more as it takes to
// notice. It returns the cost of those after the first third: until then memory is touched for the first time.
// begin is called when that third is done.
func trainTokens(ctx context.Context, text *corpus.Corpus, cfg train.Config, tokens int64, trace *train.Trace, begin func()) (cost, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	now := func(p train.Progress) cost {
		return cost{p.Tokens, machine.CPUTime().Seconds(), p.Elapsed.Seconds()}
	}
	var first, last cost
	_, err := train.Run(ctx, text, cfg, train.Options{
		Interval: 20 * time.Millisecond,
		Observe: func(p train.Progress) {
			switch {
			case last.tokens > 0:
			case p.Tokens >= tokens || p.Done:
				last = now(p)
				cancel()
			case first.tokens == 0 && p.Tokens >= tokens/3:
				first = now(p)
				begin()
			}
		},
		Trace: trace,
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		return cost{}, err
	}
	return cost{last.tokens - first.tokens, last.cpu - first.cpu, last.wall - first.wall}, nil
}

// record trains with one worker and records each phase.
func record(ctx context.Context, text *corpus.Corpus, cfg train.Config, tokens int64) (*recording, error) {
	r := &recording{row: int(model.MatrixBytes(1, cfg.Dim))}
	grow := func(m int, rows []int32) []int32 {
		for _, row := range rows {
			r.rows[m] = max(r.rows[m], int(row)+1)
		}
		return slices.Clone(rows)
	}
	cfg.Threads = 1
	var begun atomic.Bool
	c, err := trainTokens(ctx, text, cfg, tokens, &train.Trace{
		Clock: machine.ThreadTime, Workers: 64,
		Phase: func(p *train.Phase) {
			if !begun.Load() {
				return
			}
			kept := train.Phase{Pieces: slices.Clone(p.Pieces), End: p.End}
			for i := range kept.Pieces {
				piece := &kept.Pieces[i]
				piece.Reads = train.TouchedRows{Input: grow(0, piece.Reads.Input), Output: grow(1, piece.Reads.Output)}
				piece.Writes = train.TouchedRows{Input: grow(0, piece.Writes.Input), Output: grow(1, piece.Writes.Output)}
			}
			r.phases = append(r.phases, kept)
		},
	}, func() { begun.Store(true) })
	r.tokens = c.tokens
	return r, err
}
