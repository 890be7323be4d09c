package train

import (
	"fmt"
	"math"
	"runtime/debug"
	"unsafe"

	"kindred/corpus/sampling"
	"kindred/corpus/vocab"
	"kindred/internal/machine"
	"kindred/model"
	"kindred/train/negative"
)

// Memory is the memory that a run needs, in bytes. The text itself stays on disk.
type Memory struct {
	// Present is what the process takes before the run: the program, vocabulary, noise and
	// sub-sampling, held-out pairs, and vectors that were loaded.
	Present int64
	// Matrices is what both matrices add to that, Workers what replica rows and buffers add, and
	// Pairs what it adds to find PMI pairs.
	Matrices, Workers, Pairs int64
	// Before is the most that the process took before the run, for example while it read the text; 0
	// if the system does not tell.
	Before int64
	// Unused is address space for replica rows beyond those that are expected.
	Unused int64
}

// workerBytes is what a worker needs for tokens, batch and the scratch of its kernel, rounded up.
const workerBytes = 512 << 10

// Total returns the most memory that the process takes up to the end of the run.
func (m Memory) Total() int64 { return max(m.Before, m.Present+m.growth()) }

// growth returns what the run adds to the memory of the process.
func (m Memory) growth() int64 { return m.Matrices + m.Workers + m.Pairs }

// A MemoryError reports that a run needs more memory than is available.
type MemoryError struct {
	Needed    Memory
	Available int64 // besides what is present
	// Words is the size of the vocabulary, Dim that of its vectors.
	Words, Dim int
}

func (e *MemoryError) Error() string {
	const mib = 1 << 20
	return fmt.Sprintf("training %d words at %d dimensions needs %d MiB of memory more than the %d MiB that text and vocabulary have taken (matrices %d, workers %d, pairs %d) but %d MiB are available; raise the minimum count, limit the vocabulary, or use fewer dimensions",
		e.Words, e.Dim, e.Needed.growth()/mib, e.Needed.Present/mib, e.Needed.Matrices/mib, e.Needed.Workers/mib, e.Needed.Pairs/mib, e.Available/mib)
}

// check returns a *[MemoryError] if a run would not fit in memory.
func (m Memory) check(v *vocab.Vocabulary, cfg Config) error {
	available, ok := machine.Memory()
	space, limited := machine.AddressSpace()
	if ok && m.growth() > available || limited && m.growth()+m.Unused > space {
		if limited {
			available = min(available, space)
		}
		return &MemoryError{m, available, v.Len(), cfg.Dim}
	}
	return nil
}

// neededMemory returns the memory that the run needs from here on, to train the words of a
// vocabulary. Everything but the parameters is in place.
func (r *run) neededMemory(v *vocab.Vocabulary, o Options) Memory {
	// Garbage from reading the text would otherwise count as used.
	debug.FreeOSMemory()
	workers := r.cfg.Threads
	if !r.cfg.Hogwild {
		workers = r.workers()
	}
	m := Memory{Workers: int64(workers) * workerBytes}
	m.Present, m.Before = machine.Resident()
	if r.cfg.Reject.PMI() {
		rate, _ := keptShares(r.text.Vocabulary(), r.subsample)
		m.Pairs = negative.PairBytes(r.text.Vocabulary().Len(), rate*float64(r.text.Len()*int64(r.cfg.Window)))
	}
	replicas := r.plan.replicaRows(r.cfg.Window) * workers
	used, sums := expectedRows(r.text.Vocabulary(), r.subsample, r.plan, r.cfg.Window, workers)
	rows := model.MatrixBytes(1, r.cfg.Dim)
	m.Workers += int64(used+sums) * rows
	m.Unused = int64(max(2*replicas-used, 0)) * rows
	matrix := model.MatrixBytes(v.Len(), r.cfg.Dim)
	switch {
	case o.Resume != nil:
		m.Matrices = o.Resume.roomBytes(replicas)
	case o.Init != nil:
		m.Matrices = o.Init.growth(matrix)
	default:
		m.Matrices = 2 * matrix
	}
	if r.subwords != nil {
		if o.Resume != nil {
			m.Matrices += matrix // the rows are there, and words are composed of them
		} else {
			m.Matrices += model.MatrixBytes(r.subwords.tableRows(), r.cfg.Dim)
		}
		m.Workers += r.composedMemory(workers)
	}
	if r.cfg.PositionWeights {
		weights := model.MatrixBytes(2*r.cfg.Window, r.cfg.Dim)
		m.Matrices += weights
		m.Workers += int64(workers) * 3 * weights // weights, sums, and weighed inputs
	}
	if n := r.ranks.ranks; n > 1 {
		team := teamBytes(v.Len(), r.cfg.Dim, n)
		if o.Transport != nil {
			m.Matrices += team
		} else {
			m.Matrices += int64(n)*team + int64(n-1)*2*matrix
			m.Workers += int64(max(n-workers, 0)) * (m.Workers / int64(workers))
		}
	}
	return m
}

