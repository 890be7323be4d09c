package corpus

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"

	"kindred/corpus/analysis"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
)

// A counter counts the types of a text on all processors. Each worker counts
// in a table of its own. These are merged at the end, and before that whenever all tables
// together may have outgrown the memory allowed: that ends a stage, and if the merged table alone
// is too large its rarest types go (see [vocab.Pruning]).
//
// Whether types go is asked at fixed positions of the text, and answered by what
// was counted up to there. So the outcome does not depend on the number of workers, or on
// which of them took which piece.
type counter struct {
	limit     int64 // of the cost of the merged table
	round     int64 // bytes of text between two questions
	chunkSize int
	spool     *spool // nil where counting is all
	hashing   bool   // stages keep the hashes of words
	workers   []*countWorker
	stages    []stage
	typeCounts
}

// A stage is what turns the ids that were given between two merges into
// those of the counter's table: for each worker, and for the table of the stage before where
// the merge renumbered it.
type stage struct {
	workers  []idMap
	hashes   []idMap // of the words by the workers' ids, two tokens each, where they are kept
	renumber *idMap
}

const (
	// typeCost is what a type costs, in bytes, beside its letters: its slots, its place and
	// its counts, while tables grow.
	typeCost = 72
	// costPerByte bounds the cost that a byte of text can add: a type of one letter and a
	// separator.
	costPerByte = (typeCost + 2) / 2
	// roundsInLimit is how many rounds of text are as long as the memory that types may take.
	// As the types of a round can cost several times its length, it is so many that
	// the tables outgrow the memory by less than half.
	roundsInLimit = 64
)

// cost returns what a table costs: a figure that follows from its words alone,
// close to the memory that it takes with the counts.
func cost(t *vocab.Table) int64 { return typeCost*int64(t.Len()) + t.TextLen() }

func newCounter(o ReadOptions, spool *spool) *counter {
	c := &counter{
		limit:      o.VocabularyMemory / 2, // the other half is the workers'
		round:      max(o.VocabularyMemory/roundsInLimit, int64(o.chunkSize)),
		chunkSize:  o.chunkSize,
		spool:      spool,
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
		c.workers = append(c.workers, newCountWorker(o.Analyzer, i, spool))
	}
	return c
}

