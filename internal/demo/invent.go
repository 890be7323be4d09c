package demo

import "strings"

// Syllables of invented words: every combination can be pronounced.
var (
	onsets = strings.Fields("b b c d d f g h j k l l m m n n p p r r s s t t v w z br cl dr fl gr pl sh sl st th tr")
	nuclei = strings.Fields("a a e e i i o o u ea")
	codas  = strings.Fields("n n r r l l m t s nd rt st ck ll mp")
)

// endings that make an invented word look like its part of speech.
var (
	nounEndings      = strings.Fields("er a ion ment et um or ness age o")
	adjectiveEndings = strings.Fields("ous ish ic al y ive ful")
	verbEndings      = strings.Fields("ed")
)

// An inventor makes up words that nobody used before.
type inventor struct {
	source
	taken map[string]bool
}

// word returns a new word with one of the endings. The word is of one
// syllable or two before its ending.
func (v inventor) word(endings []string) string {
	for {
		w := v.syllable()
		if v.chance(700) {
			w = oneOf(v.source, onsets) + oneOf(v.source, nuclei) + w
		}
		w += oneOf(v.source, endings)
		if !v.taken[w] {
			v.taken[w] = true
			return w
		}
	}
}

// words returns n new words.
func (v inventor) words(n int, endings []string) []string {
	made := make([]string, n)
	for i := range made {
		made[i] = v.word(endings)
	}
	return made
}

func (v inventor) syllable() string {
	return oneOf(v.source, onsets) + oneOf(v.source, nuclei) + oneOf(v.source, codas)
}
