package cli

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"kindred/eval"
	"kindred/eval/compare"
)

const compareDescription = `Scores vectors of any tools by the same items and says which differences are more than noise. A SYSTEM is a file of
vectors, or several that differ in their seed as NAME=FILE,FILE,…, which score their mean.

The models are put on equal terms first: all of them answer from the words that all have, and an item with a word that
one of them misses is left out for all. Sets are files or directories, whose files are taken for what they look like.`

const compareExamples = `
kindred compare a.bin b.bin --sets eval/
# three seeds each
kindred compare ours=k1.bin,k2.bin,k3.bin gensim=g1.txt,g2.txt,g3.txt --sets eval/ --restrict 30000
# for a README, or another program
kindred compare a.bin b.bin --sets ws353.tsv --markdown
# a page with plots
kindred compare a.bin b.bin --sets eval/ --html comparison.html`

// compareFlags are the flags of the compare command.
type compareFlags struct {
	vectorsFlags
	scoring
	sets           setsFlags
	ownVocabulary  bool
	json, markdown bool
	html           string
}

func compareCommand(con *console) *cli.Command {
	var f compareFlags
	return documented(&cli.Command{
		Name: "compare", Usage: "tell which of several vectors are better, and which differences are noise",
		ArgsUsage:   "SYSTEM… --sets FILE… [FLAGS]",
		Description: compareDescription,
		Flags:       f.flags(),
		Action:      func(c *cli.Context) error { return f.run(c, con) },
	}, compareExamples)
}

func (f *compareFlags) flags() []cli.Flag {
	flags := append(f.sets.flags(),
		&cli.BoolFlag{Name: "own-vocabulary", Destination: &f.ownVocabulary,
			Usage: "let each model answer from all of its words, not only those that all models have"},
	)
	flags = append(flags, f.scoring.flags("3CosAdd", compare.DefaultResamples)...)
	return append(flags,
		&cli.BoolFlag{Name: "json", Destination: &f.json, Usage: "write the comparison as JSON"},
		&cli.BoolFlag{Name: "markdown", Destination: &f.markdown, Usage: "write the comparison as Markdown"},
		&cli.StringFlag{Name: "html", Destination: &f.html, Usage: "`FILE` write the comparison as a self-contained page with plots, too"},
		f.vectorsFlags.flag(),
	)
}

func (f *compareFlags) run(c *cli.Context, con *console) error {
	options, err := f.scoring.parse()
	switch {
	case c.NArg() == 0:
		return usage("no vectors; name them first, as in \"kindred compare a.bin b.bin --sets DIR\": a flag takes all files up to the next flag")
	case len(f.sets.paths()) == 0:
		return usage("nothing to compare by; name evaluation sets, or a directory of them, with --sets")
	case f.json && f.markdown:
		return usage("--json and --markdown exclude each other")
	case err != nil:
		return err
	case options.Resamples == eval.NoIntervals:
		return usage("--resamples is 0, but the tests of a comparison rest on resamples; want 1 or more")
	}
	groups, err := parseSystems(c.Args().Slice())
	if err != nil {
		return err
	}
	if err := f.checkPage(groups); err != nil {
		return err
	}
	list, err := f.sets.read(con, nil)
	if err != nil {
		return err
	}
	systems := make([]compare.System, len(groups))
	for i, g := range groups {
		systems[i].Name = g.name
		for _, file := range g.files {
			e, err := f.load(c.Context, con, file)
			if err != nil {
				return err
			}
			systems[i].Models = append(systems[i].Models, compare.Model{File: file, Embeddings: e})
		}
	}
	var result *compare.Comparison
	err = unlessInterrupted(c.Context, func() (err error) {
		result, err = compare.Compare(systems, list, compare.Options{Options: options, OwnVocabulary: f.ownVocabulary})
		return err
	})
	if err == nil && f.html != "" {
		err = writePage(f.html, result.WriteHTML)
	}
	switch {
	case err != nil:
		return err
	case f.json:
		return result.WriteJSON(con.out)
	case f.markdown:
		return result.WriteMarkdown(con.out)
	}
	return result.WriteText(con.out)
}

// checkPage returns why the page can't be written.
func (f *compareFlags) checkPage(groups []fileGroup) error {
	if f.html == "" {
		return nil
	}
	inputs := f.sets.paths()
	for _, g := range groups {
		inputs = append(inputs, g.files...)
	}
	if err := checkDistinct(inputs, []string{f.html}); err != nil {
		return err
	}
	return checkWritable(f.html, false)
}

// A fileGroup is a system on the command line.
type fileGroup struct {
	name  string
	files []string
	named bool // by the user
}

// parseSystems returns the systems that arguments stand for. Those without a name are called by their paths where
// others have the same.
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

// parseSystem returns the system that an argument stands for. A file that exists is one by itself, whatever is in its
// name, and called by its base name without extension.
func parseSystem(arg string) (fileGroup, error) {
	info, err := os.Stat(arg)
	name, list, grouped := strings.Cut(arg, "=")
	switch {
	case err == nil && info.IsDir():
		return fileGroup{}, usagef("%s is a directory, not vectors; name evaluation sets behind --sets", arg)
	case err == nil || !grouped:
		return fileGroup{name: strings.TrimSuffix(filepath.Base(arg), filepath.Ext(arg)), files: []string{arg}}, nil
	case name == "":
		return fileGroup{}, usagef("%q has no name before the equals sign; write NAME=FILE,FILE,…", arg)
	case strings.Contains(","+list+",", ",,"):
		return fileGroup{}, usagef("%q has an empty file name; write NAME=FILE,FILE,…", arg)
	}
	return fileGroup{name: name, files: strings.Split(list, ","), named: true}, nil
}
