package eval

import (
	"fmt"
	"slices"
)

// set adds what there is to say about a set.
func (c *comparer) set(result *Comparison, number int, set Set) {
	switch s := set.(type) {
	case *SimilaritySet:
		c.similarity(result, number, s)
	case *AnalogySet:
		c.analogies(result, number, s)
	case *OutlierSet:
		c.outliers(result, number, s)
	case *CategorySet:
		c.categories(result, number, s)
	default:
		panic(fmt.Sprintf("eval: comparison of %s", set.Kind()))
	}
}

// add adds the measures of a set, of which the first is the headline.
func (c *comparer) add(result *Comparison, set Set, measures ...measurement) {
	for i, m := range measures {
		p := c.bootstrap.sample(m.units, m.statistics)
		of := Measured{
			Source: set.Origin(), Kind: set.Kind(), Measure: m.name, Headline: i == 0,
			Items: m.items, Used: m.used, Units: m.units, Scores: c.scores(m, p),
		}
		if of.Headline {
			of.Differences = c.differences(m, p)
		}
		result.Measures = append(result.Measures, of)
	}
}

// usedByAll returns the numbers of the items that all models cover, or of all items where missing ones count.
func (c *comparer) usedByAll(items int, covered func(model, item int) bool) []int {
	var used []int
	for i := range items {
		all := true
		for m := range c.models {
			all = all && covered(m, i)
		}
		if all || c.options.ZeroMissing {
			used = append(used, i)
		}
	}
	return used
}

// withoutScore returns as many times the same reason as there are models.
func (c *comparer) withoutScore(reason string) []string {
	return slices.Repeat([]string{reason}, len(c.models))
}

// similarity adds the scores and details of a similarity set.
func (c *comparer) similarity(result *Comparison, number int, set *SimilaritySet) {
	answer := func(m, i int) PairScore { return c.answers[number][m].Similarity[0].Items[i] }
	used := c.usedByAll(len(set.Pairs), func(m, i int) bool { return answer(m, i).Covered })
	j := judgements{cosines: make([][]float64, len(c.models))}
	for _, i := range used {
		j.pairs = append(j.pairs, set.Pairs[i])
		j.human = append(j.human, set.Pairs[i].Score)
		for m := range c.models {
			j.cosines[m] = append(j.cosines[m], answer(m, i).Cosine)
		}
	}
	c.add(result, set, c.correlations("Spearman", len(set.Pairs), j), c.correlations("Pearson", len(set.Pairs), j))
	result.Similarity = append(result.Similarity, c.similarityDetails(set, j))
}

// judgements are those of people and models about the same pairs.
type judgements struct {
	pairs   []Pair
	human   []float64
	cosines [][]float64 // by model
}

// pick returns the judgements about some of the pairs.
func (j judgements) pick(pairs []int) judgements {
	some := judgements{cosines: make([][]float64, len(j.cosines))}
	for _, i := range pairs {
		some.pairs = append(some.pairs, j.pairs[i])
		some.human = append(some.human, j.human[i])
		for m := range j.cosines {
			some.cosines[m] = append(some.cosines[m], j.cosines[m][i])
		}
	}
	return some
}

// correlations returns the measurement of a correlation, Spearman's or Pearson's.
func (c *comparer) correlations(name string, items int, j judgements) measurement {
	correlate, statistic := Spearman, SpearmanStatistic
	if name == "Pearson" {
		correlate, statistic = Pearson, PearsonStatistic
	}
	m := measurement{name: name, items: items, used: len(j.human), units: len(j.human), scale: correlated}
	for _, cosines := range j.cosines {
		s := correlation(correlate(j.human, cosines))
		if len(j.human) == 0 {
			s.Undefined = "no covered pair"
		}
		m.statistics = append(m.statistics, statistic(j.human, cosines))
		m.reasons = append(m.reasons, s.Undefined)
	}
	m.others = func(first, second int) []Test {
		d, err := Dependent(j.human, j.cosines[first], j.cosines[second], correlate)
		if err != nil {
			return nil
		}
		var tests []Test
		for _, test := range []func() (Test, error){d.Williams, d.Steiger} {
			if t, err := test(); err == nil {
				tests = append(tests, t)
			}
		}
		return tests
	}
	return m
}

// outliers adds the scores of an outlier set.
func (c *comparer) outliers(result *Comparison, number int, set *OutlierSet) {
	answer := func(m, i int) OutlierScore { return c.answers[number][m].Outliers[0].Items[i] }
	cases := set.Len()
	used := c.usedByAll(cases, func(m, i int) bool { return answer(m, i).Covered })
	detected, position := newShares(len(c.models)), newShares(len(c.models))
	for _, i := range used {
		group := answer(0, i).Group
		detected.ask(group)
		position.ask(group)
		for m := range c.models {
			a := answer(m, i)
			if a.Detected() {
				detected.count(m, group, 1)
			}
			if a.Covered {
				position.count(m, group, float64(a.Position)/float64(a.Words))
			}
		}
	}
	accuracy, opp := c.shares("accuracy", cases, "no covered case", detected), c.shares("OPP", cases, "no covered case", position)
	opp.scale = otherScale
	c.add(result, set, accuracy, opp)
}

// categories adds the scores of a categorisation set.
func (c *comparer) categories(result *Comparison, number int, set *CategorySet) {
	answer := func(m, i int) CategoryScore { return c.answers[number][m].Categories[0].Items[i] }
	var labels []string
	clusters := make([][]int, len(c.models))
	for i, item := range set.Items {
		missing := false
		for m := range c.models {
			missing = missing || answer(m, i).Cluster < 0
		}
		if missing {
			continue
		}
		labels = append(labels, item.Category)
		for m := range c.models {
			clusters[m] = append(clusters[m], answer(m, i).Cluster)
		}
	}
	categories, n := numbered(labels)
	none := ""
	if n < 2 {
		none = "fewer than two categories with a covered word"
	}
	measure := func(name string, s scale, statistic func(clusters, categories []int) Statistic) measurement {
		m := measurement{name: name, items: len(set.Items), used: len(labels), units: len(labels), scale: s, reasons: c.withoutScore(none)}
		for _, of := range clusters {
			m.statistics = append(m.statistics, statistic(of, categories))
		}
		return m
	}
	c.add(result, set, measure("purity", shareScale, PurityStatistic),
		measure("adjusted Rand", otherScale, AdjustedRandStatistic), measure("V-measure", otherScale, VMeasureStatistic))
}
