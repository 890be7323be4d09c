package corpus

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// tableWords draws words of all the lengths that a table treats differently, of few letters, so that they
// repeat and have the same beginnings.
var tableWords = rapid.SliceOfN(rapid.SliceOfN(rapid.SampledFrom([]byte("ab\x00\xff")), 0, 20), 0, 400)

// An id follows from the order of the words alone, one by one or in batches, and whatever there is
// behind a word in memory.
func TestWordTableIDs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := tableWords.Draw(t, "words")
		want := map[string]int32{}
		single, batched := newWordTable(0), newWordTable(0)
		var batch wordBatch
		var tokens []Token
		settle := func() { batched.addBatch(&batch, tokens[len(tokens)-batch.n:]) }
		for i, w := range words {
			if _, ok := want[string(w)]; !ok {
				want[string(w)] = int32(len(want))
			}
			if id := single.add(bytes.Clone(w)); id != want[string(w)] {
				t.Fatalf("word %d, %q, has id %d, want %d", i, w, id, want[string(w)])
			}
			passing := append(bytes.Clone(w), "behind the word"...)
			tokens = append(tokens, Token(i%2)*sentenceEnd)
			if batch.add(passing[:len(w)]) {
				settle()
			}
			clear(passing)
		}
		settle()
		for i, token := range tokens {
			if id := want[string(words[i])]; token.ID() != id || token.EndsSentence() != (i%2 == 1) {
				t.Fatalf("word %d, %q, is token %#x, want id %d", i, words[i], token, id)
			}
		}
		for w, id := range want {
			clipped := []byte(w)[:len(w):len(w)]
			if got := batched.find(clipped); got != id || !bytes.Equal(batched.word(id), clipped) {
				t.Fatalf("%q is found as %d, which is %q; want %d", w, got, batched.word(id), id)
			}
		}
	})
}

// Types of one count are in the order of all their bytes, wherever they begin to differ.
func TestTiesAreRankedByBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := newWordTable(0)
		for _, w := range tableWords.Draw(t, "words") {
			table.add(w)
		}
		counts := make([]int64, table.len())
		ids := make([]int32, table.len())
		for id := range ids {
			ids[id] = int32(id)
			counts[id] = rapid.Int64Range(1, 3).Draw(t, "count")
		}
		rank(ids, table, counts)
		for i := range len(ids) - 1 {
			a, b := ids[i], ids[i+1]
			if counts[a] < counts[b] || counts[a] == counts[b] && bytes.Compare(table.word(a), table.word(b)) >= 0 {
				t.Fatalf("%q (%d) comes before %q (%d)", table.word(a), counts[a], table.word(b), counts[b])
			}
		}
	})
}
