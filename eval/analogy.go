package eval

import (
	"slices"

	"kindred/eval/sets"
	"kindred/eval/stats"
	"kindred/internal/lookup"
	"kindred/model/search"
)

// An Answer is the answer of the vectors to a [sets.Question].
type Answer struct {
	// Covered tells whether A, B and C have vectors and one of the answers is a stored word. Other
	// questions are skipped.
	Covered bool
	// Unseen tells whether the question is covered and A, B or C is not stored.
	Unseen bool
	// Word is the id of the answer, -1 if there is none.
	Word int
	// Correct tells whether the answer is one of [sets.Question.Answers], in whatever case unless
	// [Options.ExactCase] is set.
	Correct bool
}

// A Tally counts the answers to the questions of a section, or of several.
type Tally struct {
	Name     string        `json:"name"`
	Category sets.Category `json:"category,omitempty"`
	// Questions is the number of questions, Covered and Skipped.
	Questions int `json:"questions"`
	Covered   int `json:"covered"`
	Skipped   int `json:"skipped"`
	Correct   int `json:"correct"`
	// Accuracy is Correct/Covered, which is usually reported. AccuracyOfAll is Correct/Questions: a model
	// gains nothing from a small vocabulary. Both are undefined if no question is covered.
	Accuracy      stats.Score `json:"accuracy"`
	AccuracyOfAll stats.Score `json:"accuracy_of_all"`
}

// newTally counts the answers to questions.
func newTally(name string, category sets.Category, questions []sets.Question, answers []Answer, b intervals) Tally {
	t := Tally{Name: name, Category: category, Questions: len(questions)}
	for _, a := range answers {
		if a.Covered {
			t.Covered++
		}
		if a.Correct {
			t.Correct++
		}
	}
	t.Skipped = t.Questions - t.Covered
	if t.Covered == 0 {
		t.Accuracy = stats.Score{Undefined: "no covered question"}
		t.AccuracyOfAll = t.Accuracy
		return t
	}
	t.Accuracy = stats.Score{Value: float64(t.Correct) / float64(t.Covered)}
	t.AccuracyOfAll = stats.Score{Value: float64(t.Correct) / float64(t.Questions)}
	targets := ByTarget(questions)
	correct := targets.Count(func(i int) bool { return answers[i].Correct })
	covered := targets.Count(func(i int) bool { return answers[i].Covered })
	b.addToRatio(&t.AccuracyOfAll, correct, targets.Sizes())
	b.addToRatio(&t.Accuracy, ofCovered(correct, covered), ofCovered(covered, covered))
	return t
}

// ByTarget groups questions by their target, the pair C and D. In the sets of Google and BATS, each
// pair is the target of a question with each other pair of its section, and these questions are mostly
// right or wrong together. So confidence intervals resample targets with all their questions. Single
// questions would give intervals of a third of the width or less.
func ByTarget(questions []sets.Question) stats.Grouping {
	targets := make([][2]string, len(questions))
	for i, q := range questions {
		targets[i] = [2]string{q.C, q.D}
	}
	return stats.GroupBy(targets)
}

// ofCovered returns the values of the units with a covered item.
func ofCovered(values, covered []float64) []float64 {
	var list []float64
	for i, v := range values {
		if covered[i] > 0 {
			list = append(list, v)
		}
	}
	return list
}

// A MethodResult holds the answers by one method.
type MethodResult struct {
	// Method is 3CosAdd or 3CosMul.
	Method string `json:"method"`
	// Sections are in the order of the set.
	Sections []Tally `json:"sections"`
	// Semantic and Syntactic count the questions of all sections of a category, and Total all questions.
	Semantic  Tally `json:"semantic"`
	Syntactic Tally `json:"syntactic"`
	Total     Tally `json:"total"`
	// Answers are those to all questions in the order of the set.
	Answers []Answer `json:"-"`
}

// An AnalogyResult tells how many questions of a set were answered correctly.
type AnalogyResult struct {
	sets.Source
	// Questions is the number of questions in the set: the Covered ones and the Skipped ones, which have
	// a missing word.
	Questions int `json:"questions"`
	Covered   int `json:"covered"`
	Skipped   int `json:"skipped"`
	// Pairs is the number of pairs that the questions were made from: n(n-1) questions of the n pairs
	// of a section. It is 0 if the file lists questions.
	Pairs int `json:"pairs,omitempty"`
	WordsFound
	// Candidates is the number of words that could be answers.
	Candidates int            `json:"candidates"`
	Methods    []MethodResult `json:"methods"`
}

