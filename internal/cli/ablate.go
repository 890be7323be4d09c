package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"time"

	"kindred/eval"
	"kindred/eval/sets"
	"kindred/internal/ablate"
	"kindred/internal/experiment"
	"kindred/internal/report"
	"kindred/internal/report/html"
	"kindred/model/format"
	"kindred/train"
)

const ablateAbout = `Trains many models on one text, and says how much each setting matters for held-out pairs, for evaluation sets and for
speed. The flags for settings describe the baseline. --vary, or a plan in TOML, says what differs from it. Settings have the names
that they have in manifests.

Each run uses one thread, and several runs work at a time. Their results are kept in the directory of --output, so an interrupted
command can be repeated: it does not train again what is finished.`

const ablateExamples = `
# how many negatives, and from which distribution? all combinations, three seeds each
kindred ablate --input text.txt --sets eval/ --output results --vary negatives=0,1,2,5,10 --vary noise_power=0.5,0.75,1
# the variants of a plan
kindred ablate --input text.txt --sets eval/ --output results --plan plan.toml
# print the report again as Markdown, without training
kindred ablate --input text.txt --sets eval/ --output results --plan plan.toml --markdown > report.md`

const ablatePlan = `
A plan:
  seeds = [1, 2, 3]          # of all variants without seeds of their own

  [base]                     # settings of the baseline
  lr = 0.035

  [[variant]]                # a list makes a variant of each value,
  negatives = [0, 1, 2, 10]  # and several lists make one of each combination

  [[variant]]
  sampler = "hard"
  name = "hard negatives"    # if left out, it is made from the settings
  seeds = [1]
  against = "k=10"           # a variant to compare with besides the baseline
`

// ablateFlags are the flags of the ablate command. The embedded trainFlags describe the text and the
// baseline.
type ablateFlags struct {
	trainFlags
	report                        reportFlags
	dir, plan                     string
	vary, seeds                   []string
	sets                          setsFlags
	parallel, restrict, resamples int
	keepVectors                   bool
}

func ablateCommand(con *console) *command {
	f := &ablateFlags{trainFlags: trainFlags{config: train.Defaults()}}
	return &command{
		name: "ablate", summary: "train variants of the settings, and say how much each setting matters", arguments: "--input FILE… --output DIR [FLAGS]",
		about: ablateAbout, notes: samplersHelp() + ablatePlan, examples: ablateExamples,
		flags: f.flags(),
		run:   func(c *call) error { return f.run(c, con) },
	}
}

func (f *ablateFlags) flags() []*flag {
	const plan, output = "Plan", "Output"
	f.seeds, f.restrict, f.resamples, f.parallel, f.share = []string{"1", "2", "3"}, 30000, eval.HeldOutResamples, runtime.GOMAXPROCS(0), 0.01
	flags := []*flag{
		{name: "plan", group: plan, into: &f.plan, value: "FILE", file: inputFile,
			help: "plan in TOML: seeds, [base], and a [[variant]] for each variant; a setting with a list makes a variant of each combination"},
		{name: "vary", group: plan, into: &f.vary, value: "SETTING=V,…",
			help: "values of a setting to try; several settings are tried in all combinations"},
		{name: "seeds", group: plan, into: &f.seeds, value: "N…", initial: "1 2 3",
			help: "train each variant once with each seed"},
		{name: "restrict", group: plan, into: &f.restrict, value: "N", valid: atLeast(0), want: "a number of words, or 0 for all",
			help: "answer analogies from the N most frequent words; 0 is all"},
		{name: "resamples", group: plan, into: &f.resamples, value: "N", valid: atLeast(1), want: "1 or more",
			help: "number of bootstrap resamples for intervals and tests"},
		{name: "parallel", group: plan, into: &f.parallel, value: "N", initial: "one for each processor", valid: atLeast(1), want: "1 or more",
			help: "number of runs at a time, each with one thread"},
		{name: "output", aliases: []string{"o"}, group: output, into: &f.dir, value: "DIR", file: outputDir, holds: []string{"report.json", "report.md", "report.html"},
			help: "directory for the results of runs and for report.json, report.md and report.html, a page with plots"},
		{name: "keep-vectors", group: output, into: &f.keepVectors, help: "also save the vectors of each run"},
	}
	flags = slices.Concat(flags, f.report.flags("report", output), []*flag{quietFlag(&f.quiet, output)}, inGroup("Evaluation sets", f.sets.flags()), f.textFlags.flags(), []*flag{f.vocabularyFlag()}, f.cache.flags(), f.holdoutFlags())
	for _, s := range settingFlags(&f.config) {
		if s.name != "seed" && s.name != "threads" {
			flags = append(flags, s)
		}
	}
	return flags
}

