package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"kindred/corpus"
	"kindred/corpus/analysis"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
)

const vocabAbout = `Counts the words of a text. Writes each word and its count on a line, the most frequent first, to standard output
or to a file. The format is that of word2vec.c. "kindred train --vocab" reads it.

Several machines can count a large text: each counts a share of it with --shard, and --merge adds the counts. All need to see
the same files.`

const vocabExamples = `
# the ten most frequent words
kindred vocab --input text.txt | head
# save a vocabulary, and train with it on this text or another
kindred vocab --input text.txt.gz --lower --min-count 10 --output words.txt
kindred train --input text.txt.gz --lower --vocab words.txt --output vectors.bin
# count the third of sixteen shares of a text, and merge the counts when all are there
kindred vocab --input texts/ --shard 3/16 --output counts-03.txt
kindred vocab --merge counts-*.txt --min-count 10 --output words.txt`

// vocabFlags are the flags of the vocab command.
type vocabFlags struct {
	textFlags
	shard       shard
	merge       []string
	output      string
	quiet, json bool
}

// A shard is one of the shares that processes have of a text, counted from 1. The zero value is none.
type shard struct{ index, of int }

func (s shard) String() string {
	if s.of == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.index, s.of)
}

// parseShard returns the shard that a text such as 3/16 names.
func parseShard(text string) (any, bool) {
	index, of, found := strings.Cut(text, "/")
	i, err := strconv.Atoi(index)
	n, err2 := strconv.Atoi(of)
	return shard{i, n}, found && err == nil && err2 == nil && 1 <= i && i <= n
}

