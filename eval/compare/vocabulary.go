package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"kindred/corpus/vocab"
	"kindred/eval/internal/lookup"
	"kindred/model"
)

// A sharedVocabulary holds the words that all models have, in an order that does not prefer a model.
// If case is ignored, words that differ only in case are one, and the most frequent of them, in each
// model, stands for all.
type sharedVocabulary struct {
	models []*model.Embeddings
	// forms has the id of the first word of each form, by model.
	forms []map[string]int
	// words are the forms that all models have, by their mean rank, and rank is the number of each among them.
	words []string
	rank  map[string]int
	form  func(word string) string
}

func newSharedVocabulary(models []*model.Embeddings, exactCase bool) *sharedVocabulary {
	s := &sharedVocabulary{models: models, rank: make(map[string]int)}
	for _, e := range models {
		l := lookup.New(e.Vocabulary, exactCase)
		s.form = l.Form
		s.forms = append(s.forms, l.Forms())
	}
	sums := make(map[string]int)
	for form, sum := range s.forms[0] {
		everywhere := true
		for _, f := range s.forms[1:] {
			id, ok := f[form]
			sum += id
			everywhere = everywhere && ok
		}
		if everywhere {
			sums[form] = sum
			s.words = append(s.words, form)
		}
	}
	slices.SortFunc(s.words, func(a, b string) int { return cmp.Or(cmp.Compare(sums[a], sums[b]), strings.Compare(a, b)) })
	for i, form := range s.words {
		s.rank[form] = i
	}
	return s
}

// view returns the vectors of a model for the common words, in their common order and as the first model spells them.
func (s *sharedVocabulary) view(number int) *model.Embeddings {
	e := s.models[number]
	m := model.NewMatrix(len(s.words), e.Dim())
	vectors := e.Reader()
	spelled := make([]string, len(s.words))
	for i, form := range s.words {
		copy(m.Row(i), vectors.Stored(s.forms[number][form]))
		spelled[i] = s.models[0].Vocabulary.Word(s.forms[0][form])
	}
	v, err := vocab.New(spelled, nil)
	if err != nil {
		panic(fmt.Sprintf("compare: words of a vocabulary make none: %v", err)) // they are distinct and not empty
	}
	return &model.Embeddings{Vocabulary: v, Input: m}
}

// count returns the number of words that all models of a group have.
func (s *sharedVocabulary) count(group []int) int {
	n := 0
	for form := range s.forms[group[0]] {
		if s.everywhere(form, group) {
			n++
		}
	}
	return n
}

// everywhere reports whether all models of a group have a word of this form.
func (s *sharedVocabulary) everywhere(form string, group []int) bool {
	return !slices.ContainsFunc(group, func(m int) bool {
		_, ok := s.forms[m][form]
		return !ok
	})
}

// rarest returns the highest rank of the words, from 1, and whether all of them are common words.
func (s *sharedVocabulary) rarest(words ...string) (int, bool) {
	highest := 0
	for _, w := range words {
		rank, ok := s.rank[s.form(w)]
		if !ok {
			return 0, false
		}
		highest = max(highest, rank+1)
	}
	return highest, true
}

// nothingShared returns the error of models that have no word in common: it names two that have none, if there are, and
// shows how their words look.
func (c *comparer) nothingShared() error {
	for i := range c.models {
		for j := range i {
			if c.shared.count([]int{i, j}) == 0 {
				return fmt.Errorf("%s and %s have no word in common, so that nothing can be compared: their words are like %s and like %s; "+
					"were the texts in one language, and prepared in the same way?",
					c.file(j), c.file(i), firstWords(c.models[j]), firstWords(c.models[i]))
			}
		}
	}
	return fmt.Errorf("no word is in all of the %d models, so that nothing can be compared; leave out one of those with the smallest vocabulary", len(c.models))
}

// file returns the name of a model's file.
func (c *comparer) file(number int) string {
	for i, group := range c.groups {
		if at := slices.Index(group, number); at >= 0 {
			return c.systems[i].Models[at].File
		}
	}
	panic("compare: a model of no system")
}

// firstWords returns some words of a model.
func firstWords(e *model.Embeddings) string {
	var words []string
	for id := range min(3, e.Vocabulary.Len()) {
		words = append(words, fmt.Sprintf("%q", e.Vocabulary.Word(id)))
	}
	return strings.Join(words, ", ")
}
