package cli

import (
	"strings"

	"github.com/urfave/cli/v2"

	"kindred/eval"
	"kindred/model"
)

const evalDescription = `Scores vectors by human judgement: word similarity (Spearman and Pearson correlation of cosines with the scores of
people) and analogies (share of questions answered right). The files are read in the shapes they usually have: tabs, commas or
spaces, with a header or not. Files named behind VECTORS are taken for what they look like.

Words are compared without regard to case, and items with an unknown word are left out and counted, as gensim does.`

const evalExamples = `
kindred eval vectors.bin --similarity ws353.tsv simlex999.tsv --analogies questions-words.txt
# answers among the 30,000 most frequent words, as is usual
kindred eval vectors.bin --analogies questions-words.txt --restrict 30000 --method 3CosAdd
# for another program
kindred eval vectors.bin --similarity ws353.tsv --json`

// evalFlags are the flags of the eval command.
type evalFlags struct {
	vectorsFlags
	similarity, analogies cli.StringSlice
	options               eval.Options
	method                string
	json, markdown        bool
}

func evalCommand(con *console) *cli.Command {
	var f evalFlags
	return documented(&cli.Command{
		Name: "eval", Usage: "score vectors by word similarity and analogies", ArgsUsage: "VECTORS [--similarity FILE…] [--analogies FILE…] [FLAGS]",
		Description: evalDescription,
		Flags:       f.flags(),
		Action:      func(c *cli.Context) error { return f.run(c, con) },
	}, evalExamples)
}

func (f *evalFlags) flags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "similarity", Destination: &f.similarity, KeepSpace: true,
			Usage: "`FILE…` word pairs with scores, such as WordSim-353 and SimLex-999"},
		&cli.StringSliceFlag{Name: "analogies", Destination: &f.analogies, KeepSpace: true,
			Usage: "`FILE…` analogy questions, such as questions-words.txt"},
		&cli.IntFlag{Name: "restrict", Destination: &f.options.RestrictAnalogies, DefaultText: "all",
			Usage: "`N` answer analogies by the N most frequent words, and skip questions with others"},
		&cli.IntFlag{Name: "restrict-similarity", Destination: &f.options.RestrictSimilarity, DefaultText: "all",
			Usage: "`N` leave out word pairs with a word that is not among the N most frequent"},
		methodFlag(&f.method, "both"),
		&cli.BoolFlag{Name: "case-sensitive", Destination: &f.options.ExactCase, Usage: "tell Paris from paris"},
		&cli.BoolFlag{Name: "zero-missing", Destination: &f.options.ZeroMissing,
			Usage: "count word pairs with an unknown word, with similarity 0, instead of leaving them out"},
		&cli.BoolFlag{Name: "json", Destination: &f.json, Usage: "write the report as JSON"},
		&cli.BoolFlag{Name: "markdown", Destination: &f.markdown, Usage: "write the report as Markdown"},
		f.vectorsFlags.flag(),
	}
}

func (f *evalFlags) run(c *cli.Context, con *console) error {
	path, others, err := vectorsArgument(c)
	switch {
	case err != nil && len(f.similarity.Value())+len(f.analogies.Value()) > 0:
		return usage("no vectors; name them first, as in \"kindred eval vectors.bin --similarity FILE\": a flag takes all files up to the next flag")
	case err != nil:
		return err
	case f.json && f.markdown:
		return usage("--json and --markdown exclude each other")
	case len(others)+len(f.similarity.Value())+len(f.analogies.Value()) == 0:
		return usage("nothing to score by; name files with --similarity or --analogies")
	case f.options.RestrictAnalogies < 0 || f.options.RestrictSimilarity < 0:
		return usage("--restrict and --restrict-similarity want a number of words, or 0 for all")
	}
	if f.options.Methods, err = parseMethods(f.method); err != nil {
		return err
	}
	sets, err := f.sets(others)
	if err != nil {
		return err
	}
	e, err := f.load(c.Context, con, path)
	if err != nil {
		return err
	}
	f.options.Model = path
	var report *eval.Report
	err = unlessInterrupted(c.Context, func() (err error) {
		report, err = eval.Evaluate(e, sets, f.options)
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

// sets reads all evaluation sets; others are files of whatever kind.
func (f *evalFlags) sets(others []string) ([]eval.Set, error) {
	var sets []eval.Set
	for _, path := range f.similarity.Value() {
		set, err := eval.ReadSimilarity(path)
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	for _, path := range f.analogies.Value() {
		set, err := eval.ReadAnalogies(path)
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	for _, path := range others {
		set, err := eval.ReadSet(path)
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	return sets, nil
}

// methodNames are the values of --method.
var methodNames = []string{model.CosAdd.String(), model.CosMul.String(), "both"}

func methodFlag(method *string, value string) cli.Flag {
	return &cli.StringFlag{Name: "method", Destination: method, Value: value,
		Usage: "`NAME` how analogies are answered: " + strings.Join(methodNames, ", ")}
}

// parseMethods returns the methods that a value of --method stands for.
func parseMethods(name string) ([]model.AnalogyMethod, error) {
	both := []model.AnalogyMethod{model.CosAdd, model.CosMul}
	if strings.EqualFold(name, "both") {
		return both, nil
	}
	for _, m := range both {
		if strings.EqualFold(name, m.String()) {
			return []model.AnalogyMethod{m}, nil
		}
	}
	return nil, usagef("--method is %q, want %s", name, strings.Join(methodNames, ", "))
}
