package train

import "slices"

// A localIndexer gives the words of a block local ids. It holds memory that all blocks use in turn.
type localIndexer struct {
	index  idIndex
	words  []int32 // in the order of their first use
	locals []int32 // the local ids of words
	shards int     // of the vocabulary, a power of two up to maxBlocks
}

// assign replaces the words of a block by local ids.
func (x *localIndexer) assign(p *preparedBlock) {
	x.index.reset(len(p.context.words) + len(p.pool))
	x.words = x.words[:0]
	x.number(p.context.words)
	texts := len(x.words)
	x.number(p.pool)
	x.group(p, texts)
	for _, ids := range [][]int32{p.context.words, p.pool} {
		for i, n := range ids {
			ids[i] = x.locals[n]
		}
	}
}

// number replaces words by their numbers in the order of first use.
func (x *localIndexer) number(words []int32) {
	next := len(x.words)
	all := slices.Grow(x.words, len(words))[:next+len(words)]
	for i, word := range words {
		n := x.index.find(word, int32(next))
		// Half of the words are new, which no branch could predict. So each is written, and those that
		// are not new are overwritten.
		all[next] = word
		if int(n) == next {
			next++
		}
		words[i] = n
	}
	x.words = all[:next]
}

// group assigns local ids by shard. The first texts words are words of the text.
func (x *localIndexer) group(p *preparedBlock, texts int) {
	var counts, next [maxBlocks]int32
	mask := int32(x.shards - 1)
	for _, word := range x.words[:texts] {
		counts[word&mask]++
	}
	p.texts = append(p.texts[:0], counts[:x.shards]...)
	for _, word := range x.words[texts:] {
		counts[word&mask]++
	}
	p.starts = append(p.starts[:0], 0)
	for i, n := range counts[:x.shards] {
		next[i] = p.starts[i]
		p.starts = append(p.starts, p.starts[i]+n)
	}
	n := len(x.words)
	x.locals = slices.Grow(x.locals[:0], n)[:n]
	p.uses = slices.Grow(p.uses[:0], n)[:n]
	for i, word := range x.words {
		id := next[word&mask]
		next[word&mask]++
		x.locals[i], p.uses[id] = id, wordUse{word: word}
	}
}

// An idIndex maps words to numbers. It is a hash table with open addressing.
type idIndex struct {
	entries []idEntry // a power of two of them
	shift   uint8
}

type idEntry struct {
	key    uint32 // 1 + word; 0 is empty
	number int32
}

// reset empties the index and makes room for n words.
func (x *idIndex) reset(n int) {
	size, shift := 16, uint8(28)
	for size < 2*n {
		size, shift = size*2, shift-1
	}
	if size > cap(x.entries) {
		x.entries = make([]idEntry, size)
	}
	x.entries, x.shift = x.entries[:size], shift
	clear(x.entries)
}

// find returns the number of a word, which becomes next if the word is new.
func (x *idIndex) find(word, next int32) int32 {
	key := uint32(word) + 1
	mask := uint32(len(x.entries) - 1)
	for i := key * 0x9e3779b1 >> x.shift; ; i++ {
		e := &x.entries[i&mask]
		// One branch that is usually taken, not one for each of two cases that are about as likely:
		// the product is 0 if the entry is empty or has the key.
		if uint64(e.key)*uint64(e.key^key) != 0 {
			continue
		}
		number := e.number
		if e.key == 0 {
			number = next
		}
		*e = idEntry{key, number}
		return number
	}
}
