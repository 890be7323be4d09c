package compare

import (
	"fmt"
	"slices"

	"kindred/eval"
	"kindred/eval/sets"
	"kindred/eval/stats"
)

// measures returns the measures of a set, the headline first, and adds the details of the set to the
// result. position is the number of the set among those of its kind.
func (c *comparer) measures(result *Comparison, set sets.Set, position int) []Measure {
	var measures []Measure
	switch s := set.(type) {
	case *sets.SimilaritySet:
		measures = c.similarity(result, s, position)
	case *sets.AnalogySet:
		measures = c.analogies(result, s, position)
	case *sets.OutlierSet:
		measures = c.outliers(s, position)
	case *sets.CategorySet:
		measures = c.categories(s, position)
	default:
		panic(fmt.Sprintf("compare: comparison of %s", set.Kind()))
	}
	for i := range measures {
		measures[i].Set, measures[i].Kind, measures[i].Headline = set.Origin(), set.Kind(), i == 0
	}
	return measures
}

// similarity returns the measures of a similarity set.
func (c *comparer) similarity(result *Comparison, set *sets.SimilaritySet, position int) []Measure {
	answer := func(m, i int) eval.PairScore { return c.reports[m].Similarity[position].Items[i] }
	used := c.usedByAll(len(set.Pairs), func(m, i int) bool { return answer(m, i).Covered })
	scores := pairedScores{cosines: make([][]float64, len(c.models))}
	for _, i := range used {
		scores.pairs = append(scores.pairs, set.Pairs[i])
		scores.human = append(scores.human, set.Pairs[i].Score)
		for m := range c.models {
			scores.cosines[m] = append(scores.cosines[m], answer(m, i).Cosine)
		}
	}
	result.Similarity = append(result.Similarity, c.similarityDetails(set, scores))
	measures := []Measure{scores.spearman(len(set.Pairs)), scores.pearson(len(set.Pairs))}
	for i := range measures {
		measures[i].Unseen = c.unseen(used, func(m, i int) bool { return answer(m, i).Unseen })
	}
	return measures
}

// pairedScores are the scores of people and models for the same pairs of words.
type pairedScores struct {
	pairs   []sets.Pair
	human   []float64
	cosines [][]float64 // by model
}

// pick returns the scores of some of the pairs.
func (s pairedScores) pick(pairs []int) pairedScores {
	some := pairedScores{cosines: make([][]float64, len(s.cosines))}
	for _, i := range pairs {
		some.pairs = append(some.pairs, s.pairs[i])
		some.human = append(some.human, s.human[i])
		for m := range s.cosines {
			some.cosines[m] = append(some.cosines[m], s.cosines[m][i])
		}
	}
	return some
}

func (s pairedScores) spearman(items int) Measure {
	return s.correlation("Spearman", items, stats.Spearman, stats.SpearmanStatistic)
}

func (s pairedScores) pearson(items int) Measure {
	return s.correlation("Pearson", items, stats.Pearson, stats.PearsonStatistic)
}

// correlation returns the measure of a correlation.
func (s pairedScores) correlation(name string, items int, correlate func(x, y []float64) (float64, error), statistic func(x, y []float64) stats.Statistic) Measure {
	m := Measure{Name: name, Items: items, Used: len(s.human), Units: len(s.human), Scale: CorrelationScale}
	for _, cosines := range s.cosines {
		m.Statistics = append(m.Statistics, statistic(s.human, cosines))
		m.Undefined = append(m.Undefined, eval.CorrelationScore(s.human, cosines, correlate).Undefined)
	}
	m.Tests = func(first, second int) []stats.Test {
		d, err := stats.Dependent(s.human, s.cosines[first], s.cosines[second], correlate)
		if err != nil {
			return nil
		}
		var tests []stats.Test
		for _, test := range []func() (stats.Test, error){d.Williams, d.Steiger} {
			if t, err := test(); err == nil {
				tests = append(tests, t)
			}
		}
		return tests
	}
	return m
}

// proportion returns the measure of the grades, between 0 and 1, that models got for items. Groups of
// items are resampled. none is the reason why there is no value without items.
func proportion(name string, items int, groups stats.Grouping, models int, none string, grade func(model, item int) float64) Measure {
	m := Measure{Name: name, Items: items, Used: len(groups.Of), Units: groups.Groups, Scale: ProportionScale}
	if m.Units == 0 {
		m.Undefined = slices.Repeat([]string{none}, models)
	}
	for model := range models {
		grades := groups.Sums(func(item int) float64 { return grade(model, item) })
		m.Statistics = append(m.Statistics, stats.RatioStatistic(grades, groups.Sizes()))
	}
	return m
}

// gradedQuestions are analogy questions with the models' answers.
type gradedQuestions struct {
	questions []sets.Question
	correct   [][]bool // by model
}

