package corpus

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"sync"
)

// DefaultSentenceLimit is the length in tokens at which sentences are cut:
// word2vec.c's.
const DefaultSentenceLimit = 1000

// ReadOptions says how to read a text. The zero value splits at white space
// and keeps every type.
type ReadOptions struct {
	// Analyzer makes tokens of text; nil splits at white space.
	Analyzer *Analyzer
	// Selection chooses the vocabulary from the types of the text. It has no
	// say where Vocabulary is given.
	Selection Selection
	// Vocabulary is used, with its counts, instead of that of the text.
	Vocabulary *Vocabulary
	// SentenceLimit cuts longer sentences, counted in tokens before the vocabulary is
	// applied; 0 stands for DefaultSentenceLimit.
	SentenceLimit int
	// Holdout keeps sentences out of the text; see [Corpus.HeldOut].
	Holdout Holdout
	// Dir is where the encoded text is kept, 4 bytes a token, and twice that
	// during reading. "" stands for [DefaultCacheDir], or for one below the
	// directory for temporary files where that can't be made.
	Dir string
	// CacheLimit is how many bytes of encoded texts stay in Dir for later runs, which
	// find their text there if its content and these options are the same. The
	// texts used longest ago make room for new ones. With 0, nothing
	// stays and nothing is looked for.
	CacheLimit int64
	// Progress, where not nil, is told now and then how many bytes of the files
	// were read (see [Source.Size]).
	Progress func(bytes int64)
}

// Read reads a text, once: it is analyzed, counted and encoded in one go, on
// all processors, and the result does not depend on their number. What is trained
// is therefore what was counted; a file that changes during the reading is a
// *[ChangedError]. A text or selection that leaves no type is an *[EmptyVocabularyError],
// a holdout that takes nothing or leaves nothing a *[HoldoutError].
func Read(ctx context.Context, source *Source, o ReadOptions) (*Corpus, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	key := ""
	if o.CacheLimit > 0 {
		if key, err = cacheKey(source, o); err != nil {
			return nil, err
		}
	}
	if key != "" {
		if c := loadCached(o.Dir, key, source); c != nil {
			return c, nil
		}
	}
	c, err := encodeText(ctx, source, o)
	if err != nil {
		return nil, err
	}
	if key == "" {
		c.encoded.file.unlink()
		return c, nil
	}
	if err := storeCached(o.Dir, key, c, o.CacheLimit); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// encodeText does the work of Read where the cache has nothing to give.
func encodeText(ctx context.Context, source *Source, o ReadOptions) (*Corpus, error) {
	spool, err := createSpool(o.Dir)
	if err != nil {
		return nil, err
	}
	spool.unlink()
	defer spool.Close()
	counted, err := count(ctx, source, o, spool)
	if err != nil {
		return nil, err
	}
	held, err := counted.holdOut(ctx, o, spool)
	if err != nil {
		return nil, err
	}
	vocabulary, ids := o.Vocabulary, []int32(nil)
	if vocabulary == nil {
		vocabulary, ids, err = selectTypes(counted.table, counted.counts, o.Selection)
	} else {
		ids, err = idsIn(vocabulary, counted.table)
	}
	if err != nil {
		return nil, err
	}
	c := &Corpus{vocabulary: vocabulary, record: counted.record(source, o)}
	if err := c.encode(ctx, counted, ids, held, spool, o); err != nil {
		return nil, err
	}
	return c, nil
}

// encode writes the text, and what is held out of it, to a file of its own.
func (c *Corpus) encode(ctx context.Context, counted *counted, ids []int32, held heldOut, from *spool, o ReadOptions) (err error) {
	encoded, err := createSpool(o.Dir)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			encoded.Close()
		}
	}()
	e := &encoder{held: held, train: newSentenceWriter(encoded)}
	if len(held) > 0 {
		aside, err := createSpool(o.Dir)
		if err != nil {
			return err
		}
		aside.unlink()
		defer aside.Close()
		e.aside = newSentenceWriter(aside)
	}
	if err := e.encode(ctx, counted, ids, from, o.SentenceLimit); err != nil {
		return err
	}
	c.encoded = encodedText{file: encoded, length: encoded.length.Load()}
	c.record.TokensKept, c.record.Sentences, c.record.Hash = c.encoded.length, e.train.sentences, e.train.hash(c.vocabulary)
	if e.aside == nil {
		return nil
	}
	if c.heldOut, err = encoded.appendText(e.aside.spool); err != nil {
		return err
	}
	if c.heldOut.length == 0 {
		return fmt.Errorf("holdout: none of the words of the %d sentences held out is in the vocabulary of %d words; hold out more than %.4g %%, or keep more words",
			len(held), c.vocabulary.Len(), 100*o.Holdout.Share)
	}
	c.record.HeldOut = &HeldOutRecord{
		Share: o.Holdout.Share, Counted: o.Holdout.Counted,
		Sentences: e.aside.sentences, Tokens: c.heldOut.length, Hash: e.aside.hash(c.vocabulary),
	}
	return nil
}

