package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"

	"kindred/corpus"
	"kindred/corpus/sampling"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
	"kindred/internal/kernel"
	"kindred/train"
)

// A sample is the cost of one training run. CPU time is that of all threads.
type sample struct {
	setting
	processed int64   // tokens before sub-sampling
	pairs     int64   // of an input and a target: 1 + k for each pair of words
	cpu, wall float64 // seconds
	peak      float64 // GFLOP/s of a core, measured just before; 0 if it is not known
	kernel    string
}

func (s sample) nanosPerPair() float64    { return 1e9 * s.cpu / float64(s.pairs) }
func (s sample) tokensPerCPU() float64    { return float64(s.processed) / s.cpu }
func (s sample) tokensPerSecond() float64 { return float64(s.processed) / s.wall }
func (s sample) cpuSeconds() float64      { return s.cpu }

// gflops counts a multiplication and an addition in each dimension for the score of a pair, for the
// gradient of its input, and for that of its target.
func (s sample) gflops() float64 { return 3 * 2 * float64(s.dim) / s.nanosPerPair() }

// percentOfPeak is 0 if the peak is not known.
func (s sample) percentOfPeak() float64 {
	if s.peak == 0 {
		return 0
	}
	return 100 * s.gflops() / s.peak
}

// samples are the repeated runs of one setting.
type samples []sample

// A spread is the median of a quantity, with its minimum and maximum.
type spread struct{ median, low, high float64 }

func (s samples) spread(quantity func(sample) float64) spread {
	values := make([]float64, len(s))
	for i, one := range s {
		values[i] = quantity(one)
	}
	return spreadOf(values)
}

// measure trains at each point of the grid. It repeats the whole grid, not each point, so that a
// disturbance doesn't affect all runs of one point.
func measure(ctx context.Context, g grid, repeat int, progress io.Writer) (map[setting]samples, error) {
	dir, err := os.MkdirTemp("", "scaling")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	texts := map[[2]int]*corpus.Corpus{}
	defer func() {
		for _, text := range texts {
			text.Close()
		}
	}()
	points := g.points()
	measured := map[setting]samples{}
	for n := range repeat * len(points) {
		s := points[n%len(points)]
		key := [2]int{s.words, s.tokens}
		if texts[key] == nil {
			if texts[key], err = readText(ctx, dir, s.words, s.tokens); err != nil {
				return nil, err
			}
		}
		one, err := trainOnce(ctx, texts[key], s)
		if err != nil {
			return nil, err
		}
		measured[s] = append(measured[s], one)
		fmt.Fprintf(progress, "%d/%d: %+v: %.2f s, %.2f ns a pair\n", n+1, repeat*len(points), s, one.cpu, one.nanosPerPair())
	}
	return measured, nil
}

// trainOnce measures one run, which starts with unused memory.
func trainOnce(ctx context.Context, text *corpus.Corpus, s setting) (sample, error) {
	debug.FreeOSMemory()
	peak := kernel.Auto(s.dim).PeakGFLOPS()
	trained, err := train.Run(ctx, text, s.config(), train.Options{})
	if err != nil {
		return sample{}, err
	}
	m := trained.Manifest
	return sample{
		setting:   s,
		processed: m.Training.Tokens,
		pairs:     m.Training.Pairs * int64(1+s.negatives),
		cpu:       m.Training.CPU, wall: m.Training.Wall,
		peak: peak, kernel: m.Kernel,
	}, nil
}

// lineTokens is the length of a line of text. It is the longest sentence that is not cut, so that windows
// rarely meet an end.
const lineTokens = corpus.DefaultSentenceLimit

// readText writes a text to a file in dir and reads it.
func readText(ctx context.Context, dir string, words, tokens int) (*corpus.Corpus, error) {
	path := filepath.Join(dir, "text.txt")
	defer os.Remove(path)
	if err := writeText(path, words, tokens); err != nil {
		return nil, err
	}
	src, err := source.Open(path)
	if err != nil {
		return nil, err
	}
	text, err := corpus.Read(ctx, src, corpus.ReadOptions{Dir: dir, Selection: vocab.Selection{MinCount: 1}})
	if err != nil {
		return nil, err
	}
	if v := text.Vocabulary().Len(); v != words || text.Len() != int64(tokens) {
		text.Close()
		return nil, fmt.Errorf("the text was read as %d tokens of %d types, want %d of %d", text.Len(), v, tokens, words)
	}
	return text, nil
}

// writeText writes a text of exactly the given numbers of types and tokens: each type once, in random
// order, and then tokens by Zipf's law, which draws the word of rank r with a probability proportional to
// 1/r.
func writeText(path string, words, tokens int) error {
	if tokens < words {
		return fmt.Errorf("%d tokens can't have %d types", tokens, words)
	}
	weights := make([]float64, words)
	for i := range weights {
		weights[i] = 1 / float64(i+1)
	}
	zipf, err := sampling.NewAliasTable(weights)
	if err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	w := bufio.NewWriterSize(file, 1<<20)
	rng := rand.New(rand.NewPCG(1, uint64(words)))
	once := rng.Perm(words)
	var token []byte
	for i := range tokens {
		word := int64(0)
		if i < words {
			word = int64(once[i])
		} else {
			word = int64(zipf.Draw(rng.Uint64()))
		}
		end := byte(' ')
		if (i+1)%lineTokens == 0 {
			end = '\n'
		}
		token = append(strconv.AppendInt(token[:0], word, 36), end)
		w.Write(token) // Flush returns the error
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return file.Close()
}
