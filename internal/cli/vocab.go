package cli

import (
	"encoding/json"
	"fmt"
	"io"

	"kindred/corpus"
	"kindred/corpus/vocab"
)

const vocabAbout = `Counts the words of a text. Writes each word and its count on a line, the most frequent first, to standard output
or to a file. The format is that of word2vec.c. "kindred train --vocab" reads it.`

const vocabExamples = `
# the ten most frequent words
kindred vocab --input text.txt | head
# save a vocabulary, and train with it on this text or another
kindred vocab --input text.txt.gz --lower --min-count 10 --output words.txt
kindred train --input text.txt.gz --lower --vocab words.txt --output vectors.bin`

// vocabFlags are the flags of the vocab command.
type vocabFlags struct {
	textFlags
	output      string
	quiet, json bool
}

func vocabCommand(con *console) *command {
	var v vocabFlags
	return &command{
		name: "vocab", summary: "count the words of a text", arguments: "--input FILE… [--output WORDS] [FLAGS]",
		about: vocabAbout, examples: vocabExamples,
		flags: v.flags(),
		run:   func(c *call) error { return v.run(c, con) },
	}
}

func (v *vocabFlags) flags() []*flag {
	const group = "Output"
	return append(v.textFlags.flags(),
		&flag{name: "output", aliases: []string{"o"}, group: group, into: &v.output, value: "WORDS", initial: "standard output", file: outputFile,
			help: "file for the words and their counts, compressed if its name ends in .gz"},
		quietFlag(&v.quiet, group),
		&flag{name: "json", group: group, into: &v.json, help: "write a summary as JSON to standard output; needs --output"})
}

func (v *vocabFlags) run(c *call, con *console) error {
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
	con.warn(v.warnings...)
	src, err := v.open()
	if err != nil {
		return err
	}
	report := newReporter(con, v.quiet || v.json, false)
	if err := v.findPhrases(c.ctx, con, src, &o, report); err != nil {
		return err
	}
	var vocabulary *vocab.Vocabulary
	var record vocab.Record
	err = unlessInterrupted(c.ctx, func() (err error) {
		vocabulary, record, err = corpus.CountWords(c.ctx, src, watched(o, src, report))
		return err
	})
	report.clear()
	if err != nil {
		return readingError(c.ctx, err)
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
		con.list(textLines(record, false, vocabulary.Len(), selectionText(o.Selection, false))...)
		if v.output != "" && v.output != stdStream {
			con.list(summaryLine{"Saved", fmt.Sprintf("%s in %s", counted(vocabulary.Len(), "word"), v.output)})
		}
	}
	return nil
}

func (v *vocabFlags) write(con *console, vocabulary *vocab.Vocabulary) error {
	if v.output != "" {
		return con.saveVocabulary(v.output, vocabulary)
	}
	_, err := vocabulary.WriteTo(con.out)
	return err
}

// saveVocabulary writes a vocabulary file.
func (con *console) saveVocabulary(path string, v *vocab.Vocabulary) error {
	return con.writeFile(path, func(w io.Writer) error {
		_, err := v.WriteTo(w)
		return err
	})
}
