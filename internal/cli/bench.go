package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"kindred/internal/bench"
)

const benchAbout = `Trains the same text with the same settings by kindred and by other tools, in turn, and reports speed and quality
together. Flags or a TOML file describe the experiment; --save writes such a file.

Finished runs are kept in a directory, with their vectors. After Ctrl-C, or with more rounds or tools, the same command continues
where it ended. The report lists tools that are not there, and settings that a tool does not have.`

const benchExamples = `
kindred bench --input text8 --tools kindred fasttext gensim --sets eval/ --pin 0
# save the experiment as a file, and run that
kindred bench --input text8 --tools kindred fasttext gensim --sets eval/ --pin 0 --save text8.toml
kindred bench text8.toml --markdown
# tools that are not on PATH
kindred bench --input text8 --tools kindred word2vec glove --tool-path word2vec=~/word2vec/word2vec glove=~/GloVe/build`

// benchFlags are the flags of the bench command.
type benchFlags struct {
	experiment    bench.Experiment
	report        reportFlags
	tools, paths  []string
	results, save string
	quiet         bool
}

func benchCommand(con *console) *command {
	f := &benchFlags{experiment: bench.Defaults()}
	return &command{
		name: "bench", summary: "compare trainers by speed and quality", arguments: "EXPERIMENT.toml | --input FILE… --tools TOOL… [FLAGS]",
		about: benchAbout, examples: benchExamples,
		flags: append(f.experimentFlags(), f.outputFlags()...), files: firstInput,
		run: func(c *call) error { return f.run(c, con) },
	}
}

// experimentFlags describe an experiment, as a file can.
func (f *benchFlags) experimentFlags() []*flag {
	const group, settings = "Experiment", "Settings of all tools"
	e, s := &f.experiment, &f.experiment.Settings
	return []*flag{
		{name: "input", aliases: []string{"i"}, group: group, into: &e.Input, value: "FILE…", file: inputFile, stream: true, // refused by the experiment, with its reason
			help: "text with one sentence per line and words between spaces; compressed files are decompressed first"},
		encodingFlag(&e.Encoding, group, "the text and of evaluation sets"),
		{name: "tools", group: group, into: &f.tools, value: "TOOL…", choices: oneOf(bench.DriverNames()...),
			help: "tools to compare: " + strings.Join(bench.DriverNames(), ", ")},
		{name: "tool-path", group: group, into: &f.paths, value: "TOOL=PATH…", fileIn: behind("="),
			help: "path of a tool that is not on PATH: the program, or its directory"},
		{name: "rounds", group: group, into: &e.Rounds, value: "N",
			help: "number of times that each tool trains, each time with the next seed"},
		{name: "pin", group: group, into: &e.Pin, value: "CPUS", initial: "all", parse: parseProcessors, want: "processors such as 0 or 0,2-3",
			help: "processors that the tools may use, such as 0 or 0,2-3"},
		{name: "sets", group: group, into: &e.Evaluation.Sets, value: "FILE…", file: inputFile,
			help: "evaluation sets, or directories of them, to score the vectors by"},
		{name: "restrict", group: group, into: &e.Evaluation.Restrict, value: "N", initial: "all",
			help: "answer analogies from the N most frequent words"},
		{name: "dim", aliases: []string{"size"}, group: settings, into: &s.Dim, value: "N",
			help: "dimension of the vectors"},
		{name: "window", aliases: []string{"ws"}, group: settings, into: &s.Window, value: "N",
			help: "largest distance between a word and its context word"},
		{name: "negatives", aliases: []string{"negative", "neg"}, group: settings, into: &s.Negatives, value: "K",
			help: "negative samples per positive pair"},
		{name: "noise-power", aliases: []string{"ns-exponent"}, group: settings, into: &s.NoisePower, value: "P",
			help: "draw negatives in proportion to count^P"},
		{name: "subsample", aliases: []string{"sample", "t"}, group: settings, into: &s.Subsample, value: "T",
			help: "randomly drop words whose share of the text is above T; 0 keeps all words"},
		{name: "min-count", aliases: []string{"minCount"}, group: settings, into: &s.MinCount, value: "N",
			help: "ignore words that occur fewer than N times"},
		{name: "epochs", aliases: []string{"iter", "epoch"}, group: settings, into: &s.Epochs, value: "N",
			help: "number of passes over the text"},
		{name: "lr", aliases: []string{"alpha"}, group: settings, into: &s.LearningRate, value: "RATE",
			help: "initial learning rate"},
		{name: "threads", aliases: []string{"thread", "workers"}, group: settings, into: &s.Threads, value: "N",
			help: "number of threads of each tool"},
		{name: "seed", group: settings, into: &s.Seed, value: "N",
			help: "seed of the first round"},
	}
}

