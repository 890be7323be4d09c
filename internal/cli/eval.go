package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"kindred/eval"
	"kindred/eval/sets"
	"kindred/eval/stats"
	"kindred/internal/report/evaluation"
	"kindred/model/search"
)

const evalAbout = `Scores vectors by human judgment, on four kinds of evaluation sets. Word similarity: Spearman and Pearson correlation of
cosines with human scores. Analogies: share of correct answers. Outlier detection: which word does not belong. Categorization: do
clusters of words match human categories. Each SET is a file, or a directory of files. The content of a file tells its kind, which
is printed to standard error.

Each score has a confidence interval in brackets. Words are compared without regard to case. Items with unknown words are skipped
and counted, as in gensim.`

const evalExamples = `
kindred eval vectors.bin eval/
# answer from the 30,000 most frequent words, as is usual
kindred eval vectors.bin questions-words.txt --restrict 30000 --method 3CosAdd
# are a few words the neighbors of most?
kindred eval vectors.bin --hubness 20000
# for another program
kindred eval vectors.bin ws353.tsv --json`

// evalFlags are the flags of the eval command.
type evalFlags struct {
	vectorsFlags
	scoringFlags
	report  reportFlags
	sets    setsFlags
	hubness int
}

func evalCommand(con *console) *command {
	var f evalFlags
	return &command{
		name: "eval", summary: "score vectors by human judgment, with confidence intervals", arguments: "VECTORS SET… [FLAGS]",
		about: evalAbout, examples: evalExamples,
		flags: f.flags(), files: vectorsAndSets,
		run: func(c *call) error { return f.run(c, con) },
	}
}

func (f *evalFlags) flags() []*flag {
	return slices.Concat(f.sets.flags(), f.scoringFlags.flags(bothMethods, stats.DefaultResamples), []*flag{
		f.sets.encodingFlag(),
		{name: "hubness", into: &f.hubness, value: "N", initial: "none", valid: atLeast(0), want: "a number of words, or 0 for none",
			help: "check the N most frequent words for hubs: a few words that are neighbors of most others"},
	}, f.report.flags("report", ""), f.vectorsFlags.flags())
}

func (f *evalFlags) run(c *call, con *console) error {
	path, others, err := vectorsArgument(c)
	switch {
	case err != nil && len(f.sets.paths()) > 0:
		return usage("no vectors; name them first, as in \"kindred eval vectors.bin --similarity FILE\": a flag takes all files up to the next flag")
	case err != nil:
		return err
	case f.report.check() != nil:
		return f.report.check()
	case len(others)+len(f.sets.paths())+f.hubness == 0:
		return usage("nothing to score by; name evaluation sets, or a directory of them, behind the vectors")
	}
	options := f.scoring()
	list, err := f.sets.read(con, others)
	if err != nil {
		return err
	}
	e, err := f.load(c.ctx, con, path)
	if err != nil {
		return err
	}
	options.Model, options.Hubness = path, f.hubness
	words := options.Hubness
	if slices.ContainsFunc(list, func(s sets.Set) bool { return s.Kind() == sets.Analogy }) {
		words = max(words, cmp.Or(options.RestrictAnalogies, e.Vocabulary.Len()))
	}
	if words > 0 {
		if err := checkIndexMemory(path, e, words); err != nil {
			return err
		}
	}
	var report *eval.Report
	err = unlessInterrupted(c.ctx, func() (err error) {
		report, err = eval.Evaluate(e, list, options)
		return err
	})
	if err != nil {
		return err
	}
	return f.report.write(con, report, evaluation.Report(report), nil)
}

// scoringFlags are the flags of commands that score vectors.
type scoringFlags struct {
	options eval.Options
}

