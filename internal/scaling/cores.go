package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/cpuid/v2"

	"kindred/corpus"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
	"kindred/internal/report"
	"kindred/internal/report/html"
	"kindred/train"
)

// coresHeading begins the part of scaling.md that [runCores] writes. It is the last one.
const coresHeading = "\n# Many cores\n"

// A machineModel is a set of assumptions about a machine with many cores.
type machineModel struct {
	name  string
	lines string // where a wait is due, and how many
	// barrier is what a barrier of 64 workers takes. With fewer, it takes less in proportion.
	barrier time.Duration
	line    time.Duration
	perLine bool // whether the lines of a row come one after the other
	all     bool // whether a line of another core costs a wait however long ago it was written
}

var models = []machineModel{
	{name: "base", lines: "a row that another core's L2 has: 100 ns", barrier: 10 * time.Microsecond, line: 100 * time.Nanosecond},
	{name: "no waits", lines: "none", barrier: 10 * time.Microsecond},
	{name: "slow lines", lines: "as base, 300 ns", barrier: 10 * time.Microsecond, line: 300 * time.Nanosecond},
	{name: "every row", lines: "any row that another core wrote last: 100 ns", barrier: 10 * time.Microsecond, line: 100 * time.Nanosecond, all: true},
	{name: "line by line", lines: "each line of a row that another core's L2 has: 100 ns, one after the other", barrier: 10 * time.Microsecond, line: 100 * time.Nanosecond, perLine: true},
	{name: "barriers x 4", lines: "as base", barrier: 40 * time.Microsecond, line: 100 * time.Nanosecond},
}

// bandwidth is that of the memory of the modeled machine, in bytes a second.
const bandwidth = 150e9

func (m machineModel) computer(r *recording, workers int) computer {
	c := computer{workers: workers, line: m.line, lines: 1, cache: max(cpuid.CPU.Cache.L2, 1<<20), bandwidth: bandwidth}
	if workers > 1 {
		c.barrier = m.barrier * time.Duration(workers) / 64
	}
	if m.perLine {
		c.lines = r.row / 64
	}
	if m.all {
		c.cache = 0
	}
	return c
}

// runCores records a training of a text by one worker, predicts what more workers would take, compares
// the predictions for one and two workers with measurements, and rewrites the last part of scaling.md,
// and cores.svg.
func runCores(ctx context.Context, args []string, progress io.Writer) error {
	flags := flag.NewFlagSet("scaling cores", flag.ContinueOnError)
	flags.SetOutput(progress)
	out := flags.String("out", ".", "`directory` for scaling.md and cores.svg")
	text := flags.String("text", "", "`file` with the text")
	tokens := flags.Int64("tokens", 3e6, "how many `tokens` are trained each time")
	repeat := flags.Int("repeat", 5, "how many `times` each training is measured")
	cfg := train.Defaults()
	flags.IntVar(&cfg.Dim, "dim", cfg.Dim, "dimension")
	flags.Float64Var(&cfg.LearningRate, "lr", cfg.LearningRate, "learning rate")
	flags.Float64Var(&cfg.Subsample, "subsample", subsample, "threshold of sub-sampling")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 || *repeat < 1 || *tokens < 1 || *text == "" {
		return errors.New("want -text, 1 token and repeat or more, and no arguments")
	}
	src, err := source.Open(*text)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "scaling")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	encoded, err := corpus.Read(ctx, src, corpus.ReadOptions{Dir: dir, Selection: vocab.Selection{MinCount: 5}})
	if err != nil {
		return err
	}
	defer encoded.Close()
	m, err := measureCores(ctx, encoded, cfg, *tokens, *repeat, progress)
	if err != nil {
		return err
	}
	m.command = strings.Join(append([]string{"go run ./internal/scaling cores"}, args...), " ")
	page := filepath.Join(*out, "scaling.md")
	before, err := os.ReadFile(page)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	grid, _, _ := strings.Cut(string(before), coresHeading)
	if err := os.WriteFile(page, []byte(grid+coresHeading+m.markdown()), 0o644); err != nil {
		return err
	}
	var image bytes.Buffer
	if err := html.WriteSVG(&image, m.figure(), 1); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(*out, "cores.svg"), image.Bytes(), 0o644)
}

// coreCounts are the numbers of workers that are modeled.
var coreCounts = []int{1, 2, 4, 8, 16, 32, 64, 128}

