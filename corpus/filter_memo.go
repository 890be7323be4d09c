package corpus

import (
	"bytes"

	"github.com/zeebo/xxh3"
)

// A costlyFilter takes much longer for some tokens than a look-up would.
type costlyFilter interface {
	Filter
	costly(token []byte) bool
}

// A filterMemo remembers the answers of a costly filter. Words follow Zipf's
// law, so a small direct-mapped table answers for most tokens. It belongs to
// one goroutine.
type filterMemo struct {
	costlyFilter
	answers []memoAnswer // nil until it is needed
}

// A memoAnswer holds a token and its replacement, one after the other.
type memoAnswer struct {
	text []byte
	key  int // length of the token, 0 for none
}

// memoSize is the number of answers remembered, a power of two.
const memoSize = 1 << 14

func (m *filterMemo) Filter(dst, token []byte) []byte {
	if !m.costly(token) {
		return m.costlyFilter.Filter(dst, token)
	}
	if m.answers == nil {
		m.answers = make([]memoAnswer, memoSize)
	}
	a := &m.answers[xxh3.Hash(token)%memoSize]
	if !bytes.Equal(a.text[:a.key], token) {
		answer := m.costlyFilter.Filter(dst, token)
		a.text = append(append(a.text[:0], token...), answer...)
		a.key = len(token)
	}
	return append(dst, a.text[a.key:]...)
}
