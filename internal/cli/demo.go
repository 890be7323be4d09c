package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"kindred/corpus"
	"kindred/corpus/vocab"
	"kindred/eval"
	"kindred/eval/sets"
	"kindred/internal/demo"
	"kindred/internal/report/evaluation"
	"kindred/model"
	"kindred/model/format"
	"kindred/model/search"
	"kindred/train"
)

const demoAbout = `Generates an English-like text, trains vectors on it, scores them, and shows some neighbors and analogies. This takes a few
seconds. Text, evaluation sets and vectors stay in a directory, so that you can try other commands on them.`

const demoExamples = `
kindred demo
kindred demo --dir /tmp/demo
kindred nearest kindred-demo/vectors.txt paris`

// What the demo shows of its vectors.
var (
	demoWords     = []string{"paris", "queen", "dog"}
	demoAnalogies = [][]string{{"france", "paris", "italy"}, {"man", "king", "woman"}}
)

const (
	demoVectors  = "vectors.txt"
	demoShown    = 5       // neighbors of each word
	demoShortest = 100_000 // words of text
)

func demoCommand(con *console) *command {
	cfg := train.Defaults()
	dir, tokens := "kindred-demo", demo.Tokens
	var quiet bool
	return &command{
		name: "demo", summary: "train on a generated text, score the vectors and search them", arguments: "[FLAGS]",
		about: demoAbout, examples: demoExamples,
		flags: []*flag{
			{name: "dir", into: &dir, value: "DIR", file: outputDir,
				holds: []string{demo.TextFile, demo.SimilarityFile, demo.AnalogyFile, demoVectors, format.ManifestPath(demoVectors)}, help: "directory for text, evaluation sets and vectors"},
			{name: "tokens", into: &tokens, value: "N", valid: atLeast(demoShortest), want: fmt.Sprintf("%d or more for a text that has all words of the demo", demoShortest),
				help: "length of the text in words"},
			{name: "seed", into: &cfg.Seed, value: "N", help: "seed of the random numbers of the training"},
			kernelFlag(&cfg.Kernel, ""),
			quietFlag(&quiet, ""),
		},
		run: func(c *call) error {
			if err := noArguments(c, "; the directory is named with --dir"); err != nil {
				return err
			}
			if err := cfg.Validate(); err != nil {
				return asUsage(err)
			}
			d := &demonstration{con: con, report: newReporter(con, quiet, false), dir: dir, tokens: tokens, config: cfg}
			c.stopsItself()
			return d.run(c.ctx)
		},
	}
}

// A demonstration is one run of the demo command.
type demonstration struct {
	con    *console
	report reporter
	dir    string
	tokens int
	config train.Config
}

func (d *demonstration) path(name string) string { return filepath.Join(d.dir, name) }

func (d *demonstration) run(ctx context.Context) error {
	if err := os.MkdirAll(d.dir, 0o755); err != nil {
		return fmt.Errorf("directory of the demo: %w", err)
	}
	lock, err := lockOutput(d.path(demoVectors))
	if err != nil {
		return err
	}
	defer lock.Release()
	if err := demo.WriteFiles(d.dir, demo.Seed, d.tokens); err != nil {
		return err
	}
	format, err := format.ByExtension(demoVectors)
	if err != nil {
		return err
	}
	j := &trainJob{
		con: d.con, report: d.report, inputs: []string{d.path(demo.TextFile)},
		read:   corpus.ReadOptions{Selection: vocab.Selection{MinCount: defaultMinCount}},
		config: d.config, output: d.path(demoVectors), format: format,
	}
	if err := j.run(ctx); err != nil {
		return err
	}
	e, err := format.Load(j.output)
	if err != nil {
		return err
	}
	if err := d.score(e); err != nil {
		return err
	}
	if err := d.search(e); err != nil {
		return err
	}
	d.next()
	return nil
}

// score prints the scores of the vectors.
func (d *demonstration) score(e *model.Embeddings) error {
	var list []sets.Set
	for _, name := range []string{demo.SimilarityFile, demo.AnalogyFile} {
		set, err := sets.ReadSet(d.path(name))
		if err != nil {
			return err
		}
		list = append(list, set)
	}
	report, err := eval.Evaluate(e, list, eval.Options{Model: d.path(demoVectors)})
	if err != nil {
		return err
	}
	fmt.Fprintln(d.con.out)
	return new(reportFlags).write(d.con, report, evaluation.Report(report), nil)
}

// search prints neighbors and analogies.
func (d *demonstration) search(e *model.Embeddings) error {
	index := search.NewIndex(e, 0)
	fmt.Fprintln(d.con.out)
	for _, w := range demoWords {
		list, err := index.NearestWord(w, demoShown)
		if err != nil {
			return err
		}
		fmt.Fprintf(d.con.out, "Near %s: %s\n", w, withSimilarity(list))
	}
	for _, q := range demoAnalogies {
		list, err := index.AnalogyWords(q[0], q[1], q[2], search.CosAdd, 3)
		if err != nil {
			return err
		}
		fmt.Fprintf(d.con.out, "%s is to %s as %s is to: %s\n", q[0], q[1], q[2], withSimilarity(list))
	}
	return nil
}

// withSimilarity returns the neighbors in a line.
func withSimilarity(list []search.Neighbor) string {
	line := ""
	for i, n := range list {
		if i > 0 {
			line += ", "
		}
		line += fmt.Sprintf("%s %.2f", n.Word, n.Similarity)
	}
	return line
}

// next prints commands to try.
func (d *demonstration) next() {
	fmt.Fprintf(d.con.out, `
Text, evaluation sets and vectors are in the directory %[2]s. Try:
  %[1]s nearest %[3]s
  %[1]s analogy %[3]s france paris japan
  %[1]s eval %[3]s --similarity %[4]s --analogies %[5]s
  %[1]s train --input %[6]s --output %[7]s --dim 50
`, invocation(os.Args[0]), d.dir, d.path(demoVectors), d.path(demo.SimilarityFile), d.path(demo.AnalogyFile), d.path(demo.TextFile), d.path("small.bin"))
}

// invocation returns how to call the program again, given how it was called.
func invocation(program string) string {
	switch {
	case strings.Contains(program, "go-build"): // "go run" puts it there
		return "go run ."
	case filepath.IsAbs(program):
		return filepath.Base(program)
	}
	return program
}
