package demo

import (
	"bytes"
	"fmt"
)

// Similarity of two words, from 0 to 10, is what they share: the table, the
// column, the group and the row, each with its weight. Two forms of a row
// share all but the column; words of different tables share nothing. A topic
// counts as a table of one column whose words have neither group nor row.
const (
	sharedTable  = 2
	sharedColumn = 3
	sharedGroup  = 2
	sharedRow    = 3
)

// Pairs of each score in the set, and the seed they are chosen by.
const (
	pairsPerScore  = 60
	similaritySeed = 353
)

// A sense is a word's place in the structure: indices of its table, column,
// group and row. Topics are numbered from -1 down; group and row are -1 where
// there is none.
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

// SimilaritySet returns pairs of words with the similarity that follows from
// the tables, 0 to 10, tab-separated under a heading: as many of each score.
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

// scores returns the values of similarity that two different words can have.
func scores() []int {
	return []int{
		0, // different tables
		sharedTable,
		sharedTable + sharedGroup,
		sharedTable + sharedColumn,
		sharedTable + sharedColumn + sharedGroup, // or a row, and so a group
	}
}

// senses returns the words with structure: the forms of all tables and the
// known words of all topics.
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
