package train

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"kindred/model"
	"kindred/train/parallel"
)

// rounds trains in rounds of blocks until the training is complete, an epoch ends that AfterEpoch
// is to see, a checkpoint or an exchange between ranks is due, or ctx is canceled. No worker runs
// when it returns.
//
// A round has two phases. In the first one, the shards of the vocabulary are merged as the last
// round left them, and rows are found for the next one. In the second one, the blocks of the round
// are trained and those of the next one prepared. In a phase, no worker reads what another one
// writes. So the result depends neither on the number of workers nor on which worker does what.
func (r *run) rounds(ctx context.Context) error {
	s := newRounds(r)
	all := newBarrier(r.workers())
	var workers sync.WaitGroup
	for i := range r.workers() {
		workers.Go(func() {
			w := r.newWorker()
			w.useReplicas(s.in[i], s.out[i])
			if s.positions != nil {
				w.positions = s.positions[i]
			}
			if r.trace.on() {
				runtime.LockOSThread()
				defer runtime.UnlockOSThread()
			}
			phases := s.phases(ctx)
			for !s.finished {
				for _, phase := range phases {
					s.keepError(recoverAsError(func() error { return phase.do(w) }))
					all.wait(func() { s.timer.end(s, phase.end) })
				}
			}
		})
	}
	workers.Wait()
	return s.err
}

// rounds is the state that the workers share. Its fields are written between phases, while no
// worker works, except that err has a lock, and each element of blocks, upcoming, done, in, out and shards
// has one writer in a phase.
type rounds struct {
	*run
	in, out []*replicaRows // by worker
	shards  []vocabularyShard
	// positions are by worker, nil if words are not weighed by position.
	positions []*weighedInputs
	// sharedIn and sharedOut count the rows of the present round that several blocks train.
	sharedIn, sharedOut atomic.Int32
	// blocks are the blocks of the present round, upcoming those of the next one.
	blocks, upcoming []preparedBlock
	done             []tally

	// The present round has the blocks position, position+1, … of an epoch, count of them. It has
	// none before the first round and after the last one.
	count     int
	rate      float64
	overshoot overshoot
	merging   bool // the last round was trained whole, and is to be merged
	last      bool // no round follows
	finished  bool
	next      atomic.Int32 // the next piece of work in this phase
	timer     phaseTimer

	// stretch is nil if words are not made of n-grams; ranges divide their rows among the workers, and marked has a
	// bit for each word that is an input in the round to come.
	stretch *stretch
	ranges  []*rowRange
	marked  []uint64
	// givingBack says that a stretch of rounds is over, and that its words have moved.
	givingBack bool

	mu  sync.Mutex
	err error
}

func newRounds(r *run) *rounds {
	shards := r.shards()
	_, sums := expectedRows(r.text.Vocabulary(), r.subsample, r.plan, r.cfg.Window, r.workers())
	sums /= 2 * r.workers() // for one worker and matrix
	s := &rounds{
		run: r, timer: newPhaseTimer(r.trace, shards), shards: newVocabularyShards(r.plan.words, shards), done: make([]tally, r.plan.blocks),
		blocks: make([]preparedBlock, r.plan.blocks), upcoming: make([]preparedBlock, r.plan.blocks),
		in:  newReplicaRows(r.parameters.Input, r.plan.replicaRows(r.cfg.Window), r.workers(), sums),
		out: newReplicaRows(r.parameters.Output, r.plan.replicaRows(r.cfg.Window), r.workers(), sums),
	}
	if r.subwords != nil {
		s.stretch = newStretch(r.subwords, r.plan.stretch, r.plan.inputWords(r.text.Vocabulary(), r.subsample, r.cfg.Window))
		s.ranges, s.marked = r.subwords.ranges(r.workers()), make([]uint64, (r.plan.words+63)/64)
	}
	if m := r.parameters.Positions; m != nil {
		for range r.workers() {
			s.positions = append(s.positions, newReplicaPositions(m))
		}
	}
	return s
}

// A phase is work for all workers, and what the last of them does when all are done.
type phase struct {
	do  func(*worker) error
	end func()
}

func (s *rounds) phases(ctx context.Context) []phase {
	train := phase{s.trainBlocks, func() { s.endRound(ctx) }}
	merge := phase{s.mergeShards, func() { s.endMerge(ctx) }}
	if s.subwords == nil {
		return []phase{merge, train}
	}
	again := func() { s.next.Store(0) }
	return []phase{merge, {s.giveBack, again}, {s.compose, again}, train}
}

// giveBack gives how far a stretch of rounds moved words to their rows, when it is over.
func (s *rounds) giveBack(*worker) error {
	for s.givingBack {
		i := int(s.next.Add(1)) - 1
		if i >= len(s.ranges) {
			break
		}
		last := &s.stretch.last
		s.subwords.giveBack(&s.kernel, s.ranges[i], last, last.words, s.parameters.Input)
	}
	return nil
}

