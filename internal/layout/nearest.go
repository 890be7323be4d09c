package layout

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"kindred/internal/kernel"
	"kindred/model"
)

// tile is the number of vectors that are multiplied by as many others at a time. Those of 100 values fit the
// first-level cache.
const tile = 64

// near has the nearest neighbors of words.
type near struct {
	k int
	// ids and cosines hold k values for each word, the highest cosine first, then the lowest id.
	ids     []int32
	cosines []float32
}

// nearest returns the k words with the highest cosine for each word, k < unit.Rows. Every kernel gives the same ones.
func nearest(ctx context.Context, unit *model.Matrix, k int, by kernel.Kernel, progress Progress) (near, error) {
	found := near{k: k, ids: make([]int32, unit.Rows*k), cosines: make([]float32, unit.Rows*k)}
	tiles := (unit.Rows + tile - 1) / tile
	var done atomic.Int64
	inParallel(ctx, tiles, func(t int) {
		first := t * tile
		queries := rowsOf(unit, first, min(first+tile, unit.Rows))
		n := len(queries) / unit.Stride
		best := make([]heap, n)
		dst := make([]float32, n*tile)
		for start := 0; start < unit.Rows; start += tile {
			end := min(start+tile, unit.Rows)
			m := end - start
			by.Products(dst[:n*m], rowsOf(unit, start, end), queries, unit.Stride, unit.Dim)
			for q := range best {
				best[q].add(dst[q*m:(q+1)*m], start, first+q, k)
			}
		}
		for q := range best {
			at := (first + q) * k
			for i, c := range best[q].sorted() {
				found.ids[at+i], found.cosines[at+i] = c.id, c.cosine
			}
		}
		if n := done.Add(1); n%16 == 0 {
			progress("neighbors", float64(n)/float64(tiles))
		}
	})
	return found, ctx.Err()
}

func rowsOf(m *model.Matrix, start, end int) []float32 { return m.Data[start*m.Stride : end*m.Stride] }

// inParallel calls work with 0 to n-1 on all processors, until ctx ends.
func inParallel(ctx context.Context, n int, work func(i int)) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		group.Go(func() {
			for i := int(next.Add(1) - 1); i < n && ctx.Err() == nil; i = int(next.Add(1) - 1) {
				work(i)
			}
		})
	}
	group.Wait()
}

// A neighbor is a word with its cosine.
type neighbor struct {
	cosine float32
	id     int32
}

// A heap keeps the best neighbors, the worst of them first. Ids are added in ascending order, so of equal
// neighbors those that are there stay.
type heap []neighbor

// add adds the words start, start+1, … except one, and keeps the best k, k > 0.
func (h *heap) add(cosines []float32, start, except, k int) {
	list := *h
	for i, c := range cosines {
		if len(list) == k && c <= list[0].cosine || start+i == except {
			continue
		}
		n := neighbor{c, int32(start + i)}
		if len(list) < k {
			list = append(list, n)
			slices.SortFunc(list, compare)
			continue
		}
		at := 1
		for at < len(list) && compare(list[at], n) < 0 {
			list[at-1] = list[at]
			at++
		}
		list[at-1] = n
	}
	*h = list
}

// compare is positive if a is better than b.
func compare(a, b neighbor) int {
	return cmp.Or(cmp.Compare(a.cosine, b.cosine), cmp.Compare(b.id, a.id))
}

// sorted returns the neighbors, the best first.
func (h heap) sorted() []neighbor {
	slices.Reverse(h)
	return h
}
