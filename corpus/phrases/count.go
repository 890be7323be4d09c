package phrases

import (
	"context"
	"maps"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"kindred/corpus/analysis"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
)

// A counter counts the words and the adjacent pairs of a text on all processors. Like the counter of
// package corpus, it has a table for each worker. They are merged at the end, and earlier if together
// they may have outgrown the memory. If the merged table alone is too large, the rarest words and
// pairs are dropped (lossy counting; Manku and Motwani 2002). Whether to drop is decided at fixed
// positions of the text, so the result does not depend on the number of workers.
type counter struct {
	connectors []string
	limit      int64 // of the cost of the merged counts
	interval   int64 // bytes of text between two checks of the limit
	chunkSize  int
	workers    []*countWorker
	counts     *counts // merged
	// bound is the highest count that a word or pair outside of counts may have had, and dropped the
	// number of words and pairs that were dropped.
	bound, dropped int64
}

const (
	// wordCost is the memory that a word takes besides its letters, in bytes, while tables grow.
	wordCost = 72
	// costPerByte bounds the cost that a byte of text can add: a word of one letter, a separator, a
	// pair, and the connectors before it.
	costPerByte = (2*wordCost + pairCost + 4) / 2
	// checksPerLimit is how often the limit is checked while as much text is read as counts may take
	// memory.
	checksPerLimit = 64
	// mostConnectors is how many connectors a phrase may have between two words. Without a limit, a
	// text of connectors alone would be one phrase.
	mostConnectors = 8
)

// counts are words and pairs with their counts. The first words are the connectors, and are not
// counted.
type counts struct {
	words *vocab.Table
	// occurrences and missed are by word: its count, and the most occurrences that an earlier drop
	// may have lost.
	occurrences, missed []int64
	// vias are the sequences of connectors between words, joined by spaces: 0 is none, and then each
	// connector alone.
	vias  *vocab.Table
	pairs pairTable
	batch pairBatch
}

func newCounts(connectors []string) *counts {
	c := &counts{words: vocab.NewTable(0), vias: vocab.NewTable(0), pairs: newPairTable()}
	c.vias.Add(nil)
	for _, w := range connectors {
		c.words.Add([]byte(w))
		c.vias.Add([]byte(w))
	}
	c.grow(0)
	return c
}

// grow makes room for the counts of new words, which may have missed some.
func (c *counts) grow(missed int64) {
	for n := c.words.Len(); len(c.occurrences) < n; {
		c.occurrences, c.missed = append(c.occurrences, 0), append(c.missed, missed)
	}
}

// cost returns the cost of the counts in bytes. It follows from words and pairs alone.
func (c *counts) cost() int64 {
	return wordCost*int64(c.words.Len()+c.vias.Len()) + c.words.TextLen() + c.vias.TextLen() + pairCost*int64(c.pairs.used)
}

// add adds the counts of another one; what it lacks may have missed occurrences.
func (c *counts) add(from *counts, missed int64) {
	words, vias := c.words.AddTable(from.words), c.vias.AddTable(from.vias)
	c.grow(missed)
	for id, n := range from.occurrences {
		c.occurrences[words[id]] += n
	}
	for i := range from.pairs.slots {
		s := &from.pairs.slots[i]
		if s.count == 0 {
			continue
		}
		p := pair{uint64(words[s.first()])<<32 | uint64(words[s.second()]), uint32(vias[s.via])}
		c.batch.add(&c.pairs, p, s.count, clamp(missed))
	}
	c.batch.flush(&c.pairs)
}

// clamp returns what a slot can hold. A bound above it would take a text of a million times as many
// words as there are slots.
func clamp(missed int64) uint32 { return uint32(min(missed, math.MaxUint32)) }

