package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/klauspost/cpuid/v2"
)

// A column is a quantity of the tables.
type column struct {
	title    string
	quantity func(sample) float64
	ranged   bool // whether to show the minimum and maximum
}

var columns = []column{
	{"tokens / CPU s", sample.tokensPerCPU, false},
	{"tokens / s (wall)", sample.tokensPerSecond, true},
	{"ns / pair", sample.nanosPerPair, true},
	{"GFLOP/s", sample.gflops, false},
	{"% of peak", sample.percentOfPeak, false},
	{"CPU s", sample.cpuSeconds, false},
}

// markdown returns the page: the machine, the method and a table for each axis.
func markdown(g grid, measured map[setting]samples, command string) string {
	var page strings.Builder
	fmt.Fprintf(&page, "# How the cost of training grows\n\n%s\n%s\n![Nanoseconds of CPU time per input-target pair along each axis](scaling.svg)\n",
		describeMachine(measured[g.base], command), describeMethod(g.base))
	for _, a := range g.axes {
		title := a.name
		if a.variant != "" {
			title += ", " + a.variant
		}
		fmt.Fprintf(&page, "\n## %s\n\n%s\n%s", strings.ToUpper(title[:1])+title[1:], growth(g, a, measured), table(g, a, measured))
	}
	return page.String()
}

// describeMachine lists what the figures depend on, besides the program.
func describeMachine(base samples, command string) string {
	system := runtime.GOOS + "/" + runtime.GOARCH
	if release, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		system += " " + strings.TrimSpace(string(release))
	}
	peak := "not known here"
	if p := base.spread(func(s sample) float64 { return s.peak }); p.median > 0 {
		peak = fmt.Sprintf("%s GFLOP/s per core, by multiply-adds on registers alone, as wide as those of the kernel, measured before each run", p)
	}
	cpu := cpuid.CPU
	return fmt.Sprintf(`| | |
| --- | --- |
| Command | %s |
| Date | %s |
| Processor | %s, %d logical processors, L2 cache %s, L3 cache %s |
| System | %s, %s |
| Training kernel | %s |
| Peak | %s |
`, "`"+command+"`", time.Now().UTC().Format(time.DateOnly), strings.TrimSpace(cpu.BrandName), runtime.NumCPU(),
		cacheSize(cpu.Cache.L2), cacheSize(cpu.Cache.L3), system, runtime.Version(), base[0].kernel, peak)
}

func describeMethod(base setting) string {
	return fmt.Sprintf(`Each axis changes one setting of this base: dimension %d, window %d, %d negatives shared in the window,
a vocabulary of %s words, a text of %s tokens, %d thread. One epoch, sub-sampling at %g, minimum count 1. The text is synthetic:
each word once, in random order, then words by Zipf's law (the word of rank r with probability proportional to 1/r), in lines of %d
tokens. If a token costs more than three times as much as at the base, half the text is trained.

Tokens are counted before sub-sampling. A pair is an input and a target: a context word and its center make 1 + k pairs.
It counts as 3 x 2 x dimension floating-point operations. CPU time is that of training alone, summed over threads. GFLOP/s and their
share of the peak are per core. Figures are medians of repeated runs, with minimum and maximum in
parentheses. Figures without them vary as the time per pair does.
`, base.dim, base.window, base.negatives, quantity(base.words), quantity(base.tokens), base.threads, subsample, lineTokens)
}

// growth compares the cost at the end of an axis with that at its beginning.
func growth(g grid, a axis, measured map[setting]samples) string {
	first, last := a.values[0], a.values[len(a.values)-1]
	ratio := func(cost func(sample) float64) float64 {
		return measured[g.at(a, last)].spread(cost).median / measured[g.at(a, first)].spread(cost).median
	}
	perToken := func(s sample) float64 { return 1 / s.tokensPerCPU() }
	return fmt.Sprintf("From %s to %s, the CPU time per token grows by a factor of %s, that per pair by %s.\n",
		quantity(first), quantity(last), number(ratio(perToken)), number(ratio(sample.nanosPerPair)))
}

// table returns the measurements along an axis.
func table(g grid, a axis, measured map[setting]samples) string {
	var t strings.Builder
	fmt.Fprintf(&t, "| %s |", a.name)
	for _, c := range columns {
		fmt.Fprintf(&t, " %s |", c.title)
	}
	fmt.Fprintf(&t, "\n|%s\n", strings.Repeat(" ---: |", 1+len(columns)))
	for _, v := range a.values {
		fmt.Fprintf(&t, "| %s |", quantity(v))
		runs := measured[g.at(a, v)]
		for _, c := range columns {
			fmt.Fprintf(&t, " %s |", c.cell(runs))
		}
		t.WriteString("\n")
	}
	return t.String()
}

// cell returns the median in a column, a dash if it is not known.
func (c column) cell(runs samples) string {
	switch s := runs.spread(c.quantity); {
	case s.median == 0:
		return "–"
	case c.ranged:
		return s.String()
	default:
		return number(s.median)
	}
}

func (s spread) String() string {
	return fmt.Sprintf("%s (%s–%s)", number(s.median), number(s.low), number(s.high))
}

// quantity returns a round number as text: 30 k, 1 M.
func quantity(n int) string {
	switch {
	case n >= 1e6:
		return fmt.Sprintf("%g M", float64(n)/1e6)
	case n >= 1e4:
		return fmt.Sprintf("%g k", float64(n)/1e3)
	default:
		return fmt.Sprint(n)
	}
}

// number returns x with three significant digits: 2.13 M, 812 k, 0.0351.
func number(x float64) string {
	switch {
	case x >= 999.5e3:
		return number(x/1e6) + " M"
	case x >= 999.5:
		return number(x/1e3) + " k"
	case x >= 99.95:
		return fmt.Sprintf("%.0f", x)
	case x >= 9.995:
		return fmt.Sprintf("%.1f", x)
	case x >= 0.9995:
		return fmt.Sprintf("%.2f", x)
	default:
		return fmt.Sprintf("%.3g", x)
	}
}

// cacheSize returns the size of a cache in bytes as text.
func cacheSize(n int) string {
	switch {
	case n <= 0:
		return "unknown"
	case n >= 1<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	default:
		return fmt.Sprintf("%d KiB", n>>10)
	}
}
