package vocab

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/zeebo/xxh3"
)

// A Table gives distinct words dense ids 0, 1, 2, … in the order of their first appearance. It is a
// hash table with open addressing and linear probing, which keeps all words in one byte slice. A
// slot holds the first 8 bytes of its word, so looking up a word no longer than that, as most words
// are, costs one cache miss; a longer word costs three. The look-ups of a [Batch] wait for memory
// together. Adding a word makes no allocation of its own.
type Table struct {
	slots []slot // a power of two, at most 3/4 in use
	text  []byte // the words, one after the other
	ends  []int64
}

// A slot is empty if id1 is 0. Prefix and tag identify words of up to 8 bytes, and distinguish most
// longer ones.
type slot struct {
	// prefix is the first 8 bytes of the word, padded with zeros.
	prefix uint64
	// tag has 28 bits of the word's hash, and in the lowest 4 bits its length, at most 15.
	tag uint32
	id1 int32 // id + 1
}

// length returns the length of the word, up to 15.
func (s *slot) length() int { return int(s.tag & 15) }

const (
	slotBytes   = 16
	prefixBytes = 8
)

// NewTable returns an empty table with room for n words.
func NewTable(n int) *Table {
	size := 16
	if n > 8 {
		size = 1 << bits.Len(uint(n+n/2))
	}
	return &Table{slots: make([]slot, size), ends: make([]int64, 0, n)}
}

// Len returns the number of words.
func (t *Table) Len() int { return len(t.ends) }

// TextLen returns the length of all words together, in bytes.
func (t *Table) TextLen() int64 { return int64(len(t.text)) }

// bytes returns the memory of the table, in bytes.
func (t *Table) bytes() int64 {
	return int64(cap(t.slots))*slotBytes + int64(cap(t.text)) + int64(cap(t.ends))*8
}

// Word returns the bytes of a word, 0 <= id < Len(). They must not be changed.
func (t *Table) Word(id int32) []byte {
	start := int64(0)
	if id > 0 {
		start = t.ends[id-1]
	}
	return t.text[start:t.ends[id]:t.ends[id]]
}

// find returns the id of w, or -1 if it is not in the table.
func (t *Table) find(w []byte) int32 {
	want, h := slotOf(w)
	_, id := t.probe(w, want, h)
	return id
}

// Add returns the id of w, and gives it one if it is new.
func (t *Table) Add(w []byte) int32 {
	s, h := slotOf(w)
	return t.addSlot(w, s, h)
}

// addSlot is Add for a word with a known slot and hash.
func (t *Table) addSlot(w []byte, s slot, h uint64) int32 {
	i, id := t.probe(w, s, h)
	if id >= 0 {
		return id
	}
	id = int32(len(t.ends))
	t.text = append(t.text, w...)
	t.ends = append(t.ends, int64(len(t.text)))
	s.id1 = id + 1
	t.slots[i] = s
	if 4*len(t.ends) >= 3*len(t.slots) {
		t.grow()
	}
	return id
}

// probe returns the index of w's slot and its id, or the index of the empty slot for it and -1.
func (t *Table) probe(w []byte, want slot, h uint64) (int, int32) {
	mask := len(t.slots) - 1
	for i := int(h) & mask; ; i = (i + 1) & mask {
		s := &t.slots[i]
		if s.id1 == 0 {
			return i, -1
		}
		if s.prefix == want.prefix && s.tag == want.tag && (len(w) <= prefixBytes || bytes.Equal(t.Word(s.id1-1), w)) {
			return i, s.id1 - 1
		}
	}
}

// slotOf returns the slot of a word, without an id, and the word's hash.
func slotOf(w []byte) (slot, uint64) {
	n := len(w)
	prefix, h := uint64(0), uint64(0)
	switch {
	case n > prefixBytes:
		prefix, h = binary.LittleEndian.Uint64(w), xxh3.Hash(w)
	case n > 0 && cap(w) >= prefixBytes: // load eight bytes, and clear those after the word
		after := uint(64-8*n) & 63
		prefix = binary.LittleEndian.Uint64(w[:prefixBytes]) << after >> after
	case n >= 4: // two halves, which overlap
		prefix = uint64(binary.LittleEndian.Uint32(w)) | uint64(binary.LittleEndian.Uint32(w[n-4:]))<<(8*(n-4))
	case n > 0: // the first, middle and last byte; some may be the same
		prefix = uint64(w[0]) | uint64(w[n/2])<<(8*(n/2)) | uint64(w[n-1])<<(8*(n-1))
	}
	if n <= prefixBytes {
		h = mix(prefix, n)
	}
	return slot{prefix: prefix, tag: uint32(h>>32)&^15 | uint32(min(n, 15))}, h
}

