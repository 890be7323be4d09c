package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"kindred/eval"
	"kindred/eval/compare"
	"kindred/internal/report/evaluation"
	"kindred/model/search"
)

const compareAbout = `Scores vectors of any tools on the same items, and says which differences are significant. A SYSTEM is a file of vectors, or
NAME=FILE,FILE,… for several files that differ only in their seed. Their scores are averaged.

All models answer from the words that all of them have. An item with a word that one of them lacks is skipped for all. Sets are
files or directories; the content of a file tells its kind. With --lines, the systems are classifiers of "kindred classify" or fastText.`

const compareExamples = `
kindred compare a.bin b.bin --sets eval/
# three seeds each
kindred compare ours=k1.bin,k2.bin,k3.bin gensim=g1.txt,g2.txt,g3.txt --sets eval/ --restrict 30000
# for a README, or another program
kindred compare a.bin b.bin --sets ws353.tsv --markdown
# two classifiers on lines that none of them was trained with
kindred compare a.model b.model --lines test.tsv
# a page with plots
kindred compare a.bin b.bin --sets eval/ --html comparison.html`

// compareFlags are the flags of the compare command.
type compareFlags struct {
	vectorsFlags
	scoringFlags
	labeledFlags
	lines         []string
	report        reportFlags
	sets          setsFlags
	ownVocabulary bool
}

func compareCommand(con *console) *command {
	var f compareFlags
	return &command{
		name: "compare", summary: "compare vectors or classifiers, and say which differences are significant",
		arguments: "SYSTEM… --sets FILE… [FLAGS]",
		about:     compareAbout, examples: compareExamples,
		flags: f.flags(), files: systemFiles,
		run: func(c *call) error { return f.run(c, con) },
	}
}

func (f *compareFlags) flags() []*flag {
	flags := append(f.sets.flags(), f.sets.encodingFlag(), &flag{name: "own-vocabulary", into: &f.ownVocabulary,
		help: "let each model answer from all its words, not only from those that all models have"})
	flags = append(flags, f.scoringFlags.flags([]search.AnalogyMethod{search.CosAdd}, compare.DefaultResamples)...)
	const classifiers = "Classifiers"
	flags = append(flags, &flag{name: "lines", group: classifiers, into: &f.lines, value: "FILE…", file: inputFile, stream: true,
		help: "compare classifiers of lines instead of vectors, by what they make of these labeled lines; each gives a line its best label"})
	flags = append(flags, f.labeledFlags.flags(classifiers)...)
	return slices.Concat(flags, f.report.withPage("comparison", ""), f.vectorsFlags.flags())
}

func (f *compareFlags) run(c *call, con *console) error {
	options := f.scoring()
	switch {
	case len(c.words) == 0:
		return usage("no vectors; name them first, as in \"kindred compare a.bin b.bin --sets DIR\": a flag takes all files up to the next flag")
	case len(f.sets.paths())+len(f.lines) == 0:
		return usage("nothing to compare by; name evaluation sets, or a directory of them, with --sets, or labeled lines for classifiers with --lines")
	case f.report.check() != nil:
		return f.report.check()
	case options.Resamples == eval.NoIntervals:
		return usage("--resamples is 0, but the tests of a comparison rest on resamples; want 1 or more")
	}
	groups, err := parseSystems(c.words)
	if err != nil {
		return err
	}
	for _, fl := range f.labeledFlags.flags("") {
		if len(f.lines) == 0 && c.given(fl.name) {
			return usagef("%s has no effect without --lines", dashed(fl.name))
		}
	}
	if len(f.lines) > 0 {
		return f.compareClassifiers(c, con, groups)
	}
	list, err := f.sets.read(con, nil)
	if err != nil {
		return err
	}
	systems := make([]compare.System, len(groups))
	for i, g := range groups {
		systems[i].Name = g.name
		for _, file := range g.files {
			e, err := f.load(c.ctx, con, file)
			if err != nil {
				return err
			}
			systems[i].Models = append(systems[i].Models, compare.Model{File: file, Embeddings: e})
		}
	}
	var result *compare.Comparison
	err = unlessInterrupted(c.ctx, func() (err error) {
		result, err = compare.Compare(systems, list, compare.Options{Options: options, OwnVocabulary: f.ownVocabulary})
		return err
	})
	if err != nil {
		return err
	}
	return f.report.write(con, result, evaluation.Comparison(result), evaluation.ComparisonPage(result))
}

// A fileGroup is a system on the command line.
type fileGroup struct {
	name  string
	files []string
	named bool // the user gave the name
}

// parseSystems returns the systems that arguments stand for. A system without a name is called by
// its path if its base name is not unique.
func parseSystems(arguments []string) ([]fileGroup, error) {
	var groups []fileGroup
	seen := make(map[string]int)
	for _, arg := range arguments {
		g, err := parseSystem(arg)
		if err != nil {
			return nil, err
		}
		seen[g.name]++
		groups = append(groups, g)
	}
	taken := make(map[string]bool)
	for i, g := range groups {
		if seen[g.name] > 1 && !g.named {
			g.name = g.files[0]
			groups[i] = g
		}
		if taken[g.name] {
			return nil, usagef("two systems are called %q; give each a name of its own, as in NAME=FILE", g.name)
		}
		taken[g.name] = true
	}
	return groups, nil
}

// systemFiles returns the files of the systems that arguments stand for.
func systemFiles(arguments []string) []namedFile {
	var list []namedFile
	for _, arg := range arguments {
		if g, err := parseSystem(arg); err == nil {
			list = append(list, filesOf(inputVectors, g.files...)...)
		}
	}
	return list
}

// parseSystem returns the system that an argument stands for. An existing file is a system, even if
// its name has an equals sign. Its name is the base name without extension.
func parseSystem(arg string) (fileGroup, error) {
	info, err := os.Stat(arg)
	name, list, grouped := strings.Cut(arg, "=")
	switch {
	case err == nil && info.IsDir():
		return fileGroup{}, fmt.Errorf("%s is a directory, not vectors; name evaluation sets behind --sets", arg)
	case err == nil || !grouped:
		return fileGroup{name: strings.TrimSuffix(filepath.Base(arg), filepath.Ext(arg)), files: []string{arg}}, nil
	case name == "":
		return fileGroup{}, usagef("%q has no name before the equals sign; write NAME=FILE,FILE,…", arg)
	case strings.Contains(","+list+",", ",,"):
		return fileGroup{}, usagef("%q has an empty file name; write NAME=FILE,FILE,…", arg)
	}
	return fileGroup{name: name, files: strings.Split(list, ","), named: true}, nil
}
