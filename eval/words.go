package eval

import (
	"slices"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"kindred/corpus/vocab"
)

// A lexicon finds the words of test items in a vocabulary, by their bytes or
// with case folded.
//
// Words are folded to upper case by Unicode's full mapping (ß becomes SS), as
// gensim does by Python's str.upper. Of several words with the same folded
// form the first in the vocabulary stands for it, which is the most frequent
// where the vocabulary is sorted.
type lexicon struct {
	vocabulary *vocab.Vocabulary
	// first has the id of the first word of each folded form; nil where case counts.
	first map[string]int
	// variants has, by the id of such a word, the ids of the others with its form.
	variants map[int][]int
	upper    cases.Caser
}

func newLexicon(v *vocab.Vocabulary, exactCase bool) *lexicon {
	l := &lexicon{vocabulary: v, upper: cases.Upper(language.Und)}
	if exactCase {
		return l
	}
	l.first = make(map[string]int, v.Len())
	l.variants = make(map[int][]int)
	for id := range v.Len() {
		form := l.form(v.Word(id))
		if first, taken := l.first[form]; taken {
			l.variants[first] = append(l.variants[first], id)
		} else {
			l.first[form] = id
		}
	}
	return l
}

// form returns what is compared of a word.
func (l *lexicon) form(word string) string {
	if l.first == nil {
		return word
	}
	return l.upper.String(word)
}

// find returns the id of word and whether it is among the first restrict
// words of the vocabulary, 0 meaning all of them.
func (l *lexicon) find(word string, restrict int) (int, bool) {
	var id int
	var ok bool
	if l.first == nil {
		id, ok = l.vocabulary.ID(word)
	} else {
		id, ok = l.first[l.form(word)]
	}
	return id, ok && (restrict == 0 || id < restrict)
}

// same reports whether id is found, the id of a word that was looked up, or
// that of a variant of it.
func (l *lexicon) same(id, found int) bool {
	return id == found || slices.Contains(l.variants[found], id)
}

// variantsOf returns the ids of the words that differ in case only from
// those with the ids in found.
func (l *lexicon) variantsOf(found [3]int) []int {
	return slices.Concat(l.variants[found[0]], l.variants[found[1]], l.variants[found[2]])
}

// A wordList is a list of distinct words in the order they were added.
type wordList struct {
	words []string
	has   map[string]bool
}

// addUnless adds word unless it was found.
func (l *wordList) addUnless(found bool, word string) {
	if found || l.has[word] {
		return
	}
	if l.has == nil {
		l.has = make(map[string]bool)
	}
	l.has[word] = true
	l.words = append(l.words, word)
}

// list returns the words, as an empty slice where there are none: [] in JSON.
func (l *wordList) list() []string {
	if l.words == nil {
		return []string{}
	}
	return l.words
}
