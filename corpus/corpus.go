package corpus

import (
	"fmt"
	"io"
	"slices"
	"unsafe"

	"kindred/corpus/vocab"
)

// A Corpus is a text that was read once, counted and encoded: its vocabulary, and its tokens as ids
// of that vocabulary. Tokens that are not in the vocabulary are left out. A Corpus is safe for
// concurrent use.
type Corpus struct {
	vocabulary *vocab.Vocabulary
	encoded    encodedText
	heldOut    encodedText // empty if nothing was held out
	record     vocab.Record
	cached     bool
	cacheError error
}

// Vocabulary returns the vocabulary of the text.
func (c *Corpus) Vocabulary() *vocab.Vocabulary { return c.vocabulary }

// Record describes the text and how it was read.
func (c *Corpus) Record() vocab.Record { return c.record }

// Cached tells whether the text was found in the cache and not read again.
func (c *Corpus) Cached() bool { return c.cached }

// CacheError tells why the text could not be kept in the cache. It is nil if the text was kept or
// was not meant to be.
func (c *Corpus) CacheError() error { return c.cacheError }

// Len returns the number of tokens of the text that are in the vocabulary.
func (c *Corpus) Len() int64 { return c.encoded.length }

// HeldOut returns the held-out sentences as a text with the same vocabulary, or nil if there are
// none. It is part of c and is closed with it.
func (c *Corpus) HeldOut() *Corpus {
	if c.heldOut.length == 0 {
		return nil
	}
	held, record := c.record.HeldOut, c.record
	record.TokensKept, record.Sentences, record.Hash, record.HeldOut = held.Tokens, held.Sentences, held.Hash, nil
	record.SentencesOfOneWord = 0 // not counted
	return &Corpus{vocabulary: c.vocabulary, encoded: c.heldOut, record: record, cached: c.cached}
}

// Tokens returns the tokens at positions [from, to), or fewer at the end of the text. It uses the
// memory of buf if that is large enough.
func (c *Corpus) Tokens(buf []Token, from, to int64) ([]Token, error) {
	n := int(max(min(to, c.Len())-from, 0))
	buf = slices.Grow(buf[:0], n)[:n]
	if _, err := c.encoded.readAt(buf, from); err != nil {
		return nil, err
	}
	// If the file was altered since it was checked, its ids must not index past the vectors.
	for i, t := range buf {
		if int(t.ID()) >= c.vocabulary.Len() {
			return nil, fmt.Errorf("encoded text %v: token %d is word %d of a vocabulary of %d: the file was altered while it was used; run again",
				c.encoded.file, from+int64(i), t.ID(), c.vocabulary.Len())
		}
	}
	return buf, nil
}

// Close frees the encoded text. The vocabulary stays usable.
func (c *Corpus) Close() error { return c.encoded.file.Close() }

// A Token is one word of an encoded text: its id, and whether it is the last of its sentence.
type Token uint32

const (
	sentenceEnd Token = 1 << 31
	tokenBytes        = 4
)

// ID returns the id of the word in the text's vocabulary.
func (t Token) ID() int32 { return int32(t &^ sentenceEnd) }

// EndsSentence tells whether the token is the last of its sentence.
func (t Token) EndsSentence() bool { return t&sentenceEnd != 0 }

// An encodedText is a range of a token file. It is read block by block into the reader's own
// memory, and not mapped. The copy of 4 bytes a token costs no more than the page faults of a
// mapping (see BenchmarkTokens), and a text of any size takes none of the program's memory. If a
// file shrinks or a disk fails, that is an error with a position; in a mapped file it would be a
// SIGBUS in the middle of training.
type encodedText struct {
	file          *tokenFile
	start, length int64 // in tokens
}

// readAt fills dst with the tokens at position from and after, and returns how many there were
// before the end of the text.
func (e encodedText) readAt(dst []Token, from int64) (int, error) {
	if rest := e.length - from; int64(len(dst)) > rest {
		dst = dst[:max(rest, 0)]
	}
	if len(dst) == 0 {
		return 0, nil
	}
	n, err := e.file.ReadAt(tokenMemory(dst), (e.start+from)*tokenBytes)
	if err == io.EOF && n == len(dst)*tokenBytes {
		err = nil
	}
	if err != nil {
		return 0, fmt.Errorf("encoded text %v: reading %d tokens from token %d on: %w", e.file, len(dst), from, e.file.reason(err))
	}
	return len(dst), nil
}

// tokenMemory returns the bytes of tokens.
func tokenMemory(tokens []Token) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(tokens))), len(tokens)*tokenBytes)
}
