package train

import (
	"fmt"
	"math"
	"math/bits"
	"slices"

	"kindred/corpus/vocab"
	"kindred/internal/kernel"
	"kindred/internal/random"
	"kindred/model"
	"kindred/model/subword"
)

// subwords train words that are made of rows: a word's own, and those of its character n-grams (Bojanowski et
// al. 2017). Their mean is the word's row in the input matrix, which is composed before the first round of a stretch that
// has the word as an input, and trained like any other. After the stretch, what moved it moves all its rows:
//
//	x(w) = 1/n Σ row(r),   row(r) += weight(r) d(w) for each w that has r,   d(w) = what the stretch added to x(w)
//
// A row moves by all of d(w), not by the n-th part that the derivative of the mean has, as in fastText: the mean of rows
// that nobody else has then moves by d(w), as a row would.
//
// Rows that many words of a stretch share overshoot as rows do that many blocks train; see [overshoot]. The load of a
// row is made of those of its words, each divided by the root of the number n of the word's rows. A row that
// moved alone would have the n-th part of a load, as it is the n-th part of the word. But all rows of a word move together,
// and the word as far as each of them, for which all of the load would count. With the n-th part, training diverges in bursts at
// the rate 0.05; with all of it, words of few occurrences learn too little. weight(r) is what [load.weight] says of the sum.
type subwords struct {
	vocabulary *subword.Vocabulary
	initial    subword.Initial
	used       []int32       // buckets that have a row, ascending
	table      *model.Matrix // rows of words, then those of used
	// The rows of word w are rows[starts[w]:starts[w+1]], ascending.
	starts []int32
	rows   []int32

	dim int
	// present are the words of the present stretch of rounds, and last those of the last one, whose moves are not yet
	// given to their rows. slots has 1 + the place of each word among the present ones, 0 if it is not there.
	present, last stretchWords
	slots         []int32
	// fresh is the first of the present words that are not yet composed.
	fresh int
	// rounds is the number of rounds of the stretch that are over.
	rounds int
}

// stretchRounds is the number of rounds for which words stay composed. The rows of a word are read and written once in a
// stretch, which takes longer than to train it; but meanwhile words that share rows do not learn from each other.
const stretchRounds = 2

// stretchWords are the input words of a stretch of rounds, in the order in which rounds first have them, those of
// the same round ascending.
type stretchWords struct {
	words []int32
	loads []float32 // of their input rows
	// composed has their vectors before the stretch, and then their moves.
	composed model.Matrix
}

// newSubwords returns the rows of the words of a vocabulary, without values.
func newSubwords(v *vocab.Vocabulary, cfg Config) (*subwords, error) {
	sv, err := subword.New(v, cfg.nGrams())
	if err != nil {
		return nil, err
	}
	s := &subwords{
		vocabulary: sv, dim: cfg.Dim, used: sv.UsedBuckets(),
		initial: subword.Initial{Seed: cfg.Seed, Bound: 1 / float64(cfg.Dim)},
	}
	s.number(v)
	s.slots, s.rounds = make([]int32, v.Len()), stretchRounds
	return s, nil
}

// tableRows returns the number of rows.
func (s *subwords) tableRows() int { return s.vocabulary.Len() + len(s.used) }

// reserve makes room for the words of a stretch.
func (s *subwords) reserve(words int) {
	for _, w := range []*stretchWords{&s.present, &s.last} {
		w.composed.Data = model.NewMatrix(words, s.dim).Data[:0]
	}
}

// fill gives the rows their initial values, uniform in ±1/dim as in fastText.
func (s *subwords) fill() {
	words := s.vocabulary.Len()
	s.table = newMatrix(s.tableRows(), 0, s.dim)
	for id := range words {
		rng := random.New(s.initial.Seed, random.Initialization, uint64(id))
		row := s.table.Row(id)
		for i := range row {
			row[i] = float32(float64(rng.Float64()*2-1) * s.initial.Bound)
		}
	}
	for i, bucket := range s.used {
		s.initial.Row(s.table.Row(words+i), int(bucket))
	}
}

