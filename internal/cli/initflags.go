package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"kindred/corpus"
	"kindred/model"
	"kindred/train"
)

// The words that a training that begins from vectors has.
const (
	initUnion = "union" // those of the text and of the vectors
	initOld   = "old"   // those of the vectors
	initNew   = "new"   // those of the text
)

// initFlags say which vectors a training begins from.
type initFlags struct {
	path, words string
}

func (f *initFlags) flags() []cli.Flag {
	const category = "Start"
	return []cli.Flag{
		&cli.StringFlag{Name: "init", Category: category, Destination: &f.path,
			Usage: "`VECTORS` begin from vectors in any format that can be read, with their output matrix where they have one, instead of random ones"},
		&cli.StringFlag{Name: "init-vocab", Category: category, Destination: &f.words, Value: initUnion,
			Usage: "`WHICH` words to have: old (those of the vectors), new (those of the text), or union; old ones that the text lacks are kept as they are"},
	}
}

// check returns a usage error where the flags make no sense.
func (f *initFlags) check(c *cli.Context) error {
	switch {
	case f.path == "" && c.IsSet("init-vocab"):
		return usage("--init-vocab says nothing without --init VECTORS")
	case f.path != "" && c.IsSet("resume"):
		return usage("--init and --resume exclude each other: a training that goes on has its vectors")
	case f.path != "" && c.IsSet("vocab"):
		return usage("--init and --vocab exclude each other; --init-vocab says which words there are")
	case !slices.Contains([]string{initUnion, initOld, initNew}, f.words):
		return usagef("--init-vocab is %q, want %s, %s or %s", f.words, initUnion, initOld, initNew)
	}
	return nil
}

// load returns the vectors to begin from, nil where there are none to be, and makes the text be read so
// that it has the words wanted.
func (f *initFlags) load(ctx context.Context, con *console, c *cli.Context, o *corpus.ReadOptions) (*train.Init, error) {
	if f.path == "" {
		return nil, nil
	}
	e, err := new(vectorsFlags).load(ctx, con, f.path)
	if err != nil {
		return nil, fmt.Errorf("--init: %w", err)
	}
	switch f.words {
	case initUnion:
		for id := range e.Vocabulary.Len() {
			o.Selection.Keep = append(o.Selection.Keep, e.Vocabulary.Word(id))
		}
	case initOld:
		o.Selection.Only = e.Vocabulary
		if !c.IsSet("min-count") {
			o.Selection.MinCount = 1
		}
	}
	return &train.Init{Vectors: e, Source: f.path, KeepAll: f.words != initNew}, nil
}

// initText tells what a training begins from.
func initText(r *model.InitRecord) string {
	if r == nil {
		return ""
	}
	text := fmt.Sprintf("%s from %s", counted(r.Words, "vector"), r.Source)
	if r.Output {
		text += " with the output matrix"
	}
	if r.Idle > 0 {
		text += fmt.Sprintf("; %s of them not in the text, kept as they are", grouped(r.Idle))
	}
	return text
}
