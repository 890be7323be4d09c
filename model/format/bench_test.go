package format_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"kindred/corpus/vocab"
	"kindred/model"
	"kindred/model/format"
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

func BenchmarkSave(b *testing.B) {
	e := randomEmbeddings(b, 80_000, 100, 1)
	for _, f := range format.All() {
		b.Run(f.Name, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "vectors.tsv")
			for b.Loop() {
				if err := format.Save(path, e, f.Name); err != nil {
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
			if err := format.Save(path, randomEmbeddings(b, bench.rows, bench.dim, 1), bench.format); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := format.Load(path); err != nil {
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
	for _, name := range []string{"text", "binary", "safetensors"} {
		b.Run(name, func(b *testing.B) {
			var size bytes.Buffer
			if err := format.Write(&size, e, name); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(size.Len()))
			for b.Loop() {
				if err := format.Write(io.Discard, e, name); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