// A coresReport has what is measured and predicted.
type coresReport struct {
	command   string
	cfg       train.Config
	recording *recording
	// one is the predicted time of one worker over the measured one, in turns. two is the same for two
	// workers, twoFree that of the model without waits; both are by the CPU time of both, halved, and
	// twoWall is by the wall.
	one, two, twoFree, twoWall spread
	speedup                    map[string][]float64 // by model and coreCounts
	base                       []replayed
}

func measureCores(ctx context.Context, text *corpus.Corpus, cfg train.Config, tokens int64, repeat int, progress io.Writer) (*coresReport, error) {
	m := &coresReport{cfg: cfg, speedup: map[string][]float64{}}
	var one, two, twoFree, twoWall []float64
	perToken := func(r *recording, model machineModel, workers int) float64 {
		return r.replay(model.computer(r, workers)).total.Seconds() / float64(r.tokens)
	}
	for n := range repeat {
		var costs [2]cost
		for i := range costs {
			cfg.Threads = i + 1
			var err error
			if costs[i], err = trainTokens(ctx, text, cfg, tokens, nil, func() {}); err != nil {
				return nil, err
			}
		}
		r, err := record(ctx, text, cfg, tokens)
		if err != nil {
			return nil, err
		}
		m.recording = r
		one = append(one, perToken(r, models[0], 1)/(costs[0].cpu/float64(costs[0].tokens)))
		two = append(two, perToken(r, models[0], 2)/(costs[1].cpu/2/float64(costs[1].tokens)))
		twoFree = append(twoFree, perToken(r, models[1], 2)/(costs[1].cpu/2/float64(costs[1].tokens)))
		twoWall = append(twoWall, perToken(r, models[0], 2)/(costs[1].wall/float64(costs[1].tokens)))
		fmt.Fprintf(progress, "%d/%d: predicted/measured: 1 worker %.3f, 2 workers %.3f of CPU time (%.3f without waits), %.3f of the wall\n", n+1, repeat, one[n], two[n], twoFree[n], twoWall[n])
	}
	m.one, m.two, m.twoFree, m.twoWall = spreadOf(one), spreadOf(two), spreadOf(twoFree), spreadOf(twoWall)
	if len(m.recording.phases) == 0 {
		return nil, errors.New("the training ended before it was measured; give it more -tokens")
	}
	alone := m.recording.replay(models[0].computer(m.recording, 1)).total
	for _, model := range models {
		for _, workers := range coreCounts {
			got := m.recording.replay(model.computer(m.recording, workers))
			m.speedup[model.name] = append(m.speedup[model.name], alone.Seconds()/got.total.Seconds())
			if model.name == "base" {
				m.base = append(m.base, got)
			}
		}
	}
	return m, nil
}

// spreadOf returns the median of some values, with the minimum and maximum.
func spreadOf(values []float64) spread {
	slices.Sort(values)
	n := len(values)
	return spread{(values[(n-1)/2] + values[n/2]) / 2, values[0], values[n-1]}
}

