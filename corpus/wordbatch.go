package corpus

import "encoding/binary"

// batchWords is how many words are looked up in a row: enough for the processor to have many slots
// on their way from memory at a time, few enough that the batch stays in the innermost cache.
const batchWords = 64

// A wordBatch is words on their way into a wordTable. A table of many words is larger than the
// near caches, and a look-up that begins when the one before is done waits for memory most of the time.
type wordBatch struct {
	queries [batchWords]query
	n       int
	// letters has the words that are longer than what a slot holds, one after the other.
	letters []byte
	touched uint64 // keeps the compiler from leaving out the first look at the slots
}

// A query is a word as it is looked up.
type query struct {
	slot       // without an id
	hash       uint64
	start, end int32 // in letters, of a long word
}

// add appends a word, and tells whether the batch is full.
func (b *wordBatch) add(w []byte) (full bool) {
	q := &b.queries[b.n]
	q.slot, q.hash = slotOf(w)
	if len(w) > prefixBytes {
		q.start = int32(len(b.letters))
		b.letters = append(b.letters, w...)
		q.end = int32(len(b.letters))
	}
	b.n++
	return b.n == len(b.queries)
}

// word returns the bytes of a word of the batch, a short one in the room given.
func (b *wordBatch) word(q *query, room *[prefixBytes]byte) []byte {
	if n := q.length(); n <= prefixBytes {
		binary.LittleEndian.PutUint64(room[:], q.prefix)
		return room[:n]
	}
	return b.letters[q.start:q.end]
}

// addBatch gives the words of a batch their ids, as add does, and adds these to as many tokens, which
// have none yet. It empties the batch.
func (t *wordTable) addBatch(b *wordBatch, tokens []Token) {
	queries, mask := b.queries[:b.n], uint64(len(t.slots)-1)
	for i := range queries {
		b.touched ^= t.slots[queries[i].hash&mask].prefix
	}
	var room [prefixBytes]byte
	for i := range queries {
		q := &queries[i]
		s := &t.slots[q.hash&uint64(len(t.slots)-1)]
		if s.prefix == q.prefix && s.tag == q.tag && s.id1 != 0 && q.length() <= prefixBytes {
			tokens[i] |= Token(s.id1 - 1)
			continue
		}
		tokens[i] |= Token(t.addSlot(b.word(q, &room), q.slot, q.hash))
	}
	b.n, b.letters = 0, b.letters[:0]
}

// addTable adds all words of another table and returns the ids they have in t.
func (t *wordTable) addTable(from *wordTable) []int32 {
	ids := make([]int32, from.len())
	tokens := idTokens(ids)
	var batch wordBatch
	for id := range tokens {
		if batch.add(from.word(int32(id))) {
			t.addBatch(&batch, tokens[id+1-batch.n:])
		}
	}
	t.addBatch(&batch, tokens[len(tokens)-batch.n:])
	return ids
}
