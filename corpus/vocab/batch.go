package vocab

import "encoding/binary"

// batchWords is how many words are looked up in a row: enough for the processor to have many slots
// on their way from memory at a time, few enough that the batch stays in the innermost cache.
const batchWords = 64

// A Batch is words on their way into a Table. A table of many words is larger than the
// near caches, and a look-up that begins when the one before is done waits for memory most of the time.
type Batch struct {
	queries [batchWords]query
	n       int
	ids     [batchWords]int32
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

// Add appends a word, and tells whether the batch is full.
func (b *Batch) Add(w []byte) (full bool) {
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
func (b *Batch) word(q *query, room *[prefixBytes]byte) []byte {
	if n := q.length(); n <= prefixBytes {
		binary.LittleEndian.PutUint64(room[:], q.prefix)
		return room[:n]
	}
	return b.letters[q.start:q.end]
}

// AddBatch returns the ids of the words of a batch, which it gives one if they are new, and empties
// the batch. The ids are valid until the next word is added to the batch.
func (t *Table) AddBatch(b *Batch) []int32 {
	queries, mask := b.queries[:b.n], uint64(len(t.slots)-1)
	for i := range queries {
		b.touched ^= t.slots[queries[i].hash&mask].prefix
	}
	ids := b.ids[:len(queries)]
	var room [prefixBytes]byte
	for i := range queries {
		q := &queries[i]
		s := &t.slots[q.hash&uint64(len(t.slots)-1)]
		if s.prefix == q.prefix && s.tag == q.tag && s.id1 != 0 && q.length() <= prefixBytes {
			ids[i] = s.id1 - 1
			continue
		}
		ids[i] = t.addSlot(b.word(q, &room), q.slot, q.hash)
	}
	b.n, b.letters = 0, b.letters[:0]
	return ids
}

// AddTable adds all words of another table and returns the ids they have in t.
func (t *Table) AddTable(from *Table) []int32 {
	ids := make([]int32, 0, from.Len())
	var batch Batch
	for id := range from.Len() {
		if batch.Add(from.Word(int32(id))) {
			ids = append(ids, t.AddBatch(&batch)...)
		}
	}
	return append(ids, t.AddBatch(&batch)...)
}
