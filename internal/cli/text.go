package cli

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/zeebo/xxh3"

	"kindred/corpus"
	"kindred/corpus/analysis"
	"kindred/corpus/phrases"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
	"kindred/internal/atomicfile"
	"kindred/internal/charset"
	"kindred/internal/english"
	"kindred/internal/filetype"
	"kindred/internal/textfile"
)

// defaultMinCount is the default of word2vec.c.
const defaultMinCount = 5

// gib is the number of bytes in a gibibyte.
const gib = 1 << 30

// textFlags say which text is read, and how.
type textFlags struct {
	inputs, filters []string
	lower           bool
	encoding        string
	tokenizer       string
	phrases         string // a list of phrases, autoPhrases, or "" for none
	sentenceLimit   int
	minCount        int64
	maxVocabulary   int
	memory          float64 // for types, in GiB
	keepFile        string
	keepWords       []string
	warnings        []string // about lists
}

func (t *textFlags) flags() []*flag {
	const text, vocabulary = "Text", "Vocabulary"
	t.tokenizer, t.sentenceLimit, t.minCount = "whitespace", corpus.DefaultSentenceLimit, defaultMinCount
	return []*flag{
		{name: "input", aliases: []string{"i", "train", "corpus-file"}, group: text, into: &t.inputs, value: "FILE…", file: inputFile, stream: true,
			help: "text with one sentence per line: files, directories, glob patterns, or - for standard input; gzip, bzip2, zstd and xz files are decompressed, and a zip archive of one file is read"},
		encodingFlag(&t.encoding, text, "the text, and of lists and evaluation sets"),
		{name: "lower", group: text, into: &t.lower,
			help: "convert the text to lower case, like --filter lower before all other filters"},
		{name: "tokenizer", group: text, into: &t.tokenizer, value: "NAME", choices: oneOf(analysis.Tokenizers()...),
			help: "how to split text into words: whitespace; unicode (word boundaries of UAX #29, without punctuation); or escaped, for a framed text of another program, whose words may hold any character"},
		{name: "filter", group: text, into: &t.filters, value: "SPEC…", choices: filterChoices, fileIn: behind(":@"),
			help: "change or drop words, in the given order: " + strings.Join(analysis.Filters(), ", ")},
		{name: "phrases", group: text, into: &t.phrases, value: "auto|FILE", fileIn: phraseFile,
			help: "join the phrases of a list, as \"kindred phrases\" writes it, to single words such as new_york; auto finds the phrases of the text first"},
		{name: "sentence-limit", group: text, into: &t.sentenceLimit, value: "N", valid: atLeast(2), want: "2 or more",
			help: "split sentences that are longer than N words"},
		{name: "min-count", aliases: []string{"minCount"}, group: vocabulary, into: &t.minCount, value: "N", valid: atLeast(1), want: "1 or more",
			help: "ignore words that occur fewer than N times"},
		{name: "max-vocab", aliases: []string{"max-final-vocab"}, group: vocabulary, into: &t.maxVocabulary, value: "N", initial: "no limit",
			valid: within(0, vocab.MaxLen), want: fmt.Sprintf("0 (no limit) to %d", vocab.MaxLen),
			help: "keep only the N most frequent words"},
		{name: "vocab-memory", group: vocabulary, into: &t.memory, value: "GIB", initial: "half of the available memory, at most 4 GiB",
			valid: func(x float64) bool { return x == 0 || x*gib >= corpus.MinVocabularyMemory && x*gib < 1<<50 },
			want:  fmt.Sprintf("a number of GiB, %v or more, or 0 for the default", float64(corpus.MinVocabularyMemory)/gib),
			help:  "memory for counting words; if it is full, the rarest words are dropped and a warning says so"},
		{name: "keep-words", group: vocabulary, into: &t.keepFile, value: "FILE", file: inputFile,
			help: "keep the words in a file, one per line, even if they are rare"},
	}
}

// cacheFlags say where encoded texts are kept.
type cacheFlags struct {
	dir   string
	limit float64 // in GiB
}

func (f *cacheFlags) flags() []*flag {
	const group = "Text"
	f.limit = corpus.DefaultCacheLimit / gib
	return []*flag{
		{name: "cache", group: group, into: &f.dir, value: "DIR", initial: corpus.DefaultCacheDir(), file: outputDir,
			help: "directory for encoded texts; a text takes 4 bytes per word, and 8 while it is read"},
		{name: "cache-limit", group: group, into: &f.limit, value: "GIB", valid: func(x float64) bool { return x >= 0 && x < 1<<30 },
			want: "a number of GiB, 0 or more",
			help: "keep at most this much in the cache, so that the next run need not read the text again; 0 keeps nothing"},
	}
}

