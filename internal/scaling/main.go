// Scaling measures how the cost of training grows with its settings. It writes a page of tables and a
// figure:
//
//	go run ./internal/scaling -out docs
//
// It takes about six minutes and 2 GB of memory, on a machine that does nothing else. A second command
// predicts, from the times of all pieces of a real training, what many cores would take, and rewrites
// the last part of the page:
//
//	go run ./internal/scaling cores -text wiki.txt.zst -out docs
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"

	"kindred/internal/report/html"
	"kindred/train"
	"kindred/train/negative"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stderr); err != nil {
		stop()
		fmt.Fprintln(os.Stderr, "scaling:", err)
		os.Exit(1)
	}
}

// run measures a grid and writes scaling.md and scaling.svg.
func run(ctx context.Context, args []string, progress io.Writer) error {
	if len(args) > 0 && args[0] == "cores" {
		return runCores(ctx, args[1:], progress)
	}
	flags := flag.NewFlagSet("scaling", flag.ContinueOnError)
	flags.SetOutput(progress)
	out := flags.String("out", ".", "`directory` for scaling.md and scaling.svg")
	repeat := flags.Int("repeat", 3, "how many `times` each point is measured")
	quick := flags.Bool("quick", false, "measure a tiny grid, to see that the program works")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 || *repeat < 1 {
		return fmt.Errorf("got arguments %q and -repeat %d, want no arguments and 1 repeat or more", flags.Args(), *repeat)
	}
	g := fullGrid()
	if *quick {
		g = quickGrid()
	}
	measured, err := measure(ctx, g, *repeat, progress)
	if err != nil {
		return err
	}
	command := strings.Join(append([]string{"go run ./internal/scaling"}, args...), " ")
	page := filepath.Join(*out, "scaling.md")
	content := markdown(g, measured, command)
	if before, err := os.ReadFile(page); err == nil {
		if _, cores, ok := strings.Cut(string(before), coresHeading); ok {
			content += coresHeading + cores
		}
	}
	if err := os.WriteFile(page, []byte(content), 0o644); err != nil {
		return err
	}
	var image bytes.Buffer
	if err := html.WriteSVG(&image, figure(g, measured), figureColumns); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(*out, "scaling.svg"), image.Bytes(), 0o644)
}

// A setting is a point of the grid: everything that the cost of a run depends on.
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

// subsample is the usual threshold for large texts.
const subsample = 1e-4

// work is proportional to the floating-point operations per token.
func (s setting) work() int { return s.dim * s.window * (1 + s.negatives) }

// An axis has the settings that differ from the base of a grid in one respect.
type axis struct {
	name    string // what grows
	variant string // distinguishes axes of the same name, which share a panel
	values  []int
	set     func(*setting, int)
}

// A grid has a base setting and the axes through it.
type grid struct {
	base setting
	axes []axis
}

// at returns the setting at a value of an axis. It has half the text if a token costs more than three
// times as much as at the base.
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
