package search

import (
	"context"

	"kindred/model/hnsw"
)

// recallNeighbors is the number of neighbors of a query that an approximate search should find.
const recallNeighbors = 10

// recallBreadths are the breadths for which recall is measured.
var recallBreadths = []int{10, 20, 40, 80, 160, 320, 640, 1280}

// WantedRecall is the recall that the recommended breadth of a graph has.
const WantedRecall = 0.95

// MeasureRecall compares approximate with exact search: it asks for the nearest neighbors of so many candidates, at equal
// distances in the vocabulary, and sets Breadth, Queries, Neighbors and Recalls of the record. A candidate is no neighbor of its own.
// Recall is the share of the exact search's ten nearest that are found. Bands are those of frequency, if the vocabulary is
// sorted by it. Breadth is the least of those measured with a recall of [WantedRecall], the greatest if none has it. The
// error is that of ctx, or of [Index.Err].
func (x *Index) MeasureRecall(ctx context.Context, g *hnsw.Graph, queries int, r *hnsw.Record) error {
	n := min(queries, x.n)
	r.Queries, r.Neighbors, r.Recalls = n, recallNeighbors, nil
	var vectors [][]float32
	var ids []int
	var themselves [][]int
	for i := range n {
		id := int((int64(2*i+1) * int64(x.n)) / int64(2*n))
		q := x.Stored(id)
		if !hasDirection(q.Vector) {
			r.Queries--
			continue
		}
		vectors, ids, themselves = append(vectors, q.Vector), append(ids, id), append(themselves, []int{id})
	}
	exact := x.NearestAll(vectors, recallNeighbors, themselves)
	if err := x.Err(); err != nil {
		return err
	}
	for _, breadth := range recallBreadths {
		if err := ctx.Err(); err != nil {
			return err
		}
		y, err := x.Approximate(g, breadth)
		if err != nil {
			return err
		}
		found := y.NearestAll(vectors, recallNeighbors, themselves)
		if err := y.Err(); err != nil {
			return err
		}
		r.Recalls = append(r.Recalls, recallOf(breadth, ids, exact, found))
		r.Breadth = breadth
		if r.Recalls[len(r.Recalls)-1].Recall >= 0.995 {
			break
		}
	}
	for _, recall := range r.Recalls {
		if recall.Recall >= WantedRecall {
			r.Breadth = recall.Breadth
			break
		}
	}
	return nil
}

// recallOf compares lists of neighbors.
func recallOf(breadth int, ids []int, exact, found [][]Neighbor) hnsw.Recall {
	r := hnsw.Recall{Breadth: breadth, Recall: 1}
	var bands []hnsw.Band
	for from, to := 0, 1000; ; from, to = to, 10*to {
		bands = append(bands, hnsw.Band{From: from, To: to - 1})
		if len(ids) == 0 || to > ids[len(ids)-1] {
			break
		}
	}
	hits, all := make([]int, len(bands)), make([]int, len(bands))
	allHits, total := 0, 0
	for i, id := range ids {
		band := 0
		for id > bands[band].To {
			band++
		}
		bands[band].Queries++
		has := make(map[int]bool, len(found[i]))
		for _, n := range found[i] {
			has[n.ID] = true
		}
		for _, n := range exact[i] {
			all[band]++
			if has[n.ID] {
				hits[band]++
			}
		}
	}
	for i := range bands {
		allHits, total = allHits+hits[i], total+all[i]
		if all[i] > 0 {
			bands[i].Recall = float64(hits[i]) / float64(all[i])
			r.Bands = append(r.Bands, bands[i])
		}
	}
	if total > 0 {
		r.Recall = float64(allHits) / float64(total)
	}
	return r
}
