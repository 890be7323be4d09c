package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"

	"kindred/corpus"
	"kindred/internal/kernel"
	"kindred/train"
)

// A sample is what one training run took. CPU time is that of all threads.
type sample struct {
	setting
	processed int64   // tokens before sub-sampling
	pairs     int64   // of an input and a target: 1 + k for each pair of words
	cpu, wall float64 // seconds
	peak      float64 // GFLOP/s of a core, measured just before; 0 where that is not known
	kernel    string
}

func (s sample) nanosPerPair() float64    { return 1e9 * s.cpu / float64(s.pairs) }
func (s sample) tokensPerCPU() float64    { return float64(s.processed) / s.cpu }
func (s sample) tokensPerSecond() float64 { return float64(s.processed) / s.wall }
func (s sample) cpuSeconds() float64      { return s.cpu }

// gflops counts a multiplication and an addition in each dimension for the score of
// a pair, the gradient of its input and that of its target.
func (s sample) gflops() float64 { return 3 * 2 * float64(s.dim) / s.nanosPerPair() }

// percentOfPeak is 0 where the peak is not known.
func (s sample) percentOfPeak() float64 {
	if s.peak == 0 {
		return 0
	}
	return 100 * s.gflops() / s.peak
}

// samples are the repeated runs of one setting.
type samples []sample

// A spread is the median of a quantity, with the least and the greatest.
type spread struct{ median, low, high float64 }

func (s samples) spread(quantity func(sample) float64) spread {
	values := make([]float64, len(s))
	for i, one := range s {
		values[i] = quantity(one)
	}
	slices.Sort(values)
	n := len(values)
	return spread{(values[(n-1)/2] + values[n/2]) / 2, values[0], values[n-1]}
}

// measure trains at each point of the grid. It goes through the grid as often as it
// repeats, so that a disturbance does not meet all the runs of one point.
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

// trainOnce measures one run, which starts with memory that nothing has used.
func trainOnce(ctx context.Context, text *corpus.Corpus, s setting) (sample, error) {
	debug.FreeOSMemory()
	peak := kernel.PeakGFLOPS()
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
