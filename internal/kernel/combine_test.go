package kernel

import (
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

// newDistribution returns the distribution of the moves of some of 30 rows with up to five terms each, of 40.
func newDistribution(stride int, seed uint64) *Distribution {
	rng := rand.New(rand.NewPCG(seed, 8))
	c := newCombination(stride, seed)
	return &Distribution{Matrix: c.Source, Now: c.Matrix, Before: uniform(rng, 30, stride, stride, 1), Stride: stride,
		Rows: c.Rows, Ends: c.Ends, Terms: c.Terms, Weights: uniform(rng, 1, 40, 40, 1)}
}

// TestDistribute holds the sum, written down as the formula has it, against the kernels, which must give
// the same bits.
func TestDistribute(t *testing.T) {
	for _, kernel := range Available() {
		for _, stride := range []int{16, 32, 48, 64, 112, 176, 304} {
			for seed := range uint64(20) {
				d := newDistribution(stride, seed)
				want := slices.Clone(d.Matrix)
				start := int32(0)
				for i, row := range d.Rows {
					for _, term := range d.Terms[start:d.Ends[i]] {
						for j := range stride {
							product := float32(d.Weights[term] * float32(d.Now[int(row)*stride+j]-d.Before[i*stride+j])) // not fused
							want[int(term)*stride+j] += product
						}
					}
					start = d.Ends[i]
				}
				kernel.Distribute(d)
				if !slices.Equal(d.Matrix, want) {
					t.Fatalf("%s, stride %d, seed %d: distributing %d rows gives other values", kernel.Name, stride, seed, len(d.Rows))
				}
			}
		}
	}
}

func TestDistributeLengths(t *testing.T) {
	values := make([]float32, 64)
	for _, kernel := range Available() {
		for name, d := range map[string]*Distribution{
			"odd stride":      {Matrix: values[:12], Now: values, Before: values, Stride: 12, Weights: []float32{1}},
			"few weights":     {Matrix: values, Now: values, Before: values, Stride: 16, Rows: []int32{0}, Ends: []int32{1}, Terms: []int32{0}, Weights: []float32{1}},
			"few rows before": {Matrix: values[:16], Now: values, Before: values[:16], Stride: 16, Rows: []int32{0, 1}, Ends: []int32{0, 0}, Weights: []float32{1}},
			"terms left over": {Matrix: values[:16], Now: values, Before: values, Stride: 16, Rows: []int32{0}, Ends: []int32{1}, Terms: []int32{0, 0}, Weights: []float32{1}},
		} {
			t.Run(kernel.Name+"/"+name, func(t *testing.T) {
				defer func() {
					if recover() == nil {
						t.Error("no panic")
					}
				}()
				kernel.Distribute(d)
			})
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

// BenchmarkCombine composes words of 17 rows, and BenchmarkDistribute gives the rows how far the words have moved, in
// matrices beyond the second-level cache. They report the time of a term.
func BenchmarkCombine(b *testing.B) {
	benchmarkTerms(b, func(k *Kernel, words, rows []float32, l *termLists) {
		k.Combine(&Combination{Matrix: words, Source: rows, Stride: benchmarkStride, Rows: l.rows, Ends: l.ends, Terms: l.terms, Weights: l.weights})
	})
}

func BenchmarkDistribute(b *testing.B) {
	before, weights := aligned(benchmarkWords*benchmarkStride), aligned(benchmarkRows)
	benchmarkTerms(b, func(k *Kernel, words, rows []float32, l *termLists) {
		k.Distribute(&Distribution{Matrix: rows, Now: words, Before: before, Stride: benchmarkStride, Rows: l.rows, Ends: l.ends, Terms: l.terms, Weights: weights})
	})
}

const benchmarkStride, benchmarkWords, benchmarkRows = 112, 1000, 100_000

// termLists are the terms of benchmarkWords words.
type termLists struct {
	rows, ends, terms []int32
	weights           []float32
}

func benchmarkTerms(b *testing.B, run func(k *Kernel, words, rows []float32, l *termLists)) {
	const terms = 17
	rng := rand.New(rand.NewPCG(1, 7))
	words, rows := aligned(benchmarkWords*benchmarkStride), aligned(benchmarkRows*benchmarkStride)
	lists := make([]termLists, 20)
	for i := range lists {
		l := &lists[i]
		for word := range benchmarkWords {
			l.rows = append(l.rows, int32(word))
			for range terms {
				l.terms, l.weights = append(l.terms, int32(benchmarkRows*rng.Float64()*rng.Float64())), append(l.weights, 1e-3)
			}
			l.ends = append(l.ends, int32(len(l.terms)))
		}
	}
	for _, kernel := range Available() {
		b.Run(kernel.Name, func(b *testing.B) {
			i := 0
			for b.Loop() {
				run(&kernel, words, rows, &lists[i%len(lists)])
				i++
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*benchmarkWords*terms), "ns/term")
		})
	}
}
