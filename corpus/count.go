package corpus

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"kindred/corpus/analysis"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
)

// A counter counts the types (distinct words) of a text on all processors. Each worker counts in a
// table of its own. The tables are merged at the end, and earlier if all of them together may have
// outgrown the memory limit. A merge ends a stage. If the merged table alone is too large, its
// rarest types are dropped (see [vocab.Pruning]).
//
// Whether to prune is decided at fixed positions of the text, from what was counted before them. So
// the result does not depend on the number of workers, or on which of them took which chunk.
type counter struct {
	limit     int64 // of the cost of the merged table
	interval  int64 // bytes of text between two checks of the limit
	chunkSize int
	file      *tokenFile // for the tokens; nil to count only
	hashing   bool       // stages keep the hashes of words
	workers   []*countWorker
	stages    []stage
	typeCounts
}

// A stage turns the ids that workers gave between two merges into those of the counter's table.
type stage struct {
	ids    []storedList // by worker: the type id of each of its ids
	hashes []storedList // by worker: the hash of each of its words; nil without a hold-out
	// renumber leads from the table before the merge to the one after; nil if they have the same ids.
	renumber *storedList
}

const (
	// typeCost is the memory that a type takes besides its letters, in bytes: slots, position and
	// counts, while tables grow.
	typeCost = 72
	// costPerByte bounds the cost that a byte of text can add: a type of one letter and a separator.
	costPerByte = (typeCost + 2) / 2
	// checksPerLimit is how often the limit is checked while as much text is read as types may take
	// memory. The types in a text can cost several times its length; with so many checks, the
	// tables exceed the limit by less than half.
	checksPerLimit = 64
)

// cost returns the cost of a table in bytes. It follows from the words alone and is close to the
// memory that the table takes with the counts.
func cost(t *vocab.Table) int64 { return typeCost*int64(t.Len()) + t.TextLen() }

func newCounter(o ReadOptions, file *tokenFile) *counter {
	c := &counter{
		limit:      o.VocabularyMemory / 2, // the other half is for the workers
		interval:   max(o.VocabularyMemory/checksPerLimit, int64(o.chunkSize)),
		chunkSize:  o.chunkSize,
		file:       file,
		hashing:    o.Holdout.Share > 0,
		typeCounts: typeCounts{table: vocab.NewTable(0), keep: map[string]struct{}{}},
	}
	if o.Vocabulary != nil {
		for id := range o.Vocabulary.Len() {
			c.keep[o.Vocabulary.Word(id)] = struct{}{}
		}
	} else {
		for _, w := range o.Selection.Keep {
			c.keep[w] = struct{}{}
		}
	}
	for i := range runtime.GOMAXPROCS(0) {
		c.workers = append(c.workers, newCountWorker(o.Analyzer, i, file))
	}
	return c
}

// count analyzes and counts a text, and writes its tokens to the file, if there is one.
func (c *counter) count(ctx context.Context, text *source.Source, progress func(int64)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// The queue keeps the reader and the workers from waiting for each other.
	work := make(chan source.Chunk, len(c.workers))
	var running, inFlight sync.WaitGroup
	for _, w := range c.workers {
		running.Go(func() {
			for chunk := range work {
				if err := w.count(chunk, len(c.stages)); err != nil {
					cancel(err)
				}
				inFlight.Done()
			}
		})
	}
	position := int64(0)
	err := text.Chunks(ctx, c.chunkSize, func(chunk source.Chunk) error {
		if progress != nil {
			progress(chunk.Disk)
		}
		next := position + int64(len(chunk.Data))
		if next/c.interval > position/c.interval && c.mayExceed() {
			inFlight.Wait()
			if err := c.merge(); err != nil {
				return err
			}
		}
		position = next
		inFlight.Add(1)
		select {
		case work <- chunk:
			return nil
		case <-ctx.Done():
			inFlight.Done()
			return context.Cause(ctx)
		}
	})
	close(work)
	running.Wait()
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	if err != nil {
		return err
	}
	if err := c.merge(); err != nil {
		return err
	}
	return c.resolve()
}

// mayExceed tells whether the types counted so far may cost more than the limit. Chunks that are
// being counted add the most that they can, so false is certain.
func (c *counter) mayExceed() bool {
	inFlight := int64(2 * len(c.workers))
	sum := cost(c.table) + inFlight*int64(c.chunkSize)*costPerByte
	for _, w := range c.workers {
		sum += w.cost.Load()
	}
	return sum > c.limit
}

// merge adds the counts of all workers, which are idle, since the last merge, and ends the stage.
func (c *counter) merge() error {
	var s stage
	typeIDs := make([][]int32, len(c.workers))
	for i, w := range c.workers {
		typeIDs[i] = c.typeCounts.merge(w.table, w.counts)
		if c.hashing {
			list, err := c.file.saveHashes(w.table)
			if err != nil {
				return err
			}
			s.hashes = append(s.hashes, list)
		}
		w.reset()
	}
	if cost(c.table) > c.limit {
		renumbered := c.prune(c.limit / 2)
		for _, ids := range typeIDs {
			renumber(ids, renumbered)
		}
		if c.file != nil {
			list, err := c.file.saveIDs(renumbered)
			if err != nil {
				return err
			}
			s.renumber = &list
		}
	}
	if c.file != nil {
		for _, ids := range typeIDs {
			list, err := c.file.saveIDs(ids)
			if err != nil {
				return err
			}
			s.ids = append(s.ids, list)
		}
	}
	c.stages = append(c.stages, s)
	return nil
}

