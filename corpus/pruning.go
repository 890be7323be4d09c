package corpus

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"kindred/corpus/vocab"
	"kindred/internal/machine"
)

// MinVocabularyMemory is the least memory, in bytes, that can be allowed for the types of a
// text.
const MinVocabularyMemory = 64 << 10

// mostSpareMemory is the most that spareMemory returns, and what it returns if the machine does
// not tell.
const mostSpareMemory = 4 << 30

// spareMemory returns the memory that may be used for types where nothing is
// said. It is a power of two, so that it is the same from run to run.
func spareMemory() int64 {
	available, ok := machine.Memory()
	if !ok {
		return mostSpareMemory
	}
	half := max(available/2, MinVocabularyMemory)
	return min(mostSpareMemory, int64(1)<<(bits.Len64(uint64(half))-1))
}

// pruning tells what the counting lost.
func (c *counter) pruning(o ReadOptions, v *vocab.Vocabulary) *vocab.Pruning {
	p := &vocab.Pruning{Memory: o.VocabularyMemory, Dropped: c.pruned, Undercount: c.bound}
	if o.Vocabulary != nil {
		p.Undercount, p.Exact = 0, v.Len()
		return p
	}
	for id, kept := range v.IDs(c.table) {
		if kept >= 0 && c.missed[id] == 0 {
			p.Exact++
		}
	}
	return p
}

// prune drops the rarest types until the others cost no more than limit, and
// returns the new id of each type, -1 for one that is gone. It
// is the lossy counting of Manku and Motwani (2002), with a threshold that follows from
// the memory: a type goes if its count, and what it may have lost before it was last
// seen as new, are together no more than the bound. Types of the same sum go or stay together,
// so the outcome does not depend on their order.
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

// drop removes the types that can't have occurred more often than the bound.
func (t *typeCounts) drop(highest []int64) []int32 {
	old := *t
	*t = typeCounts{table: vocab.NewTable(0), keep: old.keep, bound: old.bound, pruned: old.pruned}
	ids := make([]int32, len(old.counts))
	for id := range ids {
		ids[id] = -1
		if highest[id] <= t.bound {
			t.pruned++
			continue
		}
		ids[id] = t.table.Add(old.table.Word(int32(id)))
		t.counts = append(t.counts, old.counts[id])
		t.missed = append(t.missed, old.missed[id])
	}
	return ids
}
