package cli

import (
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"kindred/corpus"
	"kindred/corpus/analysis"
	"kindred/corpus/source"
	"kindred/train"
)

// proceed sets all that isn't given on the command line as it was when the training began.
func (t *trainFlags) proceed(c *cli.Context, from *train.Checkpoint) error {
	var err error
	if t.config, err = overridden(c, from.Config); err != nil {
		return err
	}
	record := from.Vectors.Manifest.Corpus
	if !c.IsSet("input") {
		if slices.Contains(record.Inputs, source.StandardInput) {
			return usage("the text of the checkpoint came from standard input; give it again with --input -")
		}
		t.inputs = *cli.NewStringSlice(record.Inputs...)
	}
	if !c.IsSet("tokenizer") && !c.IsSet("filter") && !c.IsSet("lower") {
		parts := strings.Split(record.Analyzer, "|")
		t.tokenizer, t.filters = parts[0], *cli.NewStringSlice(parts[1:]...)
		if _, err := analysis.Parse(t.tokenizer, parts[1:]...); err != nil {
			return usagef("the text of the checkpoint was read with %s; give --tokenizer and --filter as you gave them then", record.Analyzer)
		}
	}
	if !c.IsSet("sentence-limit") {
		t.sentenceLimit = record.SentenceLimit
	}
	if !c.IsSet("min-count") && record.MinCount > 0 {
		t.minCount = record.MinCount
	}
	if !c.IsSet("max-vocab") {
		t.maxVocabulary = record.MaxVocabulary
	}
	if held := record.HeldOut; held != nil && !c.IsSet("holdout") {
		t.share, t.counted = strconv.FormatFloat(held.Share, 'g', -1, 64), held.Counted
	}
	return nil
}

// overridden returns settings in which those given on the command line are replaced.
func overridden(c *cli.Context, cfg train.Config) (train.Config, error) {
	set := flag.NewFlagSet("", flag.ContinueOnError)
	for _, f := range settingFlags(&cfg) {
		if err := f.Apply(set); err != nil {
			return cfg, err
		}
		if name := f.Names()[0]; c.IsSet(name) {
			if err := set.Set(name, fmt.Sprint(c.Value(name))); err != nil {
				return cfg, err
			}
		}
	}
	return cfg, nil
}

// keepVocabulary makes the text be read with the vocabulary of the checkpoint where it can't be selected
// again: a list of words is not in the record of the text.
func (t *trainFlags) keepVocabulary(c *cli.Context, from *train.Checkpoint, o *corpus.ReadOptions) error {
	record := from.Vectors.Manifest.Corpus
	if c.IsSet("vocab") || c.IsSet("keep-words") || !record.VocabularyGiven && record.KeepWords == 0 && record.OnlyWords == 0 {
		return nil
	}
	var err error
	o.Vocabulary, err = from.TextVocabulary()
	return err
}

// A continuation tells where a training goes on.
type continuation struct {
	Checkpoint string `json:"checkpoint"`
	Tokens     int64  `json:"tokens"`
	Epochs     int    `json:"epochs"` // before this part
	// RateBefore is the learning rate of the last block before, Rate that of the next.
	RateBefore float64 `json:"lr_before"`
	Rate       float64 `json:"lr"`
}

func continuing(from *train.Checkpoint, cfg train.Config) *continuation {
	if from == nil {
		return nil
	}
	return &continuation{from.Path, from.Tokens(), from.Config.Epochs, from.LastRate(), from.NextRate(cfg.Epochs)}
}

// text tells of the continuation; epochs is the number there is now.
func (c *continuation) text(epochs int) string {
	if c == nil {
		return ""
	}
	text := fmt.Sprintf("%s, after %s", c.Checkpoint, counted(c.Tokens, "token"))
	if epochs != c.Epochs {
		text += fmt.Sprintf("; %s instead of %d: from here on the learning rate is that of a training of so many, %.3g where it was %.3g",
			counted(epochs, "epoch"), c.Epochs, c.Rate, c.RateBefore)
	}
	return text
}
