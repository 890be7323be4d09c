package demo

import (
	"bytes"
	"fmt"
)

// A section of the analogy set asks for the form in one column of a table,
// given that in another.
type section struct {
	name, table, from, to string
}

// sections are the analogy questions: from one column of a table to another.
// Names follow the sections of the Google set (Mikolov et al. 2013), where
// those that begin with "gram" are syntactic.
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

// partners is the number of questions that each row gives to a section.
const partners = 7

// AnalogySet returns the analogy questions that follow from the tables, in the
// format of questions-words.txt (Mikolov et al. 2013): sections open with
// ": name", a question is four words "a b c d" on a line, a is to b as c is to
// d. Each row is asked together with the next few of its table.
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
