package demo

import (
	"fmt"
	"iter"
	"slices"
	"strings"
)

// A pattern is a template in parts.
type pattern []slot

// A slot is one place of a pattern. What fills it follows from its kind.
type slot struct {
	kind   kind
	column int      // of form and peer
	words  []string // of list; the literal word is the only one
}

type kind int

const (
	list      kind = iota // one of words
	form                  // the row's form in a column
	peer                  // another row's
	own                   // the row's company
	company               // the group's
	noun                  // the topic's
	adjective             // the topic's
	verb                  // the topic's
)

var namedKinds = map[string]kind{
	"own": own, "group": company, "noun": noun, "adjective": adjective, "verb": verb,
}

// lines yields the lines of text that aren't empty.
func lines(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for line := range strings.SplitSeq(text, "\n") {
			if line != "" && !yield(line) {
				return
			}
		}
	}
}

// parsePatterns reads templates, one a line, about the rows of a table with
// those columns. It panics on a slot that is unknown.
func parsePatterns(text string, columns []string) []pattern {
	var patterns []pattern
	for line := range lines(text) {
		var p pattern
		for word := range strings.FieldsSeq(line) {
			p = append(p, parseSlot(word, columns))
		}
		patterns = append(patterns, p)
	}
	return patterns
}

func parseSlot(word string, columns []string) slot {
	name, ok := strings.CutPrefix(word, "{")
	if !ok {
		return slot{kind: list, words: []string{word}}
	}
	name = strings.TrimSuffix(name, "}")
	if k, ok := namedKinds[name]; ok {
		return slot{kind: k}
	}
	if words, ok := lists[name]; ok {
		return slot{kind: list, words: strings.Fields(words)}
	}
	k := form
	if column, ok := strings.CutPrefix(name, "peer."); ok {
		k, name = peer, column
	}
	i := slices.Index(columns, name)
	if i < 0 {
		panic(fmt.Sprintf("demo: unknown slot %s", word))
	}
	return slot{kind: k, column: i}
}

// suits reports whether the row has every form that the pattern asks for.
func (p pattern) suits(r *row) bool {
	return !slices.ContainsFunc(p, func(s slot) bool {
		return s.kind == form && r.forms[s.column] == ""
	})
}
