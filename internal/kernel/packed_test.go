package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Rows that follow each other without padding have the same products, to the bit, as padded ones.
func TestPackedProducts(t *testing.T) {
	for _, kernel := range Available() {
		for _, dim := range []int{1, 7, 8, 15, 16, 17, 100, 300, 301} {
			for n := range 14 {
				for q := range 4 {
					s := newStep(n, q, dim, 1, uint64(n+q))
					stride := s.Stride
					rows, queries := s.In[:n*stride], s.Out[:q*stride]
					want := make([]float32, n*q)
					kernel.Products(want, rows, queries, stride, dim)
					for _, rowStride := range []int{dim, dim + 3, stride} {
						var packed []float32
						if n > 0 {
							packed = slices.Repeat([]float32{1e30}, (n-1)*rowStride+(dim+15)/16*16)
						}
						for r := range n {
							copy(packed[r*rowStride:], rows[r*stride:][:dim])
						}
						got := slices.Repeat([]float32{float32(math.NaN())}, n*q)
						kernel.PackedProducts(got, packed, queries, rowStride, stride, dim)
						if !slices.Equal(got, want) {
							t.Fatalf("%s, dimension %d, %d rows at distance %d, %d queries: %v, want %v", kernel.Name, dim, n, rowStride, q, got, want)
						}
					}
				}
			}
		}
	}
}

func TestWiden(t *testing.T) {
	for _, kernel := range Available() {
		for _, dim := range []int{1, 7, 8, 15, 16, 17, 31, 32, 100, 300, 301} {
			for n := range 5 {
				t.Run(fmt.Sprintf("%s/dim=%d/n=%d", kernel.Name, dim, n), func(t *testing.T) {
					rng := rand.New(rand.NewPCG(uint64(dim), uint64(n)))
					stride := (dim + 15) / 16 * 16
					rows, scales := make([]int8, n*dim), make([]float32, n)
					for i := range rows {
						rows[i] = int8(rng.IntN(256) - 128)
					}
					for i := range scales {
						scales[i] = rng.Float32()
					}
					got := slices.Repeat([]float32{-7}, n*stride)
					kernel.Widen(got, stride, rows, dim, scales)
					for i, v := range got {
						row, column := i/stride, i%stride
						want := float32(-7)
						if column < dim {
							want = float32(float64(rows[row*dim+column]) * float64(scales[row])) // exact in float64, so rounded once
						}
						if v != want {
							t.Fatalf("row %d, column %d: %v, want %v", row, column, v, want)
						}
					}
				})
			}
		}
	}
}

func TestPackedLengths(t *testing.T) {
	for _, kernel := range Available() {
		for _, c := range []struct {
			name                                       string
			dst, rows, queries, rowStride, stride, dim int
		}{
			{"too little room", 1, 19, 16, 3, 16, 3},
			{"no padding of the last row", 2, 6, 16, 3, 16, 3},
			{"half a row", 2, 20, 16, 3, 16, 3},
			{"half a query", 2, 19, 17, 3, 16, 3},
			{"rows that overlap", 2, 18, 16, 2, 16, 3},
			{"odd stride", 2, 19, 20, 3, 20, 3},
			{"no column", 2, 0, 16, 3, 16, 0},
		} {
			t.Run(kernel.Name+"/"+c.name, func(t *testing.T) {
				defer func() {
					if recover() == nil {
						t.Error("no panic")
					}
				}()
				kernel.PackedProducts(make([]float32, c.dst), make([]float32, c.rows), make([]float32, c.queries), c.rowStride, c.stride, c.dim)
			})
		}
		t.Run(kernel.Name+"/widen", func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			kernel.Widen(make([]float32, 32), 16, make([]int8, 5), 3, make([]float32, 2))
		})
	}
}
