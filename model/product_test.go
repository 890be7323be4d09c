package model

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func randomMatrix(r *rand.Rand, rows, dim int) *Matrix {
	m := NewMatrix(rows, dim)
	for i := range rows {
		for k := range m.Row(i) {
			m.Row(i)[k] = float32(r.NormFloat64())
		}
	}
	return m
}

func TestProducts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, q, dim := rapid.IntRange(0, 20).Draw(t, "n"), rapid.IntRange(0, 10).Draw(t, "q"), rapid.IntRange(1, 70).Draw(t, "dim")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		rows, queries := randomMatrix(r, n, dim), randomMatrix(r, q, dim)
		dst := make([]float32, n*q)
		products(dst, rows.Data, rows.Stride, n, queries.Data, q)
		one := make([]float32, 1)
		for i := range q {
			for j := range n {
				want, size := 0.0, 0.0
				for k, v := range queries.Row(i) {
					want += float64(v) * float64(rows.Row(j)[k])
					size += math.Abs(float64(v) * float64(rows.Row(j)[k]))
				}
				got := dst[i*n+j]
				if math.Abs(float64(got)-want) > 1e-6*float64(dim)*size {
					t.Fatalf("query %d, row %d: %v, want %v", i, j, got, want)
				}
				products(one, rows.Data[j*rows.Stride:(j+1)*rows.Stride], rows.Stride, 1, queries.Data[i*rows.Stride:(i+1)*rows.Stride], 1)
				if one[0] != got {
					t.Fatalf("query %d, row %d: %v alone, %v among others", i, j, one[0], got)
				}
			}
		}
	})
}

func TestRankingKeepsTheBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(0, 12).Draw(t, "size")
		scores := rapid.SliceOf(rapid.Map(rapid.IntRange(0, 9), func(i int) float32 { return float32(i) })).Draw(t, "scores")
		r := newRankings(1, size)[0]
		var all []candidate
		for id, s := range scores {
			all = append(all, candidate{id, s})
			if r.admits(s) {
				r.add(candidate{id, s})
			}
		}
		descending := func(a, b candidate) int { return compareCandidates(b, a) }
		slices.SortFunc(all, descending)
		slices.SortFunc(r.heap, descending)
		if want := all[:min(size, len(all))]; !slices.Equal(r.heap, want) {
			t.Fatalf("kept %v, want %v", r.heap, want)
		}
	})
}

func TestEditDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"king", "king", 0}, {"king", "kin", 1}, {"king", "kings", 1}, {"king", "ring", 1}, {"king", "ikng", 2}, {"naive", "naïve", 1}, {"", "ab", 2},
	} {
		if got := editDistance([]rune(test.a), test.b, 2); got != test.want {
			t.Errorf("editDistance(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
	}
	for _, pair := range [][2]string{{"king", "queen"}, {"a", "abcd"}, {"abcdef", "fedcba"}} {
		if got := editDistance([]rune(pair[0]), pair[1], 2); got <= 2 {
			t.Errorf("editDistance(%q, %q) = %d, want more than 2", pair[0], pair[1], got)
		}
	}
}

func BenchmarkProducts(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	rows, queries := randomMatrix(r, 128, 100), randomMatrix(r, 128, 100)
	dst := make([]float32, 128*128)
	b.SetBytes(128 * 128 * 100) // of products, so that MB/s are millions of multiplications
	for b.Loop() {
		products(dst, rows.Data, rows.Stride, 128, queries.Data, 128)
	}
}
