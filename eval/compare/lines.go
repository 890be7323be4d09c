package compare

import (
	"cmp"
	"maps"
	"slices"

	"kindred/eval/labels"
	"kindred/eval/sets"
	"kindred/eval/stats"
)

// A LineSystem is a classifier, or several that differ in their seeds, with what each made of the same lines.
type LineSystem struct {
	Name string
	// Files are the names of the classifiers in the report, and Lines what they made of the lines: in the same order, with the same Own
	// and Unit.
	Files []string
	Lines [][]labels.Line
}

// A LineComparison is the result of [Lines].
type LineComparison struct {
	Systems []LineRecord `json:"systems"`
	// Lines is the number of lines, Units that of different ones, which are resampled.
	Lines      int     `json:"lines"`
	Units      int     `json:"units"`
	Resamples  int     `json:"resamples"`
	Confidence float64 `json:"confidence"`
	// Tests is the number of tested differences, for which p-values are corrected.
	Tests int `json:"tests"`
	// Measures are the macro F1, the F1 of all labels, and the F1 of each label of lines; differences are tested by the first two.
	Measures []MetricResult `json:"measures"`
}

// A LineRecord names a system and its files.
type LineRecord struct {
	Name  string   `json:"name"`
	Files []string `json:"files"`
}

// mostLabels is the number of labels up to which each has a score of its own.
const mostLabels = 20

// Lines compares classifiers by what they made of the same lines, whose labels are numbers of names; see [Measures]. Lines of the
// same unit are resampled together. Two classifiers have a test by McNemar, too: of how many lines only one of them labels right.
func Lines(source sets.Source, names []string, systems []LineSystem, b stats.Bootstrap) *LineComparison {
	b.Resamples, b.Level = cmp.Or(b.Resamples, DefaultResamples), cmp.Or(b.Level, stats.DefaultLevel)
	c := &LineComparison{Resamples: b.Resamples, Confidence: b.Level}
	var models [][]labels.Line
	var groups [][]int
	for _, s := range systems {
		c.Systems = append(c.Systems, LineRecord{s.Name, s.Files})
		var group []int
		for _, lines := range s.Lines {
			group = append(group, len(models))
			models = append(models, lines)
		}
		groups = append(groups, group)
	}
	first := models[0]
	c.Lines = len(first)
	used := map[int]bool{} // labels of lines
	for _, l := range first {
		c.Units = max(c.Units, l.Unit+1)
		for _, k := range l.Own {
			used[k] = true
		}
	}
	counts := make([]*labels.Counts, len(models))
	for i, lines := range models {
		counts[i] = labels.Count(len(names), lines)
	}
	var measures []Measure
	add := func(name string, headline bool, of func(c *labels.Counts) stats.Statistic) {
		m := Measure{Set: source, Name: name, Headline: headline, Items: c.Lines, Used: c.Lines, Units: c.Units, Scale: ProportionScale}
		for _, c := range counts {
			m.Statistics = append(m.Statistics, of(c))
		}
		if headline {
			m.Tests = func(i, j int) []stats.Test { return []stats.Test{mcnemar(models[i], models[j])} }
		}
		measures = append(measures, m)
	}
	add("macro F1", true, func(c *labels.Counts) stats.Statistic { return c.MacroF1 })
	add("F1 of all labels", true, func(c *labels.Counts) stats.Statistic { return c.F1 })
	if len(used) <= mostLabels {
		for _, k := range slices.Sorted(maps.Keys(used)) {
			add("F1 of "+names[k], false, func(c *labels.Counts) stats.Statistic { return c.LabelF1(k) })
		}
	}
	c.Measures, c.Tests = Measures(measures, groups, b)
	return c
}

// mcnemar compares how many lines get exactly their labels.
func mcnemar(a, b []labels.Line) stats.Test {
	onlyFirst, onlySecond := 0, 0
	for i := range a {
		switch first, second := a[i].Right(), b[i].Right(); {
		case first && !second:
			onlyFirst++
		case second && !first:
			onlySecond++
		}
	}
	return stats.McNemar(onlyFirst, onlySecond)
}
