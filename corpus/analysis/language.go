package analysis

import (
	"fmt"

	"github.com/kljensen/snowball/english"
	"github.com/kljensen/snowball/french"
	"github.com/kljensen/snowball/hungarian"
	"github.com/kljensen/snowball/norwegian"
	"github.com/kljensen/snowball/russian"
	"github.com/kljensen/snowball/spanish"
	"github.com/kljensen/snowball/swedish"
)

// A language is a stemmer and stop words of the Snowball project.
type language struct {
	name       string
	stem       func(word string, stemStopWords bool) string
	isStopWord func(word string) bool
}

var languages = []language{
	{"english", english.Stem, english.IsStopWord},
	{"french", french.Stem, french.IsStopWord},
	{"hungarian", hungarian.Stem, hungarian.IsStopWord},
	{"norwegian", norwegian.Stem, norwegian.IsStopWord},
	{"russian", russian.Stem, russian.IsStopWord},
	{"spanish", spanish.Stem, spanish.IsStopWord},
	{"swedish", swedish.Stem, swedish.IsStopWord},
}

// Languages returns the names of the languages with stop words and a stemmer.
func Languages() []string {
	names := make([]string, len(languages))
	for i, l := range languages {
		names[i] = l.name
	}
	return names
}

func findLanguage(filter, name string) (language, error) {
	for _, l := range languages {
		if l.name == name {
			return l, nil
		}
	}
	return language{}, fmt.Errorf("filter %q: unknown language %q%s", filter, name, choices(name, Languages()))
}

// stopFilter drops the stop words of a language.
type stopFilter struct{ language }

func (f stopFilter) Name() string { return "stop:" + f.name }

func (f stopFilter) Filter(dst, token []byte) []byte {
	if f.isStopWord(string(token)) {
		return nil
	}
	return token
}

// stemFilter replaces words by their stems.
type stemFilter struct{ language }

func (f stemFilter) Name() string { return "stem:" + f.name }

// Filter stems stop words, too, like the published algorithms. A token with an empty stem stays.
func (f stemFilter) Filter(dst, token []byte) []byte {
	stem := f.stem(string(token), true)
	if stem == "" {
		return token
	}
	return append(dst, stem...)
}
