package analysis

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/dutch"
	"github.com/blevesearch/snowballstem/finnish"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/turkish"
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

// languages are those of kljensen/snowball, which has stop words, too, and others that
// blevesearch/snowballstem stems and stopwords.txt lists. The latter could stem all of them, but
// some of its stems of Hungarian words differ, and the stems that vectors were trained with stay.
var languages = []language{
	generated("danish", danish.Stem),
	generated("dutch", dutch.Stem),
	{"english", english.Stem, english.IsStopWord},
	generated("finnish", finnish.Stem),
	{"french", french.Stem, french.IsStopWord},
	generated("german", german.Stem),
	{"hungarian", hungarian.Stem, hungarian.IsStopWord},
	generated("italian", italian.Stem),
	{"norwegian", norwegian.Stem, norwegian.IsStopWord},
	generated("portuguese", portuguese.Stem),
	{"russian", russian.Stem, russian.IsStopWord},
	{"spanish", spanish.Stem, spanish.IsStopWord},
	{"swedish", swedish.Stem, swedish.IsStopWord},
	generated("turkish", turkish.Stem),
}

// generated returns a language whose stemmer the Snowball compiler has generated.
func generated(name string, stem func(*snowballstem.Env) bool) language {
	return language{
		name: name,
		stem: func(word string, _ bool) string {
			env := snowballstem.NewEnv(word)
			stem(env)
			return env.Current()
		},
		isStopWord: func(word string) bool { return stopWords()[name][word] },
	}
}

//go:embed stopwords.txt
var stopWordLists string

// stopWords returns the words of stopwords.txt by language.
var stopWords = sync.OnceValue(func() map[string]map[string]bool {
	lists := map[string]map[string]bool{}
	name := ""
	for line := range strings.Lines(stopWordLists) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, word := range strings.Fields(line) {
			if word[0] == '[' {
				name = strings.Trim(word, "[]")
				lists[name] = map[string]bool{}
				continue
			}
			lists[name][word] = true
		}
	}
	return lists
})

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
