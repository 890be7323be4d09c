package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"kindred/corpus/vocab"
	"kindred/eval/sets"
	"kindred/internal/lookup"
	"kindred/model"
)

// A sharedVocabulary holds the words that all models have stored, in an order that does not prefer a
// model. If case is ignored, words that differ only in case are one, and the most frequent of them, in
// each model, stands for all.
type sharedVocabulary struct {
	models []*model.Embeddings
	// forms has the id of the first word of each form, by model.
	forms []map[string]int
	// words are the forms that all models have, by their mean rank. rank is the number of each of them.
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

// view returns a model cut down to the shared words, in their common order and as the first model
// spells them. If some model composes words, the views of all models answer every other word that all
// models answer, too.
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
	view := &model.Embeddings{Vocabulary: v, Input: m}
	if slices.ContainsFunc(s.models, func(e *model.Embeddings) bool { _, ok := e.Vocabulary.(model.Composer); return ok }) {
		view.Vocabulary, view.Input = composingView{v, s, number}, rowsOfView{m, e.Input}
	}
	return view
}

// rows returns the rows of a word in a model, whether the model has stored it or composes it.
func (s *sharedVocabulary) rows(number int, buf []int32, word string) (rows []int32, scale float32, ok bool) {
	composer, composes := s.models[number].Vocabulary.(model.Composer)
	id, stored := s.forms[number][s.form(word)]
	switch {
	case stored && composes:
		rows, scale = composer.Stored(buf, id)
		return rows, scale, true
	case stored:
		return append(buf, int32(id)), 1, true
	case composes:
		return composer.Unseen(buf, word)
	}
	return nil, 0, false
}

// A composingView is the vocabulary of a view: shared words, and other words that all models answer.
// It is not safe for concurrent use, as folding case is not.
type composingView struct {
	*vocab.Vocabulary
	shared *sharedVocabulary
	model  int
}

// Stored returns the row of a shared word.
func (v composingView) Stored(buf []int32, id int) ([]int32, float32) {
	return append(buf, int32(id)), 1
}

// Unseen returns the rows of another word. They follow the rows of the shared words.
func (v composingView) Unseen(buf []int32, word string) (rows []int32, scale float32, ok bool) {
	for m := range v.shared.models {
		if m == v.model {
			continue
		}
		if _, _, ok := v.shared.rows(m, nil, word); !ok {
			return nil, 0, false
		}
	}
	before := len(buf)
	if rows, scale, ok = v.shared.rows(v.model, buf, word); !ok {
		return nil, 0, false
	}
	for i := range rows[before:] {
		rows[before+i] += int32(v.Len())
	}
	return rows, scale, true
}

// rowsOfView are the rows of the shared words, followed by those of the model.
type rowsOfView struct {
	shared *model.Matrix
	model  model.Storage
}

// Shape returns the number of rows and of values in a row.
func (r rowsOfView) Shape() (rows, dim int) {
	rows, dim = r.model.Shape()
	return r.shared.Rows + rows, dim
}

// ReadRow returns row i.
func (r rowsOfView) ReadRow(buf []float32, i int) []float32 {
	if i < r.shared.Rows {
		return r.shared.ReadRow(buf, i)
	}
	return r.model.ReadRow(buf, i-r.shared.Rows)
}

// count returns the number of words that all models of a group have stored.
func (s *sharedVocabulary) count(group []int) int {
	n := 0
	for form := range s.forms[group[0]] {
		if !slices.ContainsFunc(group, func(m int) bool {
			_, ok := s.forms[m][form]
			return !ok
		}) {
			n++
		}
	}
	return n
}

// rankOf returns the rank of a word of a set, from 0, or of the word without its part of speech, and
// whether it is a shared word.
func (s *sharedVocabulary) rankOf(word string) (int, bool) {
	rank, ok := s.rank[s.form(word)]
	if plain, tagged := sets.Untag(word); !ok && tagged {
		rank, ok = s.rank[s.form(plain)]
	}
	return rank, ok
}

// rarest returns the highest rank of the words, from 1, and whether all of them are shared words.
func (s *sharedVocabulary) rarest(words ...string) (int, bool) {
	highest := 0
	for _, w := range words {
		rank, ok := s.rankOf(w)
		if !ok {
			return 0, false
		}
		highest = max(highest, rank+1)
	}
	return highest, true
}

// wordsOf returns the words of a question with the most frequent of its answers.
func (s *sharedVocabulary) wordsOf(q sets.Question) []string {
	best, lowest := q.D, -1
	for _, answer := range append(q.Answers(), q.D) {
		if rank, ok := s.rankOf(answer); ok && (lowest < 0 || rank < lowest) {
			best, lowest = answer, rank
		}
	}
	return []string{q.A, q.B, q.C, best}
}

// nothingShared returns the error for models that have no word in common. It names two such models, if
// there are, and shows some of their words.
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
