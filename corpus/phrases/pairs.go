package phrases

import "math/bits"

// A pair is two words and what stands between them, all as ids.
type pair struct {
	words uint64 // first << 32 | second
	via   uint32 // connectors between them; 0 for none
}

func (p pair) first() int32  { return int32(p.words >> 32) }
func (p pair) second() int32 { return int32(uint32(p.words)) }

// hash hashes a pair by the folded product of wyhash (Wang Yi), with digits of pi as constants.
func (p pair) hash() uint64 {
	high, low := bits.Mul64(p.words^0x243f6a8885a308d3, 0x13198a2e03707344^uint64(p.via)<<1|1)
	return high ^ low
}

// A pairSlot is empty if its count is 0.
type pairSlot struct {
	pair
	// missed is the most occurrences that an earlier drop of the pair may have lost.
	missed uint32
	count  int64
}

// A pairTable counts pairs. It is a hash table with open addressing and linear probing.
type pairTable struct {
	slots []pairSlot // a power of two, at most 3/4 in use
	used  int
}

const (
	// pairCost is the memory that a pair takes, in bytes, while the table grows.
	pairCost = 72
	// batchPairs is the size of a batch: see vocab.Batch.
	batchPairs = 64
)

func newPairTable() pairTable { return pairTable{slots: make([]pairSlot, 1<<10)} }

// find returns the slot of a pair, which is empty if the table lacks it.
func (t *pairTable) find(p pair) *pairSlot {
	mask := uint64(len(t.slots) - 1)
	for i := p.hash() & mask; ; i = (i + 1) & mask {
		if s := &t.slots[i]; s.count == 0 || s.pair == p {
			return s
		}
	}
}

// add adds occurrences of a pair, count of them, and says how many a new one may have missed.
func (t *pairTable) add(p pair, count int64, missed uint32) {
	s := t.find(p)
	if s.count > 0 {
		s.count += count
		return
	}
	*s = pairSlot{pair: p, count: count, missed: missed}
	if t.used++; 4*t.used >= 3*len(t.slots) {
		t.grow()
	}
}

func (t *pairTable) grow() {
	old := t.slots
	t.slots = make([]pairSlot, 2*len(old))
	for i := range old {
		if old[i].count > 0 {
			*t.find(old[i].pair) = old[i]
		}
	}
}

// A pairBatch collects occurrences of pairs, so that look-ups wait for memory together.
type pairBatch struct {
	pairs   [batchPairs]pairSlot
	n       int
	touched int64 // keeps the compiler from removing the first look at the slots
}

func (b *pairBatch) add(t *pairTable, p pair, count int64, missed uint32) {
	b.pairs[b.n] = pairSlot{pair: p, count: count, missed: missed}
	if b.n++; b.n == batchPairs {
		b.flush(t)
	}
}

// flush adds the pairs of the batch to the table.
func (b *pairBatch) flush(t *pairTable) {
	batch, mask := b.pairs[:b.n], uint64(len(t.slots)-1)
	for i := range batch {
		b.touched ^= t.slots[batch[i].hash()&mask].count
	}
	for i := range batch {
		t.add(batch[i].pair, batch[i].count, batch[i].missed)
	}
	b.n = 0
}