// mix hashes a short word by the folded product of wyhash (Wang Yi), with digits of pi as constants.
func mix(prefix uint64, n int) uint64 {
	high, low := bits.Mul64(prefix^0x243f6a8885a308d3, 0x13198a2e03707344^uint64(n)<<1|1)
	return high ^ low
}

func (t *Table) grow() {
	old := t.slots
	t.slots = make([]slot, 2*len(old))
	mask := len(t.slots) - 1
	for _, s := range old {
		if s.id1 == 0 {
			continue
		}
		_, h := slotOf(t.Word(s.id1 - 1))
		i := int(h) & mask
		for t.slots[i].id1 != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = s
	}
}

// batchWords is the size of a batch: large enough to keep many loads from memory in flight, small
// enough for the batch to stay in the first-level cache.
const batchWords = 64

// A Batch is words to be added to a [Table] together. A table of many words is larger than the near
// caches; one look-up at a time would wait for memory most of the time. The zero value is empty.
type Batch struct {
	queries [batchWords]query
	n       int
	ids     [batchWords]int32
	long    []byte            // the words that don't fit in a slot, one after the other
	isLong  [batchWords]uint8 // the indexes of their queries
	nLong   int
	touched uint64 // keeps the compiler from removing the first look at the slots
}

// A query is a word to look up.
type query struct {
	slot       // without an id
	hash       uint64
	start, end int32 // of a long word in Batch.long
}

// Add appends a word and tells whether the batch is full. A full batch must go to
// [Table.AddBatch] before the next word.
func (b *Batch) Add(w []byte) (full bool) {
	q := &b.queries[b.n]
	q.slot, q.hash = slotOf(w)
	if len(w) > prefixBytes {
		q.start = int32(len(b.long))
		b.long = append(b.long, w...)
		q.end = int32(len(b.long))
		b.isLong[b.nLong] = uint8(b.n)
		b.nLong++
	}
	b.n++
	return b.n == len(b.queries)
}

// word returns the bytes of a word of the batch, using buf for a short one.
func (b *Batch) word(q *query, buf *[prefixBytes]byte) []byte {
	if n := q.length(); n <= prefixBytes {
		binary.LittleEndian.PutUint64(buf[:], q.prefix)
		return buf[:n]
	}
	return b.long[q.start:q.end]
}

// AddBatch adds the words of a batch, returns their ids and empties the batch. The ids are valid
// until the next AddBatch with the same batch.
func (t *Table) AddBatch(b *Batch) []int32 {
	queries, mask := b.queries[:b.n], uint64(len(t.slots)-1)
	for i := range queries {
		b.touched ^= t.slots[queries[i].hash&mask].prefix
	}
	// A long word is compared with the one that the table has, which is two looks further.
	for _, i := range b.isLong[:b.nLong] {
		if s := &t.slots[queries[i].hash&mask]; s.id1 > 1 {
			b.touched ^= uint64(t.text[t.ends[s.id1-2]])
		}
	}
	ids := b.ids[:len(queries)]
	var buf [prefixBytes]byte
	for i := range queries {
		q := &queries[i]
		s := &t.slots[q.hash&uint64(len(t.slots)-1)]
		if s.prefix == q.prefix && s.tag == q.tag && s.id1 != 0 &&
			(q.length() <= prefixBytes || bytes.Equal(t.Word(s.id1-1), b.long[q.start:q.end])) {
			ids[i] = s.id1 - 1
			continue
		}
		ids[i] = t.addSlot(b.word(q, &buf), q.slot, q.hash)
	}
	b.n, b.long, b.nLong = 0, b.long[:0], 0
	return ids
}

// placeBatch gives slots to the words of a batch, which are the last ones of the table. If one is equal to a word before it, it
// returns both, and that it is.
func (t *Table) placeBatch(b *Batch) (first, second int, again bool) {
	queries, mask := b.queries[:b.n], uint64(len(t.slots)-1)
	for i := range queries {
		b.touched ^= t.slots[queries[i].hash&mask].prefix
	}
	start := len(t.ends) - len(queries)
	for i := range queries {
		q, id := &queries[i], int32(start+i)
		at, known := t.probe(t.Word(id), q.slot, q.hash)
		if known >= 0 {
			return int(known), int(id), true
		}
		q.id1 = id + 1
		t.slots[at] = q.slot
	}
	b.n, b.long, b.nLong = 0, b.long[:0], 0
	return 0, 0, false
}

// AddTable adds all words of another table and returns their ids in t.
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
