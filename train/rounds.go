package train

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
)

// rounds trains rounds of blocks, each in three phases: the blocks are prepared while the round before is merged, the rows that
// several blocks touch are copied, and the blocks are trained. Nothing that is written in one of the phases is
// shared, so that the result depends neither on the number of workers nor on who does what when.
//
// It trains until all is done, an epoch that is to be looked at is, a checkpoint is due or ctx is cancelled. No
// worker runs when it returns.
func (r *run) rounds(ctx context.Context) error {
	s := newRounds(r)
	all := newBarrier(r.cfg.Threads)
	var workers sync.WaitGroup
	for range r.cfg.Threads {
		workers.Go(func() {
			w := r.newWorker()
			w.useSpare(s.in, s.out)
			phases := s.phases(ctx)
			for !s.finished {
				for _, phase := range phases {
					s.check(guarded(func() error { return phase.do(w) }))
					all.wait(phase.end)
				}
			}
		})
	}
	workers.Wait()
	return s.err
}

// rounds is what the workers share. The fields that are not atomic are written while no worker works, but for err,
// which has a lock, and for drafts, done and parts, of which each has one writer in a phase.
type rounds struct {
	*run
	reducer reducer
	in, out *spare
	parts   [parts]part
	drafts  []draft
	done    []tally

	// The round at work: the blocks position, position+1, … of an epoch, count of them; none at the end.
	count    int
	rate     float64
	whole    bool // all blocks of the round before were trained, and it is to be merged
	finished bool
	next     atomic.Int32 // to be handed out in this phase

	mu  sync.Mutex
	err error
}

func newRounds(r *run) *rounds {
	spare := r.layout.spareRows(r.cfg)
	s := &rounds{
		run: r, reducer: merger(r.kernel.Merge), drafts: make([]draft, r.layout.blocks), done: make([]tally, r.layout.blocks),
		in: newSpare(r.embeddings.Input, spare), out: newSpare(r.embeddings.Output, spare),
	}
	s.begin()
	return s
}

// begin starts the round at the run's position.
func (s *rounds) begin() {
	s.count = int(min(int64(s.layout.blocks), s.blocks()-s.position.index))
	s.rate = s.schedule.rate(s.processed(s.position))
}

// A phase is work for all workers, and what one of them does when it is done.
type phase struct {
	do  func(*worker) error
	end func()
}

func (s *rounds) phases(ctx context.Context) []phase {
	return []phase{{s.turn, s.turned}, {s.place, s.placed}, {s.train, func() { s.trained(ctx) }}}
}

// check keeps the first error of all workers. They meet at the end of the phase all the same.
func (s *rounds) check(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
}

// turn is the first phase: the blocks of the round are prepared, and each part of the words is merged as the round
// before has left it.
func (s *rounds) turn(w *worker) error {
	for {
		switch i := int(s.next.Add(1)) - 1; {
		case i < s.count:
			if err := w.prepare(&s.drafts[i], s.block(i)); err != nil {
				return err
			}
		case s.whole && i < s.count+parts:
			s.reducer.reduce(&s.parts[i-s.count])
		default:
			return nil
		}
	}
}

// turned ends the first phase. Where no round follows all is done.
func (s *rounds) turned() {
	s.whole = false
	s.in.used.Store(0)
	s.out.used.Store(0)
	s.phaseEnds()
	s.finished = s.count == 0
}

// phaseEnds gets ready to hand out the work of the next phase, which has none after an error.
func (s *rounds) phaseEnds() {
	s.next.Store(0)
	if s.err != nil {
		s.count = 0
	}
}

// place is the second phase: each part of the words gets its rows.
func (s *rounds) place(*worker) error {
	for s.count > 0 {
		i := int(s.next.Add(1)) - 1
		if i >= parts {
			break
		}
		s.parts[i].place(s.drafts[:s.count], i, s.in, s.out, s.kernel.Gather)
	}
	return nil
}

// placed ends the second phase.
func (s *rounds) placed() { s.phaseEnds() }

// train is the third phase: blocks are trained.
func (s *rounds) train(w *worker) error {
	for {
		i := int(s.next.Add(1)) - 1
		if i >= s.count {
			return nil
		}
		s.done[i] = w.trainDraft(&s.drafts[i], s.block(i), s.rate)
	}
}

// block returns the address of a block of the round.
func (s *rounds) block(i int) block { return block{s.position.epoch, s.position.index + int64(i)} }

// trained ends the third phase and the round. It begins the next one, or none.
func (s *rounds) trained(ctx context.Context) {
	if s.finished {
		return
	}
	s.whole = s.err == nil && s.count > 0
	if s.whole {
		s.err = s.record()
		s.whole = s.err == nil
	}
	if s.err == nil {
		s.err = context.Cause(ctx)
	}
	s.phaseEnds()
	if s.count == 0 {
		return
	}
	epochEnds := s.position.index == 0
	if s.position.epoch == s.cfg.Epochs || epochEnds && s.afterEpoch != nil || s.checkpoints.due(s.processed(s.position)) {
		s.count = 0
		return
	}
	s.begin()
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
