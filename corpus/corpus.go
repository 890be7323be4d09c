package corpus

import (
	"fmt"
	"slices"

	"kindred/corpus/vocab"
)

// A Corpus is a text that was read once, counted and encoded: its vocabulary
// and its tokens as ids of that vocabulary, without the words that are not in it. It is safe for
// concurrent use.
type Corpus struct {
	vocabulary *vocab.Vocabulary
	encoded    encodedText
	heldOut    encodedText // empty where nothing was held out
	record     vocab.Record
	cached     bool
	cacheError error
}

// Vocabulary returns the vocabulary of the text.
func (c *Corpus) Vocabulary() *vocab.Vocabulary { return c.vocabulary }

// Record describes how the text was read.
func (c *Corpus) Record() vocab.Record { return c.record }

// Cached tells whether the text was found in the cache and not read again.
func (c *Corpus) Cached() bool { return c.cached }

// CacheError tells why the text could not be kept in the cache, nil where it was or was
// not meant to be.
func (c *Corpus) CacheError() error { return c.cacheError }

// Len returns the number of tokens of the text that are in the vocabulary.
func (c *Corpus) Len() int64 { return c.encoded.length }

// HeldOut returns the sentences that were held out, as a text with the same
// vocabulary, or nil where none were. It is part of c and is closed with it.
func (c *Corpus) HeldOut() *Corpus {
	if c.heldOut.length == 0 {
		return nil
	}
	held, record := c.record.HeldOut, c.record
	record.TokensKept, record.Sentences, record.Hash, record.HeldOut = held.Tokens, held.Sentences, held.Hash, nil
	return &Corpus{vocabulary: c.vocabulary, encoded: c.heldOut, record: record, cached: c.cached}
}

// Tokens returns the tokens at the positions [from, to) of the text, as far as
// it has them. It uses buf where that is large enough.
func (c *Corpus) Tokens(buf []Token, from, to int64) ([]Token, error) {
	n := int(max(min(to, c.Len())-from, 0))
	buf = slices.Grow(buf[:0], n)[:n]
	if _, err := c.encoded.readAt(buf, from); err != nil {
		return nil, err
	}
	// A file altered since it was checked must not lead behind the last vector.
	for i, t := range buf {
		if int(t.ID()) >= c.vocabulary.Len() {
			return nil, fmt.Errorf("encoded text %s: token %d is word %d of a vocabulary of %d: the file was altered while it was used; run again",
				c.encoded.file.Name(), from+int64(i), t.ID(), c.vocabulary.Len())
		}
	}
	return buf, nil
}

// Close frees the encoded text. The vocabulary stays usable.
func (c *Corpus) Close() error { return c.encoded.file.Close() }
