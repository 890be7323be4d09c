package eval

import "slices"

// asked are analogy questions with the models' answers.
type asked struct {
	questions []Question
	correct   [][]bool // by model
}

// accuracy returns the measurement of the accuracy over some of the questions, whose numbers are given.
func (c *comparer) accuracy(name string, items int, a asked, questions []int) measurement {
	s := newShares(len(c.models))
	for _, q := range questions {
		target := [2]string{a.questions[q].C, a.questions[q].D}
		s.ask(target)
		for m := range c.models {
			if a.correct[m][q] {
				s.count(m, target, 1)
			}
		}
	}
	measure := c.shares(name, items, "no covered question", s)
	measure.others = func(first, second int) []Test {
		onlyFirst, onlySecond := 0, 0
		for _, q := range questions {
			switch x, y := a.correct[first][q], a.correct[second][q]; {
			case x && !y:
				onlyFirst++
			case y && !x:
				onlySecond++
			}
		}
		return []Test{McNemar(onlyFirst, onlySecond)}
	}
	return measure
}

// analogies adds the scores and details of an analogy set.
func (c *comparer) analogies(result *Comparison, number int, set *AnalogySet) {
	var measures []measurement
	for method, name := range c.options.Methods {
		answers := func(m int) []Answer { return c.answers[number][m].Analogies[0].Methods[method].Answers }
		used := c.usedByAll(set.Len(), func(m, i int) bool { return answers(m)[i].Covered })
		a := asked{correct: make([][]bool, len(c.models))}
		for m := range c.models {
			for _, answer := range answers(m) {
				a.correct[m] = append(a.correct[m], answer.Correct)
			}
		}
		for _, section := range set.Sections {
			a.questions = append(a.questions, section.Questions...)
		}
		measures = append(measures, c.accuracy("accuracy, "+name.String(), set.Len(), a, used))
		result.Analogies = append(result.Analogies, AnalogyComparison{
			Source: set.Source, Method: name.String(), Sections: c.sections(set, a, used), Categories: c.analogyCategories(set, a, used),
			Bands: c.bands(used, func(q int) []string { w := a.questions[q].words(); return w[:] },
				func(some []int) measurement { return c.accuracy("", len(some), a, some) }),
		})
	}
	c.add(result, set, measures...)
}

// sections returns the accuracies by section.
func (c *comparer) sections(set *AnalogySet, a asked, used []int) []SectionScores {
	list := []SectionScores{}
	start := 0
	for _, section := range set.Sections {
		end := start + len(section.Questions)
		own := slices.DeleteFunc(slices.Clone(used), func(q int) bool { return q < start || q >= end })
		start = end
		if len(own) > 0 {
			list = append(list, c.part(section.Name, section.Category(), len(section.Questions), a, own))
		}
	}
	c.correctParts(list)
	return list
}

// analogyCategories returns the accuracies over all semantic and all syntactic sections.
func (c *comparer) analogyCategories(set *AnalogySet, a asked, used []int) []SectionScores {
	var of []Category // of each question
	for _, section := range set.Sections {
		of = append(of, slices.Repeat([]Category{section.Category()}, len(section.Questions))...)
	}
	list := []SectionScores{}
	for _, category := range []Category{Semantic, Syntactic} {
		own := slices.DeleteFunc(slices.Clone(used), func(q int) bool { return of[q] != category })
		if len(own) > 0 {
			all := slices.DeleteFunc(slices.Clone(of), func(other Category) bool { return other != category })
			list = append(list, c.part(string(category), category, len(all), a, own))
		}
	}
	c.correctParts(list)
	return list
}

// part returns the accuracies over a part of the questions.
func (c *comparer) part(name string, category Category, questions int, a asked, own []int) SectionScores {
	m := c.accuracy("", questions, a, own)
	p := c.bootstrap.sample(m.units, m.statistics)
	return SectionScores{
		Name: name, Category: category, Questions: m.items, Used: m.used, Units: m.units,
		Scores: c.scores(m, p), Differences: c.differences(m, p),
	}
}

// correctParts corrects the p-values of all differences in the parts together.
func (c *comparer) correctParts(parts []SectionScores) {
	var all []*PairedDifference
	for i := range parts {
		for j := range parts[i].Differences {
			all = append(all, &parts[i].Differences[j])
		}
	}
	c.correctAll(all)
}
