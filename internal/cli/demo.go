package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"kindred/corpus"
	"kindred/corpus/vocab"
	"kindred/eval"
	"kindred/eval/sets"
	"kindred/internal/demo"
	"kindred/model"
	"kindred/model/format"
	"kindred/model/search"
	"kindred/train"
)

const demoDescription = `Makes an English-like text whose structure is known, trains vectors on it, scores them, and shows some neighbours and
analogies: the whole way from text to figures in some seconds. Text, evaluation sets and vectors stay in a directory, to be tried out.`

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
	demoShown    = 5       // neighbours of each word
	demoShortest = 100_000 // words of text
)

func demoCommand(con *console) *cli.Command {
	cfg := demoSettings()
	var dir string
	var tokens int
	var quiet bool
	return documented(&cli.Command{
		Name: "demo", Usage: "see it all at work: train on a made text, score, search", ArgsUsage: "[FLAGS]",
		Description: demoDescription,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "dir", Destination: &dir, Value: "kindred-demo", Usage: "`DIR` directory for text, evaluation sets and vectors"},
			&cli.IntFlag{Name: "tokens", Destination: &tokens, Value: demo.Tokens, Usage: "`N` length of the text, in words"},
			&cli.Uint64Flag{Name: "seed", Destination: &cfg.Seed, Value: cfg.Seed, Usage: "`N` selects the random numbers of the training"},
			&cli.StringFlag{Name: "kernel", Destination: &cfg.Kernel, Value: cfg.Kernel, Usage: "`NAME` inner loop; \"kindred version\" lists them"},
			quietFlag(&quiet, ""),
		},
		Action: func(c *cli.Context) error {
			if err := noArguments(c, "; the directory is named with --dir"); err != nil {
				return err
			}
			if tokens < demoShortest {
				return usagef("--tokens is %d, want %d or more for a text that has all words of the demo", tokens, demoShortest)
			}
			if err := cfg.Validate(); err != nil {
				return asUsage(err)
			}
			d := &demonstration{con: con, report: newReporter(con, quiet, false), dir: dir, tokens: tokens, config: cfg}
			return d.run(c.Context)
		},
	}, demoExamples)
}

// demoSettings are the settings that suit the demo's text.
func demoSettings() train.Config {
	return train.Defaults()
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
	if err := demo.WriteFiles(d.dir, demo.Seed, d.tokens); err != nil {
		return err
	}
	format, err := format.ByExtension(demoVectors)
	if err != nil {
		return err
	}
	j := &job{
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
	return report.WriteText(d.con.out)
}

// search prints neighbours and analogies.
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
		var ids [3]int
		for i, w := range q {
			id, err := index.Lookup(w)
			if err != nil {
				return err
			}
			ids[i] = id
		}
		list := index.Analogy(ids[0], ids[1], ids[2], search.CosAdd, 3)
		fmt.Fprintf(d.con.out, "%s is to %s as %s is to: %s\n", q[0], q[1], q[2], withSimilarity(list))
	}
	return nil
}

// withSimilarity returns the neighbours in a line.
func withSimilarity(list []search.Neighbour) string {
	line := ""
	for i, n := range list {
		if i > 0 {
			line += ", "
		}
		line += fmt.Sprintf("%s %.2f", n.Word, n.Similarity)
	}
	return line
}

// next tells what to try.
func (d *demonstration) next() {
	fmt.Fprintf(d.con.out, `
Text, evaluation sets and vectors are in the directory %[2]s. Try on:
  %[1]s nearest %[3]s
  %[1]s analogy %[3]s france paris japan
  %[1]s eval %[3]s --similarity %[4]s --analogies %[5]s
  %[1]s train --input %[6]s --output %[7]s --dim 50
`, invocation(os.Args[0]), d.dir, d.path(demoVectors), d.path(demo.SimilarityFile), d.path(demo.AnalogyFile), d.path(demo.TextFile), d.path("small.bin"))
}

// invocation returns what calls the program again, given how it was called.
func invocation(program string) string {
	switch {
	case strings.Contains(program, "go-build"): // where "go run" puts it
		return "go run ."
	case filepath.IsAbs(program):
		return filepath.Base(program)
	}
	return program
}
