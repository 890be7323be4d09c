package eval

import (
	"kindred/model/search"
)

// An Answer is what the vectors make of a [Question].
type Answer struct {
	// Covered tells whether the four words are in the vocabulary; where they
	// aren't, the question is skipped.
	Covered bool
	// Word is the id of the answer, -1 where there is none.
	Word int
	// Correct tells whether the answer is D, in whatever case unless
	// [Options.ExactCase] is set.
	Correct bool
}

// A Tally sums up the answers to a section, or to several.
type Tally struct {
	Name     string   `json:"name"`
	Category Category `json:"category,omitempty"`
	// Questions are the Covered and the Skipped ones.
	Questions int `json:"questions"`
	Covered   int `json:"covered"`
	Skipped   int `json:"skipped"`
	Correct   int `json:"correct"`
	// Accuracy is Correct/Covered, the figure usually reported;
	// AccuracyOfAll is Correct/Questions, by which a model gains nothing from
	// a small vocabulary. Both are undefined where no question is covered.
	Accuracy      Score `json:"accuracy"`
	AccuracyOfAll Score `json:"accuracy_of_all"`
}

func (t *Tally) count(a Answer) {
	t.Questions++
	switch {
	case !a.Covered:
		t.Skipped++
		return
	case a.Correct:
		t.Correct++
	}
	t.Covered++
}

// add adds the counts of u.
func (t *Tally) add(u Tally) {
	t.Questions += u.Questions
	t.Covered += u.Covered
	t.Skipped += u.Skipped
	t.Correct += u.Correct
}

// rate sets the accuracies from the counts, and their intervals from those of the targets.
func (t *Tally) rate(g *targets, b sureness) {
	if t.Covered == 0 {
		t.Accuracy = Score{Undefined: "no covered question"}
		t.AccuracyOfAll = t.Accuracy
		return
	}
	t.Accuracy = Score{Value: float64(t.Correct) / float64(t.Covered)}
	t.AccuracyOfAll = Score{Value: float64(t.Correct) / float64(t.Questions)}
	b.boundRate(&t.AccuracyOfAll, g.correct, g.questions)
	b.boundRate(&t.Accuracy, ofCovered(g.correct, g.covered), ofCovered(g.covered, g.covered))
}

// ofCovered returns the values of the units that have something covered.
func ofCovered(values, covered []float64) []float64 {
	var list []float64
	for i, v := range values {
		if covered[i] > 0 {
			list = append(list, v)
		}
	}
	return list
}

// targets count questions by the pair C and D that they ask for. In
// Google's analogies a pair is asked for after each other one of its section,
// and its questions are mostly right or wrong together. So what is resampled for a
// confidence interval is pairs with all their questions; single questions would give
// intervals of a third of the width or less.
type targets struct {
	number                      map[[2]string]int
	correct, covered, questions []float64 // by number
}

func (g *targets) count(q Question, a Answer) {
	if g.number == nil {
		g.number = make(map[[2]string]int)
	}
	pair := [2]string{q.C, q.D}
	i, known := g.number[pair]
	if !known {
		i = len(g.number)
		g.number[pair] = i
		g.correct, g.covered, g.questions = append(g.correct, 0), append(g.covered, 0), append(g.questions, 0)
	}
	g.questions[i]++
	if a.Covered {
		g.covered[i]++
	}
	if a.Correct {
		g.correct[i]++
	}
}

// A MethodResult tells how well the questions were answered by one method.
type MethodResult struct {
	// Method is 3CosAdd or 3CosMul.
	Method string `json:"method"`
	// Sections are in the order of the set.
	Sections []Tally `json:"sections"`
	// Semantic and Syntactic sum up the sections of a category and Total all
	// of them, question by question.
	Semantic  Tally `json:"semantic"`
	Syntactic Tally `json:"syntactic"`
	Total     Tally `json:"total"`
	// Answers are those to all questions in the order of the set.
	Answers []Answer `json:"-"`
}

