package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"kindred/eval"
	"kindred/eval/sets"
	"kindred/internal/ablate"
	"kindred/internal/experiment"
	"kindred/model/format"
	"kindred/train"
)

const ablateDescription = `Trains many models on one text, which is read once, and tells what each setting is worth: on pairs of words from sentences
held out, on sets of human judgements, and in speed. All flags of settings make the baseline; --vary, or a plan in TOML, say what differs from it.
Settings have the names that they have in manifests.

Each run has one thread, and several run side by side. Their results are kept in the directory of --output: what was interrupted goes
on where it was, and what was done is not done again.`

const ablateExamples = `
# how many negatives, and from which distribution? all combinations, three seeds each
kindred ablate --input text.txt --sets eval/ --output results --vary negatives=0,1,2,5,10 --vary noise_power=0.5,0.75,1
# what a file lists
kindred ablate --input text.txt --sets eval/ --output results --plan plan.toml
# once more, without training anything, as Markdown
kindred ablate --input text.txt --sets eval/ --output results --plan plan.toml --markdown > report.md`

// ablateFlags are the flags of the ablate command. The embedded ones say what is read and what the baseline is.
type ablateFlags struct {
	trainFlags
	dir, plan      string
	vary, seeds    cli.StringSlice
	sets           setsFlags
	parallel       int
	restrict       int
	resamples      int
	keepVectors    bool
	asJSON, asMark bool
}

func ablateCommand(con *console) *cli.Command {
	f := &ablateFlags{trainFlags: trainFlags{config: train.Defaults()}}
	return documented(&cli.Command{
		Name: "ablate", Usage: "train variants of the settings and tell what each is worth", ArgsUsage: "--input FILE… --output DIR [FLAGS]",
		Description: ablateDescription,
		Flags:       f.flags(),
		Action:      func(c *cli.Context) error { return f.run(c, con) },
	}, ablateExamples)
}

func (f *ablateFlags) flags() []cli.Flag {
	const plan, output = "Plan", "Output"
	flags := []cli.Flag{
		&cli.StringFlag{Name: "plan", Category: plan, Destination: &f.plan,
			Usage: "`FILE` TOML: seeds, [base], and a [[variant]] with settings for each variant, or with lists for each combination"},
		&cli.StringSliceFlag{Name: "vary", Category: plan, Destination: &f.vary, KeepSpace: true,
			Usage: "`SETTING=V,…` values to try; of several settings, all combinations"},
		&cli.StringSliceFlag{Name: "seeds", Category: plan, Destination: &f.seeds, Value: cli.NewStringSlice("1", "2", "3"), DefaultText: "1 2 3",
			Usage: "`N…` train each variant once with each"},
		&cli.IntFlag{Name: "restrict", Category: plan, Destination: &f.restrict, Value: 30000,
			Usage: "`N` answer analogies by the N most frequent words; 0 is all"},
		&cli.IntFlag{Name: "resamples", Category: plan, Destination: &f.resamples, Value: eval.HeldOutResamples,
			Usage: "`N` bootstrap resamples for intervals and tests"},
		&cli.IntFlag{Name: "parallel", Category: plan, Destination: &f.parallel, Value: runtime.GOMAXPROCS(0), DefaultText: "one for each processor",
			Usage: "`N` runs at a time, each with one thread"},
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Category: output, Destination: &f.dir,
			Usage: "`DIR` directory for the results of runs, and for report.json, report.md and report.html, a page with plots"},
		&cli.BoolFlag{Name: "keep-vectors", Category: output, Destination: &f.keepVectors, Usage: "save the vectors of each run, too"},
		&cli.BoolFlag{Name: "json", Category: output, Destination: &f.asJSON, Usage: "write the report as JSON"},
		&cli.BoolFlag{Name: "markdown", Category: output, Destination: &f.asMark, Usage: "write the report as Markdown"},
		quietFlag(&f.quiet, output),
	}
	flags = append(flags, f.sets.flags()...)
	flags = append(flags, f.textFlags.flags()...)
	flags = append(flags, f.vocabularyFlags()[0])
	flags = append(flags, f.cacheFlags()...)
	flags = append(flags, f.holdoutFlags()...)
	for _, flag := range settingFlags(&f.config) {
		if name := flag.Names()[0]; name != "seed" && name != "threads" {
			flags = append(flags, flag)
		}
	}
	return flags
}

