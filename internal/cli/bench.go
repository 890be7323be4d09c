package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"kindred/internal/bench"
)

const benchDescription = `Trains the same text with the same settings by kindred and by other tools, in turn, and reports
speed and quality together. The experiment is described by the flags or by a TOML file, which --save writes.

Finished runs are kept in a directory, with their vectors: after Ctrl-C, or with more rounds or tools, the same command
goes on where it ended. A tool that isn't there is listed as not run; settings that a tool can't be given are listed too.`

const benchExamples = `
kindred bench --input text8 --tools kindred fasttext gensim --sets eval/ --pin 0
# the same, as a file that can be kept and run again
kindred bench --input text8 --tools kindred fasttext gensim --sets eval/ --pin 0 --save text8.toml
kindred bench text8.toml --markdown
# tools that are not on PATH
kindred bench --input text8 --tools kindred word2vec glove --tool-path word2vec=~/word2vec/word2vec glove=~/GloVe/build`

// benchFlags are the flags of the bench command.
type benchFlags struct {
	experiment                 bench.Experiment
	inputs, tools, paths, sets cli.StringSlice
	pin, results, save, html   string
	quiet, json, markdown      bool
}

func benchCommand(con *console) *cli.Command {
	f := &benchFlags{experiment: bench.Defaults()}
	return documented(&cli.Command{
		Name: "bench", Usage: "compare trainers by speed and quality", ArgsUsage: "EXPERIMENT.toml | --input FILE… --tools TOOL… [FLAGS]",
		Description: benchDescription,
		Flags:       append(f.experimentFlags(), f.outputFlags()...),
		Action:      func(c *cli.Context) error { return f.run(c, con) },
	}, benchExamples)
}

// experimentFlags are the flags that a file stands for.
func (f *benchFlags) experimentFlags() []cli.Flag {
	const category, settings = "Experiment", "Settings of all tools"
	e, s := &f.experiment, &f.experiment.Settings
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "input", Aliases: []string{"i"}, Category: category, Destination: &f.inputs, KeepSpace: true,
			Usage: "`FILE…` text, one sentence a line, words between spaces; unpacked first where it is compressed"},
		&cli.StringSliceFlag{Name: "tools", Category: category, Destination: &f.tools, KeepSpace: true,
			Usage: "`TOOL…` who takes part: " + strings.Join(bench.DriverNames(), ", ")},
		&cli.StringSliceFlag{Name: "tool-path", Category: category, Destination: &f.paths, KeepSpace: true,
			Usage: "`TOOL=PATH…` where a tool is that is not on PATH: the program, or the directory it is in"},
		&cli.IntFlag{Name: "rounds", Category: category, Destination: &e.Rounds, Value: e.Rounds,
			Usage: "`N` how often each tool trains, each time with the next seed"},
		&cli.StringFlag{Name: "pin", Category: category, Destination: &f.pin, DefaultText: "all",
			Usage: "`CPUS` processors that the tools may use, such as 0 or 0,2-3"},
		&cli.StringSliceFlag{Name: "sets", Category: category, Destination: &f.sets, KeepSpace: true,
			Usage: "`FILE…` evaluation sets and directories of them that the vectors are judged by"},
		&cli.IntFlag{Name: "restrict", Category: category, Destination: &e.Evaluation.Restrict, DefaultText: "all",
			Usage: "`N` answer analogies by the N most frequent words"},
		&cli.IntFlag{Name: "dim", Aliases: []string{"size"}, Category: settings, Destination: &s.Dim, Value: s.Dim, Usage: "`N` values in a vector"},
		&cli.IntFlag{Name: "window", Aliases: []string{"ws"}, Category: settings, Destination: &s.Window, Value: s.Window,
			Usage: "`N` largest distance of a context word"},
		&cli.IntFlag{Name: "negatives", Aliases: []string{"negative", "neg"}, Category: settings, Destination: &s.Negatives, Value: s.Negatives,
			Usage: "`K` noise words against each true one"},
		&cli.Float64Flag{Name: "noise-power", Aliases: []string{"ns-exponent"}, Category: settings, Destination: &s.NoisePower, Value: s.NoisePower,
			Usage: "`P` noise in proportion to count^P"},
		&cli.Float64Flag{Name: "subsample", Aliases: []string{"sample", "t"}, Category: settings, Destination: &s.Subsample, Value: s.Subsample,
			Usage: "`T` thin out words whose share of the text is above T; 0 keeps all"},
		&cli.IntFlag{Name: "min-count", Aliases: []string{"minCount"}, Category: settings, Destination: &s.MinCount, Value: s.MinCount,
			Usage: "`N` leave out words that occur less than N times"},
		&cli.IntFlag{Name: "epochs", Aliases: []string{"iter", "epoch"}, Category: settings, Destination: &s.Epochs, Value: s.Epochs,
			Usage: "`N` passes over the text"},
		&cli.Float64Flag{Name: "lr", Aliases: []string{"alpha"}, Category: settings, Destination: &s.LearningRate, Value: s.LearningRate,
			Usage: "`RATE` learning rate at the start"},
		&cli.IntFlag{Name: "threads", Aliases: []string{"thread", "workers"}, Category: settings, Destination: &s.Threads, Value: s.Threads,
			Usage: "`N` threads of each tool"},
		&cli.IntFlag{Name: "seed", Category: settings, Destination: &s.Seed, Value: s.Seed, Usage: "`N` seed of the first round"},
	}
}