// options returns how the library is to read the text.
func (t *textFlags) options() (corpus.ReadOptions, error) {
	var o corpus.ReadOptions
	if len(t.inputs) == 0 {
		return o, usage("no input; name the text with --input FILE… (- is standard input)")
	}
	filters := t.filters
	if t.lower {
		filters = slices.Concat([]string{"lower"}, filters)
	}
	var err error
	if o.Analyzer, err = analysis.ParseEncoded(t.encoding, t.tokenizer, filters...); err != nil {
		return o, asUsage(err)
	}
	t.warnings = o.Analyzer.Warnings()
	if path := phraseFile(t.phrases); path != "" {
		list, err := phrases.Load(path)
		if err != nil {
			return o, err
		}
		o.Analyzer.Joiner = list
	}
	chosen, err := t.selection()
	o.SentenceLimit, o.VocabularyMemory, o.Selection = t.sentenceLimit, chosen.VocabularyMemory, chosen.Selection
	return o, err
}

// selection returns the options that say which words make the vocabulary, in which memory.
func (t *textFlags) selection() (corpus.ReadOptions, error) {
	var o corpus.ReadOptions
	if t.keepFile != "" {
		list, err := readWords(t.keepFile, t.encoding)
		if err != nil {
			return o, fmt.Errorf("--keep-words: %w", err)
		}
		t.keepWords = list.words
		t.warnings = append(t.warnings, list.warnings()...)
	}
	o.VocabularyMemory = int64(t.memory * gib)
	o.Selection = vocab.Selection{MinCount: t.minCount, MaxSize: t.maxVocabulary, Keep: t.keepWords}
	return o, nil
}

// autoPhrases is the value of --phrases that finds the phrases of the text itself.
const autoPhrases = "auto"

// phraseFile returns the file that a value of --phrases names, "" if it names none.
func phraseFile(value string) string {
	if value == autoPhrases {
		return ""
	}
	return value
}

// findPhrases makes the analyzer join the phrases of the text that it reads, if --phrases auto asks for
// it. A later run takes the phrases from the cache.
func (t *textFlags) findPhrases(ctx context.Context, con *console, text *source.Source, o *corpus.ReadOptions, report reporter) error {
	if t.phrases != autoPhrases {
		return nil
	}
	find := phrases.Defaults()
	cached, err := corpus.ReadOptions{Analyzer: o.Analyzer, Dir: o.Dir, CacheLimit: o.CacheLimit}.
		CompanionPath(text, fmt.Sprintf("phrases-%016x", xxh3.HashString(find.String())))
	if err != nil {
		return err
	}
	list := cachedPhrases(cached)
	if list == nil {
		find.Memory, find.Progress = o.VocabularyMemory, passProgress(text, report)
		var passes []phrases.Pass
		err := unlessInterrupted(ctx, func() (err error) {
			list, passes, err = phrases.Learn(ctx, text, o.Analyzer, find)
			return err
		})
		report.clear()
		if err != nil {
			return readingError(ctx, err)
		}
		dropped := droppedPairs(passes)
		con.warn(dropped...)
		if list.Len() == 0 {
			con.warn(noPhrase(find))
			return nil
		}
		if cached != "" && len(dropped) == 0 { // what was dropped depends on the memory, and is said in each run
			if err := cachePhrases(cached, list); err != nil {
				con.warn(fmt.Sprintf("the phrases can't be kept for later runs: %v", err))
			}
		}
	}
	joined := *o.Analyzer
	joined.Joiner = list
	o.Analyzer = &joined
	return nil
}

// cachedPhrases returns the phrases in a file of the cache, nil if it is not there or damaged.
func cachedPhrases(path string) *phrases.List {
	if path == "" {
		return nil
	}
	list, err := phrases.Load(path)
	if err != nil {
		return nil
	}
	now := time.Now()
	os.Chtimes(path, now, now) // the least recently used files make room first
	return list
}

// cachePhrases writes a list to a file of the cache. It is compressed for the checksum that damage is found by.
func cachePhrases(path string, list *phrases.List) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		z := gzip.NewWriter(w)
		if _, err := list.WriteTo(z); err != nil {
			return err
		}
		return z.Close()
	})
}