// newCounter returns a counter with a table of its own for each processor.
func newCounter(a *analysis.Analyzer, connectors []string, memory int64, chunkSize int) *counter {
	c := &counter{
		connectors: connectors,
		limit:      memory / 2, // the other half is for the workers
		interval:   max(memory/checksPerLimit, int64(chunkSize)),
		chunkSize:  chunkSize,
		counts:     newCounts(connectors),
	}
	for range runtime.GOMAXPROCS(0) {
		w := &countWorker{connectors: connectors, counts: newCounts(connectors)}
		w.stream = a.NewStream(w)
		c.workers = append(c.workers, w)
	}
	return c
}

// count counts a text.
func (c *counter) count(ctx context.Context, text *source.Source, progress func(int64)) error {
	work := make(chan source.Chunk, len(c.workers))
	var running, inFlight sync.WaitGroup
	for _, w := range c.workers {
		running.Go(func() {
			for chunk := range work {
				w.count(chunk)
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
			c.merge()
		}
		position = next
		inFlight.Add(1)
		work <- chunk // the workers take every chunk
		return nil
	})
	close(work)
	running.Wait()
	if err == nil {
		c.merge()
	}
	return err
}

// mayExceed tells whether the counts may cost more than the limit. Chunks that are being counted add
// the most that they can, so false is certain.
func (c *counter) mayExceed() bool {
	sum := c.counts.cost() + 2*int64(len(c.workers))*int64(c.chunkSize)*costPerByte
	for _, w := range c.workers {
		sum += w.cost.Load()
	}
	return sum > c.limit
}

// merge adds the counts of all workers, which are idle, since the last merge.
func (c *counter) merge() {
	for _, w := range c.workers {
		if c.counts.pairs.used == 0 && c.dropped == 0 && c.counts.words.Len() == len(c.connectors) {
			c.counts = w.counts
		} else {
			c.counts.add(w.counts, c.bound)
		}
		w.counts = newCounts(c.connectors)
		w.cost.Store(0)
	}
	if c.counts.cost() > c.limit {
		c.prune(c.limit / 2)
	}
}

// prune drops the rarest words and pairs until the others cost no more than limit. What can't have
// occurred more often than the bound is dropped. A pair with a word that is dropped goes with it, as
// it can't have occurred more often than its words.
func (c *counter) prune(limit int64) {
	old := c.counts
	costs := map[int64]int64{} // by the highest that a true count can be
	for id := len(c.connectors); id < old.words.Len(); id++ {
		costs[old.occurrences[id]+old.missed[id]] += wordCost + int64(len(old.words.Word(int32(id))))
	}
	for i := range old.pairs.slots {
		if s := &old.pairs.slots[i]; s.count > 0 {
			costs[s.count+int64(s.missed)] += pairCost
		}
	}
	cost := int64(0)
	for _, highest := range slices.Backward(slices.Sorted(maps.Keys(costs))) {
		if cost += costs[highest]; cost > limit {
			c.bound = max(c.bound, highest)
			break
		}
	}
	c.counts = newCounts(c.connectors)
	words := make([]int32, old.words.Len())
	for id := range words {
		words[id] = int32(id)
		if id < len(c.connectors) {
			continue
		}
		if old.occurrences[id]+old.missed[id] <= c.bound {
			words[id] = -1
			c.dropped++
			continue
		}
		words[id] = c.counts.words.Add(old.words.Word(int32(id)))
		c.counts.occurrences = append(c.counts.occurrences, old.occurrences[id])
		c.counts.missed = append(c.counts.missed, old.missed[id])
	}
	for i := range old.pairs.slots {
		s := old.pairs.slots[i]
		if s.count == 0 {
			continue
		}
		first, second := words[s.first()], words[s.second()]
		if first < 0 || second < 0 || s.count+int64(s.missed) <= c.bound {
			c.dropped++
			continue
		}
		via := uint32(c.counts.vias.Add(old.vias.Word(int32(s.via))))
		c.counts.pairs.add(pair{uint64(first)<<32 | uint64(second), via}, s.count, s.missed)
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

// types returns the number of distinct words and pairs. One that was dropped and came back counts
// twice.
func (c *counter) types() int64 {
	return int64(c.counts.words.Len()-len(c.connectors)) + int64(c.counts.pairs.used) + c.dropped
}

// phrases returns the pairs that score above the threshold, without order.
func (c *counter) phrases(o Options, words int64) []Phrase {
	var list []Phrase
	from := c.counts
	types := c.types()
	for i := range from.pairs.slots {
		s := &from.pairs.slots[i]
		if s.count < o.MinCount {
			continue
		}
		score := o.Scoring.Score(Counts{
			First: from.occurrences[s.first()], Second: from.occurrences[s.second()], Pair: s.count,
			MinCount: o.MinCount, Types: types, Words: words,
		})
		if !(score > o.Threshold) {
			continue
		}
		p := Phrase{Words: []string{string(from.words.Word(s.first()))}, Score: score, Count: s.count}
		p.Words = append(p.Words, strings.Fields(string(from.vias.Word(int32(s.via))))...)
		p.Words = append(p.Words, string(from.words.Word(s.second())))
		if p.Joined = strings.Join(p.Words, o.Delimiter); len(p.Joined) <= analysis.DefaultMaxTokenBytes {
			list = append(list, p)
		}
	}
	return list
}

// A countWorker counts the words and pairs of the chunks it is given. It is the sink of its token
// stream.
type countWorker struct {
	connectors []string
	stream     *analysis.Stream
	counts     *counts
	cost       atomic.Int64
	words      []uint32 // ids of the words of the chunk; the last one of a line is marked
	batch      vocab.Batch
}

const lineEnd = 1 << 31

// count counts a chunk.
func (w *countWorker) count(chunk source.Chunk) {
	w.words = w.words[:0]
	w.stream.Analyze(chunk)
	w.flush()
	chunk.Release()
	w.counts.grow(0)
	w.pairs()
	w.cost.Store(w.counts.cost())
}

// pairs counts the words of the chunk and the pairs in each of its lines.
func (w *countWorker) pairs() {
	c, connectors := w.counts, uint32(len(w.connectors))
	first := int64(-1) // the last word that is no connector, -1 at the start of a line
	var between []uint32
	for _, word := range w.words {
		id := word &^ lineEnd
		switch {
		case id >= connectors:
			c.occurrences[id]++
			if first >= 0 && len(between) <= mostConnectors {
				c.batch.add(&c.pairs, pair{uint64(first)<<32 | uint64(id), w.via(between)}, 1, 0)
			}
			first, between = int64(id), between[:0]
		case first >= 0 && len(between) <= mostConnectors:
			between = append(between, id)
		}
		if word&lineEnd != 0 {
			first, between = -1, between[:0]
		}
	}
	c.batch.flush(&c.pairs)
}

// via returns the id of a sequence of connectors.
func (w *countWorker) via(between []uint32) uint32 {
	switch len(between) {
	case 0:
		return 0
	case 1:
		return between[0] + 1
	}
	var text []byte
	for i, id := range between {
		if i > 0 {
			text = append(text, ' ')
		}
		text = append(text, w.connectors[id]...)
	}
	return uint32(w.counts.vias.Add(text))
}

// Token implements analysis.Sink.
func (w *countWorker) Token(t []byte) {
	w.words = append(w.words, 0)
	if w.batch.Add(t) {
		w.flush()
	}
}

// flush gives the words of the batch their ids.
func (w *countWorker) flush() {
	ids := w.counts.words.AddBatch(&w.batch)
	last := w.words[len(w.words)-len(ids):]
	for i, id := range ids {
		last[i] |= uint32(id)
	}
}

// EndLine implements analysis.Sink.
func (w *countWorker) EndLine() {
	if n := len(w.words); n > 0 {
		w.words[n-1] |= lineEnd
	}
}