func (f *ablateFlags) run(c *cli.Context, con *console) error {
	plan, j, err := f.prepare(c, con)
	if err != nil {
		return err
	}
	list, err := f.readSets(con)
	if err != nil {
		return err
	}
	store, err := experiment.Open(f.dir)
	if err != nil {
		return err
	}
	defer store.Close()
	text, err := j.readText(c.Context)
	if err != nil {
		return err
	}
	defer text.Close()
	results, err := plan.Run(c.Context, text, ablate.Options{
		Store: store, Parallel: f.parallel, Sets: list, Restrict: f.restrict, KeepVectors: f.keepVectors, Observe: f.observer(con),
	})
	if c.Context.Err() != nil {
		return interruption(fmt.Sprintf("interrupted; the runs that have ended are in %s, and the same command goes on from there", f.dir))
	}
	if err != nil {
		return err
	}
	var report *ablate.Report
	err = unlessInterrupted(c.Context, func() (err error) {
		report, err = ablate.NewReport(plan, results, text, list, f.resamples)
		return err
	})
	if err != nil {
		return err
	}
	return f.write(report, con)
}

// prepare checks all flags and returns the plan, and the job that reads the text.
func (f *ablateFlags) prepare(c *cli.Context, con *console) (*ablate.Plan, *job, error) {
	if err := noArguments(c, "; text is named with --input, evaluation sets with --sets"); err != nil {
		return nil, nil, err
	}
	switch {
	case f.dir == "":
		return nil, nil, usage("no output; name a directory for the results with --output DIR")
	case f.plan != "" && len(f.vary.Value()) > 0:
		return nil, nil, usage("--plan and --vary exclude each other")
	case f.plan == "" && len(f.vary.Value()) == 0:
		return nil, nil, usage("nothing to compare; say what differs with --vary negatives=0,1,2 or --plan FILE")
	case f.asJSON && f.asMark:
		return nil, nil, usage("--json and --markdown exclude each other")
	case f.parallel < 1:
		return nil, nil, usagef("--parallel is %d, want 1 or more", f.parallel)
	case f.restrict < 0:
		return nil, nil, usagef("--restrict is %d, want a number of words, or 0 for all", f.restrict)
	case f.resamples < 1:
		return nil, nil, usagef("--resamples is %d, want 1 or more", f.resamples)
	}
	if !c.IsSet("holdout") {
		f.share = "1%"
	}
	native, err := format.ByName("safetensors")
	if err != nil {
		return nil, nil, err
	}
	j := &job{con: con, report: silence{}, format: native}
	if !f.quiet {
		j.report = newReporter(con, false, false)
	}
	if err := f.prepareText(c, j); err != nil {
		return nil, nil, err
	}
	plan, err := f.readPlan()
	return plan, j, asUsage(err)
}

// readPlan returns what is to be compared.
func (f *ablateFlags) readPlan() (*ablate.Plan, error) {
	var seeds []uint64
	for _, text := range f.seeds.Value() {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("--seeds has %q, want whole numbers, 0 or more", text)
		}
		seeds = append(seeds, seed)
	}
	if f.plan != "" {
		file, err := os.Open(f.plan)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return ablate.ReadPlan(f.plan, file, f.config, seeds)
	}
	grid := ablate.Grid{Values: map[string][]any{}}
	for _, text := range f.vary.Value() {
		setting, values, err := ablate.ParseValues(text)
		if err != nil {
			return nil, fmt.Errorf("--vary: %w", err)
		}
		grid.Values[setting] = append(grid.Values[setting], values...)
	}
	return ablate.NewPlan(f.config, seeds, []ablate.Grid{grid})
}

// readSets reads the evaluation sets; those of kinds that tell nothing here are left out, and that is said.
func (f *ablateFlags) readSets(con *console) ([]sets.Set, error) {
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

// observer tells of runs in the log.
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
	for name, write := range map[string]func(io.Writer) error{"report.json": r.WriteJSON, "report.md": r.WriteMarkdown, "report.html": r.WriteHTML} {
		if err := writePage(filepath.Join(f.dir, name), write); err != nil {
			return err
		}
	}
	switch {
	case f.asJSON:
		return r.WriteJSON(con.out)
	case f.asMark:
		return r.WriteMarkdown(con.out)
	}
	return r.WriteText(con.out)
}
