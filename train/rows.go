package train

import (
	"runtime/debug"
	"slices"

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
	starts []int32
	texts  []int32
	uses   []wordUse // by local id
}

// A wordUse says how a block uses a word.
type wordUse struct {
	word, place int32 // place is that in the words of its shard
	// inputs and outputs say how often the block is expected to use the word: as an input, that is how often
	// it occurs in the text; as a target, how often it is a center and how often its occurrences in the
	// pool are drawn as negatives.
	inputs, outputs float32
}

// shard returns the range [first, end) of the local ids of a shard. Words of the text have those
// before text.
func (p *preparedBlock) shard(n int) (first, text, end int32) {
	first = p.starts[n]
	return first, first + p.texts[n], p.starts[n+1]
}

// countUses counts the uses of the words. A block draws k negatives for each center.
func (p *preparedBlock) countUses(k float64) {
	for _, id := range p.context.words {
		p.uses[id].inputs++
	}
	centers := p.context.blockCenters()
	for _, id := range centers {
		p.uses[id].outputs++
	}
	drawn := float32(k * float64(len(centers)) / float64(max(len(p.pool), 1)))
	for _, id := range p.pool {
		p.uses[id].outputs += drawn
	}
}

// replicaRows are the replicas that one worker trains, of one matrix. They are rows behind those of the
// words. Each block uses the same ones, which so stay in the cache. Its replicas are copied when its
// training begins and added to sums when it ends.
//
// Each row that the worker shares with others in a round has a sum. Sums are integers, so that they do
// not depend on which blocks a worker trains, nor in which order.
type replicaRows struct {
	matrix *model.Matrix
	values []float32 // of the matrix and the replicas of all workers
	first  int32     // the row of this worker's first replica
	words  []int32   // by replica; others read only their own
	// targets are the slots of the sums to which the replicas are added, as [kernel.Kernel.Accumulate] has
	// it.
	targets []int32
	used    int32 // replicas of the present block
	stride  int

	// slots has the slot of each row that several blocks of the round train, by its number; -1 if this
	// worker has not trained it. Number 0 stands for all other rows and has slot 0, which nothing uses.
	slots []int32
	sums  []int32 // by slot, stride of them
	taken int32   // slots
}

// newReplicaRows returns n replica rows of a matrix for each worker, which are expected to need so many sums. It moves
// the matrix if there is no room behind it.
func newReplicaRows(m *model.Matrix, n, workers, sums int) []*replicaRows {
	total := (m.Rows + n*workers) * m.Stride
	if cap(m.Data) < total {
		moved := newMatrix(m.Rows, n*workers, m.Dim)
		copy(moved.Data, m.Data)
		m.Data = moved.Data
		debug.FreeOSMemory()
	}
	all := make([]*replicaRows, workers)
	for i := range all {
		all[i] = &replicaRows{
			matrix: m, values: m.Data[:total], stride: m.Stride,
			first: int32(m.Rows + i*n), words: make([]int32, n+1), targets: make([]int32, n+1),
			sums: make([]int32, (sums+1)*m.Stride),
		}
	}
	return all
}

// newMatrix returns a zero matrix with room for replica rows behind it.
func newMatrix(rows, replicas, dim int) *model.Matrix {
	m := model.NewMatrix(rows+replicas, dim)
	machine.HugePages(m.Data)
	m.Rows, m.Data = rows, m.Data[:rows*m.Stride]
	return m
}

// beginRound forgets the sums of the last round. In the present one, several blocks train the rows with
// the numbers 1 to shared.
func (r *replicaRows) beginRound(shared int) {
	r.slots = slices.Grow(r.slots[:0], shared+1)[:shared+1]
	for i := range r.slots {
		r.slots[i] = -1
	}
	r.slots[0], r.taken = 0, 1
}

// place sets the rows that the present block trains for words of a shard: the word's own row if its number
// is 0, else a replica. numbers has the numbers of the rows of the shard's words.
//
// Whether a row has a replica, and whether it is the worker's first one of it, is as good as random. So
// nothing here is a branch: what is not wanted is overwritten next.
func (r *replicaRows) place(rows []int32, uses []wordUse, numbers []int32) {
	slots, sources, targets, used, taken := r.slots, r.words, r.targets, r.used, r.taken
	rows = rows[:len(uses)]
	for i := range uses {
		word, number := uses[i].word, numbers[uses[i].place]
		slot := slots[number]
		isFirst := slot >> 31 // all bits, or none
		slot ^= (slot ^ taken) & isFirst
		slots[number] = slot
		taken -= isFirst
		sources[used], targets[used] = word, slot^isFirst
		isReplica := -number >> 31
		rows[i] = word ^ (word^(r.first+used))&isReplica
		used -= isReplica
	}
	r.used, r.taken = used, taken
}

// replicas returns the values of the replicas of the present block.
func (r *replicaRows) replicas() []float32 {
	return r.values[int(r.first)*r.stride:][:int(r.used)*r.stride]
}

// fill copies the rows of the present block to their replicas.
func (r *replicaRows) fill(k *kernel.Kernel) {
	k.Gather(r.replicas(), r.matrix.Data, r.stride, r.words[:r.used])
}

// fold adds the replicas of the present block to the sums.
func (r *replicaRows) fold(k *kernel.Kernel) {
	if n := int(r.taken) * r.stride; n > len(r.sums) {
		grown := make([]int32, max(n, len(r.sums)*3/2/r.stride*r.stride))
		copy(grown, r.sums)
		r.sums = grown
	}
	k.Accumulate(r.sums, r.stride, r.targets[:r.used], r.replicas())
}

// sum returns the first element of the sum of the row with a number, nil if the worker has none.
func (r *replicaRows) sum(number int32) *int32 {
	slot := r.slots[number]
	if slot < 0 {
		return nil
	}
	return &r.sums[int(slot)*r.stride]
}

// rowWords tells the words of the worker's rows.
func (r *replicaRows) rowWords() negative.RowWords {
	return negative.RowWords{First: int(r.first), Replicas: r.words[:len(r.words)-1]}
}
