package compare

import (
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
	if b.Resamples == 0 {
		b.Resamples = DefaultResamples
	}
	if b.Level == 0 {
		b.Level = stats.DefaultLevel
	}
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
	used := make([]bool, len(names))
	for _, l := range first {
		c.Units = max(c.Units, l.Unit+1)
		for _, k := range l.Own {
			used[k] = true
		}
	}
	measure := func(name string, headline bool, of func(lines []labels.Line) stats.Statistic) {
		m := Measure{Set: source, Name: name, Headline: headline, Items: c.Lines, Used: c.Lines, Units: c.Units, Scale: ProportionScale}
		for _, lines := range models {
			m.Statistics = append(m.Statistics, of(lines))
		}
		if headline {
			m.Tests = func(i, j int) []stats.Test { return []stats.Test{mcnemar(models[i], models[j])} }
		}
		results, _ := Measures([]Measure{m}, groups, b)
		c.Measures = append(c.Measures, results...)
	}
	measure("macro F1", true, func(lines []labels.Line) stats.Statistic { return labels.MacroF1(len(names), lines) })
	measure("F1 of all labels", true, func(lines []labels.Line) stats.Statistic { return labels.F1(lines) })
	if n := len(slices.DeleteFunc(slices.Clone(used), func(is bool) bool { return !is })); n <= mostLabels {
		for k, name := range names {
			if used[k] {
				measure("F1 of "+name, false, func(lines []labels.Line) stats.Statistic { return labels.LabelF1(k, lines) })
			}
		}
	}
	var all []*PairedDifference
	for i := range c.Measures {
		for j := range c.Measures[i].Differences {
			all = append(all, &c.Measures[i].Differences[j])
		}
	}
	c.Tests = Correct(all, b.Level)
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

// Verdicts returns a sentence about the tests of any two systems.
func (c *LineComparison) Verdicts() []string {
	of := &Comparison{Measures: slices.Clone(c.Measures)}
	for i := range of.Measures {
		of.Measures[i].Source.Name = of.Measures[i].Measure
	}
	for _, s := range c.Systems {
		of.Systems = append(of.Systems, SystemRecord{Name: s.Name})
	}
	return of.Verdicts()
}
