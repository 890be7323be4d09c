package evaluation

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"kindred/eval/compare"
	"kindred/eval/sets"
	"kindred/internal/english"
	"kindred/internal/report"
)

// key returns the key of the systems, which have the same colors in all figures.
func (c comparison) key() []report.Entry {
	var key []report.Entry
	for i, name := range c.names() {
		key = append(key, report.Entry{Series: report.Series(i), Name: name})
	}
	return key
}

// addIntervals adds a panel of rows unless nothing is drawn in them. Names and notes of the rows
// make its description.
func addIntervals(f *report.Figure, title string, plot report.Intervals) {
	drawn := 0
	var rows []string
	for _, r := range plot.Rows {
		drawn += len(r.Dots)
		rows = append(rows, strings.TrimSuffix(r.Name+": "+r.Note, ": "))
	}
	if drawn > 0 {
		f.Add(title, fmt.Sprintf("%s, %s: %s", title, plot.Axis.Label, strings.Join(rows, "; ")), plot)
	}
}

// axisLabel returns the label of the axis of a measure's scores.
func axisLabel(m compare.MetricResult) string {
	switch {
	case m.Kind == sets.Similarity:
		return m.Measure + " correlation"
	case unitOf(m) == percent:
		return m.Measure + " in %"
	}
	return m.Measure
}

// scoreFigure shows the scores of all headline measures.
func (c comparison) scoreFigure() *report.Figure {
	figure := &report.Figure{Caption: "Scores and their confidence intervals. If intervals overlap, the difference can still be significant, " +
		"because all systems answer the same items. The tests decide that."}
	for _, m := range c.Measures {
		if !m.Headline {
			continue
		}
		plot := report.Intervals{Axis: report.Axis{Label: axisLabel(m)}}
		for i, s := range m.Scores {
			plot.Rows = append(plot.Rows, report.IntervalRow{Name: c.Systems[i].Name, Note: unitOf(m).system(s).String(), Dots: unitOf(m).dots(i, s.Score)})
		}
		addIntervals(figure, m.Name, plot)
	}
	return figure
}

// differenceFigure shows the differences between systems, in the color of the better one.
func (c comparison) differenceFigure() *report.Figure {
	figure := &report.Figure{Key: c.key(), Caption: "Differences and their confidence intervals, in the color of the better system. " +
		"Verdicts use p-values corrected for the number of tests. The intervals are not corrected."}
	for _, m := range c.Measures {
		plot := report.Intervals{Axis: report.Axis{Label: "difference of " + axisLabel(m)}, Reference: new(float64)}
		for _, d := range m.Differences {
			better := d.First
			if d.Difference.Value < 0 {
				better = d.Second
			}
			plot.Rows = append(plot.Rows, report.IntervalRow{Name: c.pair(d.First, d.Second), Note: string(d.Verdict), Dots: unitOf(m).dots(better, d.Difference)})
		}
		addIntervals(figure, m.Name, plot)
	}
	return figure
}

// humanFigures show the cosines of pairs against the judgments of people, a figure a set.
func (c comparison) humanFigures() []report.Block {
	var figures []report.Block
	for _, s := range c.Similarity {
		if len(s.Pairs) == 0 {
			continue
		}
		figure := &report.Figure{Caption: s.Name + ": each point is a pair of words."}
		cosine := report.Axis{Label: "cosine", Include: cosineRange(s.Pairs)}
		for i, system := range c.Systems {
			plot := report.Scatter{X: report.Axis{Label: "human score"}, Y: cosine, Series: report.Series(i)}
			for _, p := range s.Pairs {
				plot.Points = append(plot.Points, report.XY{X: p.Human, Y: p.Cosines[i]})
			}
			figure.Add(s.Name+": "+system.Name, fmt.Sprintf("Cosines by %s against human scores of the %s of %s", system.Name, english.Plural(len(s.Pairs), "pair"), s.Name), plot)
		}
		figures = append(figures, figure)
	}
	return figures
}

// cosineRange returns the least and the greatest cosine of all systems, which gives their plots the
// same scale.
func cosineRange(pairs []compare.PairComparison) []float64 {
	low, high := math.Inf(1), math.Inf(-1)
	for _, p := range pairs {
		low, high = min(low, slices.Min(p.Cosines)), max(high, slices.Max(p.Cosines))
	}
	return []float64{low, high}
}

