package train

import (
	"math/bits"
	"slices"

	"kindred/internal/kernel"
	"kindred/model"
)

// A stretch is some rounds in which words stay composed: their rows are read before and written after it, which would take
// longer than the training if each round did it. Meanwhile, words that share rows do not learn from each other. See
// [roundPlan] for how many rounds it has.
type stretch struct {
	*subwords
	length int // rounds
	over   int // rounds that are over
	// present are the words of this stretch, and last those of the last one, whose moves are not yet given to their rows.
	present, last composedWords
	// places has 1 + the place of each word among the present ones, 0 if it is not there.
	places []int32
	// fresh is the first part of the present words that is not yet composed.
	fresh int
}

// composedWords are the input words of a stretch, in the order in which rounds first have them, those of the same round
// ascending.
type composedWords struct {
	words  []int32
	loads  []float32 // of their input rows
	before model.Matrix
	parts  []composedPart // one after the other
}

// A composedPart has up to wordsPart words, and the rows that each is made of.
type composedPart struct {
	first, end  int
	combination kernel.Combination
}

// wordsPart is how many words are composed or given back at a time.
const wordsPart = 64

// reset removes all words, and keeps the memory that they used.
func (w *composedWords) reset() {
	w.words, w.loads, w.parts = w.words[:0], w.loads[:0], w.parts[:0]
}

// grow makes room for the vectors of all words, and divides those from first on into parts.
func (w *composedWords) grow(first, dim, stride int) {
	w.before.Rows, w.before.Dim, w.before.Stride = len(w.words), dim, stride
	n := len(w.words) * stride
	if n > cap(w.before.Data) {
		grown := model.NewMatrix(len(w.words)*5/4+64, dim).Data
		copy(grown, w.before.Data)
		w.before.Data = grown
	}
	w.before.Data = w.before.Data[:n]
	for ; first < len(w.words); first += wordsPart {
		w.parts = slices.Grow(w.parts, 1)[:len(w.parts)+1] // with the memory of an earlier part
		part := &w.parts[len(w.parts)-1]
		part.first, part.end = first, min(first+wordsPart, len(w.words))
	}
}

// newStretch returns the stretches of a training, whose words are expected to be as many as given.
func newStretch(s *subwords, length, words int) *stretch {
	t := &stretch{subwords: s, length: length, over: length, places: make([]int32, s.vocabulary.Len())}
	for _, w := range []*composedWords{&t.present, &t.last} {
		w.before.Data = model.NewMatrix(words, s.dim).Data[:0]
	}
	return t
}

// begin adds the input words of the next round, which are marked in a set of bits, to the present ones. load returns the
// load of a word in that round. If the stretch is over, another one begins.
func (s *stretch) begin(marked []uint64, load func(word int32) float32) {
	if s.isOver() {
		for _, word := range s.present.words {
			s.places[word] = 0
		}
		s.present, s.last = s.last, s.present
		s.present.reset()
		s.over = 0
	}
	p := &s.present
	first := len(p.words)
	s.fresh = len(p.parts)
	for i, set := range marked {
		for ; set != 0; set &= set - 1 {
			word := int32(64*i + bits.TrailingZeros64(set))
			if place := s.places[word]; place > 0 {
				p.loads[place-1] += load(word)
				continue
			}
			p.words, p.loads = append(p.words, word), append(p.loads, load(word))
			s.places[word] = int32(len(p.words))
		}
	}
	p.grow(first, s.dim, s.table.Stride)
}

// isOver reports whether the moves of the present words are to be given to their rows.
func (s *stretch) isOver() bool { return s.over >= s.length }

// end notes that a round is over, the last one of an epoch or not.
func (s *stretch) end(epoch bool) {
	if s.over++; epoch {
		s.over = s.length
	}
}

// composePart composes a part of the fresh words in rows of m, and reports whether there is a part with that number.
func (s *stretch) composePart(k *kernel.Kernel, n int, m *model.Matrix) bool {
	p := &s.present
	if n += s.fresh; n >= len(p.parts) {
		return false
	}
	part := &p.parts[n]
	s.compose(k, &part.combination, p.words[part.first:part.end], part.first, &p.before)
	for i := part.first; i < part.end; i++ {
		copy(m.Row(int(p.words[i])), p.before.Row(i))
	}
	return true
}

