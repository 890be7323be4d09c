package corpus

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"kindred/corpus/vocab"
	"kindred/internal/machine"
)

// typeCounts are the types of a text with their counts.
type typeCounts struct {
	table  *vocab.Table
	counts []int64 // by type id
	// keep is the set of words that are never dropped.
	keep map[string]struct{}
	// missed is by type id the most occurrences that an earlier drop of the type may have lost;
	// nil if nothing was dropped.
	missed []int64
	// bound is the highest count that a type outside the table may have had, and dropped the number
	// of types that were dropped.
	bound, dropped int64
}

// keeps tells whether a word is never dropped.
func (t *typeCounts) keeps(word []byte) bool {
	_, ok := t.keep[string(word)]
	return ok
}

// merge adds the types of a table, with their counts, and returns their ids in t. It takes
// ownership of both arguments.
func (t *typeCounts) merge(table *vocab.Table, counts []int64) []int32 {
	if t.table.Len() == 0 && t.missed == nil {
		t.table, t.counts = table, counts
		ids := make([]int32, len(counts))
		for id := range ids {
			ids[id] = int32(id)
		}
		return ids
	}
	ids := t.table.AddTable(table)
	for local, id := range ids {
		if int(id) == len(t.counts) {
			t.counts = append(t.counts, 0)
			switch {
			case t.missed == nil:
			case t.keeps(table.Word(int32(local))):
				t.missed = append(t.missed, 0)
			default:
				t.missed = append(t.missed, t.bound)
			}
		}
		t.counts[id] += counts[local]
	}
	return ids
}

// prune drops the rarest types until the others cost no more than limit, and returns the new id of
// each type, -1 for one that was dropped. It is the lossy counting of Manku and Motwani (2002), with
// a threshold that follows from the memory. A type is dropped if its count, plus what it may have
// lost before, is no more than the threshold. Types with the same sum are dropped or kept together,
// so the result does not depend on their order.
func (t *typeCounts) prune(limit int64) []int32 {
	if t.missed == nil {
		t.missed = make([]int64, len(t.counts))
	}
	highest := make([]int64, len(t.counts)) // that the true counts can be
	order := make([]int32, len(t.counts))
	for id := range order {
		order[id] = int32(id)
		if t.keeps(t.table.Word(int32(id))) {
			highest[id] = math.MaxInt64
		} else {
			highest[id] = t.counts[id] + t.missed[id]
		}
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(highest[b], highest[a]) })
	cost := int64(0)
	for _, id := range order {
		cost += typeCost + int64(len(t.table.Word(id)))
		if cost > limit && highest[id] < math.MaxInt64 {
			t.bound = highest[id]
			break
		}
	}
	return t.drop(highest)
}

// drop drops the types that can't have occurred more often than the bound.
func (t *typeCounts) drop(highest []int64) []int32 {
	old := *t
	*t = typeCounts{table: vocab.NewTable(0), keep: old.keep, bound: old.bound, dropped: old.dropped}
	ids := make([]int32, len(old.counts))
	for id := range ids {
		ids[id] = -1
		if highest[id] <= t.bound {
			t.dropped++
			continue
		}
		ids[id] = t.table.Add(old.table.Word(int32(id)))
		t.counts = append(t.counts, old.counts[id])
		t.missed = append(t.missed, old.missed[id])
	}
	return ids
}

// pruning describes what the counting lost, for the words of v.
func (t *typeCounts) pruning(o ReadOptions, v *vocab.Vocabulary) *vocab.Pruning {
	p := &vocab.Pruning{Memory: o.VocabularyMemory, Dropped: t.dropped, Undercount: t.bound}
	if o.Vocabulary != nil {
		p.Undercount, p.Exact = 0, v.Len()
		return p
	}
	for id, kept := range v.IDs(t.table) {
		if kept >= 0 && t.missed[id] == 0 {
			p.Exact++
		}
	}
	return p
}

const (
	// MinVocabularyMemory is the least [ReadOptions].VocabularyMemory, in bytes.
	MinVocabularyMemory = 64 << 10
	// maxDefaultMemory is the most memory for types by default, and the default if the machine does
	// not tell how much is available.
	maxDefaultMemory = 4 << 30
)

// DefaultVocabularyMemory returns the memory for types by default, in bytes. It is a power of two,
// so it rarely changes from run to run.
func DefaultVocabularyMemory() int64 {
	available, ok := machine.Memory()
	if !ok {
		return maxDefaultMemory
	}
	half := max(available/2, MinVocabularyMemory)
	return min(maxDefaultMemory, int64(1)<<(bits.Len64(uint64(half))-1))
}
