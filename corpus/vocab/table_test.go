package vocab

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// tableWords draws words of all the lengths that a table treats differently. They have few letters,
// so they repeat and share prefixes.
var tableWords = rapid.SliceOfN(rapid.SliceOfN(rapid.SampledFrom([]byte("ab\x00\xff")), 0, 20), 0, 400)

// Ids follow from the order of the words alone, added one by one or in batches, and whatever follows
// a word in memory.
func TestWordTableIDs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := tableWords.Draw(t, "words")
		want := map[string]int32{}
		single, batched := NewTable(0), NewTable(0)
		var batch Batch
		var ids []int32
		flush := func() { ids = append(ids, batched.AddBatch(&batch)...) }
		for i, w := range words {
			if _, ok := want[string(w)]; !ok {
				want[string(w)] = int32(len(want))
			}
			if id := single.Add(bytes.Clone(w)); id != want[string(w)] {
				t.Fatalf("word %d, %q, has id %d, want %d", i, w, id, want[string(w)])
			}
			passing := append(bytes.Clone(w), "behind the word"...)
			if batch.Add(passing[:len(w)]) {
				flush()
			}
			clear(passing)
		}
		flush()
		for i, got := range ids {
			if id := want[string(words[i])]; got != id {
				t.Fatalf("word %d, %q, has id %d in batches, want %d", i, words[i], got, id)
			}
		}
		if len(ids) != len(words) {
			t.Fatalf("%d ids for %d words", len(ids), len(words))
		}
		for w, id := range want {
			clipped := []byte(w)[:len(w):len(w)]
			if got := batched.find(clipped); got != id || !bytes.Equal(batched.Word(id), clipped) {
				t.Fatalf("%q is found as %d, which is %q; want %d", w, got, batched.Word(id), id)
			}
		}
	})
}

// Words with the same count are ordered by all their bytes, wherever they differ first.
func TestTiesAreRankedByBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := NewTable(0)
		for _, w := range tableWords.Draw(t, "words") {
			table.Add(w)
		}
		counts := make([]int64, table.Len())
		ids := make([]int32, table.Len())
		for id := range ids {
			ids[id] = int32(id)
			counts[id] = rapid.Int64Range(1, 3).Draw(t, "count")
		}
		rank(ids, table, counts)
		for i := range len(ids) - 1 {
			a, b := ids[i], ids[i+1]
			if counts[a] < counts[b] || counts[a] == counts[b] && bytes.Compare(table.Word(a), table.Word(b)) >= 0 {
				t.Fatalf("%q (%d) comes before %q (%d)", table.Word(a), counts[a], table.Word(b), counts[b])
			}
		}
	})
}
