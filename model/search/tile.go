package search

import (
	"math"
	"sync"

	"kindred/internal/kernel"
	"kindred/model"
)

// lengths has the lengths of the candidates' vectors. Those of a block are computed when it is first used, as its vectors
// are in the cache then.
type lengths struct {
	// inverse has one over the length, and NaN for what needs more care than float32 has range: vectors without a direction,
	// and those that are extremely long or short.
	inverse []float32
	blocks  []sync.Once // of tileRows candidates each
}

func newLengths(n int) *lengths {
	return &lengths{inverse: make([]float32, n), blocks: make([]sync.Once, (n+tileRows-1)/tileRows)}
}

// leastSquare and mostSquare are the squared lengths between which neither squares nor products come near the limits of
// float32.
const leastSquare, mostSquare = 0x1p-80, 0x1p80

// A tile multiplies a few candidates at a time with queries. Each worker has its own.
type tile struct {
	x      *Index
	kernel kernel.Kernel
	// rows is a buffer for vectors that are not in memory as floats, row is one for one vector.
	rows, row []float32
	product   [1]float32
}

// newTile returns a tile of at most so many candidates.
func (x *Index) newTile(candidates int) *tile {
	t := &tile{x: x, kernel: kernel.Auto(x.dim)}
	stride := model.NewMatrix(0, x.dim).Stride
	if _, dense := x.rows.(*model.Matrix); !dense {
		t.rows = make([]float32, candidates*stride)
	}
	if x.lengths != nil {
		t.row = make([]float32, stride)
	}
	return t
}

// cosines sets dst[i*n+j] to the cosine of row i of queries, which has unit length, and the vector of candidate start+j,
// 0 <= j < n. start is a multiple of tileRows.
func (t *tile) cosines(dst []float32, start, n int, queries *model.Matrix) {
	x := t.x
	values, stride := x.rows.ReadRows(t.rows, start, n)
	values = values[:(n-1)*stride+queries.Stride]
	dst = dst[:queries.Rows*n]
	t.kernel.PackedProducts(dst, values, queries.Data, stride, queries.Stride, x.dim)
	if x.lengths == nil {
		return
	}
	for first := 0; first < n; first += tileRows {
		x.lengths.blocks[(start+first)/tileRows].Do(func() {
			all := min(tileRows, len(x.lengths.inverse)-start-first) // of the block, also if this index has fewer candidates
			if first+all <= n {
				t.measure(values[first*stride:], stride, start+first, all)
			} else {
				block, stride := x.rows.ReadRows(nil, start+first, all)
				t.measure(block, stride, start+first, all)
			}
		})
	}
	inverse := x.lengths.inverse[start : start+n]
	for i := range queries.Rows {
		row := dst[i*n:][:n]
		for j, v := range inverse {
			if v != v {
				row[j] = t.exact(values[j*stride:][:x.dim], queries.Row(i))
			} else {
				row[j] *= v
			}
		}
	}
}

// measure computes the lengths of n candidates from first on.
func (t *tile) measure(values []float32, stride, first, n int) {
	x := t.x
	for j := range n {
		vector := values[j*stride:][:x.dim]
		copy(t.row, vector)
		t.kernel.Products(t.product[:], t.row, t.row, len(t.row), x.dim)
		square := t.product[0]
		if square >= leastSquare && square <= mostSquare {
			x.lengths.inverse[first+j] = float32(1 / math.Sqrt(float64(square)))
			continue
		}
		x.lengths.inverse[first+j] = float32(math.NaN())
		_ = x.Check(x.Word(first+j), vector) // it remembers the error
	}
}

// exact returns the cosine of a vector of any length and a query of unit length.
func (t *tile) exact(vector, query []float32) float32 {
	if !model.Unit(t.row[:len(vector)], vector) {
		return 0
	}
	sum := 0.0
	for k, v := range t.row[:len(vector)] {
		sum += float64(v) * float64(query[k])
	}
	return float32(sum)
}
