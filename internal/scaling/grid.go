package main

import (
	"runtime"

	"kindred/train"
	"kindred/train/negative"
)

// A setting is a point of the grid: all that the cost of a run depends on.
type setting struct {
	dim, window, negatives int
	sharing                negative.Sharing
	words, tokens          int // types and tokens of the text
	threads                int
}

// config returns the settings of the training run, which is one epoch.
func (s setting) config() train.Config {
	cfg := train.Defaults()
	cfg.Dim, cfg.Window, cfg.Negatives, cfg.NegativeSharing = s.dim, s.window, float64(s.negatives), s.sharing
	cfg.Threads, cfg.Subsample, cfg.Epochs = s.threads, subsample, 1
	return cfg
}

// subsample is the threshold of sub-sampling that is usual for large texts.
const subsample = 1e-4

// work is in proportion to the floating-point operations for a token.
func (s setting) work() int { return s.dim * s.window * (1 + s.negatives) }

// An axis is a walk away from the base of a grid: settings that differ from it in
// one respect.
type axis struct {
	name    string // what grows
	variant string // tells axes of the same name, which share a panel, apart
	values  []int
	set     func(*setting, int)
}

// A grid is the base setting and the axes through it.
type grid struct {
	base setting
	axes []axis
}

// at returns the setting at a value of an axis. Where a token costs more than three
// times what it costs at the base, half the text will do.
func (g grid) at(a axis, value int) setting {
	s := g.base
	a.set(&s, value)
	if s.work() > 3*g.base.work() {
		s.tokens /= 2
	}
	return s
}

// points returns the settings of the grid, each once.
func (g grid) points() []setting {
	var points []setting
	seen := map[setting]bool{}
	for _, a := range g.axes {
		for _, v := range a.values {
			if s := g.at(a, v); !seen[s] {
				seen[s] = true
				points = append(points, s)
			}
		}
	}
	return points
}

// fullGrid takes one to five seconds for most points.
func fullGrid() grid {
	negatives := []int{0, 2, 5, 15, 30}
	return grid{
		base: setting{dim: 100, window: 5, negatives: 5, sharing: negative.PerWindow, words: 100e3, tokens: 4e6, threads: 1},
		axes: axes(
			[]int{25, 50, 100, 200, 300, 600},
			[]int{1, 2, 5, 10, 20},
			negatives,
			[]int{10e3, 30e3, 100e3, 300e3, 1e6},
			[]int{1e6, 2e6, 4e6, 8e6, 16e6},
			threadCounts(runtime.GOMAXPROCS(0)),
		),
	}
}

// quickGrid takes a second.
func quickGrid() grid {
	return grid{
		base: setting{dim: 16, window: 2, negatives: 2, sharing: negative.PerWindow, words: 500, tokens: 20e3, threads: 1},
		axes: axes([]int{16, 128}, []int{1, 2}, []int{0, 2}, []int{500, 2000}, []int{10e3, 20e3}, []int{1, 2}),
	}
}

// axes returns the axes with the given values.
func axes(dims, windows, negatives, words, tokens, threads []int) []axis {
	return []axis{
		{"dimension", "", dims, func(s *setting, v int) { s.dim = v }},
		{"window", "", windows, func(s *setting, v int) { s.window = v }},
		{"negatives", "shared in the window", negatives, func(s *setting, v int) { s.negatives = v }},
		{"negatives", "own for each pair", negatives, func(s *setting, v int) { s.negatives, s.sharing = v, negative.PerPair }},
		{"vocabulary", "", words, func(s *setting, v int) { s.words = v }},
		{"corpus length", "", tokens, func(s *setting, v int) { s.tokens = v }},
		{"threads", "", threads, func(s *setting, v int) { s.threads = v }},
	}
}

// threadCounts returns the powers of two below n, and n.
func threadCounts(n int) []int {
	var counts []int
	for t := 1; t < n; t *= 2 {
		counts = append(counts, t)
	}
	return append(counts, n)
}
