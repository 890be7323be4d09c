package demo

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// A tableSource is a table as the lexicon writes it.
type tableSource struct {
	name    string
	weight  uint64 // relative frequency of sentences about its rows
	ties    int    // words of company that each row gets from the topics
	columns string
	rows    string
}

// A table holds rows by falling frequency, and the sentences about them.
type table struct {
	name     string
	columns  []string
	rows     []row
	groups   []group
	patterns []pattern
	pick     sampler
}

// A row is an entity or lemma: its form in each column, empty where it has
// none, and the words it keeps company with.
type row struct {
	forms []string
	own   []string
	group int
}

// A group is a class of rows, by their index, that share company.
type group struct {
	words []string
	rows  []int
}

// A topic holds the words of prose about one subject, by falling frequency.
type topic struct {
	nouns, adjectives, verbs []string
}

// A language is all that sentences are made from.
type language struct {
	tables    []table
	pickTable sampler

	topics        []topic
	pickTopic     sampler
	pickNoun      sampler
	pickModifier  sampler // of adjectives and verbs
	functionWords []string
	pickFunction  sampler
	pickLeading   []sampler // of as many words as the index says

	prose, clauses []pattern
}

// Sizes of a topic.
const (
	topicKnown     = 8   // English nouns
	topicNouns     = 240 // with the invented ones
	topicModifiers = 80  // adjectives, and as many verbs
)

// Offsets of Zipf's law: the larger, the flatter it begins.
const (
	topicOffset    = 6
	wordOffset     = 4
	rowOffset      = 8
	functionOffset = 5
	leadingOffset  = 2
)

const (
	longestList = 20       // of words that leading draws from
	namingSeed  = 20130907 // of the invented words
)

// english is the only language there is. It does not depend on the seed of a
// text: the same words mean the same in all of them.
var english = sync.OnceValue(func() *language {
	l := &language{functionWords: strings.Fields(functionWords)}
	invented := inventor{newSource(namingSeed), realWords()}
	var leading []string
	for line := range lines(topics) {
		_, words, _ := strings.Cut(line, ":")
		known := strings.Fields(words)
		leading = append(leading, known...)
		l.topics = append(l.topics, topic{
			nouns:      append(known, invented.words(topicNouns-len(known), nounEndings)...),
			adjectives: invented.words(topicModifiers, adjectiveEndings),
			verbs:      invented.words(topicModifiers, verbEndings),
		})
	}
	ties := deck{source: invented.source, words: leading}
	var weights []uint64
	for _, source := range tables {
		l.tables = append(l.tables, newTable(source, &ties))
		weights = append(weights, source.weight)
	}
	l.pickTable = newSampler(weights)
	l.pickTopic = newZipf(len(l.topics), topicOffset)
	l.pickNoun = newZipf(topicNouns, wordOffset)
	l.pickModifier = newZipf(topicModifiers, wordOffset)
	l.pickFunction = newZipf(len(l.functionWords), functionOffset)
	for n := range longestList + 1 {
		l.pickLeading = append(l.pickLeading, newZipf(n, leadingOffset))
	}
	l.prose, l.clauses = parsePatterns(prose, nil), parsePatterns(clauses, nil)
	return l
})

// newTable reads a table and deals its rows round the groups.
func newTable(source tableSource, ties *deck) table {
	t := table{name: source.name, columns: strings.Fields(source.columns)}
	var byGroup [][]row
	total := 0
	for line := range lines(source.rows) {
		if heading, ok := strings.CutPrefix(line, "="); ok {
			_, words, _ := strings.Cut(heading, ":")
			t.groups = append(t.groups, group{words: strings.Fields(words)})
			byGroup = append(byGroup, nil)
			continue
		}
		g := len(t.groups) - 1
		byGroup[g] = append(byGroup[g], t.parseRow(line, g))
		total++
	}
	for place := 0; len(t.rows) < total; place++ {
		for g, rows := range byGroup {
			if place < len(rows) {
				t.groups[g].rows = append(t.groups[g].rows, len(t.rows))
				t.rows = append(t.rows, rows[place])
			}
		}
	}
	for i := range t.rows {
		t.rows[i].own = append(t.rows[i].own, ties.deal(source.ties)...)
	}
	t.patterns = parsePatterns(templates[t.name], t.columns)
	t.pick = newZipf(len(t.rows), rowOffset)
	return t
}

func (t *table) parseRow(line string, g int) row {
	forms, own, _ := strings.Cut(line, "/")
	r := row{forms: strings.Fields(forms), own: strings.Fields(own), group: g}
	if len(r.forms) != len(t.columns) {
		panic(fmt.Sprintf("demo: row %q has %d forms, table %s has %d columns", line, len(r.forms), t.name, len(t.columns)))
	}
	for i, form := range r.forms {
		if form == "-" {
			r.forms[i] = ""
		}
	}
	return r
}

// column returns the index of the column of that name.
func (t *table) column(name string) int {
	i := slices.Index(t.columns, name)
	if i < 0 {
		panic(fmt.Sprintf("demo: table %s has no column %q", t.name, name))
	}
	return i
}

// realWords returns every word of the sources, which invented ones must avoid.
func realWords() map[string]bool {
	sources := []string{topics, functionWords, prose, clauses}
	for _, t := range tables {
		sources = append(sources, t.rows, templates[t.name])
	}
	for _, words := range lists {
		sources = append(sources, words)
	}
	taken := map[string]bool{}
	for _, text := range sources {
		for word := range strings.FieldsSeq(text) {
			taken[strings.TrimSuffix(word, ":")] = true
		}
	}
	return taken
}

// table returns the table of that name.
func (l *language) table(name string) *table {
	i := slices.IndexFunc(l.tables, func(t table) bool { return t.name == name })
	if i < 0 {
		panic(fmt.Sprintf("demo: no table %q", name))
	}
	return &l.tables[i]
}
