package vocab

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
)

// MaxLen is the largest number of types a [Vocabulary] can hold: ids
// are non-negative int32.
const MaxLen = math.MaxInt32

// A Vocabulary is an immutable two-way map between types (distinct words) and
// ids 0..Len()-1, with each type's count in the text. A vocabulary made by
// counting is ordered by descending count, ties by bytes, so that an id is a
// frequency rank. One read from a vector file keeps the order of the file and
// may have no counts (all zero).
//
// A Vocabulary is safe for concurrent use.
type Vocabulary struct {
	table  *Table
	counts []int64
	total  int64
}

// New returns the vocabulary of words, in the order given, where
// words[i] was seen counts[i] times. A nil counts means that counts are not
// known. It fails where a word is empty or occurs twice, a count is negative,
// the sum of counts overflows, or the lengths differ.
func New(words []string, counts []int64) (*Vocabulary, error) {
	if counts != nil && len(counts) != len(words) {
		return nil, fmt.Errorf("vocabulary: %d words but %d counts", len(words), len(counts))
	}
	if len(words) > MaxLen {
		return nil, fmt.Errorf("vocabulary: %d words, at most %d are possible", len(words), MaxLen)
	}
	v := &Vocabulary{table: NewTable(len(words)), counts: make([]int64, len(words))}
	for i, w := range words {
		if w == "" {
			return nil, fmt.Errorf("vocabulary: word %d is empty", i)
		}
		if id := v.table.Add([]byte(w)); int(id) != i {
			return nil, fmt.Errorf("vocabulary: %q is both word %d and word %d", w, id, i)
		}
		if counts == nil {
			continue
		}
		c := counts[i]
		if c < 0 {
			return nil, fmt.Errorf("vocabulary: count of %q is %d, want 0 or more", w, c)
		}
		if v.total > math.MaxInt64-c {
			return nil, errors.New("vocabulary: the counts add up to more than 2^63-1")
		}
		v.counts[i] = c
		v.total += c
	}
	return v, nil
}

// Len returns the number of types.
func (v *Vocabulary) Len() int { return v.table.Len() }

// Word returns the word with the given id, 0 <= id < Len().
func (v *Vocabulary) Word(id int) string { return string(v.table.Word(int32(id))) }

// Count returns how often the word with the given id was seen, 0 where that
// is not known.
func (v *Vocabulary) Count(id int) int64 { return v.counts[id] }

// Counts returns the counts of all types by id. The slice is the
// vocabulary's own and must not be changed.
func (v *Vocabulary) Counts() []int64 { return v.counts }

// Total returns the sum of all counts: the number of tokens of the text that
// are in the vocabulary.
func (v *Vocabulary) Total() int64 { return v.total }

// ID returns the id of word and whether it is in the vocabulary.
func (v *Vocabulary) ID(word string) (id int, ok bool) {
	n := v.table.Find([]byte(word))
	return int(n), n >= 0
}

// IDs returns for each word of table its id in v, or -1 if v lacks it.
func (v *Vocabulary) IDs(table *Table) []int32 {
	ids := make([]int32, table.Len())
	for id := range ids {
		ids[id] = v.table.Find(table.Word(int32(id)))
	}
	return ids
}

// Bytes returns the memory the vocabulary occupies, in bytes.
func (v *Vocabulary) Bytes() int64 { return v.table.Bytes() + int64(8*cap(v.counts)) }

// Selection says which of the types seen in a text become its [Vocabulary].
type Selection struct {
	// MinCount is the smallest count a type needs, 1 or more; 0 stands for 1.
	MinCount int64
	// MaxSize is the largest number of types; the most frequent are kept. 0
	// means no limit.
	MaxSize int
	// Keep lists words that are kept whatever their count, provided that
	// they were seen at all. They count towards MaxSize.
	Keep []string
	// Only, where it is not nil, has all words that may be kept.
	Only *Vocabulary
}

