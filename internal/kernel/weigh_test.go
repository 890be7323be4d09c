package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// newWeighting returns a weighting of up to 12 of 20 rows, some of them listed twice.
func newWeighting(stride int, seed uint64) *Weighting {
	rng := rand.New(rand.NewPCG(seed, 9))
	w := &Weighting{Matrix: uniform(rng, 20, stride, stride, 1), Weights: uniform(rng, 12, stride, stride, 1), Weighted: uniform(rng, 12, stride, stride, 1), Stride: stride}
	for range rng.IntN(13) {
		w.Rows = append(w.Rows, int32(rng.IntN(20)))
	}
	return w
}

// TestWeigh holds the formulas, written down once more, against the kernels, which must give the same bits.
func TestWeigh(t *testing.T) {
	for _, kernel := range Available() {
		for _, stride := range []int{16, 32, 48, 112, 304} {
			for seed := range uint64(20) {
				w := newWeighting(stride, seed)
				n := len(w.Rows) * stride
				matrix, weights, weighted := slices.Clone(w.Matrix), slices.Clone(w.Weights), slices.Clone(w.Weighted)
				for k := range n {
					weighted[k] = weights[k] * matrix[int(w.Rows[k/stride])*stride+k%stride]
				}
				kernel.Weigh(w)
				if !slices.Equal(w.Weighted, weighted) || !slices.Equal(w.Matrix, matrix) || !slices.Equal(w.Weights, weights) {
					t.Fatalf("%s, stride %d, seed %d: weighing %d rows gives other values", kernel.Name, stride, seed, len(w.Rows))
				}
				for k := range n {
					w.Weighted[k] += float32(k%7) / 10
				}
				was, wasWeights := slices.Clone(matrix), slices.Clone(weights)
				for k := range n {
					at := int(w.Rows[k/stride])*stride + k%stride
					move := w.Weighted[k] - float32(wasWeights[k]*was[at])
					weights[k] += float32(move * was[at])
					matrix[at] += float32(move * wasWeights[k])
				}
				kernel.Unweigh(w)
				if !slices.Equal(w.Matrix, matrix) || !slices.Equal(w.Weights, weights) {
					t.Fatalf("%s, stride %d, seed %d: giving back the moves of %d rows gives other values", kernel.Name, stride, seed, len(w.Rows))
				}
			}
		}
	}
}

func TestWeighLengths(t *testing.T) {
	values := make([]float32, 64)
	for _, kernel := range Available() {
		for name, w := range map[string]*Weighting{
			"odd stride":   {Matrix: values, Weights: values, Weighted: values, Stride: 12},
			"few weights":  {Matrix: values, Weights: values[:16], Weighted: values, Stride: 16, Rows: []int32{0, 1}},
			"few weighted": {Matrix: values, Weights: values, Weighted: values[:16], Stride: 16, Rows: []int32{0, 1}},
		} {
			for _, do := range []func(*Weighting){kernel.Weigh, kernel.Unweigh} {
				t.Run(kernel.Name+"/"+name, func(t *testing.T) {
					defer func() {
						if recover() == nil {
							t.Error("no panic")
						}
					}()
					do(w)
				})
			}
		}
	}
}

// BenchmarkWeigh weighs and moves the ten inputs of a window.
func BenchmarkWeigh(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 10))
	w := &Weighting{Matrix: aligned(benchmarkWords * benchmarkStride), Weights: aligned(10 * benchmarkStride), Weighted: aligned(10 * benchmarkStride), Stride: benchmarkStride}
	for range 10 {
		w.Rows = append(w.Rows, int32(rng.IntN(benchmarkWords)))
	}
	for _, kernel := range Available() {
		b.Run(kernel.Name, func(b *testing.B) {
			for b.Loop() {
				kernel.Weigh(w)
				kernel.Unweigh(w)
			}
		})
	}
}
