package train

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// related knows the pairs of words whose pointwise mutual information in a text exceeds a bound,
//
//	PMI(a, b) = log(N(a,b) N / (N(a) N(b))) > bound
//
// (Church and Hanks 1990), where N(a,b) is how often b is within the window around a, in the text as sub-sampling leaves it in
// the first epoch, N(a) the sum over all b and N that over all a. Counts come from a sketch of bounded size and may be too
// small, by undercount at most: pairs may be missed, and none is listed that does not belong there.
type related struct {
	starts     []int // of the words related to each word
	words      []int32
	undercount int64
}

// relate finds the related words of the text, where the settings want them rejected.
func (r *run) relate(ctx context.Context) error {
	if r.noise == nil || r.cfg.Reject == RejectNothing {
		return nil
	}
	r.rejecter = &rejecter{window: r.cfg.Reject.window()}
	if !r.cfg.Reject.pmi() {
		return nil
	}
	counter := newPairCounter(r.text.Vocabulary().Len(), r.cfg.Window, pairSlots)
	reader, p := newReader(r), new(passage)
	for index := range r.blocks() {
		if ctx.Err() != nil {
			return nil // training ends before it begins
		}
		if _, err := reader.read(p, block{0, index}); err != nil {
			return err
		}
		start := 0
		for _, end := range p.ends {
			first, last := p.centres(start, end)
			counter.add(p.words[:end], first, last)
			start = end
		}
	}
	r.rejecter.related = counter.related(r.cfg.PMIBound)
	return nil
}

// of returns the words related to a word, in ascending order.
func (r *related) of(word int32) []int32 { return r.words[r.starts[word]:r.starts[word+1]] }

// has reports whether the two words are related.
func (r *related) has(a, b int32) bool {
	_, found := slices.BinarySearch(r.of(a), b)
	return found
}

// minRelatedCount is how often two words must have met to be called related: fewer may be chance.
const minRelatedCount = 5

// pairSlots is the size of the sketch: 48 MiB for 3 million pairs.
const pairSlots = 1 << 22

// A pairCounter counts pairs of words at most window apart.
type pairCounter struct {
	window int
	pairs  pairSketch
	words  []int64 // N(a)
}

func newPairCounter(words, window, slots int) *pairCounter {
	return &pairCounter{window: window, pairs: newPairSketch(slots), words: make([]int64, words)}
}

// add counts the pairs of the words [first, last) with those that follow them in the sentence, which ends with words.
func (c *pairCounter) add(words []int32, first, last int) {
	for i := first; i < last; i++ {
		a := words[i]
		for _, b := range words[i+1 : min(i+1+c.window, len(words))] {
			c.pairs.add(pairOf(a, b))
			c.words[a]++
			c.words[b]++
		}
	}
}

// pairOf returns the two words as one key, the same in both orders, and never 0.
func pairOf(a, b int32) uint64 { return uint64(min(a, b))<<32 | uint64(max(a, b)) + 1 }

// related returns the pairs above the bound, in natural logarithms.
func (c *pairCounter) related(bound float64) *related {
	total := 0.0
	for _, n := range c.words {
		total += float64(n)
	}
	var pairs [][2]int32
	c.pairs.each(func(key uint64, count int64) {
		a, b := int32(key>>32), int32(uint32(key)-1)
		n := float64(count)
		if a == b {
			n *= 2 // in both orders
		}
		if count >= minRelatedCount && math.Log(n*total/(float64(c.words[a])*float64(c.words[b]))) > bound {
			pairs = append(pairs, [2]int32{a, b})
			if a != b {
				pairs = append(pairs, [2]int32{b, a})
			}
		}
	})
	slices.SortFunc(pairs, func(x, y [2]int32) int { return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1])) })
	r := &related{starts: make([]int, len(c.words)+1), words: make([]int32, len(pairs)), undercount: c.pairs.undercount}
	for i, pair := range pairs {
		r.words[i] = pair[1]
		r.starts[pair[0]+1]++
	}
	for word := range c.words {
		r.starts[word+1] += r.starts[word]
	}
	return r
}

// A pairSketch counts keys other than 0 in bounded memory: a hash table that makes room, where it is three quarters full, by taking
// the same number from all counts and dropping those that have no more (Misra and Gries 1982). No count is too large,
// and none is too small by more than undercount, the sum of what was taken.
type pairSketch struct {
	keys       []uint64 // a power of two of them
	counts     []uint32
	used       int
	undercount int64
}

func newPairSketch(slots int) pairSketch {
	return pairSketch{keys: make([]uint64, slots), counts: make([]uint32, slots)}
}

func (s *pairSketch) add(key uint64) {
	i := s.find(key)
	if s.keys[i] == key {
		if s.counts[i] < math.MaxUint32 {
			s.counts[i]++
		}
		return
	}
	if s.used >= len(s.keys)/4*3 {
		s.shrink()
		i = s.find(key)
	}
	s.keys[i], s.counts[i] = key, 1
	s.used++
}

// find returns where the key is, or the empty place where it belongs.
func (s *pairSketch) find(key uint64) int {
	mask := uint64(len(s.keys) - 1)
	h := key * 0x9e3779b97f4a7c15
	for i := (h ^ h>>32) & mask; ; i = (i + 1) & mask {
		if s.keys[i] == key || s.keys[i] == 0 {
			return int(i)
		}
	}
}

// shrink takes from all counts the least number that drops half of them.
func (s *pairSketch) shrink() {
	counts := make([]uint32, 0, s.used)
	s.each(func(_ uint64, count int64) { counts = append(counts, uint32(count)) })
	slices.Sort(counts)
	take := counts[len(counts)/2]
	type entry struct {
		key   uint64
		count uint32
	}
	var kept []entry
	for i, key := range s.keys {
		if key != 0 && s.counts[i] > take {
			kept = append(kept, entry{key, s.counts[i] - take})
		}
	}
	clear(s.keys)
	for _, e := range kept {
		i := s.find(e.key)
		s.keys[i], s.counts[i] = e.key, e.count
	}
	s.used = len(kept)
	s.undercount += int64(take)
}

// each visits all keys that have a count.
func (s *pairSketch) each(visit func(key uint64, count int64)) {
	for i, key := range s.keys {
		if key != 0 {
			visit(key, int64(s.counts[i]))
		}
	}
}
