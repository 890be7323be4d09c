package corpus

import (
	"bytes"

	"github.com/zeebo/xxh3"
)

// An outcome is what the filters make of a token: a number from 0 on is that
// of the filter that dropped it.
type outcome int16

const (
	kept     outcome = -1 - iota
	overlong         // kept, but too long
	split            // became several tokens, or none
)

// A filterMemo remembers what the filters made of words. By Zipf's law few
// words make up most of the text, so a small direct-mapped table saves most of
// the work. It belongs to one goroutine.
type filterMemo []memoAnswer

// A memoAnswer is a token and what became of it, in one cache line.
type memoAnswer struct {
	token, result             [memoBytes]byte
	tokenLength, resultLength uint8
	outcome                   outcome
}

const (
	// memoBytes is the length of the longest token and result remembered.
	memoBytes = 30
	// memoAnswers is the number of answers, a power of two: 2 MiB of them.
	memoAnswers = 1 << 15
	// memoPays is the size of text, in bytes, for which it pays to remember.
	memoPays = 64 << 10
)

// find returns the answer for a token, or the place for it and false; nil
// where the token is too long, or m nil.
func (m filterMemo) find(token []byte) (*memoAnswer, bool) {
	if len(token) > memoBytes || m == nil {
		return nil, false
	}
	a := &m[xxh3.Hash(token)%memoAnswers]
	return a, bytes.Equal(a.token[:a.tokenLength], token)
}

// set remembers what became of token, if it can.
func (a *memoAnswer) set(token, result []byte, o outcome) {
	if o == split || len(result) > memoBytes {
		return
	}
	a.tokenLength = uint8(copy(a.token[:], token))
	a.resultLength = uint8(copy(a.result[:], result))
	a.outcome = o
}
