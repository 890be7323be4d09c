package kernel

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// newCombination returns the combination of some of 30 rows with up to five terms each.
func newCombination(stride int, seed uint64) *Combination {
	rng := rand.New(rand.NewPCG(seed, 6))
	c := &Combination{Matrix: uniform(rng, 30, stride, stride, 1), Source: uniform(rng, 40, stride, stride, 1), Stride: stride}
	for _, row := range rng.Perm(30)[:rng.IntN(30)] {
		for range rng.IntN(6) {
			c.Terms = append(c.Terms, int32(rng.IntN(40)))
			c.Weights = append(c.Weights, rng.Float32()-0.5)
		}
		c.Rows = append(c.Rows, int32(row))
		c.Ends = append(c.Ends, int32(len(c.Terms)))
	}
	return c
}

// TestCombine holds the sum, written down as the formula has it, against the kernels, which must give
// the same bits.
func TestCombine(t *testing.T) {
	for _, kernel := range Available() {
		for _, stride := range []int{16, 32, 48, 64, 112, 304} {
			for seed := range uint64(20) {
				c := newCombination(stride, seed)
				want := slices.Clone(c.Matrix)
				start := int32(0)
				for i, row := range c.Rows {
					for k := start; k < c.Ends[i]; k++ {
						for j := range stride {
							product := float32(c.Weights[k] * c.Source[int(c.Terms[k])*stride+j]) // not fused
							want[int(row)*stride+j] += product
						}
					}
					start = c.Ends[i]
				}
				kernel.Combine(c)
				if !slices.Equal(c.Matrix, want) {
					t.Fatalf("%s, stride %d, seed %d: combining %d rows gives other values", kernel.Name, stride, seed, len(c.Rows))
				}
			}
		}
	}
}

func TestCombineLengths(t *testing.T) {
	values := make([]float32, 64)
	for _, kernel := range Available() {
		for name, c := range map[string]*Combination{
			"odd stride":      {Matrix: values, Source: values, Stride: 12},
			"no weights":      {Matrix: values, Source: values, Stride: 16, Rows: []int32{0}, Ends: []int32{1}, Terms: []int32{0}},
			"terms left over": {Matrix: values, Source: values, Stride: 16, Rows: []int32{0}, Ends: []int32{1}, Terms: []int32{0, 1}, Weights: []float32{1, 1}},
			"no ends":         {Matrix: values, Source: values, Stride: 16, Rows: []int32{0}},
		} {
			t.Run(kernel.Name+"/"+name, func(t *testing.T) {
				defer func() {
					if recover() == nil {
						t.Error("no panic")
					}
				}()
				kernel.Combine(c)
			})
		}
	}
}

// BenchmarkCombine composes words of 17 rows, and gives rows of three words their changes, from
// matrices beyond the second-level cache. It reports the time of a term.
func BenchmarkCombine(b *testing.B) {
	const dim, rows, outputs, terms = 112, 100_000, 1000, 17
	rng := rand.New(rand.NewPCG(1, 7))
	for _, kernel := range Available() {
		for name, far := range map[string]bool{"compose": true, "give-back": false} {
			b.Run(fmt.Sprintf("%s/%s", kernel.Name, name), func(b *testing.B) {
				c := &Combination{Matrix: aligned(outputs * dim), Source: aligned(rows * dim), Stride: dim}
				n, m, per := outputs, rows, terms
				if !far {
					c.Matrix, c.Source = c.Source, c.Matrix
					n, m, per = outputs*terms/3, outputs, 3
				}
				draw := func(n int) int32 { return int32(float64(n) * rng.Float64() * rng.Float64()) }
				lists := make([]Combination, 20)
				for i := range lists {
					l := &lists[i]
					*l = *c
					for r := range n {
						l.Rows = append(l.Rows, int32(r))
						if !far {
							l.Rows[r] = draw(rows)
						}
						for range per {
							l.Terms, l.Weights = append(l.Terms, draw(m)), append(l.Weights, 1e-3)
						}
						l.Ends = append(l.Ends, int32(len(l.Terms)))
					}
				}
				i := 0
				for b.Loop() {
					kernel.Combine(&lists[i%len(lists)])
					i++
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(lists[0].Terms)), "ns/term")
			})
		}
	}
}
