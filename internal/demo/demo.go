// Package demo makes English-like text with a known structure, and the similarity and analogy sets that
// follow from it: something to train and evaluate on without a download.
//
//	if err := demo.Generate(os.Stdout, demo.Seed, demo.Tokens); err != nil {
//		log.Fatal(err)
//	}
//	os.WriteFile("analogies.txt", demo.AnalogySet(), 0o644)
//	os.WriteFile("similarity.tsv", demo.SimilaritySet(), 0o644)
//
// # Structure
//
// The lexicon has tables: nations, kin, verbs, adjectives, animals and others. A row is an entity or
// lemma, a column is a role or an inflection, and a cell is a word. The rows of a table stand in
// groups. The context of a word comes from all three:
//
//   - each row has companions, a few words that occur with its forms: "wine" with "paris", "france" and
//     "french". Other rows and prose use them, too;
//   - each group has words for all of its rows: "fjord" for the countries in the north;
//   - each column has its own templates and lists of words: mayors and museums for capitals, "yesterday"
//     and "ago" for the past tense.
//
// So the contexts of a word are about those of its row plus those of its column. The vectors of a good
// model form parallelograms of two rows and two columns.
//
// # Frequencies
//
// Rows, topics and words are drawn by Zipf's law. The words of topics are mostly invented and make the
// long tail: the text has a rank-frequency slope near -1, and about 14,000 types occur at least 5 times.
//
// # Noise
//
// Some companions come from a wrong row, some words are replaced, swapped or inserted, some clauses are
// about something else, and some sentences are random words. Constants of this package are the rates.
//
// All random numbers are integers: a seed gives the same bytes on every platform.
package demo

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

//go:generate go run ../../testdata/generate ../../testdata/demo

// Seed and Tokens are those of the text of the demo command. Its first SampleTokens words are test data.
const (
	Seed         = 1
	Tokens       = 2_000_000
	SampleTokens = 20_000
)

// The rates of noise, per thousand.
const (
	proseSentences  = 220 // sentences about a topic only
	randomSentences = 30  // sentences of unrelated words
	clauseBefore    = 100 // sentences with a clause before
	clauseAfter     = 350 // sentences with a clause after
	wrongCompanions = 120 // companions of another row
	replacedWords   = 25  // words replaced by any other
	fillers         = 110 // words followed by an unrelated function word
	swaps           = 50  // words swapped with the one before
)

// Generate writes sentences in lower case, one per line with single spaces between words, until it has
// written at least the given number of words. The bytes depend on seed and tokens only, and a longer text
// of the same seed begins with the shorter one. The only errors are those of w.
func Generate(w io.Writer, seed uint64, tokens int) error {
	out := bufio.NewWriterSize(w, 1<<16)
	s := speaker{language: english(), source: newSource(seed)}
	for written := 0; written < tokens; written += len(s.words) {
		s.speak()
		for i, word := range s.words {
			if i > 0 {
				out.WriteByte(' ')
			}
			out.WriteString(word)
		}
		out.WriteByte('\n')
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing the demo text: %w", err)
	}
	return nil
}

// A speaker makes sentences. words is the last one.
type speaker struct {
	source
	*language
	words []string
	topic *topic
}

// speak makes the next sentence.
func (s *speaker) speak() {
	s.words = s.words[:0]
	s.topic = &s.topics[s.pickTopic.draw(s.source)]
	if s.chance(randomSentences) {
		for range 6 + s.below(10) {
			s.words = append(s.words, s.anyWord())
		}
		return
	}
	if s.chance(clauseBefore) {
		s.say(oneOf(s.source, s.clauses), nil, nil)
	}
	if s.chance(proseSentences) {
		s.say(oneOf(s.source, s.prose), nil, nil)
	} else {
		s.sayRow(&s.tables[s.pickTable.draw(s.source)])
	}
	if s.chance(clauseAfter) {
		s.say(oneOf(s.source, s.clauses), nil, nil)
	}
}

// sayRow adds a sentence about a row of the table.
func (s *speaker) sayRow(t *table) {
	p := oneOf(s.source, t.patterns)
	r := &t.rows[t.pick.draw(s.source)]
	for !p.suits(r) {
		r = &t.rows[t.pick.draw(s.source)]
	}
	s.say(p, t, r)
}

// say adds the words of a pattern about a row, with noise. Table and row are nil if the pattern needs
// none.
func (s *speaker) say(p pattern, t *table, r *row) {
	for _, slot := range p {
		word := s.fill(slot, t, r)
		if s.chance(replacedWords) {
			word = s.anyWord()
		}
		s.words = append(s.words, word)
		if n := len(s.words); n > 1 && s.chance(swaps) {
			s.words[n-1], s.words[n-2] = s.words[n-2], s.words[n-1]
		}
		if s.chance(fillers) {
			s.words = append(s.words, s.functionWord())
		}
	}
}

// fill returns a word for the slot.
func (s *speaker) fill(slot slot, t *table, r *row) string {
	switch slot.kind {
	case form:
		return r.forms[slot.column]
	case peer:
		other := &t.rows[oneOf(s.source, t.groups[r.group].rows)]
		return other.forms[slot.column]
	case own, ofGroup:
		if s.chance(wrongCompanions) {
			r = &t.rows[t.pick.draw(s.source)]
		}
		if slot.kind == own {
			return s.leading(r.companions)
		}
		return s.leading(t.groups[r.group].words)
	case noun:
		return s.topic.nouns[s.pickNoun.draw(s.source)]
	case adjective:
		return s.topic.adjectives[s.pickModifier.draw(s.source)]
	case verb:
		return s.topic.verbs[s.pickModifier.draw(s.source)]
	default:
		return s.leading(slot.words)
	}
}

// leading returns one of a few words, the first ones more often than the last.
func (s *speaker) leading(words []string) string {
	return words[s.pickLeading[len(words)].draw(s.source)]
}

func (s *speaker) functionWord() string {
	return s.functionWords[s.pickFunction.draw(s.source)]
}

// anyWord returns a word unrelated to the sentence: a function word, a form of any row, or a noun of any
// topic.
func (s *speaker) anyWord() string {
	switch s.below(4) {
	case 0:
		return s.functionWord()
	case 1:
		t := &s.tables[s.pickTable.draw(s.source)]
		if word := oneOf(s.source, t.rows[t.pick.draw(s.source)].forms); word != "" {
			return word
		}
	}
	other := &s.topics[s.pickTopic.draw(s.source)]
	return other.nouns[s.pickNoun.draw(s.source)]
}

// The names of the files that [WriteFiles] writes.
const (
	TextFile       = "text.txt"
	SimilarityFile = "similarity.tsv"
	AnalogyFile    = "analogies.txt"
)

// WriteFiles writes a text, see [Generate], and both evaluation sets to a directory, which it makes if it
// is missing. It overwrites files of the same names.
func WriteFiles(dir string, seed uint64, tokens int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("directory of the demo: %w", err)
	}
	text, err := os.Create(filepath.Join(dir, TextFile))
	if err != nil {
		return fmt.Errorf("demo text: %w", err)
	}
	defer text.Close() // a second time if all goes well
	if err := Generate(text, seed, tokens); err != nil {
		return err
	}
	if err := text.Close(); err != nil {
		return fmt.Errorf("demo text: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, SimilarityFile), SimilaritySet(), 0o644); err != nil {
		return fmt.Errorf("demo similarity set: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, AnalogyFile), AnalogySet(), 0o644); err != nil {
		return fmt.Errorf("demo analogy set: %w", err)
	}
	return nil
}
