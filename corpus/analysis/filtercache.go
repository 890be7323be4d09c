package analysis

import (
	"bytes"

	"github.com/zeebo/xxh3"
)

// An outcome says what became of a token. 0 and above is the number of the filter that dropped it.
type outcome int16

const (
	kept     outcome = -1 - iota
	overlong         // dropped because it is too long
	split            // became several tokens
)

// A filterCache remembers what the filters made of words. A few words make up most of a text
// (Zipf's law), so a small direct-mapped table saves most of the work. It belongs to one goroutine.
type filterCache []cacheEntry

// A cacheEntry is a token and its result, in one cache line.
type cacheEntry struct {
	token, result       [cachedBytes]byte
	tokenLen, resultLen uint8
	outcome             outcome
}

const (
	// cachedBytes is the length of the longest token and result in the cache.
	cachedBytes = 30
	// cacheEntries is the number of entries, a power of two: 2 MiB of them.
	cacheEntries = 1 << 15
	// cacheAfter is the amount of text, in bytes, after which a cache pays.
	cacheAfter = 64 << 10
)

// find returns the entry of a token and true, or false and the entry to fill, which is nil if the
// token is too long or c is nil.
func (c filterCache) find(token []byte) (*cacheEntry, bool) {
	if len(token) > cachedBytes || c == nil {
		return nil, false
	}
	e := &c[xxh3.Hash(token)%cacheEntries]
	return e, bytes.Equal(e.token[:e.tokenLen], token)
}

// set remembers the outcome of token, if it fits.
func (e *cacheEntry) set(token, result []byte, o outcome) {
	if o == split || len(result) > cachedBytes {
		return
	}
	e.tokenLen = uint8(copy(e.token[:], token))
	e.resultLen = uint8(copy(e.result[:], result))
	e.outcome = o
}