// EmptyError reports that no type of a text satisfied the
// [Selection].
type EmptyError struct {
	// Types is the number of distinct words seen.
	Types int
	// MinCount is the threshold that none of them reached.
	MinCount int64
	// Highest is the count of the most frequent type: the largest MinCount
	// that would keep some; 0 where none is in the Selection's Only.
	Highest int64
}

func (e *EmptyError) Error() string {
	switch {
	case e.Types > 0 && e.Highest == 0:
		return fmt.Sprintf("empty vocabulary: %d types were seen, none of them one of those wanted; were both read with the same analyzer?", e.Types)
	case e.Types == 0:
		return "empty vocabulary: the text has no tokens; check the input files and the analyzer's filters"
	}
	return fmt.Sprintf("empty vocabulary: %d types were seen, none of them %d times or more; the most frequent occurs %d times, so a minimum count of %d or less keeps some",
		e.Types, e.MinCount, e.Highest, e.Highest)
}

// Select returns the vocabulary that sel keeps of the types in t, whose
// counts are given by id, and for each id of t the id in the vocabulary, or
// -1 for a type that was not kept.
func Select(t *Table, counts []int64, sel Selection) (*Vocabulary, []int32, error) {
	minCount := max(sel.MinCount, 1)
	keep := make([]bool, t.Len())
	for _, w := range sel.Keep {
		if id := t.Find([]byte(w)); id >= 0 {
			keep[id] = true
		}
	}
	var kept []int32
	highest := int64(0)
	for id, c := range counts {
		if sel.Only != nil && sel.Only.table.Find(t.Word(int32(id))) < 0 {
			continue
		}
		highest = max(highest, c)
		if c >= minCount || c > 0 && keep[id] {
			kept = append(kept, int32(id))
		}
	}
	if len(kept) == 0 {
		return nil, nil, &EmptyError{Types: t.Len(), MinCount: minCount, Highest: highest}
	}
	rank(kept, t, counts)
	if sel.MaxSize > 0 && len(kept) > sel.MaxSize {
		kept = truncate(kept, keep, sel.MaxSize)
	}
	v := &Vocabulary{table: NewTable(len(kept)), counts: make([]int64, len(kept))}
	ids := make([]int32, t.Len())
	for i := range ids {
		ids[i] = -1
	}
	for rank, id := range kept {
		v.table.Add(t.Word(id))
		v.counts[rank] = counts[id]
		v.total += counts[id]
		ids[id] = int32(rank)
	}
	return v, ids, nil
}

// rank sorts types by descending count, ties by their words. The first 8 bytes of the words stand beside
// the counts, so that few comparisons have to go and look for the rest.
func rank(ids []int32, t *Table, counts []int64) {
	type place struct {
		count int64
		start uint64
		id    int32
	}
	places := make([]place, len(ids))
	for i, id := range ids {
		var start [prefixBytes]byte
		copy(start[:], t.Word(id))
		places[i] = place{counts[id], binary.BigEndian.Uint64(start[:]), id}
	}
	slices.SortFunc(places, func(a, b place) int {
		switch {
		case a.count != b.count:
			return cmp.Compare(b.count, a.count)
		case a.start != b.start:
			return cmp.Compare(a.start, b.start)
		}
		return bytes.Compare(t.Word(a.id), t.Word(b.id))
	})
	for i, p := range places {
		ids[i] = p.id
	}
}

// truncate returns the first size ids of ranked, with those marked in keep
// preferred over the others; the order stays.
func truncate(ranked []int32, keep []bool, size int) []int32 {
	free := size
	for _, id := range ranked {
		if keep[id] {
			free--
		}
	}
	short := ranked[:0:0]
	for _, id := range ranked {
		switch {
		case len(short) == size:
			return short
		case keep[id]:
			short = append(short, id)
		case free > 0:
			short = append(short, id)
			free--
		}
	}
	return short
}
