package demo

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
)

// A tableSource is a table as text.
type tableSource struct {
	name    string
	weight  uint64 // relative frequency of sentences about its rows
	ties    int    // companions that each row gets from the topics
	columns string
	rows    string
}

// A table has rows, by descending frequency, and patterns of sentences about them.
type table struct {
	name     string
	columns  []string
	rows     []row
	groups   []group
	patterns []pattern
	pick     sampler
}

// A row is an entity or lemma.
type row struct {
	forms      []string // by column, "" if it has none
	companions []string // words that occur with it
	group      int
}

// A group is a class of rows.
type group struct {
	words []string // that occur with all of them
	rows  []int    // their indices
}

// A topic has the words of prose about one subject, by descending frequency.
type topic struct {
	nouns, adjectives, verbs []string
}

// A language has everything that sentences are made of.
type language struct {
	tables    []table
	pickTable sampler

	topics        []topic
	pickTopic     sampler
	pickNoun      sampler
	pickModifier  sampler // of adjectives and verbs
	functionWords []string
	pickFunction  sampler
	pickLeading   []sampler // by the number of words

	prose, clauses []pattern
}

// The sizes of a topic.
const (
	topicKnown     = 8   // English nouns
	topicNouns     = 240 // with the invented ones
	topicModifiers = 80  // adjectives, and as many verbs
)

// The offsets of Zipf's law. The larger an offset, the flatter the distribution begins.
const (
	topicOffset    = 6
	wordOffset     = 4
	rowOffset      = 8
	functionOffset = 5
	leadingOffset  = 2
)

const (
	longestList = 20       // that leading draws from
	namingSeed  = 20130907 // of the invented words
)

// english is the only language. It doesn't depend on the seed of a text: words mean the same in all
// texts.
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

// newTable reads a table. Its rows come from the groups in turn.
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
		t.rows[i].companions = append(t.rows[i].companions, ties.deal(source.ties)...)
	}
	t.patterns = parsePatterns(templates[t.name], t.columns)
	t.pick = newZipf(len(t.rows), rowOffset)
	return t
}

func (t *table) parseRow(line string, g int) row {
	forms, companions, _ := strings.Cut(line, "/")
	r := row{forms: strings.Fields(forms), companions: strings.Fields(companions), group: g}
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

// column returns the index of the column with a name.
func (t *table) column(name string) int {
	i := slices.Index(t.columns, name)
	if i < 0 {
		panic(fmt.Sprintf("demo: table %s has no column %q", t.name, name))
	}
	return i
}

// realWords returns all words of the sources. Invented words differ from them.
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

// table returns the table with a name.
func (l *language) table(name string) *table {
	i := slices.IndexFunc(l.tables, func(t table) bool { return t.name == name })
	if i < 0 {
		panic(fmt.Sprintf("demo: no table %q", name))
	}
	return &l.tables[i]
}

// A pattern is a parsed template.
type pattern []slot

// A slot is one place of a pattern. Its kind says what fills it.
type slot struct {
	kind   kind
	column int      // of form and peer
	words  []string // of list; a literal word is a list of one
}

type kind int

const (
	list      kind = iota // one of words
	form                  // the row's form in a column
	peer                  // another row's
	own                   // one of the row's companions
	ofGroup               // one of the group's words
	noun                  // one of the topic's nouns
	adjective             // one of its adjectives
	verb                  // one of its verbs
)

var namedKinds = map[string]kind{
	"own": own, "group": ofGroup, "noun": noun, "adjective": adjective, "verb": verb,
}

// lines yields the non-empty lines of text.
func lines(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for line := range strings.SplitSeq(text, "\n") {
			if line != "" && !yield(line) {
				return
			}
		}
	}
}

// parsePatterns parses templates, one per line, about the rows of a table with the given columns. It
// panics if a slot is unknown.
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

// The parts of the syllables of invented words. Every combination can be pronounced.
var (
	onsets = strings.Fields("b b c d d f g h j k l l m m n n p p r r s s t t v w z br cl dr fl gr pl sh sl st th tr")
	nuclei = strings.Fields("a a e e i i o o u ea")
	codas  = strings.Fields("n n r r l l m t s nd rt st ck ll mp")
)

// Endings that make an invented word look like its part of speech.
var (
	nounEndings      = strings.Fields("er a ion ment et um or ness age o")
	adjectiveEndings = strings.Fields("ous ish ic al y ive ful")
	verbEndings      = strings.Fields("ed")
)

// An inventor makes new words.
type inventor struct {
	source
	taken map[string]bool
}

// word returns a new word: one or two syllables, and one of the endings.
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
