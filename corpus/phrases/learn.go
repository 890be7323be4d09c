package phrases

import (
	"cmp"
	"context"
	"fmt"

	"kindred/corpus"
	"kindred/corpus/analysis"
	"kindred/corpus/source"
)

// Options say which phrases to learn. [Defaults] has good values for most texts.
type Options struct {
	// Scoring scores pairs of words. Those that score above Threshold and occur MinCount times or
	// more are phrases. MinCount is 1 or more.
	Scoring   Scoring
	Threshold float64
	MinCount  int64
	// Passes is how often the text is read, 1 or more: each pass joins what the passes before have
	// found, and then joins again. n passes find phrases of up to 2^n words, besides connectors.
	Passes int
	// Delimiter stands between the words of a phrase. It may be empty, and has no white space.
	Delimiter string
	// Connectors are words that may stand in the middle of a phrase, where they do not affect its
	// score, but not at its ends: see [Connectors].
	Connectors []string
	// Memory is how many bytes the counts may take, corpus.MinVocabularyMemory or more. If words and
	// pairs need more, the rarest are dropped: see [Pass]. 0 means as much as
	// corpus.DefaultVocabularyMemory.
	Memory int64
	// Progress, if not nil, is called now and then with the number of the pass, from 1 on, and the
	// number of bytes of the files that it has read.
	Progress func(pass int, bytes int64)

	chunkSize int // of the text, in bytes; tests set it
}

// Defaults returns the usual options.
func Defaults() Options {
	return Options{Scoring: scorings[0], Threshold: scorings[0].Threshold, MinCount: 5, Passes: 2, Delimiter: "_"}
}

// String describes the options that decide what is learned.
func (o Options) String() string {
	return fmt.Sprintf("%s>%g,min-count:%d,passes:%d,delimiter:%q,connectors:%q,memory:%d", o.Scoring.Name, o.Threshold, o.MinCount, o.Passes, o.Delimiter, o.Connectors, o.Memory)
}

// Validate returns an error if an option is out of its range.
func (o Options) Validate() error {
	_, err := o.complete()
	return err
}

// complete checks the options and fills in the defaults.
func (o Options) complete() (Options, error) {
	switch {
	case o.Scoring.Score == nil:
		return o, fmt.Errorf("phrases: no scoring; start from Defaults")
	case !(o.Threshold >= o.Scoring.Lowest && o.Threshold <= o.Scoring.Highest):
		return o, fmt.Errorf("phrase threshold is %v, want %s", o.Threshold, o.Scoring.Range())
	case o.MinCount < 1:
		return o, fmt.Errorf("the minimum count of phrases is %d, want 1 or more", o.MinCount)
	case o.Passes < 1 || o.Passes > MaxPasses:
		return o, fmt.Errorf("%d passes over the text, want 1 to %d", o.Passes, MaxPasses)
	}
	if err := checkToken(o.Delimiter); err != nil && o.Delimiter != "" {
		return o, fmt.Errorf("delimiter %q: %w", o.Delimiter, err)
	}
	seen := map[string]bool{}
	for _, w := range o.Connectors {
		if err := checkToken(w); err != nil {
			return o, fmt.Errorf("connector %q: %w", w, err)
		}
		if seen[w] {
			return o, fmt.Errorf("connector %q is listed twice", w)
		}
		seen[w] = true
	}
	o.chunkSize = cmp.Or(o.chunkSize, source.DefaultChunkSize)
	o.Memory = cmp.Or(o.Memory, corpus.DefaultVocabularyMemory())
	if o.Memory < corpus.MinVocabularyMemory {
		return o, fmt.Errorf("memory for phrases is %d bytes, want %d or more, or 0 for what the machine can spare", o.Memory, corpus.MinVocabularyMemory)
	}
	return o, nil
}

// MaxPasses is the largest number of passes.
const MaxPasses = 16

