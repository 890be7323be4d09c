package vocab

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
)

// A Selection says which words of a text become its [Vocabulary].
type Selection struct {
	// MinCount is the smallest count of a word, 1 or more; 0 means 1.
	MinCount int64
	// MaxSize is the largest number of words; the most frequent are kept. 0 means no limit.
	MaxSize int
	// Keep lists words that are kept whatever their count, if they occur in the text. They count
	// towards MaxSize.
	Keep []string
	// Only, if not nil, has all words that may be kept.
	Only *Vocabulary
}

// An EmptyError reports that no word of a text passed the [Selection].
type EmptyError struct {
	// Types is the number of distinct words in the text.
	Types int
	// MinCount is the minimum count that none of them reached.
	MinCount int64
	// Highest is the count of the most frequent word, the largest MinCount that would keep some. It
	// is 0 if no word is in the Selection's Only, or if all counts are 0.
	Highest int64
	// Uncounted is set if all counts are 0.
	Uncounted bool
}

func (e *EmptyError) Error() string {
	switch {
	case e.Uncounted:
		return fmt.Sprintf("empty vocabulary: all of the %d words have the count 0, so none of them was seen", e.Types)
	case e.Types > 0 && e.Highest == 0:
		return fmt.Sprintf("empty vocabulary: %d types were seen, none of them one of those wanted; were both read with the same analyzer?", e.Types)
	case e.Types == 0:
		return "empty vocabulary: the text has no tokens; check the input files and the analyzer's filters"
	}
	return fmt.Sprintf("empty vocabulary: %d types were seen, none of them %d times or more; the most frequent occurs %d times, so a minimum count of %d or less keeps some",
		e.Types, e.MinCount, e.Highest, e.Highest)
}

// Select returns the vocabulary that sel selects from the words of t, with counts by id, and for
// each id of t its id in the vocabulary, or -1 if the word was not selected. The error is an
// [*EmptyError] if no word is left.
func Select(t *Table, counts []int64, sel Selection) (*Vocabulary, []int32, error) {
	minCount := max(sel.MinCount, 1)
	keep := make([]bool, t.Len())
	for _, w := range sel.Keep {
		if id := t.find([]byte(w)); id >= 0 {
			keep[id] = true
		}
	}
	var kept []int32
	highest := int64(0)
	for id, c := range counts {
		if sel.Only != nil && sel.Only.table.find(t.Word(int32(id))) < 0 {
			continue
		}
		highest = max(highest, c)
		if c >= minCount || c > 0 && keep[id] {
			kept = append(kept, int32(id))
		}
	}
	if len(kept) == 0 {
		return nil, nil, &EmptyError{Types: t.Len(), MinCount: minCount, Highest: highest, Uncounted: t.Len() > 0 && slices.Max(counts) == 0}
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

// rank sorts ids by descending count, ties by their words. The first 8 bytes of each word are kept
// beside its count, so few comparisons have to look up the rest.
func rank(ids []int32, t *Table, counts []int64) {
	type entry struct {
		count  int64
		prefix uint64
		id     int32
	}
	entries := make([]entry, len(ids))
	for i, id := range ids {
		var prefix [prefixBytes]byte
		copy(prefix[:], t.Word(id))
		entries[i] = entry{counts[id], binary.BigEndian.Uint64(prefix[:]), id}
	}
	slices.SortFunc(entries, func(a, b entry) int {
		switch {
		case a.count != b.count:
			return cmp.Compare(b.count, a.count)
		case a.prefix != b.prefix:
			return cmp.Compare(a.prefix, b.prefix)
		}
		return bytes.Compare(t.Word(a.id), t.Word(b.id))
	})
	for i, e := range entries {
		ids[i] = e.id
	}
}

// truncate returns the first size ids of ranked, in the same order. Those marked in keep are
// preferred over the others.
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