// sectionFigure shows the accuracies by section, half of the sections in each of two panels.
func (c comparison) sectionFigure(a compare.AnalogyDetails) *report.Figure {
	figure := &report.Figure{Key: c.key(), Caption: a.Name + ", " + a.Method + ": accuracy over covered questions, with confidence intervals."}
	for sections := range slices.Chunk(a.Sections, (len(a.Sections)+1)/2) {
		plot := report.Intervals{Axis: report.Axis{Label: "accuracy in %", Include: []float64{0, 100}}}
		for _, s := range sections {
			row := report.IntervalRow{Name: s.Name, Note: english.Plural(s.Used, "question")}
			for i, score := range s.Scores {
				row.Dots = append(row.Dots, percent.dots(i, score.Score)...)
			}
			plot.Rows = append(plot.Rows, row)
		}
		addIntervals(figure, "", plot)
	}
	return figure
}

// binLabel returns the end of a bin for the axis of a plot, such as "≤3k" or ">100k".
func binLabel(b compare.FrequencyBin) string {
	if b.To == 0 {
		return ">" + thousands(b.From-1)
	}
	return "≤" + thousands(b.To)
}

// thousands returns a number of words, in thousands if that is exact.
func thousands(n int) string {
	if n >= 1000 && n%1000 == 0 {
		return fmt.Sprintf("%dk", n/1000)
	}
	return fmt.Sprint(n)
}

// binFigure shows the scores by frequency of all sets that have them.
func (c comparison) binFigure() *report.Figure {
	figure := &report.Figure{Key: c.key(),
		Caption: "Scores, with confidence intervals, by the rank of a pair's or question's rarest word: the most frequent words are at the left."}
	add := func(title, label string, bins []compare.BinScores, u unit) {
		plot := report.Lines{X: report.Axis{Label: "rank of the rarest word"}, Y: report.Axis{Label: label}, Lines: make([]report.Line, len(c.Systems))}
		var described []string
		for at, b := range bins {
			plot.X.Ticks = append(plot.X.Ticks, report.Tick{At: float64(at), Label: binLabel(b.FrequencyBin)})
			for i, s := range b.Scores {
				plot.Lines[i].Series = report.Series(i)
				for _, d := range u.dots(i, s.Score) {
					plot.Lines[i].Points = append(plot.Lines[i].Points, report.Point{X: float64(at), Estimate: d.Estimate})
					described = append(described, fmt.Sprintf("%s, %s: %.3g", binLabel(b.FrequencyBin), c.Systems[i].Name, d.Value))
				}
			}
		}
		if len(described) > 0 {
			figure.Add(title, fmt.Sprintf("%s, %s by bin: %s", title, label, strings.Join(described, "; ")), plot)
		}
	}
	for _, s := range c.Similarity {
		add(s.Name, "Spearman correlation", s.Bins, plain)
	}
	for _, a := range c.Analogies {
		add(a.Name+", "+a.Method, "accuracy in %", a.Bins, percent)
	}
	return figure
}

// overlapFigure shows how alike the neighbors of words are, by the words' frequency.
func (c comparison) overlapFigure() *report.Figure {
	plot := report.Lines{X: report.Axis{Label: "rank of the word"}, Y: report.Axis{Label: "Jaccard coefficient", Include: []float64{0}}}
	figure := &report.Figure{Caption: overlapNote}
	var described []string
	for i, o := range c.Neighbors {
		name := c.overlapping(o)
		figure.Key = append(figure.Key, report.Entry{Series: report.Series(i), Name: name})
		line := report.Line{Series: report.Series(i)}
		for at, b := range o.Bins {
			if i == 0 {
				plot.X.Ticks = append(plot.X.Ticks, report.Tick{At: float64(at), Label: binLabel(b.FrequencyBin)})
			}
			line.Points = append(line.Points, report.Point{X: float64(at), Estimate: report.Exactly(b.Jaccard)})
			described = append(described, fmt.Sprintf("%s, ranks %s: %.2f", name, ranks(b.FrequencyBin), b.Jaccard))
		}
		plot.Lines = append(plot.Lines, line)
	}
	if len(described) > 0 {
		figure.Add("Shared neighbors", strings.Join(described, "; "), plot)
	}
	return figure
}