// compose composes the input words of the present round that are not yet composed.
func (s *rounds) compose(*worker) error {
	for !s.finished && s.stretch.composePart(&s.kernel, int(s.next.Add(1))-1, s.parameters.Input) {
	}
	return nil
}

// keepError keeps the first error of all workers. A worker with an error goes on to the end of the
// phase.
func (s *rounds) keepError(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
}

// mergeShards is the first phase.
func (s *rounds) mergeShards(*worker) error {
	for {
		i := int(s.next.Add(1)) - 1
		if i >= len(s.shards) {
			return nil
		}
		began := s.trace.now()
		shard := &s.shards[i]
		if s.merging {
			s.merge(&shard.in, s.in)
			s.merge(&shard.out, s.out)
			if s.team != nil {
				s.team.note(shard)
			}
		}
		shard.count(s.blocks[:s.count], i, s.overshoot)
		shard.in.share(shard, input, s.weigh, s.parameters.Input, &s.sharedIn)
		shard.out.share(shard, output, s.weigh, s.parameters.Output, &s.sharedOut)
		s.timer.piece(i, MergePiece, i, began)
	}
}

// merge moves the rows of a shard as the blocks of the last round moved their replicas.
func (s *rounds) merge(rows *shardRows, replicas []*replicaRows) {
	rows.collect(replicas)
	s.kernel.Merge(&rows.merge)
}

func (s *rounds) endMerge(ctx context.Context) {
	s.next.Store(0)
	if s.team != nil && s.team.legEnded && s.err == nil {
		s.err = s.endLeg(ctx)
	}
	s.finished = s.err != nil || s.last
	s.timer.next = 0
	if s.subwords != nil {
		s.markInputs()
	}
	if !s.finished {
		s.timer.next = s.count + s.roundLength(s.nextRound())
	}
}

// markInputs finds the words that are inputs in the present round.
func (s *rounds) markInputs() {
	s.givingBack = s.merging && s.stretch.isOver()
	clear(s.marked)
	for i := range s.shards {
		v := &s.shards[i]
		for j, word := range v.words {
			if v.loads[j][input].blocks > 0 {
				s.marked[word/64] |= 1 << (word % 64)
			}
		}
	}
	s.stretch.begin(s.marked, func(word int32) float32 {
		v := &s.shards[int(word)&(len(s.shards)-1)]
		return v.loads[v.places[word>>v.shift]-1][input].total
	})
}

// trainBlocks is the last phase. Each worker begins with new sums. To prepare a block takes a tenth of the time of training one,
// which fills the time in which workers would wait for the last block.
func (s *rounds) trainBlocks(w *worker) error {
	w.in.beginRound(int(s.sharedIn.Load()))
	w.out.beginRound(int(s.sharedOut.Load()))
	next := s.nextRound()
	upcoming := s.roundLength(next)
	for !s.finished {
		i := int(s.next.Add(1)) - 1
		began := s.trace.now()
		switch {
		case i < s.count:
			s.done[i] = w.trainPrepared(&s.blocks[i], s.shards, s.position.plus(i), s.rate)
			s.timer.piece(i, TrainPiece, i, began)
		case i < s.count+upcoming:
			n := i - s.count
			if err := w.prepare(&s.upcoming[n], next.plus(n)); err != nil {
				return err
			}
			s.timer.piece(i, PreparePiece, n, began)
		default:
			return nil
		}
	}
	return nil
}

// endRound records the present round and begins the next one, unless training stops here.
func (s *rounds) endRound(ctx context.Context) {
	if s.finished {
		return
	}
	s.next.Store(0)
	s.timer.next = len(s.shards)
	s.merging = s.err == nil && s.count > 0
	stop := false
	if s.merging {
		s.mergePositions()
		s.err = s.record()
		s.merging = s.err == nil
		processed := s.processed(s.position)
		if s.subwords != nil {
			s.stretch.end(s.position.index == 0)
		}
		stop = s.position.index == 0 && s.afterEpoch != nil || s.checkpoints.due(processed) || s.paused()
	}
	// A stretch of rounds is not interrupted: nobody else knows where it began.
	whole := s.subwords == nil || s.stretch.isOver()
	if s.err == nil && whole && s.team == nil {
		s.err = context.Cause(ctx)
	}
	if s.team != nil {
		// Ranks stop together, and write checkpoints when their parameters agree: see endLeg.
		s.team.legEnded = s.merging && s.team.legOf(s.position) != s.team.leg
		stop = s.merging && s.position.epoch != s.team.leg.first.epoch
	}
	stop = stop && whole
	s.last = stop || s.err != nil || s.position.epoch == s.cfg.Epochs
	if s.last {
		s.count = 0
		return
	}
	s.begin()
}

// mergePositions moves the weights of positions as the blocks of the present round did.
func (s *rounds) mergePositions() {
	if s.positions == nil {
		return
	}
	centers := make([]int64, s.count)
	for i, done := range s.done[:s.count] {
		centers[i] = done.kept
	}
	mergePositions(&s.kernel, s.parameters.Positions, s.positions, centers, s.overshoot.perPosition)
}

