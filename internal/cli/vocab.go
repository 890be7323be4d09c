package cli

import (
	"encoding/json"
	"fmt"

	"github.com/urfave/cli/v2"

	"kindred/corpus"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
)

const vocabDescription = `Counts the words of a text and writes them with their counts, the most frequent first: one a line, as word2vec.c saves them,
to standard output or a file. "kindred train --vocab" reads it.`

const vocabExamples = `
# the ten most frequent words
kindred vocab --input text.txt | head
# a vocabulary to train with, on this text or another
kindred vocab --input text.txt.gz --lower --min-count 10 --output words.txt
kindred train --input text.txt.gz --lower --vocab words.txt --output vectors.bin`

// vocabFlags are the flags of the vocab command.
type vocabFlags struct {
	textFlags
	output      string
	quiet, json bool
}

func vocabCommand(con *console) *cli.Command {
	var v vocabFlags
	const category = "Output"
	return documented(&cli.Command{
		Name: "vocab", Usage: "count the words of a text", ArgsUsage: "--input FILE… [--output WORDS] [FLAGS]",
		Description: vocabDescription,
		Flags: append(v.flags(),
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Category: category, Destination: &v.output,
				DefaultText: "standard output", Usage: "`WORDS` file for the words"},
			quietFlag(&v.quiet, category),
			&cli.BoolFlag{Name: "json", Category: category, Destination: &v.json, Usage: "write a summary to standard output as JSON; needs --output"}),
		Action: func(c *cli.Context) error { return v.run(c, con) },
	}, vocabExamples)
}

func (v *vocabFlags) run(c *cli.Context, con *console) error {
	if err := noArguments(c, "; text is named with --input"); err != nil {
		return err
	}
	if v.json && v.output == "" {
		return usage("--json writes to standard output, as the words do; name a file for these with --output")
	}
	o, err := v.options()
	if err != nil {
		return err
	}
	if v.output != "" {
		if err := checkWritable(v.output, false); err != nil {
			return err
		}
	}
	src, err := source.Open(v.inputs.Value()...)
	if err != nil {
		return err
	}
	if err := checkDistinct(src.Inputs(), []string{v.output}); err != nil {
		return err
	}
	report := newReporter(con, v.quiet || v.json, false)
	var vocabulary *vocab.Vocabulary
	var record vocab.Record
	err = unlessInterrupted(c.Context, func() (err error) {
		vocabulary, record, err = corpus.CountWords(c.Context, src, watched(o, src, report))
		return err
	})
	report.clear()
	if err != nil {
		return readingError(c.Context, err)
	}
	con.warn(append(prunedWords(record, vocabulary.Len()), v.lostWords(vocabulary)...)...)
	if err := v.write(con, vocabulary); err != nil {
		return err
	}
	switch {
	case v.json:
		return json.NewEncoder(con.out).Encode(struct {
			Corpus     vocab.Record `json:"corpus"`
			Vocabulary int          `json:"vocabulary"`
			Output     string       `json:"output"`
		}{record, vocabulary.Len(), v.output})
	case !v.quiet:
		con.list(textFacts(record, false, vocabulary.Len(), selectionText(o.Selection, false))...)
		if v.output != "" {
			con.list(fact{"Saved", fmt.Sprintf("%s in %s", counted(vocabulary.Len(), "word"), v.output)})
		}
	}
	return nil
}

func (v *vocabFlags) write(con *console, vocabulary *vocab.Vocabulary) error {
	if v.output != "" {
		return vocabulary.Save(v.output)
	}
	_, err := vocabulary.WriteTo(con.out)
	return err
}
