package vocab

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/zeebo/xxh3"
)

// A Table gives distinct words dense ids 0, 1, 2, … in the order of their
// first appearance. It keeps all words in one byte slice and finds them by
// open addressing with linear probing. A slot holds the first 8 bytes of its
// word, so that a look-up of a word no longer than that, as most of a text
// are, costs one cache miss; a longer one costs three. Many look-ups wait for memory at the same time
// in a [Batch]. Adding a word allocates nothing of its own.
type Table struct {
	slots []slot // a power of two of them, at most 3/4 in use
	text  []byte // the words, one after the other
	ends  []int64
}

// A slot is empty where id1 is 0. Prefix and tag tell words of up to 8 bytes
// from all others, and longer ones from most.
type slot struct {
	// prefix is the first 8 bytes of the word, with zeros behind a shorter one.
	prefix uint64
	// tag is 28 bits of the word's hash and in the lowest 4 its length, at
	// most 15.
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

// word returns the bytes of a word; they must not be changed.
func (t *Table) Word(id int32) []byte {
	start := int64(0)
	if id > 0 {
		start = t.ends[id-1]
	}
	return t.text[start:t.ends[id]:t.ends[id]]
}

// find returns the id of w, -1 where it is not in the table.
func (t *Table) Find(w []byte) int32 {
	want, h := slotOf(w)
	_, id := t.probe(w, want, h)
	return id
}

// add returns the id of w, which it gives one where w is new.
func (t *Table) Add(w []byte) int32 {
	s, h := slotOf(w)
	return t.addSlot(w, s, h)
}

// addSlot is add for a word whose slot and hash are known.
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

// probe returns the index of w's slot, or of the empty one where it belongs and -1.
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
	case n > 0 && cap(w) >= prefixBytes: // eight bytes, without those behind the word
		behind := uint(64-8*n) & 63
		prefix = binary.LittleEndian.Uint64(w[:prefixBytes]) << behind >> behind
	case n >= 4: // two halves, which agree where they overlap
		prefix = uint64(binary.LittleEndian.Uint32(w)) | uint64(binary.LittleEndian.Uint32(w[n-4:]))<<(8*(n-4))
	case n > 0: // first, middle and last, of which two may be the same
		prefix = uint64(w[0]) | uint64(w[n/2])<<(8*(n/2)) | uint64(w[n-1])<<(8*(n-1))
	}
	if n <= prefixBytes {
		h = mix(prefix, n)
	}
	return slot{prefix: prefix, tag: uint32(h>>32)&^15 | uint32(min(n, 15))}, h
}

// mix hashes a short word by the folded product of wyhash (Wang Yi), with
// digits of pi for its constants.
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

// bytes returns the memory the table occupies.
func (t *Table) Bytes() int64 {
	return int64(cap(t.slots))*slotBytes + int64(cap(t.text)) + int64(cap(t.ends))*8
}
