package train

import (
	"context"
	"sync"
	"sync/atomic"
)

// rounds trains rounds of blocks, each in two phases: what the blocks of the round before did is merged and the rows that
// several blocks touch are copied, part by part of the words; then the blocks are trained, and those of the next round prepared.
// Nothing that is written in one of the phases is shared, so that the result depends neither on the number of workers nor on
// who does what when.
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
					s.check(recoverAsError(func() error { return phase.do(w) }))
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
	in, out *spare
	parts   [parts]part
	// drafts are those of the round at work, upcoming those of the next one.
	drafts, upcoming []draft
	done             []tally

	// The round at work: the blocks position, position+1, … of an epoch, count of them; none before the first and behind the last.
	count    int
	rate     float64
	whole    bool // all blocks of the round before were trained, and it is to be merged
	last     bool // there is no round any more
	finished bool
	next     atomic.Int32 // to be handed out in this phase

	mu  sync.Mutex
	err error
}

func newRounds(r *run) *rounds {
	spare := r.plan.replicaRows(r.cfg.Window)
	return &rounds{
		run: r, done: make([]tally, r.plan.blocks),
		drafts: make([]draft, r.plan.blocks), upcoming: make([]draft, r.plan.blocks),
		in: newSpare(r.parameters.Input, spare), out: newSpare(r.parameters.Output, spare),
	}
}

// length returns how many blocks a round has that begins with a block, none behind the last epoch.
func (s *rounds) length(first block) int {
	if first.epoch == s.cfg.Epochs {
		return 0
	}
	return int(min(int64(s.plan.blocks), s.blocks()-first.index))
}

// after returns the first block behind the round at work.
func (s *rounds) after() block {
	if b := s.position.plus(s.count); b.index < s.blocks() {
		return b
	}
	return block{s.position.epoch + 1, 0}
}

// begin makes the next round, of which at least so many blocks are prepared, the one at work.
func (s *rounds) begin() {
	s.drafts, s.upcoming = s.upcoming, s.drafts
	s.count = s.length(s.position)
	s.rate = s.schedule.rate(s.processed(s.position))
	s.in.begin()
	s.out.begin()
}

// A phase is work for all workers, and what one of them does when it is done.
type phase struct {
	do  func(*worker) error
	end func()
}

func (s *rounds) phases(ctx context.Context) []phase {
	return []phase{{s.turn, s.turned}, {s.train, func() { s.trained(ctx) }}}
}

// check keeps the first error of all workers. They meet at the end of the phase all the same.
func (s *rounds) check(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
}

// turn is the phase between two rounds: each part of the words is merged as the last one has left it, and gets its rows
// for the next one.
func (s *rounds) turn(*worker) error {
	for {
		i := int(s.next.Add(1)) - 1
		if i >= parts {
			return nil
		}
		if s.whole {
			s.merge(i)
		}
		s.parts[i].place(s.drafts[:s.count], i, s.in, s.out, s.kernel.Gather)
	}
}

// merge adds up what the blocks of the last round did to the rows of a shard, in the order of the blocks, so that the result does not
// depend on who trained them.
func (s *rounds) merge(shard int) {
	p := &s.parts[shard]
	s.kernel.Merge(&p.in.merge)
	s.kernel.Merge(&p.out.merge)
	s.transport.Changed(shard, p.words)
}

// turned ends the phase between two rounds, and all where no second one follows.
func (s *rounds) turned() {
	s.next.Store(0)
	s.finished = s.err != nil || s.last
}

// train is the phase of a round: its blocks are trained, those of the next one prepared. The latter takes a tenth of the time of the
// former, and so fills the time in which a worker would wait for the last block of another.
func (s *rounds) train(w *worker) error {
	next := s.after()
	coming := s.length(next)
	for !s.finished {
		i := int(s.next.Add(1)) - 1
		switch {
		case i < s.count:
			s.done[i] = w.trainDraft(&s.drafts[i], s.position.plus(i), s.rate)
		case i < s.count+coming:
			i -= s.count
			if err := w.prepare(&s.upcoming[i], next.plus(i)); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

// trained ends the round at work. It begins the next one, or none.
func (s *rounds) trained(ctx context.Context) {
	if s.finished {
		return
	}
	s.next.Store(0)
	s.whole = s.err == nil && s.count > 0
	stop := false
	if s.whole {
		s.err = s.record()
		s.whole = s.err == nil
		stop = s.position.index == 0 && s.afterEpoch != nil || s.checkpoints.due(s.processed(s.position)) ||
			s.transport.Due(s.processed(s.position))
	}
	if s.err == nil {
		s.err = context.Cause(ctx)
	}
	s.last = stop || s.err != nil || s.position.epoch == s.cfg.Epochs
	if s.last {
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
	s.plan.shrinkOnDivergence(sum.meanLoss(), s.cfg.MaxMeanNegatives())
	s.position = s.after()
	return nil
}
