package train

import (
	"slices"

	"kindred/internal/kernel"
	"kindred/model"
)

// mergeTasks is the number of parts into which the words are cut for merging: enough to
// busy all workers and to keep the part's index in the first-level cache.
const mergeTasks = 16

// An arena is where one block of a round is trained: copies of the rows that the block touches, as they were when
// the round began. Words are known by slots in it, which count from 0 in the order of
// their first use. The words of the text come first, and have a row in both matrices; the slots behind them
// belong to words that are negatives only, and have a row in the output matrix.
//
// What an arena holds follows from the block alone, never from who trains it and when.
type arena struct {
	index   wordIndex
	words   []int32   // by slot
	text    int       // number of words of the text
	in, out []float32 // the copies, by slot
	// parts holds the slots by the part of the words that a merge task is for.
	parts [mergeTasks][]int32
}

// load makes copies of the rows of all words in the passage and in the pool, and puts slots in
// their places.
func (a *arena) load(p *passage, pool []int32, e *model.Embeddings, gather func(dst, src []float32, stride int, rows []int32)) {
	a.words = a.words[:0]
	a.index.reset(len(p.words) + len(pool))
	for i := range a.parts {
		a.parts[i] = a.parts[i][:0]
	}
	a.localise(p.words)
	a.text = len(a.words)
	a.localise(pool)
	stride := e.Input.Stride
	a.in = slices.Grow(a.in[:0], a.text*stride)[:a.text*stride]
	a.out = slices.Grow(a.out[:0], len(a.words)*stride)[:len(a.words)*stride]
	gather(a.in, e.Input.Data, stride, a.words[:a.text])
	gather(a.out, e.Output.Data, stride, a.words)
}

// localise replaces words by slots.
func (a *arena) localise(words []int32) {
	for i, word := range words {
		slot := a.index.find(word, int32(len(a.words)))
		if int(slot) == len(a.words) {
			a.words = append(a.words, word)
			part := &a.parts[word%mergeTasks]
			*part = append(*part, slot)
		}
		words[i] = slot
	}
}

// A wordIndex maps words to numbers: a hash table with open addressing.
type wordIndex struct {
	entries []wordEntry // a power of two of them
	shift   uint8
}

type wordEntry struct {
	key    uint32 // 1 + word; 0 is empty
	number int32
}

// reset empties the index and makes room for n words.
func (x *wordIndex) reset(n int) {
	size, shift := 16, uint8(28)
	for size < 2*n {
		size, shift = size*2, shift-1
	}
	if size > cap(x.entries) {
		x.entries = make([]wordEntry, size)
	}
	x.entries, x.shift = x.entries[:size], shift
	clear(x.entries)
}

// find returns the number of a word, which becomes next where it has none yet.
func (x *wordIndex) find(word, next int32) int32 {
	key := uint32(word) + 1
	mask := uint32(len(x.entries) - 1)
	for i := key * 0x9e3779b1 >> x.shift; ; i++ {
		e := &x.entries[i&mask]
		switch e.key {
		case key:
			return e.number
		case 0:
			*e = wordEntry{key, next}
			return next
		}
	}
}

// A merger brings the rows of a part of the words from the arenas of a round back into the
// matrices. Each worker has its own.
type merger struct {
	index  wordIndex
	merge  kernel.Merge
	counts []int32 // replicas of each row, then where the next one goes
}

// run merges one part of one of the two matrices. A row that is in one arena is copied back; one that is in several
// moves by all that it moved in each of them, added in the order of the blocks, which makes the result
// independent of who trained them.
func (m *merger) run(do func(*kernel.Merge), matrix *model.Matrix, input bool, arenas []arena, part int) {
	g := &m.merge
	g.Matrix, g.Stride = matrix.Data, matrix.Stride
	g.Rows, m.counts = g.Rows[:0], m.counts[:0]
	n := 0
	for i := range arenas {
		n += len(arenas[i].parts[part])
	}
	m.index.reset(n)
	replicas := int32(0)
	eachReplica(arenas, part, input, func(a *arena, slot int32) {
		row := m.index.find(a.words[slot], int32(len(g.Rows)))
		if int(row) == len(g.Rows) {
			g.Rows, m.counts = append(g.Rows, a.words[slot]), append(m.counts, 0)
		}
		m.counts[row]++
		replicas++
	})
	g.Ends = g.Ends[:0]
	end := int32(0)
	for i, count := range m.counts {
		m.counts[i] = end
		end += count
		g.Ends = append(g.Ends, end)
	}
	g.Replicas = slices.Grow(g.Replicas[:0], int(replicas))[:replicas]
	eachReplica(arenas, part, input, func(a *arena, slot int32) {
		row := m.index.find(a.words[slot], 0)
		copies := a.out
		if input {
			copies = a.in
		}
		g.Replicas[m.counts[row]] = &copies[int(slot)*g.Stride]
		m.counts[row]++
	})
	do(g)
}

// eachReplica visits the slots of a part of the words that have a row in the given matrix, in the order of blocks.
func eachReplica(arenas []arena, part int, input bool, visit func(a *arena, slot int32)) {
	for i := range arenas {
		a := &arenas[i]
		for _, slot := range a.parts[part] {
			if input && int(slot) >= a.text {
				break // slots ascend, and only negatives follow
			}
			visit(a, slot)
		}
	}
}
