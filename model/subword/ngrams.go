package subword

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
)

// A Hash says how n-grams are given to buckets. Its value is its name in files.
type Hash string

const (
	// FastText is fastText's: FNV-1a of 32 bits with sign-extended bytes, modulo the number of buckets.
	// The n-grams "<" and ">" alone are left out.
	FastText Hash = "fasttext"
	// Floret is floret's: the word between Begin and End and each of its n-grams have 1 to 4 buckets, the
	// parts of a 128-bit MurmurHash3, each modulo the number of buckets. There are no rows of words.
	Floret Hash = "floret"
	// Finalfusion is that of finalfusion's "bucketed" vocabulary: FNV-1a of 64 bits over the length and
	// the runes of an n-gram. The number of buckets is a power of two.
	Finalfusion Hash = "finalfusion"
	// Explicit is no hash: the n-grams that have a bucket are listed, all others have none.
	Explicit Hash = "explicit"
)

const (
	// FloretSeed is the seed of floret's hash.
	FloretSeed = 2166136261
	// MaxLength is the length of the longest n-grams that are possible, in runes. It bounds the number of
	// n-grams of a word, which grows with the length of the word times this.
	MaxLength = 128
	// MaxBuckets is the largest number of buckets.
	MaxBuckets = math.MaxInt32 - 1
	// MaxHashes is the largest number of rows of an n-gram.
	MaxHashes = 4
)

// Defaults of fastText for skip-gram and CBOW.
const (
	DefaultMinN    = 3
	DefaultMaxN    = 6
	DefaultBuckets = 2_000_000
)

// NGrams say which character n-grams a word has, and the bucket of each. Words stand between marks, "<"
// and ">" unless Begin and End are others: the word "a" has the 3-gram "<a>". An n-gram is of runes: a
// byte with the bits 10xxxxxx continues the one before it, so that in text that is not valid UTF-8
// n-grams end where fastText's end. Nothing is normalized: a combining mark, a joiner of emoji and
// a Hangul jamo count as a rune each, as they are in the word.
//
// NGrams are immutable once in use, and safe for concurrent use.
type NGrams struct {
	// Hash gives n-grams to buckets.
	Hash Hash `json:"hash"`
	// MinN and MaxN are the length of the shortest and the longest n-grams in runes, with the marks:
	// 1 <= MinN <= MaxN <= [MaxLength]. If MaxN is 0 there are none.
	MinN int `json:"min_n"`
	MaxN int `json:"max_n"`
	// Buckets is the number of rows that n-grams share, 1 to [MaxBuckets].
	Buckets int `json:"buckets"`
	// Hashes is the number of rows of each n-gram, 1 to [MaxHashes], and Seed seeds the hash. Both are of
	// [Floret] only, and 0 otherwise.
	Hashes int    `json:"hashes,omitempty"`
	Seed   uint32 `json:"seed,omitempty"`
	// Begin and End are the marks around words: "" is "<" and ">".
	Begin string `json:"begin,omitempty"`
	End   string `json:"end,omitempty"`
	// List has the bucket of each n-gram, for [Explicit] only.
	List map[string]int32 `json:"-"`
}

// Same reports whether words have the same n-grams and these the same buckets.
func (g *NGrams) Same(other *NGrams) bool {
	begin, end := g.Marks()
	otherBegin, otherEnd := other.Marks()
	return g.Hash == other.Hash && g.MinN == other.MinN && g.MaxN == other.MaxN && g.Buckets == other.Buckets &&
		g.Hashes == other.Hashes && g.Seed == other.Seed && begin == otherBegin && end == otherEnd &&
		maps.Equal(g.List, other.List)
}