// accuracy returns the measure of the accuracy over some of the questions, whose numbers are given.
// The units are those of [eval.ByTarget].
func (g gradedQuestions) accuracy(name string, items int, questions []int) Measure {
	asked := make([]sets.Question, len(questions))
	for i, q := range questions {
		asked[i] = g.questions[q]
	}
	measure := proportion(name, items, eval.ByTarget(asked), len(g.correct), "no covered question", func(m, i int) float64 {
		if g.correct[m][questions[i]] {
			return 1
		}
		return 0
	})
	measure.Tests = func(first, second int) []stats.Test {
		onlyFirst, onlySecond := 0, 0
		for _, q := range questions {
			switch x, y := g.correct[first][q], g.correct[second][q]; {
			case x && !y:
				onlyFirst++
			case y && !x:
				onlySecond++
			}
		}
		return []stats.Test{stats.McNemar(onlyFirst, onlySecond)}
	}
	return measure
}

// analogies returns the measures of an analogy set.
func (c *comparer) analogies(result *Comparison, set *sets.AnalogySet, position int) []Measure {
	var measures []Measure
	for method, name := range c.options.Methods {
		answers := func(m int) []eval.Answer { return c.reports[m].Analogies[position].Methods[method].Answers }
		used := c.usedByAll(set.Len(), func(m, i int) bool { return answers(m)[i].Covered })
		g := gradedQuestions{questions: set.Questions(), correct: make([][]bool, len(c.models))}
		for m := range c.models {
			for _, answer := range answers(m) {
				g.correct[m] = append(g.correct[m], answer.Correct)
			}
		}
		accuracy := g.accuracy("accuracy, "+name.String(), set.Len(), used)
		accuracy.Unseen = c.unseen(used, func(m, i int) bool { return answers(m)[i].Unseen })
		measures = append(measures, accuracy)
		result.Analogies = append(result.Analogies, AnalogyDetails{
			Source: set.Source, Method: name.String(), Sections: c.sections(set, g, used), Categories: c.analogyCategories(set, g, used),
			Bins: c.bins(used, func(q int) []string { return c.shared.wordsOf(g.questions[q]) },
				func(some []int) Measure { return g.accuracy("", len(some), some) }),
		})
	}
	return measures
}

// outliers returns the measures of an outlier set. Cases of a group are a unit.
func (c *comparer) outliers(set *sets.OutlierSet, position int) []Measure {
	answer := func(m, i int) eval.OutlierScore { return c.reports[m].Outliers[position].Items[i] }
	cases := set.Len()
	used := c.usedByAll(cases, func(m, i int) bool { return answer(m, i).Covered })
	groups := make([]int, len(used))
	for i, item := range used {
		groups[i] = answer(0, item).Group
	}
	measure := func(name string, grade func(eval.OutlierScore) float64) Measure {
		return proportion(name, cases, stats.GroupBy(groups), len(c.models), "no covered case", func(m, i int) float64 { return grade(answer(m, used[i])) })
	}
	accuracy := measure("accuracy", func(a eval.OutlierScore) float64 {
		if a.Detected() {
			return 1
		}
		return 0
	})
	opp := measure("OPP", func(a eval.OutlierScore) float64 {
		if a.Covered {
			return float64(a.Position) / float64(a.Words)
		}
		return 0
	})
	opp.Scale = OtherScale
	accuracy.Unseen = c.unseen(used, func(m, i int) bool { return answer(m, i).Unseen })
	opp.Unseen = accuracy.Unseen
	return []Measure{accuracy, opp}
}

// categories returns the measures of a categorization set.
func (c *comparer) categories(set *sets.CategorySet, position int) []Measure {
	answer := func(m, i int) eval.CategoryScore { return c.reports[m].Categories[position].Items[i] }
	var labels []string
	clusters := make([][]int, len(c.models))
	var used []int
	for i, item := range set.Items {
		missing := false
		for m := range c.models {
			missing = missing || answer(m, i).Cluster < 0
		}
		if missing {
			continue
		}
		used = append(used, i)
		labels = append(labels, item.Category)
		for m := range c.models {
			clusters[m] = append(clusters[m], answer(m, i).Cluster)
		}
	}
	unseen := c.unseen(used, func(m, i int) bool { return answer(m, i).Unseen })
	var undefined []string
	if !slices.ContainsFunc(labels, func(label string) bool { return label != labels[0] }) {
		undefined = slices.Repeat([]string{"fewer than two categories with a covered word"}, len(c.models))
	}
	measure := func(name string, s Scale, statistic func(clusters []int, categories []string) stats.Statistic) Measure {
		m := Measure{Name: name, Items: len(set.Items), Used: len(labels), Unseen: unseen, Units: len(labels), Scale: s, Undefined: undefined}
		for _, of := range clusters {
			m.Statistics = append(m.Statistics, statistic(of, labels))
		}
		return m
	}
	return []Measure{
		measure("purity", ProportionScale, stats.PurityStatistic),
		measure("adjusted Rand", OtherScale, stats.AdjustedRandStatistic), measure("V-measure", OtherScale, stats.VMeasureStatistic),
	}
}
