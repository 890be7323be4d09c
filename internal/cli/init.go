package cli

import (
	"context"
	"fmt"
	"slices"

	"kindred/corpus"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
	"kindred/model"
	"kindred/model/subword"
	"kindred/train"
)

// The values of --init-vocab: the words of a training that starts from vectors.
const (
	initUnion = "union" // those of the text and of the vectors
	initOld   = "old"   // those of the vectors
	initNew   = "new"   // those of the text
)

// initFlags say which vectors a training starts from.
type initFlags struct {
	path, words string
}

func (f *initFlags) flags() []*flag {
	const group = "Start"
	f.words = initUnion
	return []*flag{
		{name: "init", group: group, into: &f.path, value: "VECTORS", file: inputVectors,
			help: "start from these vectors, and from their output matrix if they have one, instead of random vectors; any readable format"},
		{name: "init-vocab", group: group, into: &f.words, value: "WHICH", choices: oneOf(initUnion, initOld, initNew),
			parse: parseInitWords, want: fmt.Sprintf("%s, %s or %s", initUnion, initOld, initNew),
			help: "which words to have: old (those of the vectors), new (those of the text), or union; old words that the text lacks keep their vectors"},
	}
}

func parseInitWords(text string) (any, bool) {
	return text, slices.Contains([]string{initUnion, initOld, initNew}, text)
}

// check returns a usage error if the flags contradict each other.
func (f *initFlags) check(c *call) error {
	switch {
	case f.path == "" && c.given("init-vocab"):
		return usage("--init-vocab has no effect without --init VECTORS")
	case f.path != "" && c.given("resume"):
		return usage("--init and --resume exclude each other: a resumed training has its own vectors")
	case f.path != "" && c.given("vocab"):
		return usage("--init and --vocab exclude each other; --init-vocab says which words there are")
	}
	return nil
}

// load returns the vectors to start from, or nil if there are none. It sets which words of the text
// are read.
func (f *initFlags) load(ctx context.Context, con *console, c *call, o *corpus.ReadOptions) (*train.Init, error) {
	if f.path == "" {
		return nil, nil
	}
	e, err := (&vectorsFlags{onDisk: true}).load(ctx, con, f.path)
	if err == nil {
		e, err = subword.Decompose(e) // training moves rows of words, not their vectors
	}
	if err != nil {
		return nil, fmt.Errorf("--init: %w", err)
	}
	switch f.words {
	case initUnion:
		for id := range e.Vocabulary.Len() {
			o.Selection.Keep = append(o.Selection.Keep, e.Vocabulary.Word(id))
		}
	case initOld:
		if o.Selection.Only, err = storedWords(e.Vocabulary); err != nil {
			return nil, fmt.Errorf("--init: %w", err)
		}
		if !c.given("min-count") {
			o.Selection.MinCount = 1
		}
	}
	return &train.Init{Vectors: e, Source: shownPath(f.path, source.StandardInput), KeepAll: f.words != initNew, Release: true}, nil
}

// nGramFlags are the flags that say which n-grams words are made of.
var nGramFlags = []string{"min-n", "max-n", "bucket", "hash-count"}

// takeNGrams makes words of the n-grams of the vectors to start from. It returns a warning if that is not possible.
func takeNGrams(init *train.Init, a *train.Architecture) []string {
	if init == nil {
		return nil
	}
	words, ok := init.Vectors.Vocabulary.(*subword.Vocabulary)
	if !ok || words.MaxN == 0 && words.Hash != subword.Explicit {
		return nil
	}
	taken, ok := a.NGramsOf(words.NGrams)
	if !ok {
		return []string{fmt.Sprintf("%s has n-grams of a kind that training does not know (hash %s); words start from their vectors and are trained without n-grams; give --max-n to fit n-grams to the vectors", init.Source, words.Hash)}
	}
	*a = taken
	return nil
}

// initText says what a training starts from.
func initText(r *model.InitRecord) string {
	if r == nil {
		return ""
	}
	text := fmt.Sprintf("%s from %s", counted(r.Words, "vector"), r.Source)
	if r.Output {
		text += " with the output matrix"
	}
	if r.NGrams {
		text += " with the rows of n-grams"
	}
	if r.Idle > 0 {
		text += fmt.Sprintf("; %s of them not in the text, kept as they are", grouped(r.Idle))
	}
	return text
}

// storedWords returns the stored words of a model as a vocabulary.
func storedWords(v model.Vocab) (*vocab.Vocabulary, error) {
	if stored, ok := v.(*vocab.Vocabulary); ok {
		return stored, nil
	}
	words, counts := make([]string, v.Len()), make([]int64, v.Len())
	for id := range words {
		words[id], counts[id] = v.Word(id), v.Count(id)
	}
	return vocab.New(words, counts)
}