// A rowRange gives the moves of words to the rows [first, end) of the table.
type rowRange struct {
	first, end int32
	// weights has the weights of the moves of rows, and loads their loads while words are given back. Other ranges have the
	// same slices, and use them for other rows.
	weights []float32
	loads   []joinedLoad
	moved   []int32 // the rows that have loads
	// termsOf and endsOf are those of a part that are in the range.
	termsOf, endsOf []int32
}

// ranges divides the rows among n workers, so that each has about as many rows of words.
func (s *subwords) ranges(n int) []*rowRange {
	uses := make([]int64, s.tableRows()+1)
	for _, row := range s.rows {
		uses[row+1]++
	}
	for row := range s.tableRows() {
		uses[row+1] += uses[row]
	}
	weights, loads := make([]float32, s.tableRows()), make([]joinedLoad, s.tableRows())
	var all []*rowRange
	first := 0
	for i := range n {
		end, _ := slices.BinarySearch(uses, uses[len(uses)-1]*int64(i+1)/int64(n))
		end = max(end, first)
		if i == n-1 {
			end = s.tableRows()
		}
		all = append(all, &rowRange{first: int32(first), end: int32(end), weights: weights, loads: loads})
		first = end
	}
	return all
}

// isWhole reports whether the range has all rows of a table of n.
func (g *rowRange) isWhole(n int) bool { return g.first == 0 && int(g.end) == n }

// of returns those of the ascending rows that are in the range.
func (g *rowRange) of(rows []int32) []int32 {
	from, _ := slices.BinarySearch(rows, g.first)
	to, _ := slices.BinarySearch(rows[from:], g.end)
	return rows[from : from+to]
}

// terms returns the rows of the words of a part that are in the range, and where those of each word end.
func (g *rowRange) terms(part *composedPart, tableRows int) (terms, ends []int32) {
	c := &part.combination
	if g.isWhole(tableRows) {
		return c.Terms, c.Ends
	}
	g.termsOf, g.endsOf = g.termsOf[:0], g.endsOf[:0]
	start := int32(0)
	for _, end := range c.Ends {
		g.termsOf = append(g.termsOf, g.of(c.Terms[start:end])...)
		g.endsOf = append(g.endsOf, int32(len(g.termsOf)))
		start = end
	}
	return g.termsOf, g.endsOf
}

// giveBack gives how far words have moved to their rows in the range: places are their rows in now. A row gets the moves
// in the order of the words, so the result does not depend on the ranges.
func (s *subwords) giveBack(k *kernel.Kernel, g *rowRange, w *composedWords, places []int32, now *model.Matrix) {
	g.moved = g.moved[:0]
	for i := range w.parts {
		part := &w.parts[i]
		terms, ends := g.terms(part, s.tableRows())
		start := int32(0)
		for j, end := range ends {
			word := part.first + j
			g.load(terms[start:end], w.loads[word])
			start = end
		}
	}
	for _, row := range g.moved {
		g.weights[row] = g.loads[row].weight()
		g.loads[row] = joinedLoad{}
	}
	for i := range w.parts {
		part := &w.parts[i]
		d := kernel.Distribution{
			Matrix: s.table.Data, Now: now.Data, Before: w.before.Data[part.first*now.Stride : part.end*now.Stride],
			Stride: now.Stride, Rows: places[part.first:part.end], Weights: g.weights,
		}
		d.Terms, d.Ends = g.terms(part, s.tableRows())
		k.Distribute(&d)
	}
}

// load adds the load x of a word to those of its rows, which are ascending.
func (g *rowRange) load(rows []int32, x float32) {
	separated := x / (1 + x)
	for len(rows) > 0 {
		n := 1 // times that the word has the row
		for n < len(rows) && rows[n] == rows[0] {
			n++
		}
		l := &g.loads[rows[0]]
		if l.separated == 0 {
			g.moved = append(g.moved, rows[0])
		}
		total := float32(float32(n) * x)
		l.total += total
		l.separated += float32(float32(n) * separated)
		l.squares += float32(total * total)
		rows = rows[n:]
	}
}