// A Pass tells what one pass over a text counted and found.
type Pass struct {
	// Statistics are those of the text as the pass read it, with the phrases of earlier passes
	// joined.
	Statistics analysis.Statistics `json:"-"`
	// Words is the number of words, and Types the number of distinct words and pairs. A type that was
	// dropped and came back counts twice.
	Words int64 `json:"words"`
	Types int64 `json:"types"`
	// Phrases is the number of phrases that were found.
	Phrases int `json:"phrases"`
	// Memory is the memory that was allowed for counting, in bytes.
	Memory int64 `json:"memory_bytes"`
	// Dropped is the number of words and pairs that were dropped because the counts outgrew Memory,
	// 0 if all counts are exact. No count is too high, and none is too low by more than Undercount.
	Dropped    int64 `json:"types_dropped,omitempty"`
	Undercount int64 `json:"undercount,omitempty"`
}

// OnceError reports a text that would have to be read again, but can be read only once.
type OnceError struct{ Input string }

func (e *OnceError) Error() string {
	return fmt.Sprintf("phrases: %s can be read only once, and finding phrases in it reads it again; save the text to a file", e.Input)
}

// Learn finds the phrases of a text. It reads the text once for each pass, which a pipe allows once:
// that is a *[OnceError]. If the analyzer has a [List] as its joiner, its phrases are joined first,
// and the result has them, too. An analyzer with another joiner is an error; nil splits at white space.
//
// A phrase lies within a line. In a line longer than a mebibyte, none is counted across one of the
// places where the line is cut into chunks.
//
// The result depends neither on the number of processors nor on timing.
func Learn(ctx context.Context, text *source.Source, a *analysis.Analyzer, o Options) (*List, []Pass, error) {
	o, err := o.complete()
	if err != nil {
		return nil, nil, err
	}
	if a == nil {
		a = &analysis.Analyzer{}
	}
	list, ok := a.Joiner.(*List)
	switch {
	case a.Joiner == nil:
		list = &List{}
	case !ok:
		return nil, nil, fmt.Errorf("phrases: the analyzer joins by %s, not by a list of phrases", a.Joiner.Name())
	}
	if o.Passes > 1 {
		if err := CheckAgain(text); err != nil {
			return nil, nil, err
		}
	}
	var passes []Pass
	for n := range o.Passes {
		joined := *a
		joined.Joiner = nil
		if list.Len() > 0 {
			joined.Joiner = list
		}
		c := newCounter(&joined, o.Connectors, o.Memory, o.chunkSize)
		err := c.count(ctx, text, func(bytes int64) {
			if o.Progress != nil {
				o.Progress(n+1, bytes)
			}
		})
		if err != nil {
			return nil, nil, err
		}
		p := Pass{Statistics: c.statistics(), Types: c.types(), Memory: o.Memory, Dropped: c.dropped, Undercount: c.bound}
		p.Words = p.Statistics.Tokens
		found := c.phrases(o, p.Words)
		p.Phrases = len(found)
		passes = append(passes, p)
		if len(found) == 0 {
			break
		}
		list = list.with(found)
	}
	return list, passes, nil
}

// CheckAgain returns a *[OnceError] if a text has an input that can be read only once.
func CheckAgain(text *source.Source) error {
	if name, once := text.Once(); once {
		return &OnceError{name}
	}
	return nil
}

// Range says which thresholds make sense.
func (s Scoring) Range() string {
	if s.Highest <= 1 {
		return fmt.Sprintf("%g to %g for %s", s.Lowest, s.Highest, s.Name)
	}
	return "more than 0 for " + s.Name
}

// checkToken returns an error if w can't be a token.
func checkToken(w string) error {
	tokens := (&analysis.Analyzer{MaxTokenBytes: analysis.MaxTokenBytes}).Tokens(w)
	switch {
	case w == "":
		return fmt.Errorf("it is empty")
	case len(tokens) != 1 || tokens[0] != w:
		return fmt.Errorf("want one word of UTF-8 without white space or control characters, at most %d bytes", analysis.MaxTokenBytes)
	}
	return nil
}