// encodingFlag names the encoding of texts, lists and sets.
func encodingFlag(name *string, group, of string) *flag {
	return &flag{name: "encoding", group: group, into: name, value: "NAME", initial: "utf-8",
		parse: func(text string) (any, bool) {
			c, err := charset.Find(text)
			return text, err == nil && (c != nil || text != "")
		},
		want: "the name of an encoding, such as windows-1252, koi8-r, shift_jis, gb18030 or utf-16",
		help: "encoding of " + of + " that are not UTF-8, by the name that the web or iconv uses"}
}

// open opens the text that --input names.
func (t *textFlags) open() (*source.Source, error) {
	return openText(t.inputs, t.encoding, t.escaped())
}

// escaped reports whether words of the text may hold any character.
func (t *textFlags) escaped() bool { return t.tokenizer == "escaped" }

// lostWords returns a warning if the vocabulary lacks words that were to be kept.
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
	return []string{fmt.Sprintf("%s of --keep-words not in the vocabulary: %s", counted(len(lost), "word"), english.List(lost, 5))}
}

// prunedWords returns a warning if the words of the text outgrew the memory for counting them.
func prunedWords(r vocab.Record, words int) []string {
	p := r.Pruning
	if p == nil || r.VocabularyGiven {
		return nil
	}
	return []string{fmt.Sprintf("the words of the text outgrew %s of memory, and the rarest were dropped %s times; counts are exact for %s of %s, the others up to %s too low, and words seen fewer than %s times may be missing; give more with --vocab-memory",
		size(p.Memory), grouped(p.Dropped), grouped(p.Exact), counted(words, "word"), grouped(p.Undercount), grouped(r.MinCount+p.Undercount))}
}

// maxListBytes is the size of the largest list of words that is read.
const maxListBytes = 256 << 20

// A wordList holds the words of a file.
type wordList struct {
	path  string
	words []string // each once
	// repeated is the number of lines with a word that came before.
	repeated int
}

// readWords returns the words of a file, one per line, without the white space around them.
func readWords(path, encoding string) (wordList, error) {
	list := wordList{path: path}
	c, err := charset.Find(encoding)
	if err != nil {
		return list, err
	}
	lines, err := textfile.Open(path, textfile.Options{Want: filetype.List, MaxLines: textfile.MaxWords, MaxBytes: maxListBytes, Decode: c.Decoder()})
	if err != nil {
		return list, err
	}
	defer lines.Close()
	seen := map[string]bool{}
	for lines.Scan() {
		switch fields := strings.Fields(string(lines.Bytes())); {
		case len(fields) == 1 && seen[fields[0]]:
			list.repeated++
		case len(fields) == 1:
			seen[fields[0]] = true
			list.words = append(list.words, fields[0])
		case len(fields) > 1:
			return list, lines.Fail("want one word, found %.60q", lines.Bytes())
		}
	}
	return list, lines.Err()
}

// warnings says whether the list is empty or has repeated words.
func (l wordList) warnings() []string {
	switch {
	case len(l.words) == 0:
		return []string{l.path + " holds no word"}
	case l.repeated > 0:
		return []string{fmt.Sprintf("%s: %s with a word that came before", l.path, counted(l.repeated, "line"))}
	}
	return nil
}

// readVocabulary reads the vocabulary file at path and applies a selection. The warning says how many
// words are left out because their count is 0.
func readVocabulary(path string, escaped bool, sel vocab.Selection) (v *vocab.Vocabulary, warnings []string, err error) {
	all, err := vocab.LoadInOrder(path)
	if err != nil {
		return nil, nil, err
	}
	if escaped {
		if all, err = respell(all, analysis.Unescape); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	zeros := 0
	for _, n := range all.Counts() {
		if n == 0 {
			zeros++
		}
	}
	if zeros > 0 {
		warnings = []string{fmt.Sprintf("%s: %s with the count 0 left out", path, counted(zeros, "word"))}
	}
	if v, err = all.Select(sel); err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return v, warnings, err
}

// respell returns v with its words as spell appends them.
func respell(v *vocab.Vocabulary, spell func(dst, word []byte) []byte) (*vocab.Vocabulary, error) {
	words := make([]string, v.Len())
	for id := range words {
		words[id] = string(spell(nil, []byte(v.Word(id))))
	}
	return vocab.New(words, v.Counts())
}

// openText opens the text that --input names, in the encoding of this name. Escaped text is framed.
func openText(inputs []string, encoding string, escaped bool) (*source.Source, error) {
	src, err := source.Open(inputs...)
	if errors.As(err, new(*source.NameError)) {
		err = usageError{err}
	}
	if err != nil {
		return nil, err
	}
	if escaped {
		src.Framed()
	}
	return src, asUsage(src.Decode(encoding))
}
