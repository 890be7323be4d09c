// Package hnsw is approximate search for nearest neighbors in a hierarchical navigable small world graph (Malkov and
// Yashunin 2018, arXiv 1603.09320). It knows items by number and asks a [Scorer] how similar they are, so it has neither words
// nor vectors.
//
// # The graph
//
// Each item is linked to items that are similar to it. A search walks from item to item, always to the most similar one
// not yet visited, and keeps the best that it has seen; its breadth says how many. So that it does not start too far away, each
// item has a random level, one in M items at least level 1, one in M² level 2, …: the few items of high levels are linked
// among each other, too, which leads to the right region in a few steps.
//
// Links go to items in different directions: an item is linked only if it is more similar to the new one than to
// those linked already (algorithm 4 of the paper); if too few are left, the best of the others follow.
//
// # The same graph with any number of threads
//
// Items are inserted in batches. All items of a batch search the graph without the batch, in parallel, and are compared with
// those of the batch before them. Then links are added, in parallel over the items that get them, in the order of the
// items that give them. Levels are addressed by the number of the item. So the graph depends on items, settings and seed, and on
// the kernel that rounds similarities.
package hnsw

import (
	"errors"
	"fmt"
	"math"

	"kindred/internal/mapping"
	"kindred/internal/random"
)

// A Scorer computes similarities of one item or query with others. It is not safe for concurrent use.
type Scorer interface {
	// SetItem makes the scorer compute similarities with an item.
	SetItem(item int32)
	// Scores sets dst[i] to the similarity with items[i].
	Scores(dst []float32, items []int32)
}

// Settings say how a graph is built.
type Settings struct {
	// Links is M of the paper: an item has at most so many links on each level, and twice as many on the lowest. 2 to 256.
	Links int `json:"links"`
	// Breadth is efConstruction of the paper: how many items a search keeps while the graph is built. 1 or more.
	Breadth int `json:"breadth"`
	// Seed decides the levels.
	Seed uint64 `json:"seed"`
}

// Defaults returns the settings that [Build] is recommended to use.
func Defaults() Settings { return Settings{Links: 16, Breadth: 200, Seed: 1} }

// MostLinks is the largest value of Settings.Links.
const MostLinks = 256

// Check returns an error if a setting is out of range.
func (s Settings) Check() error {
	if s.Links < 2 || s.Links > MostLinks || s.Breadth < 1 {
		return fmt.Errorf("a graph of %d links built with a breadth of %d; want 2 to %d links and a breadth of 1 or more", s.Links, s.Breadth, MostLinks)
	}
	return nil
}

// mostLevel is the highest level. With two links a level, one in 2^31 items would be higher.
const mostLevel = 31

// level returns the level of an item.
func (s Settings) level(item int) uint8 {
	r := random.New(s.Seed, random.Levels, uint64(item))
	u := 1 - r.Float64() // above 0
	return uint8(min(mostLevel, -math.Log(u)/math.Log(float64(s.Links))))
}

// A Graph is a graph of items 0, 1, …. It is safe for concurrent use.
type Graph struct {
	settings Settings
	levels   []uint8
	// base has the links of the lowest level, 2*Links for each item, and upper those of the others, Links for each item and
	// level: those of item i start with block blocks[i]. Unused links are -1.
	base, upper []int32
	blocks      []int32
	entry       int32 // where searches start, -1 if there are no items
	// mapped is the file that the links are in, nil if they are in memory of their own.
	mapped *mapping.File
}

// noLink fills unused links.
const noLink = -1

// newGraph returns a graph of n items without links.
func newGraph(n int, s Settings) *Graph {
	g := &Graph{settings: s, levels: make([]uint8, n), entry: -1}
	for i := range g.levels {
		g.levels[i] = s.level(i)
	}
	upper := g.setBlocks()
	g.base, g.upper = make([]int32, 2*s.Links*n), make([]int32, s.Links*upper)
	for _, links := range [][]int32{g.base, g.upper} {
		for i := range links {
			links[i] = noLink
		}
	}
	return g
}

// setBlocks numbers the blocks of links of upper levels, and returns how many there are.
func (g *Graph) setBlocks() int {
	g.blocks = make([]int32, len(g.levels))
	next := 0
	for i, l := range g.levels {
		g.blocks[i] = int32(next)
		next += int(l)
	}
	return next
}

// Len returns the number of items.
func (g *Graph) Len() int { return len(g.levels) }

// Guard calls read, which may search the graph. If that is in a mapped file, the error says that a part of it could not be
// read.
func (g *Graph) Guard(read func()) error {
	if g.mapped == nil {
		read()
		return nil
	}
	return g.mapped.Use(read)
}

// Err returns the first error of Guard, or says that the mapped file was changed after it was opened.
func (g *Graph) Err() error {
	if g.mapped == nil {
		return nil
	}
	return g.mapped.Err()
}

// Settings returns how the graph was built.
func (g *Graph) Settings() Settings { return g.settings }

// links returns the places for the links of an item on a level, which must be one of the item.
func (g *Graph) links(item int32, level int) []int32 {
	m := g.settings.Links
	if level == 0 {
		return g.base[int(item)*2*m:][:2*m]
	}
	return g.upper[(int(g.blocks[item])+level-1)*m:][:m]
}

// A Found is an item with its similarity.
type Found struct {
	Item  int32
	Score float32
}