// composedMemory returns the memory of composed words and of the loads and weights of rows.
func (r *run) composedMemory(workers int) int64 {
	const rowBytes = int64(unsafe.Sizeof(joinedLoad{}) + 4)
	rows, list := model.MatrixBytes(1, r.cfg.Dim), rowBytes*int64(r.subwords.tableRows())
	if r.cfg.Hogwild {
		return int64(workers) * (list + 2*rows*r.plan.blockTokens)
	}
	return list + 2*rows*int64(r.plan.inputWords(r.text.Vocabulary(), r.subsample, r.cfg.Window))
}

// inputWords returns how many words are expected to be inputs in a stretch of rounds.
func (p roundPlan) inputWords(v *vocab.Vocabulary, s *sampling.Subsampler, window int) int {
	rate, _ := keptShares(v, s)
	kept, words := 0.0, 0.0
	for id, count := range v.Counts() {
		kept += float64(count) * s.P(int32(id))
	}
	draws := float64(p.stretch) * float64(p.blocks) * (float64(p.blockTokens)*rate + 2*float64(window))
	for id, count := range v.Counts() {
		words -= math.Expm1(draws * math.Log1p(-min(float64(count)*s.P(int32(id))/kept, 0.999999)))
	}
	return int(math.Ceil(words)) * sumsShare / 100
}

// sumsShare is how many sums are expected for 100 that are computed: rounds differ, and what has room from the start
// is never copied.
const sumsShare = 130

// expectedRows returns how many replicas and sums all workers are expected to use, of both matrices. A
// block trains a word with probability a; a worker that trains b of the B blocks of a round has a sum for
// it with probability 1 - (1-a)^b, less b a (1-a)^(B-1) for words that only one block trains. Negatives are
// counted as if they were drawn like the words of the text, which gives somewhat more than there are.
func expectedRows(v *vocab.Vocabulary, s *sampling.Subsampler, p roundPlan, window, threads int) (replicas, sums int) {
	if p.blocks < 2 {
		return 0, 0
	}
	kept := 0.0
	for id, count := range v.Counts() {
		kept += float64(count) * s.P(int32(id))
	}
	rate, _ := keptShares(v, s)
	words := float64(p.blockTokens)*rate + 2*float64(window)
	workers := float64(min(threads, p.blocks))
	blocks := float64(p.blocks)
	share := math.Ceil(blocks / workers)
	expect := func(draws float64) {
		touched, summed := 0.0, 0.0
		for id, count := range v.Counts() {
			p := float64(count) * s.P(int32(id)) / kept
			a := -math.Expm1(draws * math.Log1p(-min(p, 0.999999)))
			touched += a
			summed += 1 - math.Pow(1-a, share) - share*a*math.Pow(1-a, blocks-1)
		}
		replicas += int(math.Ceil(workers * touched))
		sums += int(math.Ceil(workers * summed))
	}
	expect(words)
	expect(words + float64(p.pool))
	return replicas, sums * sumsShare / 100
}
