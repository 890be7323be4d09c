package hnsw

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// mostBatch is the largest number of items in a batch, and batchShare the share of the graph that a batch is at most: what is
// inserted together finds each other only by comparing all pairs.
const mostBatch, batchShare = 1024, 8

// Build returns the graph of n items, which scorers compare: each goroutine calls newScorer twice. It stops with the
// error of ctx if that is done. progress, if it is not nil, is told how many items are inserted. An error of check, if that is not nil, ends
// the work after a batch.
func Build(ctx context.Context, n int, s Settings, newScorer func() Scorer, progress func(items int), check func() error) (*Graph, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	b := &builder{g: newGraph(n, s)}
	for range runtime.GOMAXPROCS(0) {
		b.workers = append(b.workers, &buildWorker{Searcher: b.g.NewSearcher(), query: newScorer(), other: newScorer()})
	}
	for start := 0; start < n; {
		end := min(n, start+min(mostBatch, max(1, start/batchShare)))
		if err := b.insert(start, end); err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if check != nil {
			if err := check(); err != nil {
				return nil, err
			}
		}
		if start = end; progress != nil {
			progress(end)
		}
	}
	return b.g, nil
}

type builder struct {
	g       *Graph
	workers []*buildWorker
	added   []link
}

// A buildWorker has what a goroutine needs. A scorer compares the new item with others, the other one these among each other.
type buildWorker struct {
	*Searcher
	query, other Scorer
	peers        []int32
	peerScores   []float32
	candidates   []Found
	chosen       []int32
	rest         []Found
	err          error
}

// A link leads from an item to a new one on a level.
type link struct {
	level    int
	from, to int32
}

// parallel calls do for 0..n-1.
func (b *builder) parallel(n int, do func(w *buildWorker, i int)) error {
	var next atomic.Int64
	var group sync.WaitGroup
	for _, w := range b.workers {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(w, i)
			}
		})
	}
	group.Wait()
	var errs []error
	for _, w := range b.workers {
		errs = append(errs, w.err)
	}
	return errors.Join(errs...)
}

// insert adds the items start..end-1.
func (b *builder) insert(start, end int) error {
	links := make([][][]int32, end-start) // of each new item, by level
	if err := b.parallel(end-start, func(w *buildWorker, i int) {
		var err error
		if links[i], err = w.connect(start, start+i); err != nil {
			w.err = err
		}
	}); err != nil {
		return err
	}
	b.added = b.added[:0]
	for i, levels := range links {
		item := int32(start + i)
		for level, to := range levels {
			copy(b.g.links(item, level), to)
			for _, t := range to {
				b.added = append(b.added, link{level, t, item})
			}
		}
		if b.g.entry < 0 || b.g.levels[item] > b.g.levels[b.g.entry] {
			b.g.entry = item
		}
	}
	slices.SortStableFunc(b.added, func(x, y link) int {
		if x.level != y.level {
			return x.level - y.level
		}
		return int(x.from) - int(y.from)
	})
	var groups []int // where the links of an item on a level start
	for i, l := range b.added {
		if i == 0 || l.from != b.added[i-1].from || l.level != b.added[i-1].level {
			groups = append(groups, i)
		}
	}
	return b.parallel(len(groups), func(w *buildWorker, i int) {
		to := len(b.added)
		if i+1 < len(groups) {
			to = groups[i+1]
		}
		w.extend(b.added[groups[i]:to])
	})
}

// connect returns the links of a new item on each of its levels. The items of its batch before it start with first.
func (w *buildWorker) connect(first, item int) ([][]int32, error) {
	g := w.g
	level := int(g.levels[item])
	links := make([][]int32, level+1)
	w.query.SetItem(int32(item))
	w.peers = w.peers[:0]
	for p := first; p < item; p++ {
		w.peers = append(w.peers, int32(p))
	}
	w.peerScores = slices.Grow(w.peerScores[:0], len(w.peers))[:len(w.peers)]
	w.query.Scores(w.peerScores, w.peers)
	var start []Found
	top := -1 // the highest level of the graph
	if g.entry >= 0 {
		top = int(g.levels[g.entry])
		at, err := w.descend(w.query, level)
		if err != nil {
			return nil, err
		}
		start = []Found{at}
	}
	for l := level; l >= 0; l-- {
		w.candidates = w.candidates[:0]
		if l <= top {
			found, err := w.layer(w.query, start, g.settings.Breadth, l)
			if err != nil {
				return nil, err
			}
			start = slices.Clone(found)
			w.candidates = append(w.candidates, found...)
		}
		for i, p := range w.peers {
			if int(g.levels[p]) >= l {
				w.candidates = append(w.candidates, Found{p, w.peerScores[i]})
			}
		}
		w.sort()
		if len(w.candidates) > g.settings.Breadth {
			w.candidates = w.candidates[:g.settings.Breadth]
		}
		links[l] = slices.Clone(w.choose(g.settings.Links))
	}
	return links, nil
}

func (w *buildWorker) sort() {
	slices.SortFunc(w.candidates, func(a, b Found) int {
		switch {
		case better(a, b):
			return -1
		case better(b, a):
			return 1
		}
		return 0
	})
}

// choose returns at most n of the candidates, which are sorted, by their similarity and in different directions (algorithm 4 of the paper).
func (w *buildWorker) choose(n int) []int32 {
	w.chosen, w.rest = w.chosen[:0], w.rest[:0]
	for _, c := range w.candidates {
		if len(w.chosen) == n {
			return w.chosen
		}
		if len(w.chosen) > 0 {
			w.other.SetItem(c.Item)
			scores := w.otherScores(w.chosen)
			if slices.Max(scores) >= c.Score {
				if len(w.rest) < n {
					w.rest = append(w.rest, c)
				}
				continue
			}
		}
		w.chosen = append(w.chosen, c.Item)
	}
	for _, c := range w.rest[:min(len(w.rest), n-len(w.chosen))] {
		w.chosen = append(w.chosen, c.Item)
	}
	return w.chosen
}

// otherScores compares items with that of the other scorer.
func (w *buildWorker) otherScores(items []int32) []float32 {
	w.scores = slices.Grow(w.scores[:0], max(len(items), 2*w.g.settings.Links))
	w.scores = w.scores[:cap(w.scores)]
	w.other.Scores(w.scores[:len(items)], items)
	return w.scores[:len(items)]
}

// extend adds links from one item on one level.
func (w *buildWorker) extend(added []link) {
	from, level := added[0].from, added[0].level
	places := w.g.links(from, level)
	used := 0
	for used < len(places) && places[used] != noLink {
		used++
	}
	if used+len(added) <= len(places) {
		for i, l := range added {
			places[used+i] = l.to
		}
		return
	}
	items := slices.Clone(places[:used])
	for _, l := range added {
		items = append(items, l.to)
	}
	w.other.SetItem(from)
	scores := w.otherScores(items)
	w.candidates = w.candidates[:0]
	for i, item := range items {
		w.candidates = append(w.candidates, Found{item, scores[i]})
	}
	w.sort()
	chosen := w.choose(len(places))
	copy(places, chosen)
	for i := len(chosen); i < len(places); i++ {
		places[i] = noLink
	}
}
