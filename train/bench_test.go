package train

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"kindred/corpus"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
	"kindred/internal/demo"
	"kindred/internal/kernel"
	"kindred/internal/random"
	"kindred/train/negative"
)

// benchmarkText returns the text to train on: the file wiki17.txt.zst of the directory that
// KINDRED_DATA names, or the demo's text, whose vocabulary is small and therefore kind to caches.
func benchmarkText(b *testing.B) *corpus.Corpus {
	b.Helper()
	src := source.FromReader("demo", demoReader(b))
	if dir := os.Getenv("KINDRED_DATA"); dir != "" {
		var err error
		if src, err = source.Open(filepath.Join(dir, "wiki17.txt.zst")); err != nil {
			b.Fatal(err)
		}
	}
	text, err := corpus.Read(context.Background(), src, corpus.ReadOptions{Dir: b.TempDir(), Selection: vocab.Selection{MinCount: 5}})
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

// benchmarkRun returns a function that trains the next round or block with one worker. If train is
// not nil, it replaces the kernel's Train.
func benchmarkRun(b *testing.B, text *corpus.Corpus, cfg Config, train func(*kernel.Step)) func() tally {
	b.Helper()
	cfg.Threads, cfg.Epochs = 1, maxEpochs
	r, err := newRun(text, cfg, Options{})
	if err != nil {
		b.Fatal(err)
	}
	if train != nil {
		r.kernel.Train = train
	}
	if err := r.findPMIPairs(context.Background()); err != nil {
		b.Fatal(err)
	}
	w := r.newWorker()
	if cfg.Hogwild {
		n := int64(-1)
		return func() tally {
			n++
			done, err := w.trainHogwild(block{0, n % r.blocksPerEpoch()}, cfg.LearningRate)
			if err != nil {
				b.Fatal(err)
			}
			return done
		}
	}
	s := newRounds(r)
	w.useReplicas(s.in[0], s.out[0])
	return func() (sum tally) {
		count := s.count
		for _, phase := range s.phases(context.Background()) {
			if s.keepError(phase.do(w)); s.err != nil {
				b.Fatal(s.err)
			}
			phase.end()
		}
		for _, done := range s.done[:count] {
			sum.add(done)
		}
		return sum
	}
}

// BenchmarkTrain measures the training loop of one worker. Words are tokens before sub-sampling.
func BenchmarkTrain(b *testing.B) {
	text := benchmarkText(b)
	for _, k := range kernel.Available() {
		for _, mode := range []string{"rounds", "hogwild"} {
			for _, sharing := range []negative.Sharing{negative.PerWindow, negative.PerPair} {
				for _, dim := range []int{100, 300} {
					b.Run(fmt.Sprintf("%s/%s/%s/dim=%d", k.Name, mode, sharing, dim), func(b *testing.B) {
						cfg := Defaults()
						cfg.LearningRate = 0.025
						cfg.Dim, cfg.Kernel, cfg.NegativeSharing, cfg.Subsample, cfg.Hogwild = dim, k.Name, sharing, 1e-4, mode == "hogwild"
						next := benchmarkRun(b, text, cfg, nil)
						var done tally
						for b.Loop() {
							done.add(next())
						}
						b.ReportMetric(float64(done.tokens)/b.Elapsed().Seconds(), "words/s")
						b.ReportMetric(float64(done.pairs*6*int64(1+cfg.Negatives)*int64(dim))/b.Elapsed().Seconds()/1e9, "GFLOP/s")
					})
				}
			}
		}
	}
}

// BenchmarkPrepare measures everything but the kernel's Train: reading, sub-sampling, windows,
// negatives and, in rounds, replica rows and their merge.
func BenchmarkPrepare(b *testing.B) {
	text := benchmarkText(b)
	for _, mode := range []string{"rounds", "hogwild"} {
		b.Run(mode, func(b *testing.B) {
			cfg := Defaults()
			cfg.LearningRate = 0.025
			cfg.Subsample, cfg.Hogwild = 1e-4, mode == "hogwild"
			next := benchmarkRun(b, text, cfg, func(*kernel.Step) {})
			tokens := int64(0)
			for b.Loop() {
				tokens += next().tokens
			}
			b.ReportMetric(float64(tokens)/b.Elapsed().Seconds(), "words/s")
		})
	}
}

const benchmarkSteps = 128 // windows

func benchmarkBatch() *batch {
	b := &batch{width: 6}
	for i := range benchmarkSteps {
		b.inputs = append(b.inputs, 0)
		b.close(int32(i), 0, 1)
	}
	return b
}

// BenchmarkNegatives measures the sampling of negatives alone: from the noise distribution, and
// from a pool of it.
func BenchmarkNegatives(b *testing.B) {
	text := benchmarkText(b)
	plan, err := negative.NewPlan(negative.Defaults(), text.Vocabulary(), nil)
	if err != nil {
		b.Fatal(err)
	}
	w, s, rng, pool := plan.NewWorker(), benchmarkBatch(), random.New(1), make([]int32, benchmarkSteps)
	var done negative.Tally
	for name, sample := range map[string]func(){
		"noise": func() { w.Draw(s.targets, s.width, 256, nil, (*uint64)(&rng), &done) },
		"pool": func() {
			w.DrawPool(pool, nil, (*uint64)(&rng))
			w.DrawFromPool(pool, s.targets, s.width, (*uint64)(&rng), &done)
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				sample()
			}
			b.ReportMetric(float64(b.N*benchmarkSteps*(s.width-1))/b.Elapsed().Seconds(), "negatives/s")
		})
	}
}