// analogies scores an analogy set.
func (c *evalContext) analogies(s *sets.AnalogySet) AnalogyResult {
	questions := c.findQuestions(s)
	covered := len(questions.covered)
	result := AnalogyResult{
		Source: s.Source, Questions: s.Len(), Covered: covered, Skipped: s.Len() - covered, Pairs: s.Pairs,
		WordsFound: questions.words.found(), Candidates: c.analogyIndex().Len(),
	}
	for _, method := range c.options.Methods {
		answers := questions.grade(c.answer(questions.covered, method), c.words)
		result.Methods = append(result.Methods, tally(s, method, answers, c.intervals))
	}
	return result
}

// foundQuestions are the questions of a set with their words looked up.
type foundQuestions struct {
	answers  []Answer          // to all questions; nothing but Covered and Unseen is set yet
	covered  [][3]search.Query // a, b, c of each covered question
	expected [][]int           // the ids of the right answers to each covered question
	words    *setWords
}

// findQuestions looks up the words of the questions. An answer must be a stored word.
func (c *evalContext) findQuestions(set *sets.AnalogySet) *foundQuestions {
	f := &foundQuestions{words: c.wordsOf(func(yield func(string) bool) {
		for _, section := range set.Sections {
			for _, q := range section.Questions {
				for _, word := range append([]string{q.A, q.B, q.C}, q.Answers()...) {
					if !yield(word) {
						return
					}
				}
			}
		}
	})}
	for _, section := range set.Sections {
		for _, q := range section.Questions {
			answer := Answer{Covered: true, Word: -1}
			var queries [3]search.Query
			var form form
			for i, word := range []string{q.A, q.B, q.C} {
				query, own, ok := f.words.query(word)
				queries[i] = query
				answer.Covered, form = answer.Covered && ok, form.and(own)
			}
			expected, own := f.words.answers(q)
			form = form.and(own)
			if answer.Covered = answer.Covered && len(expected) > 0; answer.Covered {
				f.covered = append(f.covered, queries)
				f.expected = append(f.expected, expected)
			}
			f.words.count(answer.Covered, form)
			answer.Unseen = form.unseen && answer.Covered
			f.answers = append(f.answers, answer)
		}
	}
	return f
}

// grade returns the answers to all questions, given the ids of the answers to the covered ones.
func (f *foundQuestions) grade(found []int, words *lookup.Lookup) []Answer {
	answers := slices.Clone(f.answers)
	next := 0
	for i := range answers {
		if !answers[i].Covered {
			continue
		}
		id := found[next]
		answers[i].Word = id
		answers[i].Correct = id >= 0 && slices.ContainsFunc(f.expected[next], func(right int) bool { return words.Same(id, right) })
		next++
	}
	return answers
}

// tally counts the answers to the questions of the set.
func tally(s *sets.AnalogySet, method search.AnalogyMethod, answers []Answer, b intervals) MethodResult {
	m := MethodResult{Method: method.String(), Answers: answers}
	questions := s.Questions()
	category := make([]sets.Category, 0, len(questions)) // of each question
	for _, section := range s.Sections {
		start, end := len(category), len(category)+len(section.Questions)
		m.Sections = append(m.Sections, newTally(section.Name, section.Category(), section.Questions, answers[start:end], b))
		category = append(category, slices.Repeat([]sets.Category{section.Category()}, len(section.Questions))...)
	}
	of := func(c sets.Category) Tally {
		var own []sets.Question
		var ownAnswers []Answer
		for i, q := range questions {
			if category[i] == c {
				own, ownAnswers = append(own, q), append(ownAnswers, answers[i])
			}
		}
		return newTally(string(c), c, own, ownAnswers, b)
	}
	m.Semantic, m.Syntactic = of(sets.Semantic), of(sets.Syntactic)
	m.Total = newTally("total", "", questions, answers, b)
	return m
}

// answer returns the id of the best answer to each question {a, b, c}, -1 if there is none. a, b and c
// are no answers, and unless case counts, words that differ from one of them only in case are none. That
// is gensim's rule, although gensim excludes at most five such words. (compute-accuracy of word2vec.c
// excludes only a, b and c, so PARIS can be answered instead of Berlin.)
func (c *evalContext) answer(questions [][3]search.Query, method search.AnalogyMethod) []int {
	index := c.analogyIndex()
	answers := index.Analogies(questions, method)
	for i, q := range questions {
		// The index excludes a, b and c. If a variant of them comes first, which is rare, a longer list
		// of answers is needed.
		variants := c.words.Variants(q[0].ID, q[1].ID, q[2].ID)
		if slices.Contains(variants, answers[i]) {
			answers[i] = bestExcept(variants, index.Analogy(q[0], q[1], q[2], method, len(variants)+1))
		}
	}
	return answers
}

// bestExcept returns the id of the first neighbor that is not excluded, -1 if there is none.
func bestExcept(excluded []int, neighbors []search.Neighbor) int {
	for _, n := range neighbors {
		if !slices.Contains(excluded, n.ID) {
			return n.ID
		}
	}
	return -1
}
