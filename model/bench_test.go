package model_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"kindred/corpus"
	"kindred/model"
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
	v, err := corpus.NewVocabulary(words, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return &model.Embeddings{Vocabulary: v, Input: m}
}

func BenchmarkSave(b *testing.B) {
	e := randomEmbeddings(b, 80_000, 100, 1)
	for _, f := range model.Formats() {
		b.Run(f.Name, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "vectors.tsv")
			for b.Loop() {
				if err := model.Save(path, e, f.Name); err != nil {
					b.Fatal(err)
				}
			}
			setBytes(b, path)
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	for _, bench := range []struct {
		format    string
		rows, dim int
	}{
		{"text", 100_000, 100},
		{"glove", 100_000, 100},
		{"binary", 100_000, 100},
		{"binary", 100_000, 300},
		{"safetensors", 100_000, 100},
		{"safetensors", 100_000, 300},
		{"safetensors", 100_000, 320},
	} {
		b.Run(fmt.Sprintf("%s-%d", bench.format, bench.dim), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "vectors")
			if err := model.Save(path, randomEmbeddings(b, bench.rows, bench.dim, 1), bench.format); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := model.Load(path); err != nil {
					b.Fatal(err)
				}
			}
			setBytes(b, path)
		})
	}
}

func setBytes(b *testing.B, path string) {
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
}

// BenchmarkWrite is BenchmarkSave without the disk.
func BenchmarkWrite(b *testing.B) {
	e := randomEmbeddings(b, 80_000, 100, 1)
	for _, format := range []string{"text", "binary", "safetensors"} {
		b.Run(format, func(b *testing.B) {
			var size bytes.Buffer
			if err := model.Write(&size, e, format); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(size.Len()))
			for b.Loop() {
				if err := model.Write(io.Discard, e, format); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkNewIndex(b *testing.B) {
	e := randomEmbeddings(b, 70_000, 100, 1)
	b.SetBytes(70_000 * 100 * 4)
	for b.Loop() {
		model.NewIndex(e, 0)
	}
}

func BenchmarkNearest(b *testing.B) {
	x := model.NewIndex(randomEmbeddings(b, 70_000, 100, 1), 0)
	for _, queries := range []int{1, 256} {
		b.Run(fmt.Sprintf("queries-%d", queries), func(b *testing.B) {
			list := make([][]float32, queries)
			for i := range list {
				list[i] = x.Vector(100 * i)
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
	x := model.NewIndex(randomEmbeddings(b, 70_000, 100, 1), 0)
	r := rand.New(rand.NewPCG(1, 1))
	questions := make([][3]int, 19_544)
	for i := range questions {
		questions[i] = [3]int{r.IntN(905), r.IntN(905), r.IntN(905)}
	}
	for _, method := range []model.AnalogyMethod{model.CosAdd, model.CosMul} {
		b.Run(method.String(), func(b *testing.B) {
			for b.Loop() {
				x.Analogies(questions, method)
			}
		})
	}
}

func BenchmarkSuggest(b *testing.B) {
	x := model.NewIndex(randomEmbeddings(b, 80_000, 1, 1), 0)
	for b.Loop() {
		x.Suggest("w1234x", 5)
	}
}
