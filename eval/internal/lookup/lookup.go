// Package lookup finds the words of evaluation sets in a vocabulary, by their bytes or with case
// folded. Evaluation and comparison share it, so that both see the same words.
package lookup

import (
	"slices"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"kindred/model"
)

// A Lookup finds words in a vocabulary.
//
// Words are folded to upper case by Unicode's full mapping (ß becomes SS), as gensim does by
// Python's str.upper. Of several words with the same folded form the first in the vocabulary stands
// for all: the most frequent one if the vocabulary is sorted.
type Lookup struct {
	vocabulary model.Vocab
	// first has the id of the first word of each folded form; nil if case counts.
	first map[string]int
	// variants has, by the id of such a word, the ids of the others with its form.
	variants map[int][]int
	upper    cases.Caser
}

// New returns the lookup of a vocabulary. With exactCase, Paris and paris are different words.
func New(v model.Vocab, exactCase bool) *Lookup {
	l := &Lookup{vocabulary: v, upper: cases.Upper(language.Und)}
	if exactCase {
		return l
	}
	l.first = make(map[string]int, v.Len())
	l.variants = make(map[int][]int)
	for id := range v.Len() {
		form := l.Form(v.Word(id))
		if first, taken := l.first[form]; taken {
			l.variants[first] = append(l.variants[first], id)
		} else {
			l.first[form] = id
		}
	}
	return l
}

// Form returns the form by which a word is found: folded, unless case counts.
func (l *Lookup) Form(word string) string {
	if l.first == nil {
		return word
	}
	return l.upper.String(word)
}

// Forms returns the id of the first word of each form. The caller must not change it.
func (l *Lookup) Forms() map[string]int {
	if l.first != nil {
		return l.first
	}
	forms := make(map[string]int, l.vocabulary.Len())
	for id := range l.vocabulary.Len() {
		forms[l.vocabulary.Word(id)] = id
	}
	return forms
}

// Find returns the id of a word, and whether it is in the vocabulary.
func (l *Lookup) Find(word string) (id int, ok bool) {
	if l.first == nil {
		return l.vocabulary.ID(word)
	}
	id, ok = l.first[l.Form(word)]
	return id, ok
}

// Same reports whether id is that of a word that was found, or of a variant of it.
func (l *Lookup) Same(id, found int) bool {
	return id == found || slices.Contains(l.variants[found], id)
}

// Variants returns the ids of the words that differ only in case from the words found.
func (l *Lookup) Variants(found ...int) []int {
	var ids []int
	for _, id := range found {
		ids = append(ids, l.variants[id]...)
	}
	return ids
}
