package train

import (
	"runtime/debug"
	"slices"
	"sync/atomic"

	"kindred/internal/kernel"
	"kindred/internal/machine"
	"kindred/internal/random"
	"kindred/model"
	"kindred/train/negative"
)

// A rowMap says which rows a block trains, by local id. Hogwild training has the identity: its ids
// are words, and each word has its own row.
//
// Words, local ids and rows are all int32: a block's ids are replaced in place, which saves copies,
// and kernels take rows as int32.
type rowMap struct {
	in, out  []int32 // the row in each matrix
	identity bool
}

// resolve replaces the ids in a block by rows.
func (m rowMap) resolve(c *contextBlock) {
	if m.identity {
		c.targets = c.words
		return
	}
	c.targets = slices.Grow(c.targets[:0], len(c.words))[:len(c.words)]
	for i, id := range c.words {
		c.words[i], c.targets[i] = m.in[id], m.out[id]
	}
}

// vocabularyShards is the number of shards into which the words of a round are divided, by id:
// enough to busy all workers and to keep the index of a shard in the first-level cache.
const vocabularyShards = 16

// A preparedBlock is a block of a round before it is trained: its context and its pool of
// negatives. Its words have local ids, grouped by shard, in the order of their first use.
//
// It follows from the block alone, not from which worker prepares it and when.
type preparedBlock struct {
	context contextBlock
	pool    []int32
	rng     random.Stream // of windows and negatives, after the pool was drawn
	tokens  int64         // before sub-sampling

	// The local ids of shard i begin at starts[i]. The first texts[i] of them are words of the
	// text, which have rows in both matrices; the others are only negatives and have rows in the
	// output matrix.
	starts [vocabularyShards + 1]int32
	texts  [vocabularyShards]int32
	words  []int32 // by local id
	rows   rowMap
}

// shard returns the range [first, end) of the local ids of a shard. Words of the text have those
// before text.
func (p *preparedBlock) shard(n int) (first, text, end int32) {
	first = p.starts[n]
	return first, first + p.texts[n], p.starts[n+1]
}

// resolveRows replaces local ids by rows.
func (p *preparedBlock) resolveRows() {
	p.rows.resolve(&p.context)
	for i, id := range p.pool {
		p.pool[i] = p.rows.out[id]
	}
}

// A vocabularyShard decides where the rows of its words are trained in a round.
//
// A row that one block touches is trained in place. If several blocks touch it, each trains a
// replica, and the merge brings the replicas together. So all blocks begin with the same parameters
// and none sees what another one does. Most rows are not copied: more than half of those that a
// block touches are of rare words, which no other block of the round has.
type vocabularyShard struct {
	in, out sharedRows
	index   idIndex
	words   []int32 // of the round, in the order of their first use
	numbers []int32 // into words, of the local ids of all blocks, block by block
}

// resolveRows sets the rows of shard n in all blocks of a round, and fills the replicas.
func (v *vocabularyShard) resolveRows(blocks []preparedBlock, n int, in, out *replicaRows, gather func(dst, src []float32, stride int, rows []int32)) {
	v.count(blocks, n)
	v.in.assign(v.words, in)
	v.out.assign(v.words, out)
	numbers := v.numbers
	for i := range blocks {
		p := &blocks[i]
		first, text, end := p.shard(n)
		for id := first; id < end; id++ {
			number := numbers[id-first]
			if id < text {
				p.rows.in[id] = v.in.nextReplica(number, p.words[id])
			}
			p.rows.out[id] = v.out.nextReplica(number, p.words[id])
		}
		numbers = numbers[end-first:]
	}
	v.in.fill(in, gather)
	v.out.fill(out, gather)
}

// count lists the words of the shard and counts the blocks that touch their rows.
func (v *vocabularyShard) count(blocks []preparedBlock, n int) {
	total := 0
	for i := range blocks {
		total += int(blocks[i].starts[n+1] - blocks[i].starts[n])
	}
	v.index.reset(total)
	v.words, v.numbers = v.words[:0], v.numbers[:0]
	v.in.counts, v.out.counts = v.in.counts[:0], v.out.counts[:0]
	for i := range blocks {
		p := &blocks[i]
		first, text, end := p.shard(n)
		for id := first; id < end; id++ {
			word := p.words[id]
			number := v.index.find(word, int32(len(v.words)))
			if int(number) == len(v.words) {
				v.words = append(v.words, word)
				v.in.counts, v.out.counts = append(v.in.counts, 0), append(v.out.counts, 0)
			}
			v.numbers = append(v.numbers, number)
			if id < text {
				v.in.counts[number]++
			}
			v.out.counts[number]++
		}
	}
}