// shardFlag says which share of the text a command takes.
func shardFlag(into *shard, group, help string) *flag {
	return &flag{name: "shard", group: group, into: into, value: "I/N", initial: "all of the text", parse: parseShard,
		want: "I/N with I from 1 to N, such as 3/16 for the third of sixteen shares", help: help}
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
	const shares = "Shares of a large text"
	return append(v.textFlags.flags(),
		shardFlag(&v.shard, shares, "count the words of a share of the text, and write all of them with their counts for --merge"),
		&flag{name: "merge", group: shares, into: &v.merge, value: "FILE…", file: inputFile,
			help: "add the counts of all shares instead of reading a text"},
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
	if err := v.checkShares(c); err != nil {
		return err
	}
	if len(v.merge) > 0 {
		return v.mergeCounts(c, con)
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
	if v.shard.of > 0 {
		return v.countShard(c, con, src, o, report)
	}
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
	return v.finish(con, vocabulary, record, o.Selection)
}

// checkShares refuses flags that have no meaning beside --shard or --merge.
func (v *vocabFlags) checkShares(c *call) error {
	without := func(with, why string, names ...string) error {
		for _, name := range names {
			if c.given(name) {
				return usagef("%s has no effect with %s: %s", dashed(name), with, why)
			}
		}
		return nil
	}
	if len(v.merge) > 0 {
		return without("--merge", "the text was read when its shares were counted",
			"shard", "input", "lower", "tokenizer", "filter", "phrases", "sentence-limit", "encoding")
	}
	if v.shard.of == 0 {
		return nil
	}
	if v.escaped() {
		return usage("--tokenizer escaped reads a framed text, which can't be shared")
	}
	if v.phrases == autoPhrases {
		return usage(`--phrases auto needs all of the text; find its phrases with "kindred phrases" first, and name the list: --phrases FILE`)
	}
	return without("--shard", "words are chosen when the shares are merged", "min-count", "max-vocab")
}

// countShard counts the words of a share.
func (v *vocabFlags) countShard(c *call, con *console, src *source.Source, o corpus.ReadOptions, report reporter) error {
	var counts *corpus.Counts
	err := unlessInterrupted(c.ctx, func() (err error) {
		counts, err = corpus.CountShare(c.ctx, src, v.shard.index, v.shard.of, watched(o, src, report))
		return err
	})
	report.clear()
	if err != nil {
		return readingError(c.ctx, err)
	}
	record := counts.Record()
	con.warn(sharePruned(counts)...)
	if err := v.write(con, counts); err != nil {
		return err
	}
	switch {
	case v.json:
		return json.NewEncoder(con.out).Encode(struct {
			Corpus vocab.Record `json:"corpus"`
			Shard  int          `json:"shard"`
			Shards int          `json:"shards"`
			Types  int          `json:"types"`
			Output string       `json:"output"`
		}{record, v.shard.index, v.shard.of, counts.Len(), v.output})
	case !v.quiet:
		con.list(summaryLine{"Share", fmt.Sprintf("%d of %d: %s in %s", v.shard.index, v.shard.of, counted(record.Tokens, "token"), counted(record.Lines, "line"))})
		if v.output != "" && v.output != stdStream {
			con.list(summaryLine{"Saved", fmt.Sprintf("the counts of %s in %s", counted(counts.Len(), "word"), v.output)})
		}
	}
	return nil
}

// sharePruned returns a warning if a share dropped words.
func sharePruned(counts *corpus.Counts) []string {
	dropped, bound := counts.Dropped()
	if dropped == 0 {
		return nil
	}
	return []string{fmt.Sprintf("the words of the share outgrew the memory for them, and the rarest were dropped %s times; counts may be up to %s too low; give more with --vocab-memory",
		grouped(dropped), grouped(bound))}
}

// mergeCounts adds the counts of all shares.
func (v *vocabFlags) mergeCounts(c *call, con *console) error {
	o, err := v.selection()
	if err != nil {
		return err
	}
	con.warn(v.warnings...)
	var shares []*corpus.Counts
	for _, path := range v.merge {
		if err := c.ctx.Err(); err != nil {
			return interruption("interrupted while the counts were read; nothing was saved")
		}
		counts, err := corpus.LoadCounts(path, o.Selection.Keep)
		if err != nil {
			return err
		}
		shares = append(shares, counts)
	}
	sum, err := corpus.MergeCounts(shares, o.VocabularyMemory)
	if err != nil {
		return err
	}
	vocabulary, record, err := sum.Select(o.Selection, o.VocabularyMemory)
	if err != nil {
		return readingError(c.ctx, err)
	}
	record.Inputs = v.merge
	return v.finish(con, vocabulary, record, o.Selection)
}

// finish writes the vocabulary and the summary.
func (v *vocabFlags) finish(con *console, vocabulary *vocab.Vocabulary, record vocab.Record, sel vocab.Selection) error {
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
		con.list(textLines(record, false, vocabulary.Len(), selectionText(sel, false))...)
		if v.output != "" && v.output != stdStream {
			con.list(summaryLine{"Saved", fmt.Sprintf("%s in %s", counted(vocabulary.Len(), "word"), v.output)})
		}
	}
	return nil
}

// write writes a vocabulary or counts to the output.
func (v *vocabFlags) write(con *console, words io.WriterTo) error {
	write := func(w io.Writer) error {
		if vocabulary, ok := words.(*vocab.Vocabulary); ok {
			return writeVocabulary(w, vocabulary, v.escaped())
		}
		_, err := words.WriteTo(w)
		return err
	}
	if v.output == "" {
		return write(con.out)
	}
	return con.writeFile(v.output, write)
}

// saveVocabulary writes a vocabulary file.
func (con *console) saveVocabulary(path string, v *vocab.Vocabulary, escaped bool) error {
	return con.writeFile(path, func(w io.Writer) error { return writeVocabulary(w, v, escaped) })
}

// writeVocabulary writes words and counts, with the words escaped if they may hold any character.
func writeVocabulary(w io.Writer, v *vocab.Vocabulary, escaped bool) error {
	if escaped {
		var err error
		if v, err = respell(v, analysis.Escape); err != nil {
			return err
		}
	}
	_, err := v.WriteTo(w)
	return err
}