// better reports whether a is better than b: by its higher score, then by its lower number.
func better(a, b Found) bool { return a.Score > b.Score || a.Score == b.Score && a.Item < b.Item }

// errDamaged is what a search in a damaged file finds, since links are not checked before.
var errDamaged = errors.New("a link of the graph leads to an item that is not on its level: the file is damaged")

// A Searcher searches a graph. It has buffers and is not safe for concurrent use.
type Searcher struct {
	g       *Graph
	visited []uint32 // mark of the last search that visited the item
	mark    uint32
	queue   heap // items whose links were not followed yet, the best on top
	best    heap // the best so far, the worst on top
	items   []int32
	scores  []float32
}

// NewSearcher returns a searcher.
func (g *Graph) NewSearcher() *Searcher {
	return &Searcher{g: g, visited: make([]uint32, g.Len()), queue: heap{before: better}, best: heap{before: func(a, b Found) bool { return better(b, a) }},
		items: make([]int32, 0, 2*g.settings.Links), scores: make([]float32, 2*g.settings.Links)}
}

// Search returns the items most similar to what s scores, at most breadth of them, the best first. The greater the breadth, the more
// of them are the right ones. The slice is valid until the next call. The error says that the graph is damaged.
func (r *Searcher) Search(s Scorer, breadth int) ([]Found, error) {
	if r.g.entry < 0 {
		return nil, nil
	}
	start, err := r.descend(s, 0)
	if err != nil {
		return nil, err
	}
	return r.layer(s, []Found{start}, max(1, breadth), 0)
}

// descend walks from the entry to the most similar item on each level above the given one.
func (r *Searcher) descend(s Scorer, above int) (Found, error) {
	now := Found{Item: r.g.entry}
	s.Scores(r.scores[:1], []int32{now.Item})
	now.Score = r.scores[0]
	for level := int(r.g.levels[now.Item]); level > above; level-- {
		for {
			items, err := r.unvisited(now.Item, level, false)
			if err != nil {
				return now, err
			}
			s.Scores(r.scores[:len(items)], items)
			next := now
			for i, item := range items {
				if f := (Found{item, r.scores[i]}); better(f, next) {
					next = f
				}
			}
			if next == now {
				break
			}
			now = next
		}
	}
	return now, nil
}

// unvisited returns the items that an item is linked to on a level. If mark is true, it leaves out those visited in this search,
// and marks the others.
func (r *Searcher) unvisited(item int32, level int, mark bool) ([]int32, error) {
	r.items = r.items[:0]
	for _, to := range r.g.links(item, level) {
		if to == noLink {
			break
		}
		if uint32(to) >= uint32(len(r.g.levels)) || int(r.g.levels[to]) < level {
			return nil, errDamaged
		}
		if mark {
			if r.visited[to] == r.mark {
				continue
			}
			r.visited[to] = r.mark
		}
		r.items = append(r.items, to)
	}
	return r.items, nil
}

// layer searches a level from some items on it (algorithm 2 of the paper). It returns the best, at most breadth, the best first.
func (r *Searcher) layer(s Scorer, start []Found, breadth, level int) ([]Found, error) {
	if r.mark++; r.mark == 0 { // all marks have been used
		clear(r.visited)
		r.mark = 1
	}
	r.queue.list, r.best.list = r.queue.list[:0], r.best.list[:0]
	for _, f := range start {
		r.visited[f.Item] = r.mark
		r.queue.push(f)
		r.best.push(f)
	}
	for len(r.queue.list) > 0 {
		now := r.queue.pop()
		if len(r.best.list) >= breadth && better(r.best.list[0], now) {
			break
		}
		items, err := r.unvisited(now.Item, level, true)
		if err != nil {
			return nil, err
		}
		s.Scores(r.scores[:len(items)], items)
		for i, item := range items {
			f := Found{item, r.scores[i]}
			if len(r.best.list) >= breadth {
				if !better(f, r.best.list[0]) {
					continue
				}
				r.best.pop()
			}
			r.best.push(f)
			r.queue.push(f)
		}
	}
	// The worst comes first from the heap.
	n := len(r.best.list)
	sorted := r.queue.list[:0]
	for range n {
		sorted = append(sorted, r.best.pop())
	}
	r.queue.list = sorted
	for i := range n / 2 {
		sorted[i], sorted[n-1-i] = sorted[n-1-i], sorted[i]
	}
	return sorted, nil
}

// A heap has on top what comes before all others.
type heap struct {
	list   []Found
	before func(a, b Found) bool
}

func (h *heap) push(f Found) {
	h.list = append(h.list, f)
	for i := len(h.list) - 1; i > 0; {
		parent := (i - 1) / 2
		if !h.before(h.list[i], h.list[parent]) {
			return
		}
		h.list[i], h.list[parent] = h.list[parent], h.list[i]
		i = parent
	}
}

func (h *heap) pop() Found {
	top, last := h.list[0], len(h.list)-1
	h.list[0] = h.list[last]
	h.list = h.list[:last]
	for i := 0; ; {
		first := i
		for child := 2*i + 1; child <= 2*i+2 && child < last; child++ {
			if h.before(h.list[child], h.list[first]) {
				first = child
			}
		}
		if first == i {
			return top
		}
		h.list[i], h.list[first] = h.list[first], h.list[i]
		i = first
	}
}
