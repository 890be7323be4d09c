package search

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"kindred/internal/kernel"
	"kindred/model"
	"kindred/model/hnsw"
)

// A graphSearch answers questions from a graph.
type graphSearch struct {
	graph   *hnsw.Graph
	breadth int
	inverse []uint32  // see [scorer]
	workers sync.Pool // of *graphWorker
}

type graphWorker struct {
	*hnsw.Searcher
	scorer *scorer
}

// BuildGraph returns a graph of the candidates for approximate search. It is the same with any number of processors. progress is
// told how many candidates it has so far, if it is not nil. The error is that of ctx, or that of [Index.Err].
func (x *Index) BuildGraph(ctx context.Context, s hnsw.Settings, progress func(candidates int)) (*hnsw.Graph, error) {
	inverse, dense := make([]uint32, x.n), x.dense()
	g, err := hnsw.Build(ctx, x.n, s, func() hnsw.Scorer { return dense.newScorer(inverse) }, progress, x.Err)
	if failed := x.Err(); failed != nil {
		return nil, failed
	}
	return g, err
}

// dense returns an index of the same vectors in a matrix in memory, which can be read from anywhere and in any order.
func (x *Index) dense() *Index {
	if _, dense := x.rows.(*model.Matrix); dense {
		return x
	}
	m := model.NewMatrix(x.n, x.dim)
	inParallel(x.n, 1024, func() func(start, end int) {
		return func(start, end int) {
			for i := start; i < end; i++ {
				if v := x.rows.ReadRow(m.Row(i), i); &v[0] != &m.Row(i)[0] {
					copy(m.Row(i), v)
				}
			}
		}
	})
	return &Index{e: x.e, ids: x.ids, dim: x.dim, rows: m, n: x.n, lengths: x.lengths, failure: x.failure}
}

// Approximate returns an index whose Nearest, NearestAll, NearestWord and NearestWords search a graph of all candidates of x, built
// by [Index.BuildGraph], with the given breadth. They miss some neighbors, the fewer the greater the breadth is, and take a
// fraction of the time. Everything else is that of x; [Index.Err] reports errors of the graph's file, too. The graph must be one of x: it is an error if it has not as many items.
func (x *Index) Approximate(g *hnsw.Graph, breadth int) (*Index, error) {
	if g.Len() != x.n {
		return nil, fmt.Errorf("a graph of %d items, but there are %d words to search", g.Len(), x.n)
	}
	y := *x
	y.graph = &graphSearch{graph: g, breadth: breadth, inverse: make([]uint32, x.n)}
	return &y, nil
}

// nearestInGraph returns the best candidates for each query.
func (x *Index) nearestInGraph(queries *model.Matrix, top int, exclude [][]int) []*ranking {
	best := newRankings(queries.Rows, top)
	lacking := make([]bool, queries.Rows) // the graph leads to fewer candidates than there are
	inParallel(queries.Rows, 1, func() func(start, end int) {
		return func(start, _ int) {
			w, _ := x.graph.workers.Get().(*graphWorker)
			if w == nil {
				w = &graphWorker{x.graph.graph.NewSearcher(), x.newScorer(x.graph.inverse)}
			}
			var excluded []int
			if exclude != nil {
				excluded = exclude[start]
			}
			if err := x.guardGraph(func() { x.searchGraph(w, queries.Row(start), best[start], excluded) }); err != nil {
				x.fail(err)
				return // what the worker has is of no use after a fault
			}
			x.graph.workers.Put(w)
			lacking[start] = len(best[start].heap) < min(top, x.n-len(excluded))
		}
	})
	for i, lacks := range lacking {
		if lacks {
			var excluded [][]int
			if exclude != nil {
				excluded = exclude[i : i+1]
			}
			best[i] = x.exactly().nearestTile([][]float32{queries.Row(i)}, top, excluded)[0]
		}
	}
	return best
}

// exactly returns the index without its graph.
func (x *Index) exactly() *Index {
	y := *x
	y.graph = nil
	return &y
}

// guardGraph calls read, which reads the graph and the vectors.
func (x *Index) guardGraph(read func()) (err error) {
	var inner error
	err = model.Guard(x.rows, func() { inner = x.graph.graph.Guard(read) })
	return errors.Join(err, inner)
}

func (x *Index) searchGraph(w *graphWorker, query []float32, best *ranking, excluded []int) {
	w.scorer.setQuery(query)
	found, err := w.Search(w.scorer, max(x.graph.breadth, best.size+len(excluded)))
	if err != nil {
		x.fail(fmt.Errorf("the index of the vectors: %w; build it again with kindred index", err))
		return
	}
	for _, f := range found {
		if !slices.Contains(excluded, int(f.Item)) {
			best.add(candidate{int(f.Item), f.Score})
		}
	}
}