func (f *ablateFlags) run(c *call, con *console) error {
	plan, j, err := f.prepare(c, con)
	if err != nil {
		return err
	}
	list, err := f.readSets(con)
	if err != nil {
		return err
	}
	c.stopsItself()
	store, err := experiment.Open(f.dir)
	if err != nil {
		return err
	}
	defer store.Close()
	text, err := j.readText(c.ctx)
	if err != nil {
		return err
	}
	defer text.Close()
	results, err := plan.Run(c.ctx, text, ablate.Options{
		Store: store, Parallel: f.parallel, Sets: list, Restrict: f.restrict, KeepVectors: f.keepVectors, Observe: f.observer(con),
	})
	if c.ctx.Err() != nil {
		return interruption(fmt.Sprintf("interrupted; the finished runs are in %s, and the same command goes on from there", f.dir))
	}
	if err != nil {
		return err
	}
	var report *ablate.Report
	err = unlessInterrupted(c.ctx, func() (err error) {
		report, err = ablate.NewReport(plan, results, text, list, f.resamples)
		return err
	})
	if err != nil {
		return err
	}
	return f.write(report, con)
}

// prepare checks all flags. It returns the plan, and the job that reads the text.
func (f *ablateFlags) prepare(c *call, con *console) (*ablate.Plan, *trainJob, error) {
	if err := noArguments(c, "; text is named with --input, evaluation sets with --sets"); err != nil {
		return nil, nil, err
	}
	switch {
	case f.dir == "":
		return nil, nil, usage("no output; name a directory for the results with --output DIR")
	case f.plan != "" && len(f.vary) > 0:
		return nil, nil, usage("--plan and --vary exclude each other")
	case f.plan == "" && len(f.vary) == 0:
		return nil, nil, usage("nothing to compare; say what differs with --vary negatives=0,1,2 or --plan FILE")
	}
	if err := f.report.check(); err != nil {
		return nil, nil, err
	}
	native, err := format.ByName("safetensors")
	if err != nil {
		return nil, nil, err
	}
	j := &trainJob{con: con, report: noReporter{}, format: native, config: f.config}
	if !f.quiet {
		j.report = newReporter(con, false, false)
	}
	if err := f.prepareText(c, j); err != nil {
		return nil, nil, err
	}
	plan, err := f.readPlan()
	return plan, j, asUsage(err)
}

// readPlan returns the variants to train.
func (f *ablateFlags) readPlan() (*ablate.Plan, error) {
	var seeds []uint64
	for _, text := range f.seeds {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("--seeds has %q, want whole numbers, 0 or more", text)
		}
		seeds = append(seeds, seed)
	}
	if f.plan != "" {
		return ablate.ReadPlan(f.plan, f.config, seeds)
	}
	grid := ablate.Grid{Values: map[string][]any{}}
	for _, text := range f.vary {
		setting, values, err := ablate.ParseValues(text)
		if err != nil {
			return nil, fmt.Errorf("--vary: %w", err)
		}
		grid.Values[setting] = append(grid.Values[setting], values...)
	}
	return ablate.NewPlan(f.config, seeds, []ablate.Grid{grid})
}

// readSets reads the evaluation sets. It skips, with a warning, the kinds that ablations do not use.
func (f *ablateFlags) readSets(con *console) ([]sets.Set, error) {
	f.sets.encoding = f.encoding
	all, err := f.sets.read(con, nil)
	if err != nil {
		return nil, err
	}
	var list []sets.Set
	for _, set := range all {
		if set.Kind() == sets.Similarity || set.Kind() == sets.Analogy {
			list = append(list, set)
		} else {
			con.warn(fmt.Sprintf("%s is left out: it holds %s", set.Origin().Name, set.Kind()))
		}
	}
	return list, nil
}

// observer logs the runs.
func (f *ablateFlags) observer(con *console) func(ablate.Event) {
	if f.quiet {
		return nil
	}
	started, trained := time.Now(), 0
	return func(e ablate.Event) {
		switch {
		case e.Result == nil:
			return
		case e.Found:
			con.log.Info("found", "run", e.Variant, "seed", e.Seed, "done", fmt.Sprintf("%d/%d", e.Done, e.Runs))
			return
		}
		trained++
		left := time.Since(started) / time.Duration(trained) * time.Duration(e.Runs-e.Done)
		if e.Result.Failure != "" {
			con.log.Warn(e.Result.Failure, "run", e.Variant, "seed", e.Seed)
			return
		}
		con.log.Info("trained", "run", e.Variant, "seed", e.Seed, "done", fmt.Sprintf("%d/%d", e.Done, e.Runs), "eta", clock(left),
			"words/s", scaled(e.Result.Training.TokensPerSecond), "loss", fmt.Sprintf("%.4f", e.Result.Training.Loss))
	}
}

// write writes the report to its files and to standard output.
func (f *ablateFlags) write(r *ablate.Report, con *console) error {
	for name, write := range map[string]func(io.Writer) error{
		"report.json": func(w io.Writer) error { return report.WriteJSON(w, r) },
		"report.md":   func(w io.Writer) error { return report.WriteMarkdown(w, r.Document()) },
		"report.html": func(w io.Writer) error { return html.Write(w, r.Page()) },
	} {
		if err := con.writeFile(filepath.Join(f.dir, name), write); err != nil {
			return err
		}
	}
	return f.report.write(con, r, r.Document(), nil)
}