// An AnalogyResult tells how well the questions of a set were answered.
type AnalogyResult struct {
	Source
	// Questions is the number of questions in the set, Skipped that of those
	// with words out of vocabulary, and Covered that of the others.
	Questions int `json:"questions"`
	Covered   int `json:"covered"`
	Skipped   int `json:"skipped"`
	// MissingWords are the words out of vocabulary, in the order of the file.
	MissingWords []string `json:"missing_words"`
	// Candidates is the number of words among which answers were looked for.
	Candidates int            `json:"candidates"`
	Methods    []MethodResult `json:"methods"`
}

func (s *AnalogySet) evaluate(sub *subject, r *Report) {
	index := sub.analogyIndex()
	lookup := sub.lookUp(s)
	result := AnalogyResult{
		Source: s.Source, Questions: s.Len(), Covered: len(lookup.questions), Skipped: s.Len() - len(lookup.questions),
		MissingWords: lookup.missing.list(), Candidates: index.Len(),
	}
	for _, method := range sub.options.Methods {
		answers := lookup.fill(sub.answer(lookup.questions, method), sub.words)
		result.Methods = append(result.Methods, s.tally(method, answers, sub.sureness))
	}
	r.Analogies = append(r.Analogies, result)
}

// analogyIndex returns the index of the words that analogies are about.
func (s *subject) analogyIndex() *search.Index {
	if s.index == nil {
		s.index = search.NewIndex(s.e, s.options.RestrictAnalogies)
	}
	return s.index
}

// A lookup holds the ids of the words of the covered questions of a set.
type lookup struct {
	covered   []bool   // for each question of the set
	questions [][3]int // a, b, c of each covered question
	expected  []int    // d of each covered question
	missing   wordList
}

func (s *subject) lookUp(set *AnalogySet) *lookup {
	l := &lookup{}
	for _, section := range set.Sections {
		for _, q := range section.Questions {
			var ids [4]int
			covered := true
			for i, word := range q.words() {
				id, ok := s.words.find(word, s.options.RestrictAnalogies)
				ids[i] = id
				covered = covered && ok
				l.missing.addUnless(ok, word)
			}
			l.covered = append(l.covered, covered)
			if covered {
				l.questions = append(l.questions, [3]int(ids[:3]))
				l.expected = append(l.expected, ids[3])
			}
		}
	}
	return l
}

// fill returns the answers to all questions of the set, given the ids of the
// answers to the covered ones.
func (l *lookup) fill(found []int, words *lexicon) []Answer {
	answers := make([]Answer, len(l.covered))
	next := 0
	for i, covered := range l.covered {
		if !covered {
			answers[i] = Answer{Word: -1}
			continue
		}
		id := found[next]
		answers[i] = Answer{Covered: true, Word: id, Correct: id >= 0 && words.same(id, l.expected[next])}
		next++
	}
	return answers
}

// tally sums up the answers to the questions of the set.
func (s *AnalogySet) tally(method search.AnalogyMethod, answers []Answer, b sureness) MethodResult {
	m := MethodResult{
		Method:    method.String(),
		Semantic:  Tally{Name: string(Semantic), Category: Semantic},
		Syntactic: Tally{Name: string(Syntactic), Category: Syntactic},
		Total:     Tally{Name: "total"},
		Answers:   answers,
	}
	var semantic, syntactic, total targets
	for _, section := range s.Sections {
		t := Tally{Name: section.Name, Category: section.Category()}
		sum, group := &m.Semantic, &semantic
		if t.Category == Syntactic {
			sum, group = &m.Syntactic, &syntactic
		}
		var own targets
		for _, q := range section.Questions {
			t.count(answers[0])
			for _, g := range []*targets{&own, group, &total} {
				g.count(q, answers[0])
			}
			answers = answers[1:]
		}
		t.rate(&own, b)
		m.Sections = append(m.Sections, t)
		sum.add(t)
		m.Total.add(t)
	}
	m.Semantic.rate(&semantic, b)
	m.Syntactic.rate(&syntactic, b)
	m.Total.rate(&total, b)
	return m
}
