package search_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"kindred/internal/modeltest"
	"kindred/model/search"
)

func BenchmarkNewIndex(b *testing.B) {
	e := modeltest.Random(70_000, 100, 1)
	b.SetBytes(70_000 * 100 * 4)
	for b.Loop() {
		search.NewIndex(e, 0)
	}
}

func BenchmarkNearest(b *testing.B) {
	x := search.NewIndex(modeltest.Random(70_000, 100, 1), 0)
	for _, queries := range []int{1, 256} {
		b.Run(fmt.Sprintf("queries-%d", queries), func(b *testing.B) {
			list := make([][]float32, queries)
			for i := range list {
				list[i] = x.Stored(100 * i).Vector
			}
			b.SetBytes(int64(queries) * 70_000 * 100 * 4)
			for b.Loop() {
				x.NearestAll(list, 10, nil)
			}
		})
	}
}

// BenchmarkAnalogies has the shape of the Google analogy test: 19,544
// questions about 905 words.
func BenchmarkAnalogies(b *testing.B) {
	x := search.NewIndex(modeltest.Random(70_000, 100, 1), 0)
	r := rand.New(rand.NewPCG(1, 1))
	questions := make([][3]search.Query, 19_544)
	for i := range questions {
		questions[i] = [3]search.Query{x.Stored(r.IntN(905)), x.Stored(r.IntN(905)), x.Stored(r.IntN(905))}
	}
	for _, method := range []search.AnalogyMethod{search.CosAdd, search.CosMul} {
		b.Run(method.String(), func(b *testing.B) {
			for b.Loop() {
				x.Analogies(questions, method)
			}
		})
	}
}

func BenchmarkSuggest(b *testing.B) {
	x := search.NewIndex(modeltest.Random(80_000, 1, 1), 0)
	for b.Loop() {
		x.Suggest("w1234x", 5)
	}
}
