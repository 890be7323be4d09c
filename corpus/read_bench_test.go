package corpus

import (
	"context"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/zstd"

	"kindred/corpus/analysis"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
)

// wiki17 returns the names of two files with 100 MB of text: plain, and as one zstd stream.
func wiki17(b *testing.B) (plain, packed string) {
	b.Helper()
	dir := os.Getenv("KINDRED_DATA")
	if dir == "" {
		b.Skip("needs the text wiki17.txt.zst in the directory that KINDRED_DATA names")
	}
	packed = filepath.Join(dir, "wiki17.txt.zst")
	in, err := os.Open(packed)
	if err != nil {
		b.Skip(err)
	}
	defer in.Close()
	d, err := zstd.NewReader(in)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	plain = filepath.Join(b.TempDir(), "wiki17.txt")
	out, err := os.Create(plain)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.Copy(out, d); err != nil {
		b.Fatal(err)
	}
	if err := out.Close(); err != nil {
		b.Fatal(err)
	}
	return plain, packed
}

// BenchmarkReadFile counts and encodes 100 MB from the page cache, and reads the encoded text again
// from the cache of encoded texts.
func BenchmarkReadFile(b *testing.B) {
	plain, packed := wiki17(b)
	read := func(b *testing.B, name, dir string) *Corpus {
		src, err := source.Open(name)
		if err != nil {
			b.Fatal(err)
		}
		c, err := Read(context.Background(), src, ReadOptions{Selection: vocab.Selection{MinCount: 5}, Dir: dir, CacheLimit: DefaultCacheLimit})
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(c.Record().Bytes)
		c.Close()
		return c
	}
	for _, text := range []struct{ name, file string }{{"plain", plain}, {"zstd", packed}} {
		b.Run(text.name, func(b *testing.B) {
			for b.Loop() {
				dir := b.TempDir()
				if read(b, text.file, dir).Cached() {
					b.Fatal("the text was not read")
				}
				os.RemoveAll(dir)
			}
		})
		b.Run(text.name+" again", func(b *testing.B) {
			dir := b.TempDir()
			read(b, text.file, dir)
			for b.Loop() {
				if !read(b, text.file, dir).Cached() {
					b.Fatal("the text was not found")
				}
			}
		})
	}
}

// BenchmarkCount measures what a token costs up to its look-up in a table.
func BenchmarkCount(b *testing.B) {
	text := []byte(zipfText(rand.New(rand.NewPCG(3, 4)), 180_000, 20_000))
	sink := tableSink{vocab.NewTable(0)}
	stream := (&analysis.Analyzer{}).NewStream(sink)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		stream.Analyze(source.Chunk{Data: text})
	}
}

type tableSink struct{ table *vocab.Table }

func (s tableSink) Token(t []byte) { s.table.Add(t) }
func (s tableSink) EndLine()       {}