func (f *benchFlags) outputFlags() []cli.Flag {
	const category = "Output"
	return []cli.Flag{
		&cli.StringFlag{Name: "results", Category: category, Destination: &f.results, DefaultText: "beside the file, or bench.results",
			Usage: "`DIR` directory for finished runs, with their vectors"},
		&cli.StringFlag{Name: "save", Category: category, Destination: &f.save,
			Usage: "`FILE` write the experiment to a TOML file, and don't run it"},
		&cli.BoolFlag{Name: "json", Category: category, Destination: &f.json, Usage: "write the report as JSON"},
		&cli.BoolFlag{Name: "markdown", Category: category, Destination: &f.markdown, Usage: "write the report as Markdown"},
		&cli.StringFlag{Name: "html", Category: category, Destination: &f.html,
			Usage: "`FILE` write the report as a self-contained page with plots, too"},
		quietFlag(&f.quiet, category),
	}
}

func (f *benchFlags) run(c *cli.Context, con *console) error {
	if f.json && f.markdown {
		return usage("--json and --markdown exclude each other")
	}
	e, results, err := f.describe(c)
	if err != nil {
		return err
	}
	if f.save != "" {
		return e.Save(f.save)
	}
	if f.results != "" {
		results = f.results
	}
	if f.html != "" {
		if err := checkWritable(f.html, false); err != nil {
			return err
		}
	}
	b := &bench.Bench{Experiment: e, Results: results, Notify: (&benchProgress{con: con, rounds: e.Rounds, quiet: f.quiet}).tell}
	report, err := b.Run(c.Context)
	if err != nil {
		return benchError(c.Context, err)
	}
	if err := f.write(con, report); err != nil {
		return err
	}
	if report.Interrupted {
		return interruption("interrupted; the same command goes on, the finished runs are in " + results)
	}
	if failed := report.Failed(); len(failed) > 0 {
		return fmt.Errorf("failed: %s; see the report", strings.Join(failed, ", "))
	}
	return nil
}

// benchError returns the error of a benchmark as the user is told.
func benchError(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return interruption("interrupted before the first round")
	}
	return err
}

// describe returns the experiment, and the directory of its results unless told otherwise.
func (f *benchFlags) describe(c *cli.Context) (bench.Experiment, string, error) {
	if c.NArg() == 0 {
		e, err := f.fromFlags()
		return e, "bench.results", err
	}
	path := c.Args().First()
	if c.NArg() > 1 {
		return bench.Experiment{}, "", usagef("unexpected argument %q; there is one experiment, in %s", c.Args().Get(1), path)
	}
	for _, flag := range f.experimentFlags() {
		if name := flag.Names()[0]; c.IsSet(name) {
			return bench.Experiment{}, "", usagef("--%s is given, but the experiment is described by %s; change it there", name, path)
		}
	}
	if f.save != "" {
		return bench.Experiment{}, "", usagef("--save is given, but %s is a file already", path)
	}
	e, err := bench.Load(path)
	return e, strings.TrimSuffix(path, filepath.Ext(path)) + ".results", err
}

