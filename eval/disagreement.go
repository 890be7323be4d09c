package eval

import (
	"cmp"
	"math"
	"slices"
)

// disagreementsShown is the number of pairs that are listed for two systems.
const disagreementsShown = 10

// similarityDetails returns the details of a similarity set.
func (c *comparer) similarityDetails(set *SimilaritySet, j judgements) SimilarityComparison {
	s := SimilarityComparison{Source: set.Source, Pairs: []PairComparison{}, Disagreements: []Disagreements{}}
	means := make([][]float64, len(c.systems)) // cosines, by system
	all := make([]int, len(j.pairs))
	for i, pair := range j.pairs {
		all[i] = i
		p := PairComparison{First: pair.First, Second: pair.Second, Human: pair.Score}
		for system, group := range c.groups {
			sum := 0.0
			for _, m := range group {
				sum += j.cosines[m][i]
			}
			means[system] = append(means[system], sum/float64(len(group)))
			p.Cosines = append(p.Cosines, *rounded(sum / float64(len(group))))
		}
		s.Pairs = append(s.Pairs, p)
	}
	s.Bands = c.bands(all, func(i int) []string { return []string{j.pairs[i].First, j.pairs[i].Second} },
		func(some []int) measurement { return c.correlations("Spearman", len(some), j.pick(some)) })
	ranks := make([][]float64, len(means))
	for system := range means {
		ranks[system] = MeanRanks(means[system])
	}
	human := MeanRanks(j.human)
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
	list := []Disagreement{}
	for i := range human {
		list = append(list, Disagreement{Pair: i, HumanRank: human[i], FirstRank: first[i], SecondRank: second[i]})
	}
	distance := func(d Disagreement) float64 { return math.Abs(d.FirstRank - d.SecondRank) }
	slices.SortStableFunc(list, func(a, b Disagreement) int { return cmp.Compare(distance(b), distance(a)) })
	list = list[:min(disagreementsShown, len(list))]
	return slices.DeleteFunc(list, func(d Disagreement) bool { return distance(d) == 0 })
}