// take takes the values of the rows from a checkpoint. It does nothing if words are not made of n-grams.
func (s *subwords) take(from *Checkpoint) error {
	if s == nil {
		return nil
	}
	if rows, ok := from.Vectors.Input.(*subword.Sparse); ok && slices.Equal(rows.Used(), s.used) {
		if table, dense := rows.Stored().(*model.Matrix); dense && table.Rows == s.tableRows() && table.Dim == s.dim {
			s.table = table
			return nil
		}
	}
	return fmt.Errorf("%s: its rows are not those of the words of its vocabulary and their n-grams", from.Path)
}

// number finds the rows of each word.
func (s *subwords) number(v *vocab.Vocabulary) {
	s.starts = make([]int32, 1, v.Len()+1)
	var buf []int32
	for id := range v.Len() {
		buf, _ = s.vocabulary.Stored(buf[:0], id)
		for _, row := range buf {
			if int(row) >= v.Len() {
				at, _ := slices.BinarySearch(s.used, row-int32(v.Len()))
				row = int32(v.Len() + at)
			}
			s.rows = append(s.rows, row)
		}
		slices.Sort(s.rows[s.starts[id]:])
		s.starts = append(s.starts, int32(len(s.rows)))
	}
}

// rowsOf returns the rows of a word.
func (s *subwords) rowsOf(word int32) []int32 { return s.rows[s.starts[word]:s.starts[word+1]] }

// storage returns the rows as vectors need them.
func (s *subwords) storage() (*subword.Sparse, error) {
	return subword.NewSparse(s.table, s.vocabulary.WordRows(), s.vocabulary.Buckets, s.used, s.initial)
}

// begin adds the input words of the next round, which are marked in a set of bits, to the present ones. load returns the
// load of a word in that round. If the stretch is over, the words of another one take their place.
func (s *subwords) begin(marked []uint64, load func(word int32) float32) {
	if s.over() {
		for _, word := range s.present.words {
			s.slots[word] = 0
		}
		s.present, s.last = s.last, s.present
		s.present.words, s.present.loads, s.rounds = s.present.words[:0], s.present.loads[:0], 0
	}
	p := &s.present
	s.fresh = len(p.words)
	for i, set := range marked {
		for ; set != 0; set &= set - 1 {
			word := int32(64*i + bits.TrailingZeros64(set))
			if slot := s.slots[word]; slot > 0 {
				p.loads[slot-1] += load(word)
				continue
			}
			p.words, p.loads = append(p.words, word), append(p.loads, load(word))
			s.slots[word] = int32(len(p.words))
		}
	}
	p.grow(s.dim, s.table.Stride)
}

// over reports whether the moves of the present words are to be given to their rows.
func (s *subwords) over() bool { return s.rounds >= stretchRounds }

// end notes that a round is over, the last one of an epoch or not.
func (s *subwords) end(epoch bool) {
	if s.rounds++; epoch {
		s.rounds = stretchRounds
	}
}

// grow makes room for the vectors of all words.
func (w *stretchWords) grow(dim, stride int) {
	w.composed.Rows, w.composed.Dim, w.composed.Stride = len(w.words), dim, stride
	n := len(w.words) * stride
	if n > cap(w.composed.Data) {
		grown := model.NewMatrix(len(w.words)*5/4+64, dim).Data
		copy(grown, w.composed.Data)
		w.composed.Data = grown
	}
	w.composed.Data = w.composed.Data[:n]
}

// subwordPart is how many words a worker composes, or finds the moves of, at a time.
const subwordPart = 64

// part returns a part of the places [first, end), and whether there is one of that number.
func part(n, first, end int) (from, to int, ok bool) {
	from = first + n*subwordPart
	return from, min(from+subwordPart, end), from < end
}

// compose composes a part of the fresh words in rows of m, and reports whether there is such a part.
func (s *subwords) compose(k *kernel.Kernel, c *kernel.Combination, n int, m *model.Matrix) bool {
	p := &s.present
	from, to, ok := part(n, s.fresh, len(p.words))
	if !ok {
		return false
	}
	s.composeRows(k, c, p.words[from:to], from, &p.composed)
	for i := from; i < to; i++ {
		copy(m.Row(int(p.words[i])), p.composed.Row(i))
	}
	return true
}

