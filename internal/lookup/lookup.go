// Package lookup finds words in a vocabulary, by their characters or with case folded. Evaluation and
// comparison share it, so that both see the same words.
//
// A character may be one code point or several: é is U+00E9, or e and U+0301. Words are the same in both
// forms (NFC and NFD of Unicode), since nobody sees a difference.
package lookup

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"kindred/model"
)

// A Lookup finds words in a vocabulary.
//
// Words are folded to upper case by Unicode's full mapping (ß becomes SS), as gensim does by
// Python's str.upper. Of several words with the same folded form the first in the vocabulary stands
// for all: the most frequent one if the vocabulary is sorted.
type Lookup struct {
	vocabulary model.Vocab
	exactCase  bool
	// first has the id of the first word of each form. If case counts, it has only those words whose form
	// is another.
	first map[string]int
	// variants has, by the id of such a word, the ids of the others with its form.
	variants map[int][]int
	upper    cases.Caser
}

// New returns the lookup of a vocabulary. With exactCase, Paris and paris are different words.
func New(v model.Vocab, exactCase bool) *Lookup {
	l := &Lookup{vocabulary: v, exactCase: exactCase, upper: cases.Upper(language.Und), first: make(map[string]int)}
	if exactCase {
		for id := range v.Len() {
			if word := v.Word(id); !isASCII(word) && !norm.NFC.IsNormalString(word) {
				l.addFirst(l.Form(word), id)
			}
		}
		return l
	}
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

// addFirst adds a word, unless another one has its form.
func (l *Lookup) addFirst(form string, id int) {
	if _, taken := l.first[form]; !taken {
		l.first[form] = id
	}
}

// Form returns the form by which a word is found: NFC, and folded unless case counts.
func (l *Lookup) Form(word string) string {
	if isASCII(word) {
		return l.folded(word)
	}
	return norm.NFC.String(l.folded(word))
}

// folded returns a word in upper case, unless case counts.
func (l *Lookup) folded(word string) string {
	switch {
	case l.exactCase:
		return word
	case isASCII(word): // as below, but much faster
		return strings.ToUpper(word)
	}
	return l.upper.String(word)
}

func isASCII(word string) bool {
	for i := range len(word) {
		if word[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Forms returns the id of the first word of each form. The caller must not change it.
func (l *Lookup) Forms() map[string]int {
	if !l.exactCase {
		return l.first
	}
	forms := make(map[string]int, l.vocabulary.Len())
	for id := range l.vocabulary.Len() {
		if form := l.Form(l.vocabulary.Word(id)); form == l.vocabulary.Word(id) {
			forms[form] = id
		}
	}
	for form, id := range l.first {
		if _, taken := forms[form]; !taken {
			forms[form] = id
		}
	}
	return forms
}

// Find returns the id of a word, and whether it is in the vocabulary. If case counts, a word with the
// same code points comes before others.
func (l *Lookup) Find(word string) (id int, ok bool) {
	if l.exactCase {
		if id, ok = l.vocabulary.ID(word); ok {
			return id, true
		}
		if id, ok = l.vocabulary.ID(l.Form(word)); ok {
			return id, true
		}
	}
	id, ok = l.first[l.Form(word)]
	return id, ok
}

// Normalized reports whether a word was found at id only because both were normalized: their code points
// differ by more than case.
func (l *Lookup) Normalized(word string, id int) bool {
	found := l.vocabulary.Word(id)
	if norm.NFC.IsNormalString(word) && norm.NFC.IsNormalString(found) {
		return false
	}
	return l.folded(word) != l.folded(found)
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

// Normalizing returns a vocabulary that also finds words in another normal form. It calls found, if it
// is not nil, the first time that it finds a word that way. It is not safe for concurrent use.
func Normalizing(v model.Vocab, found func(word string)) model.Vocab {
	n := &normalizing{Vocab: v, lookup: New(v, true), found: found, said: make(map[string]bool)}
	if c, ok := v.(model.Composer); ok {
		return normalizingComposer{n, c}
	}
	return n
}

type normalizing struct {
	model.Vocab
	lookup *Lookup
	found  func(word string)
	said   map[string]bool
}

// ID returns the id of a word, whatever its normal form.
func (n *normalizing) ID(word string) (id int, ok bool) {
	id, ok = n.lookup.Find(word)
	if ok && !n.said[word] && n.lookup.Normalized(word, id) {
		n.said[word] = true
		if n.found != nil {
			n.found(word)
		}
	}
	return id, ok
}

// A normalizingComposer is a normalizing vocabulary that composes words.
type normalizingComposer struct {
	*normalizing
	composer model.Composer
}

func (n normalizingComposer) Stored(buf []int32, id int) (rows []int32, scale float32) {
	return n.composer.Stored(buf, id)
}

func (n normalizingComposer) Unseen(buf []int32, word string) (rows []int32, scale float32, ok bool) {
	return n.composer.Unseen(buf, word)
}