// A scorer computes cosines of a query with candidates anywhere in the matrix.
type scorer struct {
	x      *Index
	kernel kernel.Kernel
	step   kernel.Step
	factor float32 // one over the length of the query
	// inPlace is the number of rows that are in memory as floats, with what follows them. Others are copied to rows.
	inPlace int
	rows    []float32
	buffer  []float32
	stride  int // of rows
	exact   *tile
	product [1]float32
	// inverse has the bits of one over the length of each candidate that was scored before, otherwise 0. Values are those of
	// [lengths].
	inverse []uint32
}

// scoredRows is the number of rows that are copied to be multiplied together.
const scoredRows = 32

func (x *Index) newScorer(inverse []uint32) *scorer {
	query := model.NewMatrix(1, x.dim)
	s := &scorer{x: x, kernel: kernel.Auto(x.dim), stride: query.Stride, exact: x.newTile(1), inverse: inverse}
	if s.exact.row == nil {
		s.exact.row = make([]float32, query.Stride)
	}
	s.rows = make([]float32, scoredRows*query.Stride)
	s.buffer = make([]float32, query.Stride)
	s.step = kernel.Step{In: query.Data, Dim: x.dim, Inputs: []int32{0}}
	if direct, ok := x.rows.(interface {
		InPlace() (values []float32, stride, rows int)
	}); ok {
		s.step.Out, s.step.Stride, s.inPlace = direct.InPlace()
	}
	return s
}

// setQuery sets the query, which has unit length.
func (s *scorer) setQuery(query []float32) {
	copy(s.step.In, query)
	s.factor = 1
}

// SetItem implements [hnsw.Scorer].
func (s *scorer) SetItem(item int32) {
	values, _ := s.x.rows.ReadRows(s.buffer, int(item), 1)
	row := values[:s.x.dim]
	if s.factor = s.inverseOf(item, row); s.factor != s.factor {
		model.Unit(s.step.In[:s.x.dim], row)
		s.factor = 1
		return
	}
	copy(s.step.In, row)
}

// Scores implements [hnsw.Scorer].
func (s *scorer) Scores(dst []float32, items []int32) {
	for len(items) > 0 {
		n := 0
		for n < len(items) && int(items[n]) < s.inPlace {
			n++
		}
		if n > 0 {
			s.step.Targets = items[:n]
			s.kernel.Scores(dst[:n], &s.step)
			for i, item := range items[:n] {
				dst[i] = s.scaled(dst[i], item, s.step.Out[int(item)*s.step.Stride:][:s.x.dim])
			}
		} else {
			for n < min(len(items), scoredRows) && int(items[n]) >= s.inPlace {
				to := s.rows[n*s.stride:][:s.stride]
				if values, _ := s.x.rows.ReadRows(to, int(items[n]), 1); &values[0] != &to[0] {
					copy(to, values[:s.x.dim])
				}
				n++
			}
			s.kernel.Products(dst[:n], s.rows[:n*s.stride], s.step.In, s.stride, s.x.dim)
			for i, item := range items[:n] {
				dst[i] = s.scaled(dst[i], item, s.rows[i*s.stride:][:s.x.dim])
			}
		}
		dst, items = dst[n:], items[n:]
	}
}

// scaled returns the cosine that belongs to a product.
func (s *scorer) scaled(product float32, item int32, row []float32) float32 {
	inverse := s.inverseOf(item, row)
	if inverse != inverse {
		return s.exact.exact(row, s.step.In[:s.x.dim]) * s.factor
	}
	return product * inverse * s.factor
}

// inverseOf returns one over the length of a candidate, NaN if float32 has too little range; see [lengths].
func (s *scorer) inverseOf(item int32, row []float32) float32 {
	if s.x.lengths == nil {
		return 1
	}
	if bits := atomic.LoadUint32(&s.inverse[item]); bits != 0 {
		return math.Float32frombits(bits)
	}
	copy(s.exact.row, row)
	s.kernel.Products(s.product[:], s.exact.row, s.exact.row, len(s.exact.row), s.x.dim)
	v := float32(math.NaN())
	if square := s.product[0]; square >= leastSquare && square <= mostSquare {
		v = float32(1 / math.Sqrt(float64(square)))
	} else {
		_ = s.x.Check(s.x.Word(int(item)), row) // it remembers the error
	}
	atomic.StoreUint32(&s.inverse[item], math.Float32bits(v))
	return v
}