func (f *benchFlags) outputFlags() []*flag {
	const group = "Output"
	return slices.Concat([]*flag{
		{name: "results", group: group, into: &f.results, value: "DIR", initial: "beside the file, or bench.results", file: outputDir,
			help: "directory for finished runs and their vectors"},
		{name: "save", group: group, into: &f.save, value: "FILE", file: outputFile, noStream: "the paths in it begin at its directory",
			help: "write the experiment to a TOML file, and do not run it"},
	}, f.report.withPage("report", group), []*flag{quietFlag(&f.quiet, group)})
}

func (f *benchFlags) run(c *call, con *console) error {
	if err := f.report.check(); err != nil {
		return err
	}
	e, results, err := f.describe(c)
	if err != nil {
		return err
	}
	reads := slices.Concat(e.Input, e.Evaluation.Sets)
	for _, t := range e.Tools {
		if t.Path != "" {
			reads = append(reads, t.Path)
		}
	}
	if err := c.alsoReads(filesOf(inputFile, reads...)...); err != nil {
		return err
	}
	if f.save != "" {
		return e.Save(f.save)
	}
	if f.results != "" {
		results = f.results
	}
	progress := &benchProgress{con: con, rounds: e.Rounds, quiet: f.quiet}
	b := &bench.Bench{Experiment: e, Results: results, Notify: func(e bench.Event) {
		if e.Kind == bench.Began || e.Kind == bench.Found {
			c.stopsItself()
		}
		progress.tell(e)
	}}
	report, err := b.Run(c.ctx)
	if err != nil {
		return benchError(c.ctx, err)
	}
	if err := f.report.write(con, report, report.Document(), report.Page()); err != nil {
		return err
	}
	if report.Interrupted {
		return interruption("interrupted; the finished runs are in " + results + ", and the same command goes on from there")
	}
	if failed := report.Failed(); len(failed) > 0 {
		return fmt.Errorf("failed: %s; see the report", strings.Join(failed, ", "))
	}
	return nil
}

// benchError explains an error of a benchmark to the user.
func benchError(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return interruption("interrupted before the first round")
	}
	return err
}

// describe returns the experiment and the default directory of its results.
func (f *benchFlags) describe(c *call) (bench.Experiment, string, error) {
	if len(c.words) == 0 {
		e, err := f.fromFlags()
		return e, "bench.results", err
	}
	path := c.words[0]
	if len(c.words) > 1 {
		return bench.Experiment{}, "", usagef("unexpected argument %q; there is one experiment, in %s", c.words[1], path)
	}
	for _, s := range f.experimentFlags() {
		if c.given(s.name) {
			return bench.Experiment{}, "", usagef("--%s is given, but the experiment is described by %s; change it there", s.name, path)
		}
	}
	if f.save != "" {
		return bench.Experiment{}, "", usagef("--save is given, but %s is a file already", path)
	}
	e, err := bench.Load(path)
	return e, strings.TrimSuffix(path, filepath.Ext(path)) + ".results", asUsage(err)
}

// fromFlags returns the experiment that the flags describe.
func (f *benchFlags) fromFlags() (bench.Experiment, error) {
	e := f.experiment
	places, err := f.places()
	if err != nil {
		return e, err
	}
	for _, names := range f.tools {
		for name := range strings.SplitSeq(names, ",") {
			e.Tools = append(e.Tools, bench.Tool{Name: name, Path: places[name]})
			delete(places, name)
		}
	}
	for name := range places {
		return e, usagef("--tool-path tells where %s is, but --tools doesn't name it", name)
	}
	return e, asUsage(e.Validate())
}

// places returns the paths of tools by their names.
func (f *benchFlags) places() (map[string]string, error) {
	places := map[string]string{}
	for _, p := range f.paths {
		name, path, ok := strings.Cut(p, "=")
		if !ok || name == "" || path == "" {
			return nil, usagef("--tool-path is %q, want TOOL=PATH", p)
		}
		if home, err := os.UserHomeDir(); err == nil && strings.HasPrefix(path, "~/") {
			path = filepath.Join(home, path[2:]) // shells do not expand it after =
		}
		places[name] = path
	}
	return places, nil
}

// parseProcessors returns the numbers in a list like "0,2-3".
func parseProcessors(list string) (any, bool) {
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
			return nil, false
		}
		for n := first; n <= last; n++ {
			numbers = append(numbers, n)
		}
	}
	return numbers, true
}

// benchProgress logs what happens during a benchmark, one line each.
type benchProgress struct {
	con    *console
	rounds int
	quiet  bool // log only warnings and errors
}

func (p *benchProgress) tell(e bench.Event) {
	if p.quiet && e.Kind != bench.Missing && e.Kind != bench.Failed {
		return
	}
	where := fmt.Sprintf("round %d/%d  %s", e.Round, p.rounds, e.Tool)
	switch e.Kind {
	case bench.Detected:
		p.con.say(e.Set)
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

// seconds returns a number of seconds as text.
func seconds(s float64) string { return brief(time.Duration(s * float64(time.Second))) }
