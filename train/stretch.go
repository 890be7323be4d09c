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
	// fresh is the place of the first of the present words that are not yet composed.
	fresh int
}

// composedWords are the input words of a stretch, in the order in which rounds first have them, those of the same round
// ascending.
type composedWords struct {
	words  []int32
	loads  []float32 // of their input rows
	before model.Matrix
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
		s.present.words, s.present.loads, s.over = s.present.words[:0], s.present.loads[:0], 0
	}
	p := &s.present
	s.fresh = len(p.words)
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
	p.grow(s.dim, s.table.Stride)
}

// isOver reports whether the moves of the present words are to be given to their rows.
func (s *stretch) isOver() bool { return s.over >= s.length }

// end notes that a round is over, the last one of an epoch or not.
func (s *stretch) end(epoch bool) {
	if s.over++; epoch {
		s.over = s.length
	}
}

// grow makes room for the vectors of all words.
func (w *composedWords) grow(dim, stride int) {
	w.before.Rows, w.before.Dim, w.before.Stride = len(w.words), dim, stride
	n := len(w.words) * stride
	if n > cap(w.before.Data) {
		grown := model.NewMatrix(len(w.words)*5/4+64, dim).Data
		copy(grown, w.before.Data)
		w.before.Data = grown
	}
	w.before.Data = w.before.Data[:n]
}

// wordsPart is how many words are composed or given back at a time.
const wordsPart = 64

// composePart composes a part of the fresh words in rows of m, and reports whether there is a part with that number.
func (s *stretch) composePart(k *kernel.Kernel, c *kernel.Combination, n int, m *model.Matrix) bool {
	p := &s.present
	from := s.fresh + n*wordsPart
	if from >= len(p.words) {
		return false
	}
	to := min(from+wordsPart, len(p.words))
	s.compose(k, c, p.words[from:to], from, &p.before)
	for i := from; i < to; i++ {
		copy(m.Row(int(p.words[i])), p.before.Row(i))
	}
	return true
}

// A rowRange gives the moves of words to the rows [first, end) of the table.
type rowRange struct {
	first, end int32
	// weights has the weights of the moves of rows, and loads their loads while words are given back. Other ranges have the
	// same slices, and use them for other rows.
	weights      []float32
	loads        []load
	moved        []int32 // the rows that have loads
	distribution kernel.Distribution
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
	weights, loads := make([]float32, s.tableRows()), make([]load, s.tableRows())
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

// of returns the rows of a word that are in the range.
func (g *rowRange) of(s *subwords, word int32) []int32 {
	rows, _ := s.rowsOf(word)
	if g.first > 0 {
		from, _ := slices.BinarySearch(rows, g.first)
		rows = rows[from:]
	}
	if n := len(rows); n > 0 && rows[n-1] >= g.end {
		to, _ := slices.BinarySearch(rows, g.end)
		rows = rows[:to]
	}
	return rows
}

// giveBack gives how far words have moved to their rows in the range: places are their rows in now. A row gets the moves
// in the order of the words, so the result does not depend on the ranges.
func (s *subwords) giveBack(k *kernel.Kernel, g *rowRange, w *composedWords, places []int32, now *model.Matrix) {
	g.weigh(s, w)
	for from := 0; from < len(w.words); from += wordsPart {
		to := min(from+wordsPart, len(w.words))
		d := &g.distribution
		d.Reset()
		d.Matrix, d.Now, d.Before, d.Stride, d.Weights = s.table.Data, now.Data, w.before.Data[from*now.Stride:to*now.Stride], now.Stride, g.weights
		d.Rows = append(d.Rows, places[from:to]...)
		for _, word := range w.words[from:to] {
			d.Terms = append(d.Terms, g.of(s, word)...)
			d.Ends = append(d.Ends, int32(len(d.Terms)))
		}
		k.Distribute(d)
	}
}

// weigh sets the weights of the moves of the rows of words.
func (g *rowRange) weigh(s *subwords, w *composedWords) {
	g.moved = g.moved[:0]
	for i, word := range w.words {
		x := w.loads[i] / s.roots[word]
		for _, row := range g.of(s, word) {
			if g.loads[row].blocks == 0 {
				g.moved = append(g.moved, row)
			}
			g.loads[row].add(1, x)
		}
	}
	for _, row := range g.moved {
		g.weights[row] = g.loads[row].weight()
		g.loads[row] = load{}
	}
}
