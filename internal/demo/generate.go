package demo

import (
	"bufio"
	"fmt"
	"io"
)

// Seed and Tokens are those of the text that the demo command trains on, of
// which the first SampleTokens are kept as test data.
const (
	Seed         = 1
	Tokens       = 2_000_000
	SampleTokens = 20_000
)

// What is hard about the text, in cases of a thousand.
const (
	proseSentences = 220 // about a topic only
	babble         = 30  // sentences of unrelated words
	clauseBefore   = 100 // sentences that a clause stands before
	clauseAfter    = 350 // and after
	strayCompany   = 120 // words of company that belong to another row
	strayWords     = 25  // words replaced by any other
	fillers        = 110 // words followed by an unrelated function word
	swaps          = 50  // words exchanged with the one before
)

// Generate writes sentences in lower case, one a line, words separated by
// single spaces, until at least the given number of words was written. The
// bytes follow from seed and tokens on every platform, and a longer text of
// the same seed begins with the shorter one. The only errors are those of w.
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

// A speaker makes sentences, of which words is the last.
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
	if s.chance(babble) {
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

// say adds the words of a pattern about a row, with noise. Table and row are
// nil where the pattern needs none.
func (s *speaker) say(p pattern, t *table, r *row) {
	for _, slot := range p {
		word := s.fill(slot, t, r)
		if s.chance(strayWords) {
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
	case own, company:
		if s.chance(strayCompany) {
			r = &t.rows[t.pick.draw(s.source)]
		}
		if slot.kind == own {
			return s.leading(r.own)
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

// leading returns one of a few words, the first ones more often.
func (s *speaker) leading(words []string) string {
	return words[s.pickLeading[len(words)].draw(s.source)]
}

func (s *speaker) functionWord() string {
	return s.functionWords[s.pickFunction.draw(s.source)]
}

// anyWord returns a word that has nothing to do with the sentence: a function
// word, a form of any row, or a noun of any topic.
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
