package format_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"kindred/internal/modeltest"
	"kindred/model/format"
)

func BenchmarkSave(b *testing.B) {
	e := modeltest.Random(80_000, 100, 1)
	for _, f := range exactFormats() {
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
			if err := format.Save(path, modeltest.Random(bench.rows, bench.dim, 1), bench.format); err != nil {
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
	e := modeltest.Random(80_000, 100, 1)
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