// resolve makes the ids of all stages lead to the final ids of the counter's table.
func (c *counter) resolve() error {
	var final []int32 // from the ids after a stage to the final ones; nil if they are the same
	for i := len(c.stages) - 1; i >= 0; i-- {
		s := &c.stages[i]
		if final != nil {
			for _, list := range s.ids {
				ids, err := c.file.loadIDs(list)
				if err != nil {
					return err
				}
				renumber(ids, final)
				if err := c.file.replaceIDs(list, ids); err != nil {
					return err
				}
			}
		}
		if s.renumber == nil {
			continue
		}
		before, err := c.file.loadIDs(*s.renumber)
		if err != nil {
			return err
		}
		if final != nil {
			renumber(before, final)
		}
		final = before
	}
	return nil
}

// renumber replaces each id in ids, except -1, by its new one.
func renumber(ids, newIDs []int32) {
	for i, id := range ids {
		if id >= 0 {
			ids[i] = newIDs[id]
		}
	}
}

// statistics returns what all workers read and skipped.
func (c *counter) statistics() analysis.Statistics {
	var sum analysis.Statistics
	for _, w := range c.workers {
		sum.Add(w.stream.Statistics())
	}
	return sum
}

// chunks returns what the workers wrote to the file, in the order of the text.
func (c *counter) chunks() []countedChunk {
	var all []countedChunk
	for _, w := range c.workers {
		all = append(all, w.chunks...)
	}
	slices.SortFunc(all, func(a, b countedChunk) int {
		return cmp.Or(cmp.Compare(a.input, b.input), cmp.Compare(a.index, b.index))
	})
	return all
}

// A countWorker counts the tokens of the chunks it is given in a table of its own, and writes them
// to the file. It is the sink of its token stream.
type countWorker struct {
	number int
	stream *analysis.Stream
	table  *vocab.Table
	counts []int64
	cost   atomic.Int64 // of the table
	file   *tokenFile   // nil to count only
	chunks []countedChunk

	current countedChunk
	tokens  []Token     // of the current chunk
	batch   vocab.Batch // the words of the last tokens, which have no ids yet
}

// A countedChunk is where a token file has the tokens of one chunk of the text. Their ids are those
// of the worker that counted it at that stage. The last token of each line is marked.
type countedChunk struct {
	input, index  int
	stage, worker int
	offset        int64 // in tokens
	length        int64
	// endsBefore is set if a line ends before the first token, and endsLine if one ends after a
	// token. rest is the number of tokens after the last end of a line.
	endsBefore, endsLine bool
	rest                 int64
}

// read reads the tokens of the chunk from the counter's file, into buf if that is large enough.
func (c countedChunk) read(buf []Token, from *tokenFile) ([]Token, error) {
	if int64(cap(buf)) < c.length {
		buf = make([]Token, c.length)
	}
	buf = buf[:c.length]
	return buf, from.read(buf, c.offset)
}

func newCountWorker(a *analysis.Analyzer, number int, file *tokenFile) *countWorker {
	w := &countWorker{number: number, table: vocab.NewTable(0), file: file}
	w.stream = a.NewStream(w)
	return w
}

// count counts a chunk of the text at the given stage.
func (w *countWorker) count(chunk source.Chunk, stage int) error {
	w.current = countedChunk{input: chunk.Input, index: chunk.Index, stage: stage, worker: w.number}
	w.tokens = w.tokens[:0]
	w.stream.Analyze(chunk)
	w.flush()
	chunk.Release()
	// The counts come last, as increments that don't wait for one another.
	w.counts = append(w.counts, make([]int64, w.table.Len()-len(w.counts))...)
	for _, t := range w.tokens {
		w.counts[t.ID()]++
	}
	w.cost.Store(cost(w.table))
	if w.file == nil {
		return nil
	}
	var err error
	w.current.length = int64(len(w.tokens))
	w.current.offset, err = w.file.append(w.tokens)
	w.chunks = append(w.chunks, w.current)
	return err
}

// reset forgets all types, but not the chunks.
func (w *countWorker) reset() {
	w.table, w.counts = vocab.NewTable(0), nil
	w.cost.Store(0)
}

// Token implements analysis.Sink.
func (w *countWorker) Token(t []byte) {
	w.tokens = append(w.tokens, 0)
	w.current.rest++
	if w.batch.Add(t) {
		w.flush()
	}
}

// flush gives the words of the batch their ids.
func (w *countWorker) flush() {
	ids := w.table.AddBatch(&w.batch)
	last := w.tokens[len(w.tokens)-len(ids):]
	for i, id := range ids {
		last[i] |= Token(id)
	}
}

// EndLine implements analysis.Sink.
func (w *countWorker) EndLine() {
	if n := len(w.tokens); n > 0 {
		w.tokens[n-1] |= sentenceEnd
		w.current.endsLine = true
	} else {
		w.current.endsBefore = true
	}
	w.current.rest = 0
}