// flags returns the flags, with these defaults.
func (s *scoringFlags) flags(methods []search.AnalogyMethod, resamples int) []*flag {
	o := &s.options
	o.Methods, o.Resamples, o.Confidence = methods, resamples, stats.DefaultLevel
	return []*flag{
		{name: "restrict", aliases: []string{"restrict-vocab"}, into: &o.RestrictAnalogies, value: "N", initial: "all", valid: atLeast(0), want: "a number of words, or 0 for all",
			help: "answer analogies from the N most frequent words, and skip questions with other words"},
		{name: "restrict-similarity", into: &o.RestrictSimilarity, value: "N", initial: "all", valid: atLeast(0), want: "a number of words, or 0 for all",
			help: "in other sets, skip items with a word that is not among the N most frequent"},
		methodFlag(&o.Methods),
		{name: "case-sensitive", into: &o.ExactCase, help: "distinguish Paris from paris"},
		{name: "zero-missing", aliases: []string{"dummy4unknown"}, into: &o.ZeroMissing, help: "give word pairs with an unknown word the similarity 0, instead of skipping them"},
		{name: "resamples", into: &o.Resamples, value: "N", valid: atLeast(0), want: "a number of resamples, or 0 for no intervals",
			help: "number of bootstrap resamples for confidence intervals; 0 for no intervals"},
		{name: "confidence", into: &o.Confidence, value: "P", valid: func(x float64) bool { return x > 0 && x < 1 },
			want: fmt.Sprintf("a level between 0 and 1, such as %v", stats.DefaultLevel),
			help: "confidence level of the intervals"},
		{name: "seed", into: &o.Seed, value: "N", help: "seed of the random numbers for resampling and clustering"},
	}
}

// scoring returns the options that the flags stand for.
func (s *scoringFlags) scoring() eval.Options {
	o := s.options
	if o.Resamples == 0 {
		o.Resamples = eval.NoIntervals
	}
	return o
}

var (
	bothMethods = []search.AnalogyMethod{search.CosAdd, search.CosMul}
	// methodNames are the values of --method.
	methodNames = []string{search.CosAdd.String(), search.CosMul.String(), "both"}
)

func methodFlag(methods *[]search.AnalogyMethod) *flag {
	initial := (*methods)[0].String()
	if len(*methods) > 1 {
		initial = "both"
	}
	return &flag{name: "method", into: methods, value: "NAME", initial: initial, choices: oneOf(methodNames...),
		parse: parseMethods, want: strings.Join(methodNames, ", "),
		help: "how to answer analogies: " + strings.Join(methodNames, ", ")}
}

// parseMethods returns the methods that a value of --method stands for.
func parseMethods(name string) (any, bool) {
	if strings.EqualFold(name, "both") {
		return bothMethods, true
	}
	for _, m := range bothMethods {
		if strings.EqualFold(name, m.String()) {
			return []search.AnalogyMethod{m}, true
		}
	}
	return nil, false
}

// setsFlags are the flags that name evaluation sets.
type setsFlags struct {
	any, similarity, analogies []string
	encoding                   string
}

func (f *setsFlags) flags() []*flag {
	return []*flag{
		{name: "sets", into: &f.any, value: "PATH…", file: inputFile,
			help: "evaluation sets, or directories of them; the content of a file tells its kind"},
		{name: "similarity", into: &f.similarity, value: "FILE…", file: inputFile,
			help: "word pairs with scores, such as WordSim-353 and SimLex-999"},
		{name: "analogies", into: &f.analogies, value: "PATH…", file: inputFile,
			help: "analogy questions or pairs, such as questions-words.txt or the directory of BATS; also files without section lines"},
	}
}

// encodingFlag names the encoding of sets, for commands that read no text.
func (f *setsFlags) encodingFlag() *flag { return encodingFlag(&f.encoding, "", "evaluation sets") }

// paths returns all files and directories that the flags name.
func (f *setsFlags) paths() []string {
	return slices.Concat(f.any, f.similarity, f.analogies)
}

// read reads all evaluation sets and prints the kind of each file. others are files of any kind, and
// directories.
func (f *setsFlags) read(con *console, others []string) ([]sets.Set, error) {
	o := sets.Options{Encoding: f.encoding}
	var list []sets.Set
	for _, path := range f.similarity {
		set, err := o.ReadSimilarity(path)
		if err != nil {
			return nil, err
		}
		if d := sets.Detected(set); d.Note != "" {
			con.say(d.String())
		}
		list = append(list, set)
	}
	if len(f.analogies) > 0 {
		asked, detected, err := o.ReadAnalogySets(f.analogies...)
		for _, d := range detected {
			if d.Note != "" || !slices.Contains(f.analogies, d.File) {
				con.say(d.String())
			}
		}
		if err == nil && len(asked) == 0 {
			err = fmt.Errorf("no analogies in %s", strings.Join(f.analogies, ", "))
		}
		if err != nil {
			return nil, err
		}
		list = append(list, asked...)
	}
	others = slices.Concat(f.any, others)
	if len(others) == 0 {
		return list, nil
	}
	more, detected, err := o.ReadSets(others...)
	for _, d := range detected {
		con.say(d.String())
	}
	if err == nil && len(more) == 0 {
		err = fmt.Errorf("no evaluation set in %s", strings.Join(others, ", "))
	}
	return append(list, more...), err
}
