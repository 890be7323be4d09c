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
		w.negatives.DrawPool(d.pool, d.passage.blockCenters(), (*uint64)(&d.rng))
	}
	w.slotter.assign(d)
	return nil
}

// A slotter gives the words of drafts slots. What it holds is memory that all drafts use in turn.
type slotter struct {
	index wordIndex
	found []int32 // the words, in the order of their first use
	slots []int32 // of the words found
}

// assign puts slots in the place of the words of a draft.
func (s *slotter) assign(d *draft) {
	s.index.reset(len(d.passage.words) + len(d.pool))
	s.found = s.found[:0]
	s.number(d.passage.words)
	texts := len(s.found)
	s.number(d.pool)
	s.group(d, texts)
	for _, words := range [][]int32{d.passage.words, d.pool} {
		for i, n := range words {
			words[i] = s.slots[n]
		}
	}
}

// number puts numbers, in the order of first use, in the place of words.
func (s *slotter) number(words []int32) {
	for i, word := range words {
		n := s.index.find(word, int32(len(s.found)))
		if int(n) == len(s.found) {
			s.found = append(s.found, word)
		}
		words[i] = n
	}
}

// group makes slots of the words found, of which the first texts are words of the text.
func (s *slotter) group(d *draft, texts int) {
	var counts [parts]int32
	for _, word := range s.found[:texts] {
		counts[word%parts]++
	}
	d.texts = counts
	for _, word := range s.found[texts:] {
		counts[word%parts]++
	}
	var next [parts]int32
	for i, n := range counts {
		next[i], d.starts[i+1] = d.starts[i], d.starts[i]+n
	}
	n := len(s.found)
	s.slots = slices.Grow(s.slots[:0], n)[:n]
	d.words = slices.Grow(d.words[:0], n)[:n]
	d.in, d.out = slices.Grow(d.in[:0], n)[:n], slices.Grow(d.out[:0], n)[:n]
	for i, word := range s.found {
		slot := next[word%parts]
		next[word%parts]++
		s.slots[i], d.words[slot] = slot, word
	}
}

// slots returns where the slots of a part begin, where those of words of the text end, and where all end.
func (d *draft) slots(part int) (first, text, end int32) {
	first = d.starts[part]
	return first, first + d.texts[part], d.starts[part+1]
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
