package train

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
)

// rounds trains rounds of blocks. The blocks of a round are trained each in an arena of its own, all from the same
// parameters, and then merged in order. Nothing that is written in one of these two phases is shared, so
// that the result depends neither on the number of workers nor on who does what when.
//
// It trains until all is done, an epoch that is to be looked at is, a checkpoint is due or ctx is cancelled. No
// worker runs when it returns.
func (r *run) rounds(ctx context.Context) error {
	s := newRounds(r)
	all := newBarrier(r.cfg.Threads)
	var workers sync.WaitGroup
	for range r.cfg.Threads {
		workers.Go(func() {
			w, m := r.newWorker(), &merger{do: r.kernel.Merge}
			for !s.finished {
				s.check(guarded(func() error { return s.train(w) }))
				all.wait(s.trained)
				s.check(guarded(func() error { return s.merge(m) }))
				all.wait(func() { s.merged(ctx) })
			}
		})
	}
	workers.Wait()
	return s.err
}

// rounds is what the workers share. The fields that are not atomic are written while no worker works, but for err,
// which has a lock, and for arenas and done, where each block has its own.
type rounds struct {
	*run
	arenas []arena
	done   []tally

	// The round at work: the blocks position, position+1, … of an epoch, count of them.
	count    int
	rate     float64
	whole    bool // all blocks of the round were trained
	finished bool
	next     atomic.Int32 // to be handed out: blocks, then parts of the merge

	mu  sync.Mutex
	err error
}

func newRounds(r *run) *rounds {
	s := &rounds{run: r, arenas: make([]arena, r.layout.blocks), done: make([]tally, r.layout.blocks)}
	s.begin()
	return s
}

// begin prepares the round that starts at the run's position.
func (s *rounds) begin() {
	s.count = int(min(int64(s.layout.blocks), s.blocks()-s.position.index))
	s.rate = s.schedule.rate(s.processed(s.position))
	s.next.Store(0)
}

// check keeps the first error of all workers. They meet at the end of the phase all the same.
func (s *rounds) check(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
}

// train is the first phase: blocks are trained, each in the arena of its place in the round.
func (s *rounds) train(w *worker) error {
	for {
		i := int(s.next.Add(1)) - 1
		if i >= s.count {
			return nil
		}
		var err error
		b := block{s.position.epoch, s.position.index + int64(i)}
		if s.done[i], err = w.trainArena(&s.arenas[i], b, s.rate); err != nil {
			return err
		}
	}
}

// trained ends the first phase.
func (s *rounds) trained() {
	s.whole = s.err == nil
	s.next.Store(0)
}

// merge is the second phase: each part of the words is merged, once in the input and once in the output matrix.
func (s *rounds) merge(to reducer) error {
	for s.whole {
		part := int(s.next.Add(1)) - 1
		switch {
		case part < mergeTasks:
			to.reduce(s.embeddings.Input, true, s.arenas[:s.count], part)
		case part < 2*mergeTasks:
			to.reduce(s.embeddings.Output, false, s.arenas[:s.count], part-mergeTasks)
		default:
			return nil
		}
	}
	return nil
}

// merged ends the round and begins the next one, or finishes.
func (s *rounds) merged(ctx context.Context) {
	if s.err == nil {
		s.err = s.record()
	}
	if s.err == nil {
		s.err = context.Cause(ctx)
	}
	epochEnds := s.position.index == 0
	s.finished = s.err != nil || s.position.epoch == s.cfg.Epochs || epochEnds && s.afterEpoch != nil || s.checkpoints.due(s.processed(s.position))
	if !s.finished {
		s.begin()
	}
}

// record adds the tallies of the round, in the order of its blocks, and moves on.
func (s *rounds) record() error {
	var sum tally
	for _, done := range s.done[:s.count] {
		if err := s.checkLoss(s.position, done, s.rate); err != nil {
			return err
		}
		s.progress.add(s.position.epoch, done, s.rate)
		sum.add(done)
	}
	s.layout.steady(sum, s.cfg.highestNegatives())
	s.position.index += int64(s.count)
	if s.position.index == s.blocks() {
		s.position = block{s.position.epoch + 1, 0}
	}
	return nil
}

// unsteady is how many times the loss of scores of 0 makes rounds shorter.
const unsteady = 1.5

// steady makes rounds shorter where they do harm: a loss well above that of scores which are all 0, of vectors that
// know nothing, shows that the moves of the blocks add up to too much. A round of one block is
// plain stochastic gradient descent. As this depends on losses alone, it is the same for any number of threads.
func (l *layout) steady(round tally, k float64) {
	if nothing := (1 + k) * math.Ln2; round.meanLoss() > unsteady*nothing && l.blocks > 1 {
		l.blocks /= 2
	}
}