// Check returns what is wrong with the settings, nil if nothing is.
func (g *NGrams) Check() error {
	switch g.Hash {
	case FastText, Floret, Finalfusion, Explicit:
	default:
		return fmt.Errorf("unknown hash of n-grams %q; there are %s, %s, %s and %s", g.Hash, FastText, Floret, Finalfusion, Explicit)
	}
	none := g.MaxN == 0 && g.Hash != Finalfusion && g.Hash != Explicit
	switch {
	case g.MaxN > MaxLength:
		return fmt.Errorf("n-grams of up to %d characters, want %d at most", g.MaxN, MaxLength)
	case !none && g.MinN > g.MaxN:
		return fmt.Errorf("n-grams of %d to %d characters: the bounds are crossed", g.MinN, g.MaxN)
	case !none && g.MinN < 1 || g.MinN < 0 || g.MaxN < 0:
		return fmt.Errorf("n-grams of %d to %d characters, want 1 or more", g.MinN, g.MaxN)
	case g.Buckets < 1 && !(none && g.Hash == FastText && g.Buckets == 0):
		return fmt.Errorf("%d buckets for n-grams, want 1 or more", g.Buckets)
	case g.Buckets > MaxBuckets:
		return fmt.Errorf("%d buckets for n-grams, want %d at most", g.Buckets, MaxBuckets)
	case g.Hash == Floret && (g.Hashes < 1 || g.Hashes > MaxHashes):
		return fmt.Errorf("%d rows for an n-gram, want 1 to %d", g.Hashes, MaxHashes)
	case g.Hash != Floret && g.Hashes != 0:
		return fmt.Errorf("only the hash %q gives an n-gram several rows", Floret)
	case g.Hash == Finalfusion && g.Buckets&(g.Buckets-1) != 0:
		return fmt.Errorf("%d buckets for n-grams, want a power of two for the hash %q", g.Buckets, g.Hash)
	}
	for _, bucket := range g.List {
		if bucket < 0 || int(bucket) >= g.Buckets {
			return errors.New("an n-gram has a bucket outside their number")
		}
	}
	return nil
}

// endOfSentence is fastText's word for the end of a line. It has no n-grams.
const endOfSentence = "</s>"

// Append appends the buckets of a word to buf, one for each of its n-grams and for each of their hashes,
// so a bucket may occur more than once. They come as fastText has them: by the start of the n-gram, then
// by its length; with [Floret], those of the word itself come first. A word may have none, for example
// one that is shorter than MinN with its marks.
func (g *NGrams) Append(buf []int32, word string) []int32 {
	if g.Hash == FastText && word == endOfSentence {
		return buf
	}
	var stack [128]byte
	begin, end := g.Marks()
	text := append(stack[:0], begin...)
	text = append(text, word...)
	text = append(text, end...)
	if g.Hash == Floret {
		buf = g.appendFloret(buf, text)
	}
	for start := range text {
		if continues(text[start]) {
			continue
		}
		h := uint32(fnvOffset32)
		for end, n := start, 1; end < len(text) && n <= g.MaxN; n++ {
			from := end
			for end++; end < len(text) && continues(text[end]); end++ {
			}
			if g.Hash == FastText {
				h = extendFNV32(h, text[from:end])
			}
			if n < g.MinN {
				continue
			}
			switch ngram := text[start:end]; g.Hash {
			case FastText:
				if n > 1 || start > 0 && end < len(text) {
					buf = append(buf, int32(h%uint32(g.Buckets)))
				}
			case Floret:
				if n > 1 || start > 0 && end < len(text) {
					buf = g.appendFloret(buf, ngram)
				}
			case Finalfusion:
				buf = append(buf, int32(finalfusionHash(ngram, n)&uint64(g.Buckets-1)))
			case Explicit:
				if bucket, ok := g.List[string(ngram)]; ok {
					buf = append(buf, bucket)
				}
			}
		}
	}
	return buf
}

// appendFloret appends the buckets of a word with its marks, or of an n-gram.
func (g *NGrams) appendFloret(buf []int32, key []byte) []int32 {
	parts := murmur128(key, g.Seed)
	for _, h := range parts[:g.Hashes] {
		buf = append(buf, int32(h%uint32(g.Buckets)))
	}
	return buf
}

// Marks returns the marks around words.
func (g *NGrams) Marks() (begin, end string) { return cmp.Or(g.Begin, "<"), cmp.Or(g.End, ">") }

// continues reports whether a byte of UTF-8 continues a rune.
func continues(c byte) bool { return c&0xc0 == 0x80 }