// CountWords reads a text and returns its vocabulary only.
func CountWords(ctx context.Context, source *Source, o ReadOptions) (*Vocabulary, Record, error) {
	o, err := o.complete()
	if err != nil {
		return nil, Record{}, err
	}
	c, err := count(ctx, source, o, nil)
	if err != nil {
		return nil, Record{}, err
	}
	vocabulary, _, err := selectTypes(c.table, c.counts, o.Selection)
	if err != nil {
		return nil, Record{}, err
	}
	record := c.record(source, o)
	record.TokensKept = vocabulary.Total()
	return vocabulary, record, nil
}

func (o ReadOptions) complete() (ReadOptions, error) {
	if o.Analyzer == nil {
		o.Analyzer = &Analyzer{}
	}
	if o.SentenceLimit < 0 || o.SentenceLimit > math.MaxInt32 {
		return o, fmt.Errorf("sentence limit is %d tokens, want 1 to %d, or 0 for %d", o.SentenceLimit, math.MaxInt32, DefaultSentenceLimit)
	}
	o.SentenceLimit = cmp.Or(o.SentenceLimit, DefaultSentenceLimit)
	if err := o.Holdout.validate(); err != nil {
		return o, err
	}
	if o.CacheLimit < 0 {
		return o, fmt.Errorf("cache limit is %d bytes, want 0 (no cache) or more", o.CacheLimit)
	}
	if o.Dir == "" {
		o.Dir = DefaultCacheDir()
		if os.MkdirAll(o.Dir, 0o755) != nil {
			o.Dir = temporaryCacheDir()
		}
	}
	return o, nil
}

// idsIn returns for each word of table its id in v, -1 for one that v lacks.
func idsIn(v *Vocabulary, table *wordTable) ([]int32, error) {
	ids := make([]int32, table.len())
	found := false
	for i := range ids {
		ids[i] = v.table.find(table.word(int32(i)))
		found = found || ids[i] >= 0
	}
	if !found {
		return nil, fmt.Errorf("none of the %d types of the text is in the vocabulary given; was it counted with the same analyzer?", table.len())
	}
	return ids, nil
}

// counted is the result of counting a text.
type counted struct {
	table  *wordTable
	counts []int64
	tally  Tally
	// pieces lists what the workers wrote to the spool, in the order of the
	// text, and locals[w] turns the ids that worker w gave into those of table.
	pieces []spooledPiece
	locals [][]int32
}

// A spooledPiece is the tokens of one piece of the text, as ids of the worker
// that counted it, in the spool. The last token of each line is marked.
type spooledPiece struct {
	index  int
	worker int
	offset int64 // in tokens
	length int64
	// endsBefore is set where a line ends before the first token.
	endsBefore bool
}

// count analyzes and counts a text on all processors. The tokens go to the
// spool, where there is one.
func count(ctx context.Context, source *Source, o ReadOptions, spool *spool) (*counted, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	type numbered struct {
		piece
		index int
	}
	work := make(chan numbered)
	workers := make([]*countWorker, runtime.GOMAXPROCS(0))
	var running sync.WaitGroup
	for i := range workers {
		w := newCountWorker(o.Analyzer, i, spool)
		workers[i] = w
		running.Go(func() {
			for p := range work {
				if err := w.count(p.piece, p.index); err != nil {
					cancel(err)
				}
			}
		})
	}
	index := 0
	err := source.pieces(ctx, func(p piece) error {
		if o.Progress != nil {
			o.Progress(p.disk)
		}
		select {
		case work <- numbered{p, index}:
			index++
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	close(work)
	running.Wait()
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	if err != nil {
		return nil, err
	}
	return merge(workers), nil
}

// merge adds up what the workers counted.
func merge(workers []*countWorker) *counted {
	c := &counted{table: newWordTable(0)}
	for _, w := range workers {
		ids := make([]int32, w.table.len())
		for local := range ids {
			id := c.table.add(w.table.word(int32(local)))
			if int(id) == len(c.counts) {
				c.counts = append(c.counts, 0)
			}
			c.counts[id] += w.counts[local]
			ids[local] = id
		}
		c.locals = append(c.locals, ids)
		c.pieces = append(c.pieces, w.pieces...)
		c.tally.Add(w.stream.tally())
		w.table = nil
	}
	slices.SortFunc(c.pieces, func(a, b spooledPiece) int { return cmp.Compare(a.index, b.index) })
	return c
}

func (c *counted) record(source *Source, o ReadOptions) Record {
	r := Record{
		Inputs:        source.Inputs(),
		Analyzer:      o.Analyzer.String(),
		SentenceLimit: o.SentenceLimit,
		Bytes:         c.tally.Bytes,
		Lines:         c.tally.Lines,
		Tokens:        c.tally.Tokens,
		Types:         int64(c.table.len()),
	}
	if o.Vocabulary != nil {
		r.VocabularyGiven = true
	} else {
		r.MinCount, r.MaxVocabulary, r.KeepWords = max(o.Selection.MinCount, 1), o.Selection.MaxSize, len(o.Selection.Keep)
		if o.Selection.Only != nil {
			r.OnlyWords = o.Selection.Only.Len()
		}
	}
	if skipped := c.tally.Skipped(); len(skipped) > 0 {
		r.Skipped = skipped
	}
	return r
}
