package corpus

import (
	"fmt"
	"slices"
)

// A Corpus is a text that was read once, counted and encoded: its vocabulary
// and its tokens as ids of that vocabulary, without the words that are not in it. It is safe for
// concurrent use.
type Corpus struct {
	vocabulary *Vocabulary
	encoded    encodedText
	heldOut    encodedText // empty where nothing was held out
	record     Record
	cached     bool
	cacheError error
}

// A Record describes a text that was read; it is part of the manifest of what is
// made from it.
type Record struct {
	Inputs []string `json:"inputs"`
	// Analyzer is the canonical description of the analyzer.
	Analyzer string `json:"analyzer"`
	// SentenceLimit is the length in tokens at which sentences were cut.
	SentenceLimit int `json:"sentence_limit"`
	// MinCount, MaxVocabulary, KeepWords and OnlyWords are the [Selection] that made the
	// vocabulary: its bounds and the numbers of words on its lists. VocabularyGiven
	// is set where there was none, as the vocabulary came from elsewhere.
	MinCount        int64 `json:"min_count,omitempty"`
	MaxVocabulary   int   `json:"max_vocabulary,omitempty"`
	KeepWords       int   `json:"keep_words,omitempty"`
	OnlyWords       int   `json:"only_words,omitempty"`
	VocabularyGiven bool  `json:"vocabulary_given,omitempty"`
	// Hash is the XXH3 hash, in hexadecimal, of the words of the vocabulary and
	// the encoded text: equal for equal training data.
	Hash string `json:"hash"`
	// Bytes is the size of the text after decompression.
	Bytes int64 `json:"bytes"`
	Lines int64 `json:"lines"`
	// Tokens counts what the analyzer found, TokensKept what is in the
	// vocabulary.
	Tokens     int64 `json:"tokens"`
	TokensKept int64 `json:"tokens_in_vocabulary"`
	// Types is the number of distinct words before the vocabulary was
	// selected; after pruning, one that came back counts again.
	Types     int64 `json:"types"`
	Sentences int64 `json:"sentences"`
	// Pruning tells how exact the counts are where the types outgrew the memory allowed;
	// nil, where they did not, stands for exact.
	Pruning *Pruning `json:"pruning,omitempty"`
	// HeldOut describes what was held out; of the counts above, only Tokens, Bytes and Lines include it.
	HeldOut *HeldOutRecord `json:"held_out,omitempty"`
	// Skipped counts what was left out or repaired, by reason.
	Skipped map[string]int64 `json:"skipped,omitempty"`
}

// A HeldOutRecord describes the sentences that a [Holdout] kept out of a text.
type HeldOutRecord struct {
	Share float64 `json:"share"`
	// Counted tells whether their words count for the vocabulary.
	Counted   bool  `json:"counted,omitempty"`
	Sentences int64 `json:"sentences"`
	// Tokens is the number of their tokens that are in the vocabulary.
	Tokens int64 `json:"tokens_in_vocabulary"`
	// Hash is the XXH3 hash of the words of the vocabulary and the sentences: equal for equal held-out data.
	Hash string `json:"hash"`
}

// Vocabulary returns the vocabulary of the text.
func (c *Corpus) Vocabulary() *Vocabulary { return c.vocabulary }

// Record describes how the text was read.
func (c *Corpus) Record() Record { return c.record }

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
