package corpus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"kindred/corpus/analysis"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
)

// DefaultSentenceLimit is the length in tokens at which sentences are cut, as in word2vec.c.
const DefaultSentenceLimit = 1000

// ReadOptions says how to read a text. The zero value splits at white space and keeps every word.
type ReadOptions struct {
	// Analyzer makes tokens of text; nil splits at white space.
	Analyzer *analysis.Analyzer
	// Selection chooses the vocabulary from the words of the text. It has no effect if Vocabulary is
	// given.
	Selection vocab.Selection
	// Vocabulary is used, with its counts, instead of the vocabulary of the text.
	Vocabulary *vocab.Vocabulary
	// SentenceLimit is the length at which sentences are cut, in tokens inside or outside the
	// vocabulary; 0 means DefaultSentenceLimit.
	SentenceLimit int
	// Holdout keeps sentences out of the text; see [Corpus.HeldOut].
	Holdout Holdout
	// VocabularyMemory is how many bytes the distinct words of the text may take during counting,
	// MinVocabularyMemory or more. If they need more, the rarest are dropped: see [vocab.Pruning]. 0
	// means the largest power of two that is no more than half of the available memory, at most 4
	// GiB, enough for some 30 million words.
	VocabularyMemory int64
	// Dir is the directory of the encoded text, which takes 4 bytes a token, and twice that during
	// reading. "" means [DefaultCacheDir] or, if no file can be made there, a directory of this user's
	// among the temporary files. If neither can be used, the text is not kept for later runs.
	Dir string
	// CacheLimit is how many bytes of encoded texts stay in Dir for later runs. A run finds its text
	// there if its content and these options are the same. The least recently used texts make room
	// for new ones. 0 means no cache. If a text can't be kept, Read still succeeds: see
	// [Corpus.CacheError].
	CacheLimit int64
	// Progress, if not nil, is called now and then with the number of bytes of the files that were
	// read (see [source.Source.Size]).
	Progress func(bytes int64)

	chunkSize int            // of the text, in bytes; tests set it
	noCache   *CacheDirError // why no default directory can be used; nil if one can
	partial   bool           // the text is a share, which may have no word and no held-out sentence
}

// Read reads a text once: it analyzes, counts and encodes it on all processors. The result does not
// depend on their number. The errors are a *[source.ChangedError] if a file changes during reading,
// a *[CacheDirError] if the encoded text can't be written to the directory for it, a
// *[vocab.EmptyError] if no word is left, and a *[HoldoutError] if the hold-out takes or leaves
// nothing.
func Read(ctx context.Context, text *source.Source, o ReadOptions) (*Corpus, error) {
	wanted := o.CacheLimit > 0
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	key, missing := "", (*MissingSharesError)(nil)
	if o.CacheLimit > 0 {
		if _, once := text.Once(); o.Vocabulary != nil && !once {
			c, err := fromShares(ctx, text, o)
			if c != nil || err != nil && !errors.As(err, &missing) {
				return c, err
			}
		}
		if key, err = cacheKey(text, o); err != nil {
			return nil, err
		}
	}
	if key != "" {
		if c := loadCached(o.Dir, key, text, o.VocabularyMemory); c != nil {
			return c, nil
		}
	}
	c, err := encodeText(ctx, text, o)
	if err != nil {
		return nil, err
	}
	if key == "" {
		c.encoded.file.unlink()
		if o.noCache != nil && wanted {
			c.cacheError = fmt.Errorf("the encoded text can't be kept for later runs: %w", o.noCache)
		}
		return c, nil
	}
	if missing != nil {
		c.cacheError = fmt.Errorf("%w; so the text was read anew", missing)
	}
	if err := storeCached(o.Dir, key, c, o.CacheLimit); err != nil {
		// The text is complete all the same.
		c.encoded.file.unlink()
		c.cacheError = fmt.Errorf("the encoded text can't be kept in %s for later runs: %w", o.Dir, err)
	}
	return c, nil
}

// encodeText is Read without the cache.
func encodeText(ctx context.Context, text *source.Source, o ReadOptions) (*Corpus, error) {
	file, err := createTokenFile(o.Dir)
	if err != nil {
		if o.noCache != nil {
			err = errors.Join(o.noCache.Reasons, err)
		}
		return nil, &CacheDirError{err}
	}
	file.unlink()
	defer file.Close()
	counted := newCounter(o, file)
	if err := counted.count(ctx, text, o.Progress); err != nil {
		return nil, err
	}
	held, err := counted.holdOut(ctx, o)
	if err != nil {
		return nil, err
	}
	v, ids := o.Vocabulary, []int32(nil)
	if v == nil {
		v, ids, err = vocab.Select(counted.table, counted.counts, o.Selection)
	} else {
		ids, err = idsIn(v, counted.table, o.partial)
	}
	if err != nil {
		return nil, err
	}
	c := &Corpus{vocabulary: v, record: counted.record(text, o, v)}
	if err := c.encode(ctx, counted, ids, held, o); err != nil {
		return nil, err
	}
	return c, nil
}

// idsIn returns for each word of table its id in v, or -1 if v lacks it. Only a share may have none.
func idsIn(v *vocab.Vocabulary, table *vocab.Table, share bool) ([]int32, error) {
	ids := v.IDs(table)
	if !share && !slices.ContainsFunc(ids, func(id int32) bool { return id >= 0 }) {
		return nil, fmt.Errorf("none of the %d types of the text is in the vocabulary given; was it counted with the same analyzer?", table.Len())
	}
	return ids, nil
}

