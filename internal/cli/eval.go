package cli

import (
	"github.com/urfave/cli/v2"

	"kindred/eval"
	"kindred/eval/stats"
)

const evalDescription = `Scores vectors by human judgement: word similarity (Spearman and Pearson correlation of cosines with the scores of
people), analogies (share of questions answered right), outlier detection (which word doesn't belong) and categorisation (whether
clusters of words are the groups that people make). SETs are files, or directories whose files are taken for what they look like, in
the shapes they usually have; standard error tells what each was taken for.

Behind each score its confidence interval is in brackets. Words are compared without regard to case, and items with an unknown
word are left out and counted, as gensim does.`

const evalExamples = `
kindred eval vectors.bin eval/
# answers among the 30,000 most frequent words, as is usual
kindred eval vectors.bin questions-words.txt --restrict 30000 --method 3CosAdd
# are a few words the neighbours of most?
kindred eval vectors.bin --hubness 20000
# for another program
kindred eval vectors.bin ws353.tsv --json`

// evalFlags are the flags of the eval command.
type evalFlags struct {
	vectorsFlags
	scoring
	sets           setsFlags
	hubness        int
	json, markdown bool
}

func evalCommand(con *console) *cli.Command {
	var f evalFlags
	return documented(&cli.Command{
		Name: "eval", Usage: "score vectors by human judgement, with confidence intervals", ArgsUsage: "VECTORS SET… [FLAGS]",
		Description: evalDescription,
		Flags:       f.flags(),
		Action:      func(c *cli.Context) error { return f.run(c, con) },
	}, evalExamples)
}

func (f *evalFlags) flags() []cli.Flag {
	flags := append(f.sets.flags(), f.scoring.flags("both", stats.DefaultResamples)...)
	return append(flags,
		&cli.IntFlag{Name: "hubness", Destination: &f.hubness, DefaultText: "none",
			Usage: "`N` look at the N most frequent words: whether a few of them are neighbours of most"},
		&cli.BoolFlag{Name: "json", Destination: &f.json, Usage: "write the report as JSON"},
		&cli.BoolFlag{Name: "markdown", Destination: &f.markdown, Usage: "write the report as Markdown"},
		f.vectorsFlags.flag(),
	)
}

func (f *evalFlags) run(c *cli.Context, con *console) error {
	path, others, err := vectorsArgument(c)
	switch {
	case err != nil && len(f.sets.paths()) > 0:
		return usage("no vectors; name them first, as in \"kindred eval vectors.bin --similarity FILE\": a flag takes all files up to the next flag")
	case err != nil:
		return err
	case f.json && f.markdown:
		return usage("--json and --markdown exclude each other")
	case f.hubness < 0:
		return usage("--hubness wants a number of words, or 0 for none")
	case len(others)+len(f.sets.paths())+f.hubness == 0:
		return usage("nothing to score by; name evaluation sets, or a directory of them, behind the vectors")
	}
	options, err := f.scoring.parse()
	if err != nil {
		return err
	}
	list, err := f.sets.read(con, others)
	if err != nil {
		return err
	}
	e, err := f.load(c.Context, con, path)
	if err != nil {
		return err
	}
	options.Model, options.Hubness = path, f.hubness
	var report *eval.Report
	err = unlessInterrupted(c.Context, func() (err error) {
		report, err = eval.Evaluate(e, list, options)
		return err
	})
	switch {
	case err != nil:
		return err
	case f.json:
		return report.WriteJSON(con.out)
	case f.markdown:
		return report.WriteMarkdown(con.out)
	}
	return report.WriteText(con.out)
}
