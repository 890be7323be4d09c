package kernel

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestMain names the kernels of this build that the processor cannot run. No test covers them.
func TestMain(m *testing.M) {
	for _, k := range assembly {
		if !k.usable {
			fmt.Fprintf(os.Stderr, "NOT TESTED: this processor cannot run the kernel %s\n", k.Name)
		}
	}
	os.Exit(m.Run())
}

func TestSelect(t *testing.T) {
	available := Available()
	if last := available[len(available)-1]; last.Name != "portable" {
		t.Errorf("the last kernel is %q, want portable", last.Name)
	}
	for _, dim := range []int{1, 8, 100, 300} {
		auto := Auto(dim).Name
		for _, name := range []string{"", "auto", auto} {
			if k, err := Select(name, dim); err != nil || k.Name != auto {
				t.Errorf("Select(%q, %d) = %q, %v; want %q", name, dim, k.Name, err, auto)
			}
		}
	}
	if k, err := Select("portable", 100); err != nil || k.Name != "portable" {
		t.Errorf("Select(portable) = %q, %v", k.Name, err)
	}
	if _, err := Select("abacus", 100); err == nil || !strings.Contains(err.Error(), "portable") {
		t.Errorf("Select(abacus) fails with %v, which does not list what there is", err)
	}
}

func TestProducts(t *testing.T) {
	for _, kernel := range Available() {
		for n := range 15 {
			for q := range 6 {
				dim := dims[(5*n+7*q)%len(dims)]
				t.Run(fmt.Sprintf("%s/n=%d,q=%d,dim=%d", kernel.Name, n, q, dim), func(t *testing.T) {
					s := newStep(n, q, dim, 1, uint64(n*q))
					rows, queries := s.In[:n*s.Stride], s.Out[:q*s.Stride]
					got := slices.Repeat([]float32{float32(math.NaN())}, n*q)
					kernel.Products(got, rows, queries, s.Stride, dim)
					for i, v := range got {
						k, r := i/n, i%n
						alone := make([]float32, 1)
						kernel.Products(alone, rows[r*s.Stride:][:s.Stride], queries[k*s.Stride:][:s.Stride], s.Stride, dim)
						if v != alone[0] {
							t.Fatalf("query %d, row %d: %v, but %v alone", k, r, v, alone[0])
						}
						want, bound := scoreExact(rows[r*s.Stride:][:dim], queries[k*s.Stride:][:dim])
						if !(math.Abs(float64(v)-want) <= bound) {
							t.Fatalf("query %d, row %d: %v, want %v ± %v", k, r, v, want, bound)
						}
					}
				})
			}
		}
	}
}

func TestProductsLengths(t *testing.T) {
	values := func(n int) []float32 { return make([]float32, n) }
	for _, kernel := range Available() {
		for _, c := range []struct {
			name                            string
			dst, rows, queries, stride, dim int
		}{
			{"too little room", 1, 32, 16, 16, 3},
			{"too much room", 3, 32, 16, 16, 3},
			{"half a row", 2, 40, 16, 16, 3},
			{"half a query", 2, 32, 17, 16, 3},
			{"no column", 2, 32, 16, 16, 0},
			{"too many columns", 2, 32, 16, 16, 17},
			{"odd stride", 2, 40, 20, 20, 3},
			{"no stride", 2, 32, 16, 0, 0},
		} {
			t.Run(kernel.Name+"/"+c.name, func(t *testing.T) {
				defer func() {
					if recover() == nil {
						t.Error("no panic")
					}
				}()
				kernel.Products(values(c.dst), values(c.rows), values(c.queries), c.stride, c.dim)
			})
		}
	}
}
