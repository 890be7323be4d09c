package search

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// An UnknownWordError reports a word that has no vector.
type UnknownWordError struct {
	Word string
	// Suggestions are words with vectors that it may have been meant to be, the most likely first.
	Suggestions []string
}

func (e *UnknownWordError) Error() string {
	if len(e.Suggestions) == 0 {
		return fmt.Sprintf("no vector for %q", e.Word)
	}
	return fmt.Sprintf("no vector for %q; did you mean %s?", e.Word, strings.Join(e.Suggestions, ", "))
}

const (
	// suggestWords is the number of words, the most frequent ones, among which suggestions are
	// searched.
	suggestWords = 200_000
	// suggestRunes is the length of the longest word that gets suggestions.
	suggestRunes = 64
)

// Suggest returns at most n stored words that word may have been meant to be: those that differ
// by case only, then those within one or two edits (an insertion, deletion or substitution of a
// character; one edit for words up to 4 characters, none for one character), then those that start with it. Among equals the
// lower id comes first.
func (x *Index) Suggest(word string, n int) []string {
	target := []rune(strings.ToLower(word))
	if len(target) == 0 || len(target) > suggestRunes {
		return nil
	}
	limit := 2
	switch {
	case len(target) == 1: // one edit makes any other character of it
		limit = 0
	case len(target) <= 4:
		limit = 1
	}
	type suggestion struct {
		word string
		rank int
	}
	var found []suggestion
	for id := range min(x.e.Vocabulary.Len(), suggestWords) {
		w := x.e.Vocabulary.Word(id)
		if len(w) > utf8.UTFMax*(suggestRunes+limit) {
			continue
		}
		lower := strings.ToLower(w)
		rank := editDistance(target, lower, limit)
		if rank > limit && len(target) > 2 && strings.HasPrefix(lower, string(target)) {
			rank = limit + 1
		} else if rank > limit {
			continue
		}
		found = append(found, suggestion{w, rank})
	}
	slices.SortStableFunc(found, func(a, b suggestion) int { return cmp.Compare(a.rank, b.rank) })
	words := make([]string, 0, n)
	for _, s := range found[:max(0, min(n, len(found)))] {
		words = append(words, s.word)
	}
	return words
}

// editDistance returns the Levenshtein distance of a and b, or any number above limit if it is above
// limit.
func editDistance(a []rune, b string, limit int) int {
	n := utf8.RuneCountInString(b)
	if n > len(a)+limit || n < len(a)-limit {
		return limit + 1
	}
	var space [suggestRunes + 1]int
	row := space[:len(a)+1] // row[i] is the distance of a[:i] and b so far
	for i := range row {
		row[i] = i
	}
	j := 0
	for _, r := range b {
		diagonal := row[0]
		j++
		row[0] = j
		least := j
		for i, ra := range a {
			cost := diagonal
			if ra != r {
				cost++
			}
			diagonal = row[i+1]
			row[i+1] = min(cost, diagonal+1, row[i]+1)
			least = min(least, row[i+1])
		}
		if least > limit {
			return least
		}
	}
	return row[len(a)]
}
