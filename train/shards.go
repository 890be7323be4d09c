package train

import (
	"math/bits"
	"slices"
	"sync/atomic"

	"kindred/internal/kernel"
	"kindred/model"
)

// shardCount returns the number of shards into which the words are divided, by id: a power of two, enough for all
// workers that can be busy, and few enough that each has a long list of rows to fetch. It changes no result.
func shardCount(threads int) int {
	n := 4
	for n < min(4*threads, maxBlocks) {
		n *= 2
	}
	return n
}

// A vocabularyShard decides where the rows of its words are trained in a round, and merges them
// afterwards.
//
// A row that one block trains is trained in place. If several blocks do, each trains a replica, and the
// merge adds up how far they moved. So all blocks begin with the same parameters and none sees what
// another one does.
type vocabularyShard struct {
	words   []int32   // of the round, in the order of their first use
	places  []int32   // by word / shards: 1 + the word's place in words, 0 if it is not there
	shift   uint8     // there are 1 << shift shards
	loads   [][2]load // by place, of the rows in both matrices
	in, out shardRows
}

// The matrices, as indices.
const (
	input = iota
	output
)

// shardRows are the rows of a shard's words in one matrix.
type shardRows struct {
	// numbers has the number, among all rows of the matrix that several blocks of the round train, of
	// each word's row, from 1 on; 0 if one block trains it. Those of this shard begin at first.
	numbers []int32
	first   int32
	merge   kernel.Merge
}

// newVocabularyShards returns the shards of a vocabulary.
func newVocabularyShards(words, shards int) []vocabularyShard {
	all := make([]vocabularyShard, shards)
	for i := range all {
		all[i].shift = uint8(bits.TrailingZeros(uint(shards)))
		all[i].places = make([]int32, words>>all[i].shift+1)
	}
	return all
}

// count counts the blocks that train the rows of shard n in a round, and places the words of the blocks
// in the shard.
func (v *vocabularyShard) count(blocks []preparedBlock, n int, o overshoot) {
	for _, word := range v.words {
		v.places[word>>v.shift] = 0
	}
	v.words, v.loads = v.words[:0], v.loads[:0]
	for i := range blocks {
		p := &blocks[i]
		first, text, end := p.shard(n)
		for i := range p.uses[first:text] {
			use := &p.uses[int(first)+i]
			loads := v.loadsOf(use)
			loads[input].add(use.inputs, o.perInput)
			loads[output].add(use.outputs, o.perOutput)
		}
		for i := range p.uses[text:end] {
			use := &p.uses[int(text)+i]
			v.loadsOf(use)[output].add(use.outputs, o.perOutput)
		}
	}
}

// loadsOf returns the loads of a word, which it places.
func (v *vocabularyShard) loadsOf(use *wordUse) *[2]load {
	known := &v.places[use.word>>v.shift]
	if *known == 0 {
		v.words, v.loads = append(v.words, use.word), append(v.loads, [2]load{})
		*known = int32(len(v.words))
	}
	use.place = *known - 1
	return &v.loads[use.place]
}

// share lists the rows that several blocks train. Their numbers follow those that other shards took from
// used. So they depend on the order in which workers come here; nothing else does.
func (r *shardRows) share(v *vocabularyShard, matrix int, weigh func(*load) float32, m *model.Matrix, used *atomic.Int32) {
	merge := &r.merge
	merge.Matrix, merge.Stride = m.Data, m.Stride
	merge.Rows, merge.Counts, merge.Weights = merge.Rows[:0], merge.Counts[:0], merge.Weights[:0]
	r.numbers = slices.Grow(r.numbers[:0], len(v.words))[:len(v.words)]
	for i, word := range v.words {
		l := &v.loads[i][matrix]
		r.numbers[i] = 0
		if l.blocks > 1 {
			merge.Rows, merge.Counts = append(merge.Rows, word), append(merge.Counts, l.blocks)
			merge.Weights = append(merge.Weights, weigh(l))
			r.numbers[i] = int32(len(merge.Rows))
		}
	}
	n := int32(len(merge.Rows))
	r.first = used.Add(n) - n + 1
	for i, number := range r.numbers {
		if number > 0 {
			r.numbers[i] += r.first - 1
		}
	}
}

// collect finds the sums to which the workers added the replicas of the shared rows.
func (r *shardRows) collect(replicas []*replicaRows) {
	m := &r.merge
	m.Sums, m.Parts = m.Sums[:0], m.Parts[:0]
	for i := range m.Rows {
		before := len(m.Sums)
		for _, worker := range replicas {
			if sum := worker.sum(r.first + int32(i)); sum != nil {
				m.Sums = append(m.Sums, sum)
			}
		}
		m.Parts = append(m.Parts, int32(len(m.Sums)-before))
	}
}
