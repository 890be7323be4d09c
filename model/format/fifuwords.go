package format

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"kindred/corpus/vocab"
	"kindred/model/subword"
)

// readWords reads a chunk of words.
func (r *fifuReader) readWords(kind uint32, what string) error {
	if kind == fifuFloret {
		return r.readFloretNGrams(what)
	}
	var words, listed uint64
	var head struct{ MinN, MaxN uint32 }
	var buckets uint32
	err := r.values(what, &words)
	if err == nil && kind == fifuExplicit {
		err = r.values(what, &listed)
	}
	if err == nil && kind != fifuSimple {
		err = r.values(what, &head)
	}
	if err == nil && (kind == fifuBuckets || kind == fifuFastText) {
		err = r.values(what, &buckets)
	}
	switch {
	case err != nil:
		return err
	case words > vocab.MaxLen || words < 1 || listed > subword.MaxBuckets:
		return r.fail("%s: %d words and %d n-grams, want 1 to %d words", what, words, listed, vocab.MaxLen)
	case kind == fifuBuckets && buckets > 30:
		return r.fail("%s: 2^%d buckets for n-grams, want 2^30 at most", what, buckets)
	}
	for i := range words {
		word, err := r.text(fmt.Sprintf("word %d of %d", i+1, words))
		if err != nil {
			return err
		}
		if word == "" {
			return r.fail("word %d of %d is empty", i+1, words)
		}
		r.words = append(r.words, word)
	}
	g := subword.NGrams{MinN: int(min(head.MinN, math.MaxInt32)), MaxN: int(min(head.MaxN, math.MaxInt32))}
	switch kind {
	case fifuSimple:
		return nil
	case fifuBuckets:
		g.Hash, g.Buckets = subword.Finalfusion, 1<<buckets
	case fifuFastText:
		g.Hash, g.Buckets = subword.FastText, int(min(buckets, math.MaxInt32))
	case fifuExplicit:
		g.Hash = subword.Explicit
		if err := r.readNGrams(&g, listed); err != nil {
			return err
		}
	}
	return r.setNGrams(what, g)
}

// readNGrams reads a list of n-grams and their buckets.
func (r *fifuReader) readNGrams(g *subword.NGrams, n uint64) error {
	g.List = make(map[string]int32)
	for i := range n {
		what := fmt.Sprintf("n-gram %d of %d", i+1, n)
		ngram, err := r.text(what)
		if err != nil {
			return err
		}
		var bucket uint64
		if err := r.values(what, &bucket); err != nil {
			return err
		}
		if _, again := g.List[ngram]; again || bucket >= n {
			return r.fail("%s, %.60q, has the bucket %d, want one below %d, and no n-gram twice", what, ngram, bucket, n)
		}
		g.List[ngram] = int32(bucket)
		g.Buckets = max(g.Buckets, int(bucket)+1)
	}
	return nil
}

// readFloretNGrams reads a chunk that has no words.
func (r *fifuReader) readFloretNGrams(what string) error {
	var head struct {
		MinN, MaxN   uint32
		Buckets      uint64
		Hashes, Seed uint32
	}
	if err := r.values(what, &head); err != nil {
		return err
	}
	const most = math.MaxInt32
	g := subword.NGrams{
		Hash: subword.Floret, MinN: int(min(head.MinN, most)), MaxN: int(min(head.MaxN, most)),
		Buckets: int(min(head.Buckets, most)), Hashes: int(min(head.Hashes, most)), Seed: head.Seed,
	}
	var err error
	if g.Begin, err = r.text(what); err == nil {
		g.End, err = r.text(what)
	}
	if err != nil {
		return err
	}
	return r.setNGrams(what, g)
}

func (r *fifuReader) setNGrams(what string, g subword.NGrams) error {
	if err := g.Check(); err != nil {
		return r.fail("%s: %v", what, err)
	}
	r.ngrams = &g
	return nil
}

// text reads a length and as many bytes.
func (r *fifuReader) text(what string) (string, error) {
	var length [4]byte
	if _, err := io.ReadFull(r.in.r, length[:]); err != nil {
		return "", r.cut(err, what)
	}
	r.offset += 4
	data, err := r.bytes(what, uint64(binary.LittleEndian.Uint32(length[:])), maxWordBytes)
	return string(data), err
}