func (m *coresReport) markdown() string {
	var page strings.Builder
	r := m.recording
	words, blocks, most, merges := int64(0), 0, 0, 0
	var bytes, shared, copied, touched int
	for _, p := range r.phases {
		trained := 0
		for _, piece := range p.Pieces {
			words += piece.Words
			reads, writes := len(piece.Reads.Input)+len(piece.Reads.Output), len(piece.Writes.Input)+len(piece.Writes.Output)
			bytes += r.row * (2*reads + 2*writes) // as in a replay with a worker for each block
			switch piece.Kind {
			case train.MergePiece:
				merges = max(merges, piece.Index+1)
				shared += writes
			case train.TrainPiece:
				trained++
				copied += reads
				touched += reads + writes
			}
		}
		blocks, most = blocks+trained, max(most, trained)
	}
	perWord := func(n int) string { return number(float64(n) / float64(words)) }
	alone := m.base[0]
	fmt.Fprintf(&page, `
What a machine with many cores would take is predicted from what one worker takes: each block, prepared block and shard of a
training is timed, by the processor time of its thread, and replayed for more workers. As in training, a worker that is
done takes the next piece of the phase, and all wait for each other at its end. Every piece has its own time, not a mean.

| | |
| --- | --- |
| Command | %s |
| Date | %s |
| Processor | %s |
| Training | dimension %d, window %d, %v negatives, sub-sampling %g, learning rate %g, %s tokens |
| Rounds | up to %d blocks of %.0f words, %d shards |
| One worker | %s words a second; blocks and shards %.1f %% of the time, between phases %.2f %% |
| Rows, for each word trained | %s touched by blocks, %s of them copied, as several blocks touch them; %s merged; %s bytes moved |
| Predicted time over measured, one worker | %.3f (%.3f–%.3f) |
| The same, two workers, by half of their CPU time | %.3f (%.3f–%.3f) |
| The same, in the model without waits | %.3f (%.3f–%.3f) |
| Two workers, base model, by the wall | %.3f (%.3f–%.3f) |

Workers that wait at a barrier spin, so half of the CPU time of two workers is the time on the wall of a machine that does nothing else.

A barrier takes 10 µs at 64 workers and less in proportion at fewer, memory gives all cores together %d GB/s, and a core keeps
the rows that it wrote last, as many as its L2 cache holds. A worker that comes to such a row of another core waits.
Other rows come from the shared cache or memory for one worker too, so their time is in the recording. The models differ:

| model | waits for rows | barrier at 64 workers |
| --- | --- | --- |
`, "`"+m.command+"`", time.Now().UTC().Format(time.DateOnly), strings.TrimSpace(cpuid.CPU.BrandName),
		m.cfg.Dim, m.cfg.Window, m.cfg.Negatives, m.cfg.Subsample, m.cfg.LearningRate, number(float64(r.tokens)),
		most, float64(words)/float64(max(blocks, 1)), merges,
		number(float64(words)/alone.total.Seconds()), 100*alone.work.Seconds()/alone.total.Seconds(), 100*alone.alone.Seconds()/alone.total.Seconds(),
		perWord(touched), perWord(copied), perWord(shared), perWord(bytes),
		m.one.median, m.one.low, m.one.high, m.two.median, m.two.low, m.two.high, m.twoFree.median, m.twoFree.low, m.twoFree.high, m.twoWall.median, m.twoWall.low, m.twoWall.high, int(bandwidth/1e9))
	for _, model := range models {
		fmt.Fprintf(&page, "| %s | %s | %v |\n", model.name, model.lines, model.barrier)
	}
	page.WriteString("\n![Predicted speed of many workers, in times that of one](cores.svg)\n\n## Speed, in times that of one worker\n\n| workers |")
	for _, model := range models {
		fmt.Fprintf(&page, " %s |", model.name)
	}
	fmt.Fprintf(&page, " GB/s |\n|%s\n", strings.Repeat(" ---: |", len(models)+2))
	for i, workers := range coreCounts {
		fmt.Fprintf(&page, "| %d |", workers)
		for _, model := range models {
			fmt.Fprintf(&page, " %.1f |", m.speedup[model.name][i])
		}
		fmt.Fprintf(&page, " %s |\n", number(float64(bytes)/m.base[i].total.Seconds()/1e9))
	}
	page.WriteString("\n## Where the time of all workers goes, in the base model\n\n| workers | work | waits for rows | idle, merging | idle, training | barriers | between phases | memory |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for i, workers := range coreCounts {
		b := m.base[i]
		all := b.total.Seconds() * float64(workers)
		fmt.Fprintf(&page, "| %d |", workers)
		for _, share := range []time.Duration{b.work, b.waits, b.mergeIdle, b.trainIdle,
			b.barriers * time.Duration(workers), b.alone * time.Duration(workers), b.memory * time.Duration(workers)} {
			fmt.Fprintf(&page, " %.1f %% |", 100*share.Seconds()/all)
		}
		page.WriteString("\n")
	}
	return page.String()
}

// figure has a line for each model.
func (m *coresReport) figure() *report.Figure {
	f := &report.Figure{Caption: "Predicted speed of many workers, in times that of one"}
	plot := report.Lines{X: report.Axis{Log: true, Label: "workers"}, Y: report.Axis{Log: true, Label: "times one worker", Include: []float64{1}}}
	var described []string
	for _, n := range coreCounts {
		plot.X.Ticks = append(plot.X.Ticks, report.Tick{At: float64(n), Label: fmt.Sprint(n)})
	}
	plot.Y.Ticks = plot.X.Ticks
	for i, model := range models {
		line := report.Line{Series: report.Series(i)}
		for j, n := range coreCounts {
			line.Points = append(line.Points, report.Point{X: float64(n), Estimate: report.Exactly(m.speedup[model.name][j])})
		}
		plot.Lines = append(plot.Lines, line)
		f.Key = append(f.Key, report.Entry{Series: line.Series, Name: model.name})
		described = append(described, fmt.Sprintf("%s: %.1f at %d", model.name, m.speedup[model.name][len(coreCounts)-1], coreCounts[len(coreCounts)-1]))
	}
	f.Add("speed", strings.Join(described, "; "), plot)
	return f
}
