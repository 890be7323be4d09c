package corpus

import (
	"bytes"
	"math/bits"

	"github.com/zeebo/xxh3"
)

// A wordTable gives distinct words dense ids 0, 1, 2, … in the order of their
// first appearance. It keeps all words in one byte slice and finds them by
// open addressing with linear probing, so that a look-up costs one hash and,
// mostly, two cache misses, and adding a word allocates nothing of its own.
type wordTable struct {
	slots []slot // a power of two of them, at most 3/4 in use
	text  []byte // the words, one after the other
	ends  []int64
}

// A slot is empty where id1 is 0.
type slot struct {
	hash uint32
	id1  int32 // id + 1
}

// newWordTable returns an empty table with room for n words.
func newWordTable(n int) *wordTable {
	size := 16
	if n > 8 {
		size = 1 << bits.Len(uint(n+n/2))
	}
	return &wordTable{slots: make([]slot, size), ends: make([]int64, 0, n)}
}

func (t *wordTable) len() int { return len(t.ends) }

// word returns the bytes of a word; they must not be changed.
func (t *wordTable) word(id int32) []byte {
	start := int64(0)
	if id > 0 {
		start = t.ends[id-1]
	}
	return t.text[start:t.ends[id]:t.ends[id]]
}

// find returns the id of w, -1 where it is not in the table.
func (t *wordTable) find(w []byte) int32 {
	_, id := t.probe(w, uint32(xxh3.Hash(w)))
	return id
}

// add returns the id of w, which it gives one where w is new.
func (t *wordTable) add(w []byte) int32 {
	h := uint32(xxh3.Hash(w))
	i, id := t.probe(w, h)
	if id >= 0 {
		return id
	}
	id = int32(len(t.ends))
	t.text = append(t.text, w...)
	t.ends = append(t.ends, int64(len(t.text)))
	t.slots[i] = slot{h, id + 1}
	if 4*len(t.ends) >= 3*len(t.slots) {
		t.grow()
	}
	return id
}

// probe returns the slot of w, or the empty one where it belongs and -1.
func (t *wordTable) probe(w []byte, h uint32) (int, int32) {
	mask := len(t.slots) - 1
	for i := int(h) & mask; ; i = (i + 1) & mask {
		s := t.slots[i]
		if s.id1 == 0 {
			return i, -1
		}
		if s.hash == h && bytes.Equal(t.word(s.id1-1), w) {
			return i, s.id1 - 1
		}
	}
}

func (t *wordTable) grow() {
	old := t.slots
	t.slots = make([]slot, 2*len(old))
	mask := len(t.slots) - 1
	for _, s := range old {
		if s.id1 == 0 {
			continue
		}
		i := int(s.hash) & mask
		for t.slots[i].id1 != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = s
	}
}

// bytes returns the memory the table occupies.
func (t *wordTable) bytes() int64 {
	return int64(cap(t.slots))*8 + int64(cap(t.text)) + int64(cap(t.ends))*8
}