// count analyzes and counts a text. The tokens go to the spool, where there is one.
func (c *counter) count(ctx context.Context, text *source.Source, progress func(int64)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// The queue keeps the reader and the workers from waiting for each other.
	work := make(chan source.Chunk, len(c.workers))
	var running, open sync.WaitGroup
	for _, w := range c.workers {
		running.Go(func() {
			for p := range work {
				if err := w.count(p, len(c.stages)); err != nil {
					cancel(err)
				}
				open.Done()
			}
		})
	}
	position := int64(0)
	err := text.Chunks(ctx, c.chunkSize, func(p source.Chunk) error {
		if progress != nil {
			progress(p.Disk)
		}
		if next := position + int64(len(p.Data)); next/c.round > position/c.round && c.mayExceed() {
			open.Wait()
			if err := c.merge(); err != nil {
				return err
			}
		}
		position += int64(len(p.Data))
		open.Add(1)
		select {
		case work <- p:
			return nil
		case <-ctx.Done():
			open.Done()
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

// mayExceed tells whether the types counted so far may cost more than the
// limit. The pieces in flight count with the most that they can add, so that the answer is never
// a wrong no.
func (c *counter) mayExceed() bool {
	flying := int64(2 * len(c.workers))
	sum := cost(c.table) + flying*int64(c.chunkSize)*costPerByte
	for _, w := range c.workers {
		sum += w.cost.Load()
	}
	return sum > c.limit
}

// merge adds up what the workers counted since the last time, while they are
// idle, and ends the stage.
func (c *counter) merge() error {
	var s stage
	locals := make([][]int32, len(c.workers))
	for i, w := range c.workers {
		locals[i] = c.typeCounts.merge(w.table, w.counts)
		if c.hashing {
			m, err := c.spool.saveHashes(w.table)
			if err != nil {
				return err
			}
			s.hashes = append(s.hashes, m)
		}
		w.reset()
	}
	if cost(c.table) > c.limit {
		ids := c.prune(c.limit / 2)
		for _, local := range locals {
			renumber(local, ids)
		}
		if err := c.save(ids, func(m idMap) { s.renumber = &m }); err != nil {
			return err
		}
	}
	for _, local := range locals {
		if err := c.save(local, func(m idMap) { s.workers = append(s.workers, m) }); err != nil {
			return err
		}
	}
	c.stages = append(c.stages, s)
	return nil
}

// save writes ids to the spool, where there is one.
func (c *counter) save(ids []int32, use func(idMap)) error {
	if c.spool == nil {
		return nil
	}
	m, err := c.spool.saveIDs(ids)
	use(m)
	return err
}

// statistics returns what all workers read and skipped.
func (c *counter) statistics() analysis.Statistics {
	var sum analysis.Statistics
	for _, w := range c.workers {
		sum.Add(w.stream.Statistics())
	}
	return sum
}

// pieces returns what the workers wrote to the spool, in the order of the text.
func (c *counter) pieces() []spooledPiece {
	var all []spooledPiece
	for _, w := range c.workers {
		all = append(all, w.pieces...)
	}
	slices.SortFunc(all, func(a, b spooledPiece) int {
		return cmp.Or(cmp.Compare(a.input, b.input), cmp.Compare(a.index, b.index))
	})
	return all
}

// resolve makes the maps of all stages lead to the ids of the counter's
// table as it is in the end.
func (c *counter) resolve() error {
	var ids []int32 // from the table after a stage to that in the end; nil where they are the same
	for i := len(c.stages) - 1; i >= 0; i-- {
		s := &c.stages[i]
		if ids != nil {
			for _, m := range s.workers {
				local, err := c.spool.loadIDs(m)
				if err != nil {
					return err
				}
				renumber(local, ids)
				if err := c.spool.replaceIDs(m, local); err != nil {
					return err
				}
			}
		}
		if s.renumber == nil {
			continue
		}
		before, err := c.spool.loadIDs(*s.renumber)
		if err != nil {
			return err
		}
		if ids != nil {
			renumber(before, ids)
		}
		ids = before
	}
	return nil
}

// renumber turns each id in local, -1 excepted, into what ids has for it.
func renumber(local, ids []int32) {
	for i, id := range local {
		if id >= 0 {
			local[i] = ids[id]
		}
	}
}

// typeCounts are the types of a text with their counts.
type typeCounts struct {
	table  *vocab.Table
	counts []int64
	// keep is the set of words that are never pruned.
	keep map[string]struct{}
	// missed[id] is how many occurrences of a type may have gone with it when it
	// was pruned earlier; nil where nothing was pruned.
	missed []int64
	// bound is the largest count that a type which is not in the table may have had, and
	// pruned the number of types that went.
	bound, pruned int64
}

// keeps tells whether a word is never pruned.
func (t *typeCounts) keeps(word []byte) bool {
	_, ok := t.keep[string(word)]
	return ok
}

// merge adds the types of a table, which is t's from then on, with the counts, and returns their ids in t.
func (t *typeCounts) merge(table *vocab.Table, counts []int64) []int32 {
	if t.table.Len() == 0 && t.missed == nil {
		t.table, t.counts = table, counts
		ids := make([]int32, len(counts))
		for id := range ids {
			ids[id] = int32(id)
		}
		return ids
	}
	ids := t.table.AddTable(table)
	for local, id := range ids {
		if int(id) == len(t.counts) {
			t.counts = append(t.counts, 0)
			switch {
			case t.missed == nil:
			case t.keeps(table.Word(int32(local))):
				t.missed = append(t.missed, 0)
			default:
				t.missed = append(t.missed, t.bound)
			}
		}
		t.counts[id] += counts[local]
	}
	return ids
}

// stageMaps are the maps of one stage, in memory.
type stageMaps struct {
	counter *counter
	final   []int32 // what ids lead to, by the ids of the counter's table; nil stands for these
	loaded  int     // the stage + 1
	// ids and, where they are kept, hashes are those of each worker's ids.
	ids    [][]int32
	hashes [][]uint64
}

// load reads the maps of a stage, if they are not there.
func (m *stageMaps) load(stage int) error {
	if m.loaded == stage+1 {
		return nil
	}
	m.loaded, m.ids, m.hashes = stage+1, nil, nil
	s := m.counter.stages[stage]
	for _, from := range s.workers {
		ids, err := m.counter.spool.loadIDs(from)
		if err != nil {
			return err
		}
		if m.final != nil {
			renumber(ids, m.final)
		}
		m.ids = append(m.ids, ids)
	}
	for _, from := range s.hashes {
		hashes, err := m.counter.spool.loadHashes(from)
		if err != nil {
			return err
		}
		m.hashes = append(m.hashes, hashes)
	}
	return nil
}