// merge adds to each shared row what the blocks did to their replicas, in the order of the blocks.
// So the result does not depend on which worker trained them.
func (v *vocabularyShard) merge(do func(*kernel.Merge)) {
	do(&v.in.merge)
	do(&v.out.merge)
}

// sharedRows are the rows of a shard in one matrix that several blocks touch.
type sharedRows struct {
	counts  []int32 // by number of the word: first the blocks that touch its row, then its next replica, -1 if it has none
	sources []int32 // the row of each replica
	merge   kernel.Merge
}

// assign gives each shared row a run of replicas. Which run depends on the order of the workers;
// the training does not.
func (s *sharedRows) assign(words []int32, r *replicaRows) {
	m := &s.merge
	m.Rows, m.Ends, s.sources = m.Rows[:0], m.Ends[:0], s.sources[:0]
	for i, count := range s.counts {
		if count < 2 {
			continue
		}
		m.Rows = append(m.Rows, words[i])
		for range count {
			s.sources = append(s.sources, words[i])
		}
		m.Ends = append(m.Ends, int32(len(s.sources)))
	}
	n := int32(len(s.sources))
	begin := r.begin + r.used.Add(n) - n
	copy(r.words[begin:], s.sources)
	next := int32(r.matrix.Rows) + begin
	start := int(next) * r.matrix.Stride
	m.Matrix, m.Stride, m.Replicas = r.matrix.Data, r.matrix.Stride, r.values[start:start+int(n)*r.matrix.Stride]
	for i, count := range s.counts {
		s.counts[i] = -1
		if count > 1 {
			s.counts[i] = next
			next += count
		}
	}
}

// nextReplica returns the row that the next block trains for a word.
func (s *sharedRows) nextReplica(number, word int32) int32 {
	row := s.counts[number]
	if row < 0 {
		return word
	}
	s.counts[number]++
	return row
}

// fill copies the shared rows to their replicas.
func (s *sharedRows) fill(r *replicaRows, gather func(dst, src []float32, stride int, rows []int32)) {
	gather(s.merge.Replicas, r.matrix.Data, r.matrix.Stride, s.sources)
}

// replicaRows are the replicas of one matrix, which are rows behind those of its words. A round
// uses one half of them while the other half, that of the round before, is merged.
type replicaRows struct {
	matrix *model.Matrix
	values []float32 // of the matrix and its replicas
	words  []int32   // by replica
	begin  int32     // the first replica of this round
	used   atomic.Int32
}

// newReplicaRows returns n replica rows of a matrix. It moves the matrix if there is no room behind
// it.
func newReplicaRows(m *model.Matrix, n int) *replicaRows {
	total := (m.Rows + n) * m.Stride
	if cap(m.Data) < total {
		moved := newMatrix(m.Rows, n, m.Dim)
		copy(moved.Data, m.Data)
		m.Data = moved.Data
		debug.FreeOSMemory()
	}
	return &replicaRows{matrix: m, values: m.Data[:total], words: make([]int32, n)}
}

// newMatrix returns a zero matrix with room for replica rows behind it.
func newMatrix(rows, replicas, dim int) *model.Matrix {
	m := model.NewMatrix(rows+replicas, dim)
	machine.HugePages(m.Data)
	m.Rows, m.Data = rows, m.Data[:rows*m.Stride]
	return m
}

// nextRound gives the next round the half that the present one does not use.
func (r *replicaRows) nextRound() {
	r.begin = int32(len(r.words)/2) - r.begin
	r.used.Store(0)
}

// rowWords tells the words of all rows.
func (r *replicaRows) rowWords() negative.RowWords {
	return negative.RowWords{Words: r.matrix.Rows, Replicas: r.words}
}