// composeRows composes words in the rows of m from first on.
func (s *subwords) composeRows(k *kernel.Kernel, c *kernel.Combination, words []int32, first int, m *model.Matrix) {
	clear(m.Data[first*m.Stride : (first+len(words))*m.Stride])
	c.Reset()
	c.Matrix, c.Source, c.Stride = m.Data, s.table.Data, m.Stride
	for i, word := range words {
		rows := s.rowsOf(word)
		weight := float32(1 / float64(len(rows)))
		for _, row := range rows {
			c.Terms, c.Weights = append(c.Terms, row), append(c.Weights, weight)
		}
		c.Rows, c.Ends = append(c.Rows, int32(first+i)), append(c.Ends, int32(len(c.Terms)))
	}
	k.Combine(c)
}

// findMoves replaces a part of what the last words were composed to by how far they have moved from it, in m. It reports
// whether there is such a part.
func (s *subwords) findMoves(n int, m *model.Matrix) bool {
	l := &s.last
	from, to, ok := part(n, 0, len(l.words))
	for i := from; ok && i < to; i++ {
		move, now := l.composed.Row(i), m.Row(int(l.words[i]))
		for c, x := range now[:len(move)] {
			move[c] = x - move[c]
		}
	}
	return ok
}

// A rowRange gives the moves of words to the rows [first, end).
type rowRange struct {
	first, end  int32
	places      []int32 // by row: 1 + its place in rows, 0 if no word of the round has it
	rows, ends  []int32 // those that words of the round have, and the ends of their terms
	loads       []load
	combination kernel.Combination
}

// ranges divides the rows among n workers, so that each has about as many rows of words.
func (s *subwords) ranges(n int) []*rowRange {
	uses := make([]int64, s.table.Rows+1)
	for _, row := range s.rows {
		uses[row+1]++
	}
	for row := range s.table.Rows {
		uses[row+1] += uses[row]
	}
	var all []*rowRange
	first := int32(0)
	for i := range n {
		end, _ := slices.BinarySearch(uses, uses[s.table.Rows]*int64(i+1)/int64(n))
		if i == n-1 {
			end = s.table.Rows
		}
		end = max(end, int(first))
		all = append(all, &rowRange{first: first, end: int32(end), places: make([]int32, end-int(first))})
		first = int32(end)
	}
	return all
}

// giveBack gives the moves of the last words to the rows of a range. A row gets them in the order of the words, so the
// result does not depend on the ranges.
func (s *subwords) giveBack(k *kernel.Kernel, g *rowRange) {
	g.rows, g.ends, g.loads = g.rows[:0], g.ends[:0], g.loads[:0]
	s.eachUse(g, func(_ int, row int32, x float32) {
		place := &g.places[row-g.first]
		if *place == 0 {
			g.rows, g.ends, g.loads = append(g.rows, row), append(g.ends, 0), append(g.loads, load{})
			*place = int32(len(g.rows))
		}
		g.ends[*place-1]++
		g.loads[*place-1].add(1, x)
	})
	total := int32(0)
	for i, n := range g.ends {
		g.ends[i] = total // where the terms begin, until they are filled in
		total += n
	}
	c := &g.combination
	c.Terms, c.Weights = slices.Grow(c.Terms[:0], int(total))[:total], slices.Grow(c.Weights[:0], int(total))[:total]
	s.eachUse(g, func(at int, row int32, _ float32) {
		i := g.places[row-g.first] - 1
		c.Terms[g.ends[i]], c.Weights[g.ends[i]] = int32(at), g.loads[i].weight()
		g.ends[i]++
	})
	for _, row := range g.rows {
		g.places[row-g.first] = 0
	}
	c.Matrix, c.Source, c.Stride, c.Rows, c.Ends = s.table.Data, s.last.composed.Data, s.table.Stride, g.rows, g.ends
	k.Combine(c)
}

// eachUse calls do for each row of a range that one of the last words has: with the place of the word and its part of the load.
func (s *subwords) eachUse(g *rowRange, do func(at int, row int32, x float32)) {
	for i, word := range s.last.words {
		rows := s.rowsOf(word)
		x := s.last.loads[i] / float32(math.Sqrt(float64(len(rows))))
		if g.first > 0 {
			from, _ := slices.BinarySearch(rows, g.first)
			rows = rows[from:]
		}
		for _, row := range rows {
			if row >= g.end {
				break
			}
			do(i, row, x)
		}
	}
}
