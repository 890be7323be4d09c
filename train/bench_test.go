package train

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"kindred/corpus"
	"kindred/internal/demo"
	"kindred/internal/kernel"
	"kindred/internal/random"
)

// benchmarkText returns the text to train on: the file wiki17.txt.zst of the directory that KINDRED_DATA names, or the
// demo's text, whose vocabulary is small and therefore kind to caches.
func benchmarkText(b *testing.B) *corpus.Corpus {
	b.Helper()
	source := corpus.FromReader("demo", demoReader(b))
	if dir := os.Getenv("KINDRED_DATA"); dir != "" {
		var err error
		if source, err = corpus.Open(filepath.Join(dir, "wiki17.txt.zst")); err != nil {
			b.Fatal(err)
		}
	}
	text, err := corpus.Read(context.Background(), source, corpus.ReadOptions{Dir: b.TempDir(), Selection: corpus.Selection{MinCount: 5}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { text.Close() })
	return text
}

func demoReader(b *testing.B) *bytes.Buffer {
	b.Helper()
	var text bytes.Buffer
	if err := demo.Generate(&text, demo.Seed, demo.Tokens); err != nil {
		b.Fatal(err)
	}
	return &text
}

// BenchmarkTrainBlock measures the training loop of one worker: words are tokens of the
// text before sub-sampling.
func BenchmarkTrainBlock(b *testing.B) {
	text := benchmarkText(b)
	for _, k := range kernel.Available() {
		for _, sharing := range []Sharing{ShareWindow, SharePair} {
			for _, dim := range []int{100, 300} {
				b.Run(fmt.Sprintf("%s/%s/dim=%d", k.Name, sharing, dim), func(b *testing.B) {
					cfg := Defaults()
					cfg.Dim, cfg.Kernel, cfg.Sharing, cfg.Subsample = dim, k.Name, sharing, 1e-4
					r, err := newRun(text, cfg, Options{})
					if err != nil {
						b.Fatal(err)
					}
					w := r.newWorker()
					blocks := text.Len() / blockTokens
					var done tally
					for n := int64(0); b.Loop(); n++ {
						one, err := w.trainBlock(block{0, n % blocks}, cfg.LearningRate)
						if err != nil {
							b.Fatal(err)
						}
						done.add(one)
					}
					b.ReportMetric(float64(done.tokens)/b.Elapsed().Seconds(), "words/s")
					b.ReportMetric(float64(done.pairs*6*int64(1+cfg.Negatives)*int64(dim))/b.Elapsed().Seconds()/1e9, "GFLOP/s")
				})
			}
		}
	}
}

// BenchmarkPrepare measures all that a worker does besides the kernel: reading tokens,
// sub-sampling, windows and negatives.
func BenchmarkPrepare(b *testing.B) {
	text := benchmarkText(b)
	cfg := Defaults()
	cfg.Subsample = 1e-4
	r, err := newRun(text, cfg, Options{})
	if err != nil {
		b.Fatal(err)
	}
	w := r.newWorker()
	w.train = func(*kernel.Step) {}
	blocks := text.Len() / blockTokens
	tokens := int64(0)
	for n := int64(0); b.Loop(); n++ {
		one, err := w.trainBlock(block{0, n % blocks}, cfg.LearningRate)
		if err != nil {
			b.Fatal(err)
		}
		tokens += one.tokens
	}
	b.ReportMetric(float64(tokens)/b.Elapsed().Seconds(), "words/s")
}

// BenchmarkNegatives measures the sampling of negatives alone.
func BenchmarkNegatives(b *testing.B) {
	text := benchmarkText(b)
	noise, err := newUnigram(text.Vocabulary(), 0.75)
	if err != nil {
		b.Fatal(err)
	}
	rng := random.New(1)
	s := batch{width: 6}
	for i := range batchSteps {
		s.inputs = append(s.inputs, 0)
		s.close(int32(i), 1)
	}
	for b.Loop() {
		s.addNegatives(noise, 1, &rng)
	}
	b.ReportMetric(float64(b.N*batchSteps*(s.width-1))/b.Elapsed().Seconds(), "draws/s")
}
