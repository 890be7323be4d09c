package train

import (
	"fmt"
	"slices"

	"kindred/corpus/vocab"
	"kindred/internal/kernel"
	"kindred/internal/random"
	"kindred/model"
	"kindred/model/subword"
)

// subwords are words that are made of rows: a word's own, and those of its character n-grams (Bojanowski et
// al. 2017). Their mean is the word's row in the input matrix, which is composed before it is trained, and trained like any
// other. What moved it then moves all its rows:
//
//	x(w) = 1/n Σ row(r),   row(r) += weight(r) d(w) for each w that has r,   d(w) = what training added to x(w)
//
// A row moves by all of d(w), not by the n-th part that the derivative of the mean has, as in fastText: the mean of rows
// that nobody else has then moves by d(w), as a row would.
//
// Rows that many words share overshoot as rows do that many blocks train; see [overshoot]. weight(r) is what [joinedLoad.weight] says of the loads
// of the words that have r, all of each: as the rows of a word move together, the word moves as far as each of them. With a
// part of a word's own load that is smaller for words of many rows, frequent words diverge in bursts if little is sub-sampled.
// docs/reproducibility.md has the evidence.
//
// Rows that always move together are one row of the table; see [subword.Classes].
type subwords struct {
	vocabulary *subword.Vocabulary
	initial    subword.Initial
	used       []int32 // buckets that have a row, ascending
	whole      bool    // each row is a class of its own
	classes    subword.Classes
	table      *model.Matrix // a row for each class
	dim        int
	// The rows of word w are rows[starts[w]:starts[w+1]], ascending: a class is there as often as the word has each of its
	// members. shares has the part that each has in the word.
	starts []int32
	rows   []int32
	shares []float32
	// from are the rows to begin from, nil if they are random.
	from *savedRows
}

// savedRows are rows of words and n-grams, from a checkpoint or from vectors of the same n-grams.
type savedRows struct {
	*subword.Sparse
	words *subword.Vocabulary
}

// savedRowsOf returns the rows of words that are made of the given n-grams, nil if the words of vectors are not.
func savedRowsOf(e *model.Embeddings, g *subword.NGrams) *savedRows {
	words, composed := e.Vocabulary.(*subword.Vocabulary)
	rows, sparse := e.Input.(*subword.Sparse)
	if !composed || !sparse || words.Composed || !words.Same(g) {
		return nil
	}
	return &savedRows{rows, words}
}

// newSubwords returns the rows of the words of a vocabulary, without values.
func newSubwords(v *vocab.Vocabulary, cfg Config, o Options) (*subwords, error) {
	sv, err := subword.New(v, cfg.nGrams())
	if err != nil {
		return nil, err
	}
	s := &subwords{
		vocabulary: sv, dim: cfg.Dim, used: sv.UsedBuckets(),
		initial: subword.Initial{Seed: cfg.Seed, Bound: 1 / float64(cfg.Dim)},
	}
	// Rows that were trained with other words may differ although these words always move them together.
	switch {
	case o.Resume != nil:
		if s.from = savedRowsOf(o.Resume.Vectors, &sv.NGrams); s.from == nil {
			return nil, fmt.Errorf("%s: the rows of n-grams are missing", o.Resume.Path)
		}
		_, shared := s.from.Stored().(*subword.Shared)
		s.whole = !shared
	case o.Init != nil:
		s.from = savedRowsOf(o.Init.Vectors, &sv.NGrams)
		s.whole = s.from != nil
	}
	if s.whole {
		s.used = union(s.used, s.from.Used())
		if s.from.Initial().Bound > 0 {
			s.initial = s.from.Initial()
		}
	}
	s.number()
	return s, nil
}

