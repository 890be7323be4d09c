package train

import (
	"slices"
	"time"
)

// A Trace is told what every piece of work of training in rounds took, for models of machines with
// other numbers of cores. The zero Trace and a nil one measure nothing. Hogwild training has no
// phases.
type Trace struct {
	// Clock, if not nil, replaces the wall clock. It may be that of the calling thread: a worker
	// keeps its thread while it is traced.
	Clock func() time.Duration
	// Workers, if it is larger than the number of threads, is the number of workers for which the work is divided.
	Workers int
	// Phase is called after each phase, while no worker works. It must not keep p or its slices.
	Phase func(p *Phase)
}

// A Phase is the work between two barriers.
type Phase struct {
	// Pieces are in the order in which workers take them.
	Pieces []Piece
	// End is the time that one worker takes alone when all pieces are done.
	End time.Duration
}

// A PieceKind says what a piece of work is for.
type PieceKind int

const (
	// MergePiece merges a shard of the vocabulary as the last round left it and finds its rows for
	// the present one.
	MergePiece PieceKind = iota
	// TrainPiece trains a block.
	TrainPiece
	// PreparePiece reads a block of a later round, draws its negatives and lists its words.
	PreparePiece
)

// A Piece is what one worker does at a time.
type Piece struct {
	Kind PieceKind
	// Index is the number of the shard, or that of the block in its round.
	Index int
	Time  time.Duration
	// Words is the number of words that a TrainPiece trains, after sub-sampling.
	Words int64
	// Writes are the rows that the piece changes. Reads are rows that a TrainPiece copies because other blocks
	// train them too; the worker adds its copies to sums of its own. The MergePieces of the next phase
	// change these rows, and read the sums of all workers that have some.
	Reads, Writes TouchedRows
	// Handed is the number of bytes, besides rows, that other pieces have written for this one.
	Handed int
}

// TouchedRows are rows of both matrices, each of them once.
type TouchedRows struct{ Input, Output []int32 }

// now returns the time of the clock; 0 if nothing is measured.
func (t *Trace) now() time.Duration {
	switch {
	case !t.on():
		return 0
	case t.Clock != nil:
		return t.Clock()
	default:
		return time.Since(traceStart)
	}
}

var traceStart = time.Now()

func (t *Trace) on() bool { return t != nil && t.Phase != nil }

// A phaseTimer collects the pieces of the present phase.
type phaseTimer struct {
	trace *Trace
	phase Phase
	// merged are the rows of each shard that the present round shares.
	merged []TouchedRows
	// next is the number of pieces in the next phase.
	next int
}

func newPhaseTimer(t *Trace, pieces int) phaseTimer {
	timer := phaseTimer{trace: t, next: pieces, merged: make([]TouchedRows, pieces)}
	timer.begin()
	return timer
}

// begin makes room for the pieces of the next phase.
func (t *phaseTimer) begin() {
	if t.trace.on() {
		t.phase.Pieces = slices.Grow(t.phase.Pieces[:0], t.next)[:t.next]
		clear(t.phase.Pieces)
	}
}

// piece records the piece with the given number in the phase, which began at the given time.
func (t *phaseTimer) piece(n int, kind PieceKind, index int, began time.Duration) {
	if t.trace.on() {
		t.phase.Pieces[n] = Piece{Kind: kind, Index: index, Time: t.trace.now() - began}
	}
}

// end calls last, which ends the phase, and reports the phase.
func (t *phaseTimer) end(s *rounds, last func()) {
	if !t.trace.on() {
		last()
		return
	}
	for i := range t.phase.Pieces {
		t.describe(s, &t.phase.Pieces[i])
	}
	began := t.trace.now()
	last()
	t.phase.End = t.trace.now() - began
	if len(t.phase.Pieces) > 0 {
		t.trace.Phase(&t.phase)
	}
	t.begin()
}

// describe adds what a piece worked on.
func (t *phaseTimer) describe(s *rounds, p *Piece) {
	const id = 4 // bytes
	switch p.Kind {
	case MergePiece:
		shard := &s.shards[p.Index]
		for i := range s.blocks[:s.count] {
			first, _, end := s.blocks[i].shard(p.Index)
			p.Handed += id * int(end-first)
		}
		if s.merging {
			p.Writes = t.merged[p.Index]
		}
		t.merged[p.Index] = TouchedRows{slices.Clone(shard.in.merge.Rows), slices.Clone(shard.out.merge.Rows)}
	case TrainPiece:
		b := &s.blocks[p.Index]
		p.Words = s.done[p.Index].kept
		p.Handed = id * (len(b.context.words) + len(b.pool) + 4*len(b.uses))
		for n := range s.shards {
			shard := &s.shards[n]
			first, text, end := b.shard(n)
			for id := first; id < end; id++ {
				word, place := b.uses[id].word, b.uses[id].place
				if id < text {
					p.add(&p.Writes.Input, &p.Reads.Input, word, shard.in.numbers[place])
				}
				p.add(&p.Writes.Output, &p.Reads.Output, word, shard.out.numbers[place])
			}
		}
	}
}

// add adds the row of a word to one of two lists.
func (p *Piece) add(changed, shared *[]int32, word, number int32) {
	if number == 0 {
		*changed = append(*changed, word)
	} else {
		*shared = append(*shared, word)
	}
}
