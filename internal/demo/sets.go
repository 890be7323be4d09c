package demo

import (
	"bytes"
	"fmt"
)

// A section of the analogy set asks for the form in one column of a table, given that in another.
type section struct {
	name, table, from, to string
}

// sections are those of the analogy set. Their names follow the Google set (Mikolov et al. 2013), in
// which syntactic sections begin with "gram".
var sections = []section{
	{"capital-common-countries", "nation", "capital", "country"},
	{"currency", "nation", "country", "currency"},
	{"family", "kin", "male", "female"},
	{"animal-young", "animal", "animal", "infant"},
	{"worker-workplace", "work", "worker", "workplace"},
	{"gram1-adjective-to-adverb", "manner", "quality", "manner"},
	{"gram2-opposite", "manner", "quality", "opposite"},
	{"gram3-comparative", "degree", "plain", "more"},
	{"gram4-superlative", "degree", "plain", "most"},
	{"gram5-present-participle", "verb", "base", "doing"},
	{"gram6-nationality-adjective", "nation", "country", "demonym"},
	{"gram7-past-tense", "verb", "doing", "did"},
	{"gram8-plural", "animal", "animal", "animals"},
	{"gram8-plural", "thing", "thing", "things"},
	{"gram9-plural-verbs", "verb", "base", "does"},
}

// partners is the number of questions per row in a section.
const partners = 7

// AnalogySet returns the analogy questions that follow from the tables, in the format of
// questions-words.txt (Mikolov et al. 2013): a section begins with ": name", and a question is a line of
// four words "a b c d", where a is to b as c is to d. Each row is asked with the next few of its table.
func AnalogySet() []byte {
	var out bytes.Buffer
	opened := ""
	for _, s := range sections {
		if s.name != opened {
			fmt.Fprintf(&out, ": %s\n", s.name)
			opened = s.name
		}
		pairs := s.pairs()
		for i, given := range pairs {
			for step := 1; step <= partners; step++ {
				asked := pairs[(i+step)%len(pairs)]
				fmt.Fprintln(&out, given[0], given[1], asked[0], asked[1])
			}
		}
	}
	return out.Bytes()
}

// pairs returns the forms of each row that has both.
func (s section) pairs() [][2]string {
	t := english().table(s.table)
	from, to := t.column(s.from), t.column(s.to)
	var pairs [][2]string
	for _, r := range t.rows {
		if r.forms[from] != "" && r.forms[to] != "" {
			pairs = append(pairs, [2]string{r.forms[from], r.forms[to]})
		}
	}
	return pairs
}

// The similarity of two words, from 0 to 10, is the sum of weights of what they share: the table, the
// column, the group and the row. Two forms of a row share all but the column, and words of different
// tables share nothing. A topic counts as a table with one column, whose words have neither group nor
// row.
const (
	sharedTable  = 2
	sharedColumn = 3
	sharedGroup  = 2
	sharedRow    = 3
)

// The number of pairs of each score in the set, and the seed that selects them.
const (
	pairsPerScore  = 60
	similaritySeed = 353
)

// A sense is a word's place in the structure: the indices of its table, column, group and row. Topics are
// tables numbered from -1 down. Group and row are -1 if there is none.
type sense struct {
	word                      string
	table, column, group, row int
}

// similarity returns the score of two different words.
func similarity(a, b sense) int {
	score := 0
	if a.table != b.table {
		return score
	}
	score += sharedTable
	if a.column == b.column {
		score += sharedColumn
	}
	if a.group >= 0 && a.group == b.group {
		score += sharedGroup
	}
	if a.row >= 0 && a.row == b.row {
		score += sharedRow
	}
	return score
}

// SimilaritySet returns lines of two words and their similarity, 0 to 10, which follows from the
// tables. Fields are separated by tabs, and the first line is a heading. All scores have the same
// number of pairs.
func SimilaritySet() []byte {
	var out bytes.Buffer
	fmt.Fprintln(&out, "word1\tword2\tsimilarity")
	all := senses()
	s := newSource(similaritySeed)
	left := map[int]int{}
	wanted := 0
	for _, score := range scores() {
		left[score] = pairsPerScore
		wanted += pairsPerScore
	}
	seen := map[[2]string]bool{}
	for wanted > 0 {
		a, b := oneOf(s, all), oneOf(s, all)
		score := similarity(a, b)
		if a.word >= b.word || seen[[2]string{a.word, b.word}] || left[score] == 0 {
			continue
		}
		seen[[2]string{a.word, b.word}] = true
		left[score]--
		wanted--
		fmt.Fprintf(&out, "%s\t%s\t%d\n", a.word, b.word, score)
	}
	return out.Bytes()
}

// scores returns the similarities that two different words can have.
func scores() []int {
	return []int{
		0, // different tables
		sharedTable,
		sharedTable + sharedGroup,
		sharedTable + sharedColumn,
		sharedTable + sharedColumn + sharedGroup, // or a row, and so a group
	}
}

// senses returns the words with a place in the structure: the forms of all tables and the English nouns
// of all topics.
func senses() []sense {
	var all []sense
	l := english()
	for i, t := range l.tables {
		for j, r := range t.rows {
			for k, form := range r.forms {
				if form != "" {
					all = append(all, sense{form, i, k, r.group, j})
				}
			}
		}
	}
	for i, t := range l.topics {
		for _, word := range t.nouns[:topicKnown] {
			all = append(all, sense{word, -1 - i, 0, -1, -1})
		}
	}
	return all
}
