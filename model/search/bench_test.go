package search_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"kindred/corpus/vocab"
	"kindred/model"
	"kindred/model/search"
)

// randomEmbeddings returns embeddings of rows words and normal values, which
// are the same for the same seed.
func randomEmbeddings(tb testing.TB, rows, dim int, seed uint64) *model.Embeddings {
	tb.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	words := make([]string, rows)
	m := model.NewMatrix(rows, dim)
	for i := range words {
		words[i] = fmt.Sprintf("w%d", i)
		for k := range m.Row(i) {
			m.Row(i)[k] = float32(r.NormFloat64() / 4)
		}
	}
	return embeddings(tb, words, m)
}

func embeddings(tb testing.TB, words []string, m *model.Matrix) *model.Embeddings {
	tb.Helper()
	v, err := vocab.New(words, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return &model.Embeddings{Vocabulary: v, Input: m}
}

func BenchmarkNewIndex(b *testing.B) {
	e := randomEmbeddings(b, 70_000, 100, 1)
	b.SetBytes(70_000 * 100 * 4)
	for b.Loop() {
		search.NewIndex(e, 0)
	}
}

func BenchmarkNearest(b *testing.B) {
	x := search.NewIndex(randomEmbeddings(b, 70_000, 100, 1), 0)
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
	x := search.NewIndex(randomEmbeddings(b, 70_000, 100, 1), 0)
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
	x := search.NewIndex(randomEmbeddings(b, 80_000, 1, 1), 0)
	for b.Loop() {
		x.Suggest("w1234x", 5)
	}
}

// oneDim returns embeddings of the words with the vectors 1, 2, ….
func oneDim(tb testing.TB, words ...string) *model.Embeddings {
	m := model.NewMatrix(len(words), 1)
	for i := range words {
		m.Row(i)[0] = float32(i + 1)
	}
	return embeddings(tb, words, m)
}