// BenchmarkSamplers measures the training loop with each sampler and rejection. It alternates with
// the default, so that a busy machine slows both; the ratio of their times is the cost of the
// sampler.
func BenchmarkSamplers(b *testing.B) {
	text := benchmarkText(b)
	for _, name := range slices.Sorted(maps.Keys(negativeVariants())) {
		for _, mode := range []string{"rounds", "hogwild"} {
			b.Run(fmt.Sprintf("%s/%s", name, mode), func(b *testing.B) {
				cfg := Defaults()
				cfg.LearningRate = 0.025
				cfg.Subsample, cfg.Hogwild = 1e-4, mode == "hogwild"
				reference := benchmarkRun(b, text, cfg, nil)
				negativeVariants()[name](&cfg)
				next := benchmarkRun(b, text, cfg, nil)
				const turn = 32 // rounds: after the first of them the caches hold what is the turn's own
				var times [2]time.Duration
				var tokens [2]int64
				for b.Loop() {
					for i, train := range []func() tally{reference, next} {
						started := time.Now()
						for range turn {
							tokens[i] += train().tokens
						}
						times[i] += time.Since(started)
					}
				}
				perToken := func(i int) float64 { return times[i].Seconds() / float64(tokens[i]) }
				b.ReportMetric(1/perToken(1), "words/s")
				b.ReportMetric(perToken(1)/perToken(0), "x-default")
			})
		}
	}
}

// BenchmarkThreads trains an epoch with one worker, and with one for each processor. Words are
// tokens before sub-sampling, per second of wall time.
func BenchmarkThreads(b *testing.B) {
	text := benchmarkText(b)
	for _, threads := range []int{1, runtime.GOMAXPROCS(0)} {
		b.Run(fmt.Sprintf("threads=%d", threads), func(b *testing.B) {
			cfg := Defaults()
			cfg.LearningRate = 0.025
			cfg.Epochs, cfg.Subsample, cfg.Threads = 1, 1e-4, threads
			for b.Loop() {
				if _, err := Run(context.Background(), text, cfg, Options{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(text.Len())*float64(b.N)/b.Elapsed().Seconds(), "words/s")
		})
	}
}