// union returns the numbers of two ascending lists, ascending.
func union(a, b []int32) []int32 {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// number finds the rows of each word.
func (s *subwords) number() {
	n, words := s.vocabulary.Len(), int32(s.vocabulary.WordRows())
	places := make([]int32, s.vocabulary.Buckets) // in used
	for i, bucket := range s.used {
		places[bucket] = int32(i)
	}
	starts, rows := make([]int32, 1, n+1), []int32(nil)
	var buf []int32
	for id := range n {
		buf, _ = s.vocabulary.Stored(buf[:0], id)
		for _, row := range buf {
			if row >= words {
				row = words + places[row-words]
			}
			rows = append(rows, row)
		}
		starts = append(starts, int32(len(rows)))
	}
	all := int(words) + len(s.used)
	if s.whole {
		s.classes = subword.SingleClasses(all)
	} else {
		s.classes = subword.FindClasses(starts, rows, all)
	}
	s.joinMembers(starts, rows)
}

// joinMembers sets the rows of words, of which all members of a class make one.
func (s *subwords) joinMembers(starts, rows []int32) {
	s.starts = make([]int32, 1, len(starts))
	left := make([]int32, len(s.classes.Sizes)) // members of a class that the present one stands for
	for i := range len(starts) - 1 {
		list := rows[starts[i]:starts[i+1]]
		first := len(s.rows)
		for _, row := range list {
			class := s.classes.Of[row]
			if left[class] == 0 {
				s.rows = append(s.rows, class)
				left[class] = s.classes.Sizes[class]
			}
			left[class]--
		}
		slices.Sort(s.rows[first:])
		for _, class := range s.rows[first:] {
			s.shares = append(s.shares, float32(float64(s.classes.Sizes[class])/float64(len(list))))
		}
		s.starts = append(s.starts, int32(len(s.rows)))
	}
}

// tableRows returns the number of rows of the table.
func (s *subwords) tableRows() int { return len(s.classes.Sizes) }

// rowsOf returns the rows of a word, and the part that each has in it.
func (s *subwords) rowsOf(word int32) (rows []int32, shares []float32) {
	from, to := s.starts[word], s.starts[word+1]
	return s.rows[from:to], s.shares[from:to]
}

// storage returns the rows as vectors need them.
func (s *subwords) storage() (*subword.Sparse, error) {
	var rows model.Storage = s.table
	if !s.whole {
		shared, err := subword.NewShared(s.table, s.classes.Of)
		if err != nil {
			return nil, err
		}
		rows = shared
	}
	return subword.NewSparse(rows, s.vocabulary.WordRows(), s.vocabulary.Buckets, s.used, s.initial)
}

// take takes the values of the rows from a checkpoint.
func (s *subwords) take(from *Checkpoint) error {
	stored, of := s.from.Stored(), subword.SingleClasses(len(s.classes.Of)).Of
	if shared, ok := stored.(*subword.Shared); ok {
		stored, of = shared.Stored(), shared.Of()
	}
	table, dense := stored.(*model.Matrix)
	if !dense || table.Rows != s.tableRows() || table.Dim != s.dim || !slices.Equal(s.from.Used(), s.used) || !slices.Equal(of, s.classes.Of) {
		return fmt.Errorf("%s: its rows are not those of the words of its vocabulary and their n-grams", from.Path)
	}
	s.table, s.from = table, nil
	return nil
}

// fill gives the rows their first values: those to begin from, if there are any, and else uniform in ±1/dim as in fastText.
// The value of a class is the mean of those of its members.
func (s *subwords) fill(init *Init) error {
	s.table = newMatrix(s.tableRows(), 0, s.dim)
	value := make([]float32, s.dim)
	for member, class := range s.classes.Of {
		name := s.value(value, member)
		if err := init.checkRow(name, value); err != nil {
			return err
		}
		row, size := s.table.Row(int(class)), float32(s.classes.Sizes[class])
		for i, x := range value {
			row[i] += x / size
		}
	}
	if s.from == nil {
		return nil
	}
	err := readError(s.from.Sparse)
	s.from = nil
	return err
}

// value sets dst to the first value of a row of a word or an n-gram, and returns what errors call it.
func (s *subwords) value(dst []float32, member int) string {
	words := s.vocabulary.WordRows()
	if member >= words {
		bucket := int(s.used[member-words])
		if s.from == nil {
			s.initial.Row(dst, bucket)
		} else {
			copy(dst, s.from.ReadRow(dst, s.from.words.WordRows()+bucket))
		}
		return fmt.Sprintf("of the n-gram bucket %d", bucket)
	}
	word := s.vocabulary.Word(member)
	if s.from != nil {
		if id, ok := s.from.words.ID(word); ok {
			copy(dst, s.from.ReadRow(dst, id))
			return word
		}
	}
	rng := random.New(s.initial.Seed, random.Initialization, uint64(member))
	for i := range dst {
		dst[i] = float32(float64(rng.Float64()*2-1) * s.initial.Bound)
	}
	return word
}

// fitPasses is the number of passes over the words in which their rows are fitted.
const fitPasses = 5

// fit changes the rows so that words are composed to given vectors, or come near to them: those of the words for which
// chosen says so. It is Kaczmarz's method (1937), as Zhao, Mudgal and Liang (2018) fit n-grams to vectors by gradient descent, with
// passes over the words and no rate. What is left after them goes to the word's own row, if words have one.
func (s *subwords) fit(k *kernel.Kernel, vectors *model.Matrix, chosen func(word int) bool) {
	composed := model.NewMatrix(1, s.dim)
	c := &kernel.Combination{}
	rest := func(word int) []float32 {
		s.compose(k, c, []int32{int32(word)}, 0, composed)
		row := composed.Row(0)
		for i, x := range vectors.Row(word) {
			row[i] = x - row[i]
		}
		return row
	}
	add := func(row int32, factor float32, d []float32) {
		to := s.table.Row(int(row))
		for i, x := range d {
			to[i] += float32(factor * x)
		}
	}
	for range fitPasses {
		for word := range vectors.Rows {
			if !chosen(word) {
				continue
			}
			d := rest(word)
			rows, _ := s.rowsOf(int32(word))
			for _, row := range rows {
				add(row, 1, d)
			}
		}
	}
	if s.vocabulary.WordRows() == 0 {
		return
	}
	for word := range vectors.Rows {
		if chosen(word) {
			own := s.classes.Of[word]
			rows, shares := s.rowsOf(int32(word))
			at, _ := slices.BinarySearch(rows, own)
			add(own, 1/shares[at], rest(word))
		}
	}
}

// compose composes words in the rows of m from first on.
func (s *subwords) compose(k *kernel.Kernel, c *kernel.Combination, words []int32, first int, m *model.Matrix) {
	clear(m.Data[first*m.Stride : (first+len(words))*m.Stride])
	c.Reset()
	c.Matrix, c.Source, c.Stride = m.Data, s.table.Data, m.Stride
	for i, word := range words {
		rows, shares := s.rowsOf(word)
		c.Terms, c.Weights = append(c.Terms, rows...), append(c.Weights, shares...)
		c.Rows, c.Ends = append(c.Rows, int32(first+i)), append(c.Ends, int32(len(c.Terms)))
	}
	k.Combine(c)
}
