package train

// A wordIndex maps words to numbers: a hash table with open addressing.
type wordIndex struct {
	entries []wordEntry // a power of two of them
	shift   uint8
}

type wordEntry struct {
	key    uint32 // 1 + word; 0 is empty
	number int32
}

// reset empties the index and makes room for n words.
func (x *wordIndex) reset(n int) {
	size, shift := 16, uint8(28)
	for size < 2*n {
		size, shift = size*2, shift-1
	}
	if size > cap(x.entries) {
		x.entries = make([]wordEntry, size)
	}
	x.entries, x.shift = x.entries[:size], shift
	clear(x.entries)
}

// find returns the number of a word, which becomes next where it has none yet.
func (x *wordIndex) find(word, next int32) int32 {
	key := uint32(word) + 1
	mask := uint32(len(x.entries) - 1)
	for i := key * 0x9e3779b1 >> x.shift; ; i++ {
		e := &x.entries[i&mask]
		switch e.key {
		case key:
			return e.number
		case 0:
			*e = wordEntry{key, next}
			return next
		}
	}
}
