package train

import (
	"sync/atomic"

	"kindred/internal/kernel"
	"kindred/internal/machine"
	"kindred/model"
	"kindred/train/negative"
)

// A part is a share of the words, by id, as the blocks of a round use them. A row that only one block of the round
// touches is trained where it is. Of a row that several blocks touch, each trains a copy, which lies in
// the spare rows behind the parameters; merging brings these replicas back. So all blocks begin with the same parameters and none sees
// what another does, and yet most rows are never copied: of those that a block touches, more than half are rare words,
// which no other block of the round has.
type part struct {
	in, out copies
	index   wordIndex
	words   []int32 // all of the round, in the order of their first use
	numbers []int32 // into words, of the slots of all drafts, one draft after the other
}

// copies are the rows of a part in one of the matrices that more than one block touches.
type copies struct {
	counts  []int32 // by word of the part: blocks that touch its row, and then the spare row that is next for it
	sources []int32 // the row of each replica
	merge   kernel.Merge
}

// A spare is a matrix with the rows behind it that are not parameters.
type spare struct {
	matrix *model.Matrix
	values []float32 // of the matrix and behind it
	names  []int32   // whose replicas the rows behind it are
	half   int32     // the spare rows of this round begin here: at 0, or at half of them
	used   atomic.Int32
}

// begin gives a round the half of the spare rows that the round before does not have.
func (s *spare) begin() {
	s.half = int32(len(s.names)/2) - s.half
	s.used.Store(0)
}

// newSpare returns n rows behind the matrix, which is moved where there is no room for them.
func newSpare(m *model.Matrix, n int) *spare {
	total := (m.Rows + n) * m.Stride
	if cap(m.Data) < total {
		moved := newMatrix(m.Rows, n, m.Dim)
		copy(moved.Data, m.Data)
		m.Data = moved.Data
	}
	return &spare{matrix: m, values: m.Data[:total], names: make([]int32, n)}
}

// newMatrix returns a zero matrix with room for spare rows behind it.
func newMatrix(rows, spare, dim int) *model.Matrix {
	m := model.NewMatrix(rows+spare, dim)
	machine.HugePages(m.Data)
	m.Rows, m.Data = rows, m.Data[:rows*m.Stride]
	return m
}

// words tells the words of the rows.
func (s *spare) words() negative.RowWords {
	return negative.RowWords{Words: s.matrix.Rows, Replicas: s.names}
}

// place decides where the rows of part number n of the words are trained, tells the drafts, and copies those that need it.
func (p *part) place(drafts []draft, n int, in, out *spare, gather func(dst, src []float32, stride int, rows []int32)) {
	p.count(drafts, n)
	p.in.assign(p.words, in)
	p.out.assign(p.words, out)
	numbers := p.numbers
	for i := range drafts {
		d := &drafts[i]
		first, text, end := d.slots(n)
		for slot := first; slot < end; slot++ {
			number := numbers[slot-first]
			if slot < text {
				d.in[slot] = p.in.take(number, d.words[slot])
			}
			d.out[slot] = p.out.take(number, d.words[slot])
		}
		numbers = numbers[end-first:]
	}
	p.in.gather(in, gather)
	p.out.gather(out, gather)
}

// count finds the words of the part, and how many blocks touch their rows.
func (p *part) count(drafts []draft, n int) {
	total := 0
	for i := range drafts {
		total += int(drafts[i].starts[n+1] - drafts[i].starts[n])
	}
	p.index.reset(total)
	p.words, p.numbers = p.words[:0], p.numbers[:0]
	p.in.counts, p.out.counts = p.in.counts[:0], p.out.counts[:0]
	for i := range drafts {
		d := &drafts[i]
		first, text, end := d.slots(n)
		for slot := first; slot < end; slot++ {
			word := d.words[slot]
			number := p.index.find(word, int32(len(p.words)))
			if int(number) == len(p.words) {
				p.words = append(p.words, word)
				p.in.counts, p.out.counts = append(p.in.counts, 0), append(p.out.counts, 0)
			}
			p.numbers = append(p.numbers, number)
			if slot < text {
				p.in.counts[number]++
			}
			p.out.counts[number]++
		}
	}
}

// assign gives a run of spare rows to each row that several blocks touch. Where they are is up to who comes first; what is
// trained in them is not.
func (c *copies) assign(words []int32, s *spare) {
	m := &c.merge
	m.Rows, m.Ends, c.sources = m.Rows[:0], m.Ends[:0], c.sources[:0]
	for i, count := range c.counts {
		if count < 2 {
			continue
		}
		m.Rows = append(m.Rows, words[i])
		for range count {
			c.sources = append(c.sources, words[i])
		}
		m.Ends = append(m.Ends, int32(len(c.sources)))
	}
	n := int32(len(c.sources))
	begin := s.half + s.used.Add(n) - n
	copy(s.names[begin:], c.sources)
	next := int32(s.matrix.Rows) + begin
	start := int(next) * s.matrix.Stride
	m.Matrix, m.Stride, m.Replicas = s.matrix.Data, s.matrix.Stride, s.values[start:start+int(n)*s.matrix.Stride]
	for i, count := range c.counts {
		c.counts[i] = -1
		if count > 1 {
			c.counts[i] = next
			next += count
		}
	}
}

// take returns the row that the next block trains for a word.
func (c *copies) take(number, word int32) int32 {
	row := c.counts[number]
	if row < 0 {
		return word
	}
	c.counts[number]++
	return row
}

// gather copies the rows to their replicas.
func (c *copies) gather(s *spare, gather func(dst, src []float32, stride int, rows []int32)) {
	gather(c.merge.Replicas, s.matrix.Data, s.matrix.Stride, c.sources)
}
