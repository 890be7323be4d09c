package train

import (
	"slices"

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
