package compare

import (
	"cmp"
	"math"
	"slices"

	"kindred/eval/sets"
	"kindred/eval/stats"
)

// similarityDetails returns the details of a similarity set.
func (c *comparer) similarityDetails(set *sets.SimilaritySet, scores pairedScores) SimilarityDetails {
	s := SimilarityDetails{Source: set.Source, Pairs: []PairComparison{}, Disagreements: []Disagreements{}}
	means := make([][]float64, len(c.systems)) // cosines, by system
	all := make([]int, len(scores.pairs))
	for i, pair := range scores.pairs {
		all[i] = i
		p := PairComparison{First: pair.First, Second: pair.Second, Human: pair.Score}
		for system, group := range c.groups {
			sum := 0.0
			for _, m := range group {
				sum += scores.cosines[m][i]
			}
			mean := sum / float64(len(group))
			means[system] = append(means[system], mean)
			p.Cosines = append(p.Cosines, math.Round(mean*1e6)/1e6)
		}
		s.Pairs = append(s.Pairs, p)
	}
	s.Bins = c.bins(all, func(i int) []string { return []string{scores.pairs[i].First, scores.pairs[i].Second} },
		func(some []int) Measure { return scores.pick(some).spearman(len(some)) })
	ranks := make([][]float64, len(means))
	for system := range means {
		ranks[system] = stats.MeanRanks(means[system])
	}
	human := stats.MeanRanks(scores.human)
	for second := range c.systems {
		for first := range second {
			d := Disagreements{First: first, Second: second, Pairs: disagreements(human, ranks[first], ranks[second])}
			s.Disagreements = append(s.Disagreements, d)
		}
	}
	return s
}

// disagreements returns the items whose ranks differ most, the most first.
func disagreements(human, first, second []float64) []Disagreement {
	const listed = 10
	list := []Disagreement{}
	for i := range human {
		list = append(list, Disagreement{Pair: i, HumanRank: human[i], FirstRank: first[i], SecondRank: second[i]})
	}
	distance := func(d Disagreement) float64 { return math.Abs(d.FirstRank - d.SecondRank) }
	slices.SortStableFunc(list, func(a, b Disagreement) int { return cmp.Compare(distance(b), distance(a)) })
	list = list[:min(listed, len(list))]
	return slices.DeleteFunc(list, func(d Disagreement) bool { return distance(d) == 0 })
}

// sections returns the accuracies by section.
func (c *comparer) sections(set *sets.AnalogySet, g gradedQuestions, used []int) []SectionScores {
	list := []SectionScores{}
	start := 0
	for _, section := range set.Sections {
		end := start + len(section.Questions)
		own := slices.DeleteFunc(slices.Clone(used), func(q int) bool { return q < start || q >= end })
		start = end
		if len(own) > 0 {
			list = append(list, c.sectionScores(section.Name, section.Category(), len(section.Questions), g, own))
		}
	}
	c.correctSections(list)
	return list
}

// analogyCategories returns the accuracies over all semantic and all syntactic sections.
func (c *comparer) analogyCategories(set *sets.AnalogySet, g gradedQuestions, used []int) []SectionScores {
	var of []sets.Category // of each question
	total := make(map[sets.Category]int)
	for _, section := range set.Sections {
		of = append(of, slices.Repeat([]sets.Category{section.Category()}, len(section.Questions))...)
		total[section.Category()] += len(section.Questions)
	}
	list := []SectionScores{}
	for _, category := range []sets.Category{sets.Semantic, sets.Syntactic} {
		own := slices.DeleteFunc(slices.Clone(used), func(q int) bool { return of[q] != category })
		if len(own) > 0 {
			list = append(list, c.sectionScores(string(category), category, total[category], g, own))
		}
	}
	c.correctSections(list)
	return list
}

// sectionScores returns the accuracies over some of the questions.
func (c *comparer) sectionScores(name string, category sets.Category, questions int, g gradedQuestions, own []int) SectionScores {
	m := g.accuracy("", questions, own)
	p := m.Resample(c.bootstrap, c.groups)
	return SectionScores{
		Name: name, Category: category, Questions: m.Items, Used: m.Used, Units: m.Units,
		Scores: p.Scores(), Differences: p.Differences(),
	}
}

// correctSections corrects the p-values of all differences in the sections together.
func (c *comparer) correctSections(sections []SectionScores) {
	var all []*PairedDifference
	for i := range sections {
		for j := range sections[i].Differences {
			all = append(all, &sections[i].Differences[j])
		}
	}
	Correct(all, c.bootstrap.Level)
}

// frequencyBins returns the bins of word frequency, three to a power of ten; the last has no end.
func frequencyBins() []FrequencyBin {
	var bins []FrequencyBin
	from := 1
	for _, to := range []int{1000, 3000, 10000, 30000, 100000} {
		bins = append(bins, FrequencyBin{from, to})
		from = to + 1
	}
	return append(bins, FrequencyBin{From: from})
}

// has reports whether a rank is in the bin.
func (b FrequencyBin) has(rank int) bool { return b.From <= rank && (b.To == 0 || rank <= b.To) }

// bins returns scores by frequency bin of the items used. The rarest of an item's words gives its bin;
// items with a word that not all models have are in none.
func (c *comparer) bins(used []int, words func(item int) []string, measure func(items []int) Measure) []BinScores {
	list := []BinScores{}
	for _, bin := range frequencyBins() {
		var items []int
		for _, i := range used {
			if rank, ok := c.shared.rarest(words(i)...); ok && bin.has(rank) {
				items = append(items, i)
			}
		}
		if len(items) == 0 {
			continue
		}
		m := measure(items)
		list = append(list, BinScores{FrequencyBin: bin, Used: m.Used, Units: m.Units, Scores: m.Resample(c.bootstrap, c.groups).Scores()})
	}
	return list
}