// fromFlags returns the experiment that the flags describe.
func (f *benchFlags) fromFlags() (bench.Experiment, error) {
	e := f.experiment
	e.Input, e.Evaluation.Sets = f.inputs.Value(), f.sets.Value()
	places, err := f.places()
	if err != nil {
		return e, err
	}
	for _, names := range f.tools.Value() {
		for name := range strings.SplitSeq(names, ",") {
			e.Tools = append(e.Tools, bench.Tool{Name: name, Path: places[name]})
			delete(places, name)
		}
	}
	for name := range places {
		return e, usagef("--tool-path tells where %s is, but --tools doesn't name it", name)
	}
	if f.pin != "" {
		if e.Pin, err = parseProcessors(f.pin); err != nil {
			return e, err
		}
	}
	return e, asUsage(e.Validate())
}

// places returns the paths of tools by their names.
func (f *benchFlags) places() (map[string]string, error) {
	places := map[string]string{}
	for _, p := range f.paths.Value() {
		name, path, ok := strings.Cut(p, "=")
		if !ok || name == "" || path == "" {
			return nil, usagef("--tool-path is %q, want TOOL=PATH", p)
		}
		if home, err := os.UserHomeDir(); err == nil && strings.HasPrefix(path, "~/") {
			path = filepath.Join(home, path[2:]) // no shell expands it behind a =
		}
		places[name] = path
	}
	return places, nil
}

// parseProcessors returns the numbers in a list such as "0,2-3".
func parseProcessors(list string) ([]int, error) {
	const most = 1 << 10
	var numbers []int
	for item := range strings.SplitSeq(list, ",") {
		from, to, isRange := strings.Cut(item, "-")
		first, err := strconv.Atoi(from)
		last := first
		if err == nil && isRange {
			last, err = strconv.Atoi(to)
		}
		if err != nil || first < 0 || last < first || last >= most {
			return nil, usagef("--pin is %q, want processors such as 0 or 0,2-3", list)
		}
		for n := first; n <= last; n++ {
			numbers = append(numbers, n)
		}
	}
	return numbers, nil
}

func (f *benchFlags) write(con *console, report *bench.Report) error {
	if f.html != "" {
		if err := writePage(f.html, report.WriteHTML); err != nil {
			return err
		}
	}
	switch {
	case f.json:
		return report.WriteJSON(con.out)
	case f.markdown:
		return report.WriteMarkdown(con.out)
	}
	return report.WriteText(con.out)
}

// benchProgress tells what happens during a benchmark, a line each.
type benchProgress struct {
	con    *console
	rounds int
	quiet  bool // but for warnings and errors
}

func (p *benchProgress) tell(e bench.Event) {
	if p.quiet && e.Kind != bench.Missing && e.Kind != bench.Failed {
		return
	}
	where := fmt.Sprintf("round %d/%d  %s", e.Round, p.rounds, e.Tool)
	switch e.Kind {
	case bench.Detected:
		fmt.Fprintln(p.con.err, e.Set)
	case bench.Missing:
		p.con.log.Warn(fmt.Sprintf("%s is not run: %v", e.Tool, e.Err))
	case bench.Began:
		expected := ""
		if e.Run != nil {
			expected = ", about " + seconds(e.Run.Wall)
		}
		p.con.log.Info(where + expected + " …")
	case bench.Finished:
		whole, _ := e.Run.WordsPerSecond()
		p.con.log.Info(fmt.Sprintf("%s: %s, %s of processor time, %s words per processor second, %s",
			where, seconds(e.Run.Wall), seconds(e.Run.CPU), scaled(whole), size(e.Run.PeakMemory)))
	case bench.Found:
		p.con.log.Info(fmt.Sprintf("%s: done on %s", where, e.Run.Started.Format(time.DateTime)))
	case bench.Failed:
		p.con.log.Error(fmt.Sprintf("%s: %s", where, strings.ReplaceAll(e.Err.Error(), "\n", "; ")))
	case bench.Comparing:
		p.con.log.Info("comparing the vectors …")
	}
}

// seconds returns a number of seconds as people say it.
func seconds(s float64) string { return brief(time.Duration(s * float64(time.Second))) }
