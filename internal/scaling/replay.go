package main

import (
	"math/bits"
	"math/rand/v2"
	"time"

	"kindred/train"
)

// A recording is the phases of a training by one worker, in order.
type recording struct {
	phases []train.Phase
	tokens int64 // before sub-sampling
	rows   [2]int
	row    int // bytes
}

// A computer is what a replay assumes of the machine.
type computer struct {
	workers int
	barrier time.Duration // that a barrier of all workers takes
	// line is what a worker waits for a cache line that another core has written last.
	line time.Duration
	// lines is how many lines of a row a worker waits for one after the other: 1 if the others come
	// meanwhile.
	lines int
	// cache is how many bytes of rows stay in the cache of the core that wrote them. A row that it
	// has written before them comes from the shared cache or from memory, as it does in the recorded
	// training: that costs nothing more. If cache is 0, every row that another core wrote last costs a
	// wait.
	cache int
	// bandwidth is that of the memory, in bytes a second, which all cores share.
	bandwidth float64
}

// A replayed training says where the time of all its phases goes.
type replayed struct {
	total time.Duration
	// work is the sum of the recorded pieces, over workers. waits is what they add for lines of other
	// cores, and idle the time in which workers have no piece left, in each of the two phases.
	work, waits          time.Duration
	mergeIdle, trainIdle time.Duration
	// barriers and alone (one worker between phases) pass while no worker works, memory is what
	// the bandwidth adds.
	barriers, alone, memory time.Duration
}

// A written row says which core wrote it last, and as which of its rows.
type written struct {
	core int32
	at   int64
}

// A coreSet has the cores that have a sum of a row.
type coreSet [2]uint64

func (s *coreSet) add(core int) { s[core/64] |= 1 << (core % 64) }

// take empties the set and returns how many cores were in it, the given one and others.
func (s *coreSet) take(core int) (own, others int) {
	own = int(s[core/64] >> (core % 64) & 1)
	others = bits.OnesCount64(s[0]) + bits.OnesCount64(s[1]) - own
	*s = coreSet{}
	return own, others
}

// replay replays a recording for a machine. As in training, a worker that has done its piece takes the
// next one of the phase, whichever that is. Nothing says which worker comes first when a phase
// begins; a random order, the same in each call, decides.
func (r *recording) replay(c computer) replayed {
	var out replayed
	rng := rand.New(rand.NewPCG(1, uint64(c.workers)))
	owners := [2][]written{make([]written, r.rows[0]), make([]written, r.rows[1])}
	for _, rows := range owners {
		for i := range rows {
			rows[i].core = -1
		}
	}
	summed := [2][]coreSet{make([]coreSet, r.rows[0]), make([]coreSet, r.rows[1])}
	count := make([]int64, c.workers) // rows that each core has written
	free := make([]time.Duration, c.workers)
	capacity := int64(c.cache / r.row)
	foreign := func(core int32, rows []int32, owner []written) (n int) {
		for _, row := range rows {
			if o := owner[row]; o.core >= 0 && o.core != core && (capacity == 0 || count[o.core]-o.at <= capacity) {
				n++
			}
		}
		return n
	}
	order := make([]int, c.workers)
	for p := range r.phases {
		phase := &r.phases[p]
		clear(free)
		for i, core := range rng.Perm(c.workers) {
			order[i] = core
		}
		var bytes, work, waits time.Duration
		for i := range phase.Pieces {
			piece := &phase.Pieces[i]
			core := order[0]
			for _, other := range order {
				if free[other] < free[core] {
					core = other
				}
			}
			n := 0
			for m, rows := range [2][2][]int32{{piece.Reads.Input, piece.Writes.Input}, {piece.Reads.Output, piece.Writes.Output}} {
				n += foreign(int32(core), rows[0], owners[m]) + foreign(int32(core), rows[1], owners[m])
				sums := 0
				for _, row := range rows[1] {
					own, others := summed[m][row].take(core)
					n, sums = n+others, sums+own+others
					owners[m][row] = written{int32(core), count[core]}
					count[core]++
				}
				for _, row := range rows[0] {
					summed[m][row].add(core)
				}
				// A row that is trained or merged is read and written. One that is copied is read; the copy
				// and the worker's sum stay in its cache until the merge reads the sum.
				bytes += time.Duration(r.row * (len(rows[0]) + 2*len(rows[1]) + sums))
			}
			wait := time.Duration(n*c.lines) * c.line
			if c.workers > 1 {
				// Lists are read from end to end, four lines at a time.
				wait += time.Duration(piece.Handed/256) * c.line
			}
			free[core] += piece.Time + wait
			work, waits = work+piece.Time, waits+wait
		}
		var last time.Duration
		for _, t := range free {
			last = max(last, t)
		}
		idle := last*time.Duration(c.workers) - work - waits
		if len(phase.Pieces) > 0 && phase.Pieces[0].Kind == train.MergePiece {
			out.mergeIdle += idle
		} else {
			out.trainIdle += idle
		}
		least := time.Duration(float64(bytes) / c.bandwidth * 1e9)
		memory := max(least-last, 0)
		out.work, out.waits, out.memory = out.work+work, out.waits+waits, out.memory+memory
		out.barriers, out.alone = out.barriers+c.barrier, out.alone+phase.End
		out.total += last + memory + c.barrier + phase.End
	}
	return out
}
