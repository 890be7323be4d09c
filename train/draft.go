package train

import (
	"slices"

	"kindred/internal/random"
)

// parts is the number of parts into which the words of a round are cut: enough to
// busy all workers and to keep a part's index in the first-level cache.
const parts = 16

// A draft is a block of a round before it is trained: its words and its pool of negatives. Words are known by
// slots in it, which are grouped by the part of the words that they belong to, in the order of their first use.
//
// What a draft holds follows from the block alone, never from who prepares it and when.
type draft struct {
	passage passage
	pool    []int32
	rng     random.Stream // of windows and negatives, after the pool
	tokens  int64         // of the block, before sub-sampling

	index wordIndex
	order []int32 // slots, by first use
	// The slots of part i begin at starts[i]; the first texts[i] of them are words of the text, which have a row in both
	// matrices, and those behind are negatives only and have one in the output matrix.
	starts [parts + 1]int32
	texts  [parts]int32
	words  []int32 // by slot
	// Rows by slot, of parameters or behind them; see part.
	in, out []int32
}

// prepare reads a block and draws its pool.
func (w *worker) prepare(d *draft, b block) (err error) {
	if d.tokens, err = w.reader.read(&d.passage, b); err != nil {
		return err
	}
	w.passage = &d.passage
	d.rng = w.stream(b)
	if w.noise != nil {
		d.pool = slices.Grow(d.pool[:0], w.poolSize)[:w.poolSize]
		drawPool(d.pool, w.noise, &d.rng)
	}
	d.index.reset(len(d.passage.words) + len(d.pool))
	w.found = d.number(d.passage.words, w.found[:0])
	texts := len(w.found)
	w.found = d.number(d.pool, w.found)
	d.group(w.found, texts)
	for _, words := range [][]int32{d.passage.words, d.pool} {
		for i, n := range words {
			words[i] = d.order[n]
		}
	}
	return nil
}

// number replaces words by numbers in the order of their first use, and appends those that are new to found.
func (d *draft) number(words, found []int32) []int32 {
	for i, word := range words {
		n := d.index.find(word, int32(len(found)))
		if int(n) == len(found) {
			found = append(found, word)
		}
		words[i] = n
	}
	return found
}

// group makes slots of the words found, of which the first texts are words of the text.
func (d *draft) group(found []int32, texts int) {
	var counts [parts]int32
	for i, word := range found {
		if i == texts {
			d.texts = counts
		}
		counts[word%parts]++
	}
	if texts == len(found) {
		d.texts = counts
	}
	var next [parts]int32
	for i, n := range counts {
		next[i], d.starts[i+1] = d.starts[i], d.starts[i]+n
	}
	n := len(found)
	d.order = slices.Grow(d.order[:0], n)[:n]
	d.words = slices.Grow(d.words[:0], n)[:n]
	d.in, d.out = slices.Grow(d.in[:0], n)[:n], slices.Grow(d.out[:0], n)[:n]
	for i, word := range found {
		slot := next[word%parts]
		next[word%parts]++
		d.order[i], d.words[slot] = slot, word
	}
}

// place puts rows in the place of slots.
func (d *draft) place() {
	p := &d.passage
	p.targets = slices.Grow(p.targets[:0], len(p.words))[:len(p.words)]
	for i, slot := range p.words {
		p.words[i], p.targets[i] = d.in[slot], d.out[slot]
	}
	for i, slot := range d.pool {
		d.pool[i] = d.out[slot]
	}
}