// encode writes the text and the held-out sentences to a file.
func (c *Corpus) encode(ctx context.Context, counted *counter, ids []int32, held heldOutSentences, o ReadOptions) (err error) {
	encoded, err := createTokenFile(o.Dir)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			encoded.Close()
		}
	}()
	e := &encoder{limit: int64(o.SentenceLimit), counted: counted, ids: ids, held: held, train: newSentenceWriter(encoded)}
	if len(held.numbers) > 0 {
		file, err := createTokenFile(o.Dir)
		if err != nil {
			return err
		}
		file.unlink()
		defer file.Close()
		e.heldOut = newSentenceWriter(file)
	}
	if err := e.encode(ctx); err != nil {
		return err
	}
	c.encoded = encodedText{file: encoded, length: encoded.length.Load()}
	c.record.TokensKept, c.record.Sentences, c.record.Hash = c.encoded.length, e.train.sentences, e.train.hash(c.vocabulary)
	c.record.SentencesOfOneWord = e.train.ofOneWord
	if e.heldOut == nil {
		return nil
	}
	if c.heldOut, err = encoded.copyFrom(e.heldOut.file); err != nil {
		return err
	}
	if c.heldOut.length == 0 {
		return fmt.Errorf("holdout: none of the words of the %d sentences held out is in the vocabulary of %d words; hold out more than %.4g %%, or keep more words",
			len(held.numbers), c.vocabulary.Len(), 100*o.Holdout.Share)
	}
	c.record.HeldOut = &vocab.HeldOutRecord{
		Share: o.Holdout.Share, Counted: o.Holdout.Counted, Apart: o.Holdout.Apart,
		Sentences: e.heldOut.sentences, Tokens: c.heldOut.length, Hash: e.heldOut.hash(c.vocabulary),
	}
	return nil
}

// CountWords reads a text and returns its vocabulary without encoding the text. The record has no
// Hash and no Sentences.
func CountWords(ctx context.Context, text *source.Source, o ReadOptions) (*vocab.Vocabulary, vocab.Record, error) {
	o, err := o.complete()
	if err != nil {
		return nil, vocab.Record{}, err
	}
	c := newCounter(o, nil)
	if err := c.count(ctx, text, o.Progress); err != nil {
		return nil, vocab.Record{}, err
	}
	v, _, err := vocab.Select(c.table, c.counts, o.Selection)
	if err != nil {
		return nil, vocab.Record{}, err
	}
	record := c.record(text, o, v)
	record.TokensKept = v.Total()
	return v, record, nil
}

// complete checks the options and fills in the defaults.
func (o ReadOptions) complete() (ReadOptions, error) {
	if o.Analyzer == nil {
		o.Analyzer = &analysis.Analyzer{}
	}
	if o.SentenceLimit < 0 || o.SentenceLimit > math.MaxInt32 {
		return o, fmt.Errorf("sentence limit is %d tokens, want 1 to %d, or 0 for %d", o.SentenceLimit, math.MaxInt32, DefaultSentenceLimit)
	}
	o.SentenceLimit = cmp.Or(o.SentenceLimit, DefaultSentenceLimit)
	if err := o.Holdout.validate(); err != nil {
		return o, err
	}
	o.chunkSize = cmp.Or(o.chunkSize, source.DefaultChunkSize)
	if o.VocabularyMemory == 0 {
		o.VocabularyMemory = DefaultVocabularyMemory()
	}
	if o.VocabularyMemory < MinVocabularyMemory {
		return o, fmt.Errorf("vocabulary memory is %d bytes, want %d or more, or 0 for what the machine can spare", o.VocabularyMemory, MinVocabularyMemory)
	}
	if o.CacheLimit < 0 {
		return o, fmt.Errorf("cache limit is %d bytes, want 0 (no cache) or more", o.CacheLimit)
	}
	if o.Analyzer.Escaped() {
		o.CacheLimit = 0 // words may hold any character, and the file of an encoded text has them on lines
	}
	if o.Dir == "" {
		var err *CacheDirError
		if o.Dir, err = usableCacheDir(); err != nil {
			o.noCache, o.CacheLimit = err, 0
		}
	}
	return o, nil
}

// record describes what was counted and selected; v is nil if nothing was selected yet.
func (c *counter) record(text *source.Source, o ReadOptions, v *vocab.Vocabulary) vocab.Record {
	stats := c.statistics()
	r := vocab.Record{
		Inputs:        text.Inputs(),
		Analyzer:      o.Analyzer.String(),
		SentenceLimit: o.SentenceLimit,
		Bytes:         stats.Bytes,
		Lines:         stats.Lines,
		Tokens:        stats.Tokens,
		Types:         int64(c.table.Len()) + c.dropped,
		Encoding:      text.Encoding(),
		InvalidTokens: stats.InvalidTokens,
	}
	if o.Vocabulary != nil {
		r.VocabularyGiven = true
	} else {
		r.MinCount, r.MaxVocabulary, r.KeepWords = max(o.Selection.MinCount, 1), o.Selection.MaxSize, len(o.Selection.Keep)
		if o.Selection.Only != nil {
			r.OnlyWords = o.Selection.Only.Len()
		}
	}
	if skipped := stats.Skipped(); len(skipped) > 0 {
		r.Skipped = skipped
	}
	if c.dropped > 0 && v != nil {
		r.Pruning = c.pruning(o, v)
	}
	return r
}
