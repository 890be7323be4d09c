package cli

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"kindred/corpus"
	"kindred/corpus/analysis"
	"kindred/corpus/vocab"
)

// defaultMinCount is word2vec.c's.
const defaultMinCount = 5

// textFlags are the flags that say which text is read, and how.
type textFlags struct {
	inputs, filters cli.StringSlice
	lower           bool
	tokenizer       string
	sentenceLimit   int
	minCount        int64
	maxVocabulary   int
	memory          float64 // for types, in GiB
	keepFile        string
	keepWords       []string
}

func (t *textFlags) flags() []cli.Flag {
	const text, vocabulary = "Text", "Vocabulary"
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "input", Aliases: []string{"i", "train", "corpus-file"}, Category: text, Destination: &t.inputs, KeepSpace: true,
			Usage: "`FILE…` text to read, a sentence a line: files, directories, glob patterns, or - for standard input; gzip, bzip2, zstd and xz are unpacked"},
		&cli.BoolFlag{Name: "lower", Category: text, Destination: &t.lower,
			Usage: "turn everything to lower case: short for --filter lower ahead of other filters"},
		&cli.StringFlag{Name: "tokenizer", Category: text, Destination: &t.tokenizer, Value: "whitespace",
			Usage: "`NAME` whitespace, or unicode: words by UAX #29, without punctuation"},
		&cli.StringSliceFlag{Name: "filter", Category: text, Destination: &t.filters, KeepSpace: true,
			Usage: "`SPEC…` change or drop tokens, in the order given: " + strings.Join(analysis.Filters(), ", ")},
		&cli.IntFlag{Name: "sentence-limit", Category: text, Destination: &t.sentenceLimit, Value: corpus.DefaultSentenceLimit,
			Usage: "`N` cut sentences longer than N tokens"},
		&cli.Int64Flag{Name: "min-count", Aliases: []string{"minCount"}, Category: vocabulary, Destination: &t.minCount, Value: defaultMinCount,
			Usage: "`N` leave out words that occur less than N times"},
		&cli.IntFlag{Name: "max-vocab", Aliases: []string{"max-final-vocab"}, Category: vocabulary, Destination: &t.maxVocabulary,
			DefaultText: "no limit", Usage: "`N` keep the N most frequent words only"},
		&cli.Float64Flag{Name: "vocab-memory", Category: vocabulary, Destination: &t.memory, DefaultText: "half of what is available, at most 4",
			Usage: "`GIB` memory for the words of the text while they are counted; beyond, the rarest are dropped, which is told"},
		&cli.StringFlag{Name: "keep-words", Category: vocabulary, Destination: &t.keepFile,
			Usage: "`FILE` keep the words of a file, one a line, however rare they are"},
	}
}

// options returns the flags as the library wants them.
func (t *textFlags) options() (corpus.ReadOptions, error) {
	var o corpus.ReadOptions
	switch {
	case len(t.inputs.Value()) == 0:
		return o, usage("no input; name the text with --input FILE… (- is standard input)")
	case t.sentenceLimit < 1:
		return o, usagef("--sentence-limit is %d, want 1 or more", t.sentenceLimit)
	case t.minCount < 1:
		return o, usagef("--min-count is %d, want 1 or more", t.minCount)
	case t.maxVocabulary < 0 || t.maxVocabulary > vocab.MaxLen:
		return o, usagef("--max-vocab is %d, want 0 (no limit) to %d", t.maxVocabulary, vocab.MaxLen)
	}
	if memory := t.memory * gib; memory != 0 && !(memory >= corpus.MinVocabularyMemory && memory < 1<<50) {
		return o, usagef("--vocab-memory is %v, want a number of GiB, %v or more, or 0 for what the machine can spare", t.memory, float64(corpus.MinVocabularyMemory)/gib)
	}
	filters := t.filters.Value()
	if t.lower {
		filters = append([]string{"lower"}, filters...)
	}
	var err error
	if o.Analyzer, err = analysis.Parse(t.tokenizer, filters...); err != nil {
		return o, asUsage(err)
	}
	if t.keepFile != "" {
		if t.keepWords, err = readWords(t.keepFile); err != nil {
			return o, fmt.Errorf("--keep-words: %w", err)
		}
	}
	o.SentenceLimit, o.VocabularyMemory = t.sentenceLimit, int64(t.memory*gib)
	o.Selection = vocab.Selection{MinCount: t.minCount, MaxSize: t.maxVocabulary, Keep: t.keepWords}
	return o, nil
}

// lostWords returns a warning about words to be kept that the text hasn't got.
func (t *textFlags) lostWords(v *vocab.Vocabulary) []string {
	var lost []string
	for _, w := range t.keepWords {
		if _, ok := v.ID(w); !ok {
			lost = append(lost, w)
		}
	}
	if len(lost) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s of --keep-words not in the vocabulary: %s", counted(len(lost), "word"), enumerated(lost))}
}

// prunedWords returns a warning where the words of the text outgrew the memory for them.
func prunedWords(r vocab.Record, words int) []string {
	p := r.Pruning
	if p == nil || r.VocabularyGiven {
		return nil
	}
	return []string{fmt.Sprintf("the words of the text outgrew %s of memory, and the rarest were dropped %s times; counts are exact for %s of %s, the others up to %s too low, and words seen less than %s times may be missing; give more with --vocab-memory",
		size(p.Memory), grouped(p.Dropped), grouped(p.Exact), counted(words, "word"), grouped(p.Undercount), grouped(r.MinCount+p.Undercount))}
}

// enumerated returns the first few of a list, and how many follow.
func enumerated(list []string) string {
	const shown = 5
	if len(list) <= shown {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %s more", strings.Join(list[:shown], ", "), grouped(len(list)-shown))
}

// readWords returns the words of a file, one a line, without the white space
// around them.
func readWords(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var words []string
	lines := bufio.NewScanner(f)
	for number := 1; lines.Scan(); number++ {
		switch fields := strings.Fields(lines.Text()); {
		case len(fields) == 1:
			words = append(words, fields[0])
		case len(fields) > 1:
			return nil, fmt.Errorf("%s, line %d: want one word, found %q", path, number, lines.Text())
		}
	}
	return words, lines.Err()
}
