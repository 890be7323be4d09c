package negative

import (
	"cmp"
	"math"
	"slices"
)

// PMIPairs are the pairs of words whose pointwise mutual information in a text exceeds a bound,
//
//	PMI(a, b) = log(N(a,b) N / (N(a) N(b))) > bound
//
// (Church and Hanks 1990), where N(a,b) is how often b is within the window around a, N(a) the sum
// over all b, and N that over all a. The counts come from a sketch of bounded size and may be too
// small: pairs may be missed, and none is listed that does not belong there.
type PMIPairs struct {
	starts     []int // of the partners of each word
	words      []int32
	undercount int64
}

// Len returns the number of ordered pairs.
func (p *PMIPairs) Len() int64 { return int64(len(p.words)) }

// Undercount returns by how much a count may be too small.
func (p *PMIPairs) Undercount() int64 { return p.undercount }

// of returns the partners of a word, in ascending order.
func (p *PMIPairs) of(word int32) []int32 { return p.words[p.starts[word]:p.starts[word+1]] }

// has reports whether the two words are a pair.
func (p *PMIPairs) has(a, b int32) bool {
	_, found := slices.BinarySearch(p.of(a), b)
	return found
}

// minPairCount is how often two words must have met to be a PMI pair: fewer may be chance.
const minPairCount = 5

// pairSlots is the size of the sketch: 48 MiB for 3 million pairs.
const pairSlots = 1 << 22

// PairBytes returns the memory that it takes to find PMI pairs among so many words, of which pairs are
// counted so many times: the sketch, two numbers for each word and, if the sketch may become full, what
// it takes to shrink it.
func PairBytes(words int, counted float64) int64 {
	const slotBytes, countBytes, entryBytes = 12, 4, 16
	n := int64(slotBytes*pairSlots + 16*words)
	if full := pairSlots / 4 * 3; counted > float64(full) {
		n += int64(full)*countBytes + int64(full)/2*entryBytes
	}
	return n
}

// A PairCounter counts pairs of words that are at most a window apart, to find [PMIPairs].
type PairCounter struct {
	window int
	pairs  pairSketch
	words  []int64 // N(a)
}

// NewPairCounter returns a counter for word ids below words.
func NewPairCounter(words, window int) *PairCounter { return newPairCounter(words, window, pairSlots) }

func newPairCounter(words, window, slots int) *PairCounter {
	return &PairCounter{window: window, pairs: newPairSketch(slots), words: make([]int64, words)}
}

// Add counts the pairs of words[first:last] with the words that follow them in the sentence, which
// ends where words do.
func (c *PairCounter) Add(words []int32, first, last int) {
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

// Pairs returns the pairs above a bound in nats.
func (c *PairCounter) Pairs(bound float64) *PMIPairs {
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
		if count >= minPairCount && math.Log(n*total/(float64(c.words[a])*float64(c.words[b]))) > bound {
			pairs = append(pairs, [2]int32{a, b})
			if a != b {
				pairs = append(pairs, [2]int32{b, a})
			}
		}
	})
	slices.SortFunc(pairs, func(x, y [2]int32) int { return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1])) })
	r := &PMIPairs{starts: make([]int, len(c.words)+1), words: make([]int32, len(pairs)), undercount: c.pairs.undercount}
	for i, pair := range pairs {
		r.words[i] = pair[1]
		r.starts[pair[0]+1]++
	}
	for word := range c.words {
		r.starts[word+1] += r.starts[word]
	}
	return r
}

// A pairSketch counts keys other than 0 in bounded memory. It is a hash table that, when three
// quarters full, takes the same number from all counts and drops those that have no more (Misra and
// Gries 1982). No count is too large, and none is too small by more than undercount, the sum of what
// was taken.
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

// find returns the slot of the key, or the empty slot for it.
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
	kept := make([]entry, 0, s.used/2)
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