// record adds the tallies of the round, in the order of its blocks, and moves the position behind
// it.
func (s *rounds) record() error {
	var sum tally
	for _, done := range s.done[:s.count] {
		if err := s.checkLoss(s.position, done, s.rate); err != nil {
			return err
		}
		if s.team == nil {
			s.progress.add(s.position.epoch, done, s.rate)
		}
		sum.add(done)
	}
	if s.team == nil {
		s.watchLoss(sum, s.position)
	} else {
		s.team.done.add(sum)
	}
	s.position = s.nextRound()
	return nil
}

// begin begins the round at position, whose blocks are prepared.
func (s *rounds) begin() {
	s.blocks, s.upcoming = s.upcoming, s.blocks
	s.count = s.roundLength(s.position)
	if s.team == nil {
		s.guard.next()
	}
	s.rate = s.rateAt(s.position)
	s.overshoot = newOvershoot(s.rate, s.cfg.Architecture, s.cfg.MaxMeanNegatives())
	s.sharedIn.Store(0)
	s.sharedOut.Store(0)
}

// rateAt returns the learning rate of a round that begins with the given block.
func (s *rounds) rateAt(first block) float64 {
	if s.team == nil {
		return s.schedule.rate(s.processed(first))
	}
	l := s.team.legOf(first)
	from, _ := s.team.share(l)
	return s.schedule.rate(s.processed(l.first) + (first.index-from)*int64(s.team.plan.ranks)*s.plan.blockTokens)
}

// watchLoss lets the guard see the loss of a round that began with the given block.
func (s *rounds) watchLoss(sum tally, first block) {
	planned := s.plan.blocks
	before := max(planned>>s.guard.Halvings[1], 1)
	changed, loss := s.guard.add(sum, s.cfg.MaxMeanNegatives(), planned)
	if changed {
		s.changePlan(model.PlanChange{Epoch: first.epoch + 1, Tokens: s.processed(first), Loss: loss, Before: before, After: max(planned>>s.guard.Halvings[1], 1)})
	}
}

// roundLength returns the number of blocks in a round that begins with the given one; 0 after the
// last epoch.
func (s *rounds) roundLength(first block) int {
	if first.epoch == s.cfg.Epochs {
		return 0
	}
	end := s.blocksPerEpoch()
	if s.team == nil {
		if first.epoch == s.pause.epoch && first.index < s.pause.index {
			end = s.pause.index
		}
		return int(min(int64(s.guard.blocks(s.plan.blocksAt(s.processed(first)))), end-first.index))
	}
	// The guard decides at the end of a leg about the leg after the next one: that which follows, and its first round, are
	// planned by now. The rounds of a leg are about as long as each other, for the sake of the threads.
	l := s.team.legOf(first)
	halvings := s.guard.Halvings[0]
	if l != s.team.leg {
		halvings = s.guard.Halvings[1]
	}
	_, end = s.team.share(l)
	left := end - first.index
	longest := max(int64(s.plan.blocksAt(s.processed(l.first))>>halvings), 1)
	rounds := (left + longest - 1) / longest
	return int((left + rounds - 1) / rounds)
}

// nextRound returns the first block after the present round.
func (s *rounds) nextRound() block {
	b := s.position.plus(s.count)
	if s.team != nil {
		if _, end := s.team.share(s.team.leg); b.index < end {
			return b
		}
		return s.team.start(s.team.next())
	}
	if b.index < s.blocksPerEpoch() {
		return b
	}
	return block{s.position.epoch + 1, 0}
}

// endLeg exchanges rows with the other ranks after a leg. The parameters of the round after it are not yet read.
func (s *rounds) endLeg(ctx context.Context) error {
	t := s.team
	full := t.plan.isFull(t.leg)
	reports, err := t.exchange(s.parameters, legReport{Tally: t.done.state(), Stop: ctx.Err() != nil})
	if err != nil {
		return err
	}
	t.done, t.legEnded = tally{}, false
	var sum tally
	stop := -1
	for rank, r := range reports {
		done := r.Tally.tally()
		s.progress.add(t.leg.first.epoch, done, s.rate)
		sum.add(done)
		if r.Stop && stop < 0 {
			stop = rank
		}
	}
	at := t.leg.first
	t.leg = t.next()
	s.guard.next()
	s.watchLoss(sum, at)
	t.halvings = s.guard.Halvings[1]
	switch {
	case full && stop >= 0 && ctx.Err() != nil:
		return context.Cause(ctx)
	case full && stop >= 0:
		return &parallel.RankError{Rank: stop, Err: context.Canceled}
	case full && t.leg.first.index > 0 && s.checkpoints.due(s.processed(t.leg.first)): // at the end of an epoch, judge comes first
		s.checkpoints.write()
	}
	return nil
}
