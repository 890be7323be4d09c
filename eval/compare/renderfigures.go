package compare

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/plotter"

	"kindred/eval/sets"
	"kindred/eval/stats"
	"kindred/internal/english"
	"kindred/internal/page"
)

// key returns the key of the systems, which have the same colours in all figures.
func (c *Comparison) key() []page.Entry {
	var key []page.Entry
	for i, name := range c.names(plain) {
		key = append(key, page.Entry{Series: page.Series(i), Name: name})
	}
	return key
}

// dots returns the dot of a score, none where the score has no value.
func dots(system int, s stats.Score, percent bool) []page.Dot {
	if !s.Defined() {
		return nil
	}
	factor := 1.0
	if percent {
		factor = 100
	}
	low, high := s.Bounds()
	return []page.Dot{{Series: page.Series(system), Value: factor * s.Value, Low: factor * low, High: factor * high}}
}

// panelOf returns a panel of rows, none where nothing is to be drawn in them. Its
// description is read from the rows' names and notes.
func panelOf(title string, plot page.Intervals) []page.Panel {
	drawn := 0
	var rows []string
	for _, b := range plot.Rows {
		drawn += len(b.Dots)
		rows = append(rows, strings.TrimSuffix(b.Name+": "+b.Note, ": "))
	}
	if drawn == 0 {
		return nil
	}
	return []page.Panel{{Title: title, Description: fmt.Sprintf("%s, %s: %s", title, plot.Axis.Label, strings.Join(rows, "; ")), Plot: plot}}
}

// axis returns the axis of a measure's scores.
func (m MetricResult) axis() page.Axis {
	switch {
	case m.Kind == sets.Similarity:
		return page.Axis{Label: m.Measure + " correlation"}
	case m.inPercent():
		return page.Axis{Label: m.Measure + " in %"}
	}
	return page.Axis{Label: m.Measure}
}

// scorePanel shows the scores of the systems.
func (c *Comparison) scorePanel(m MetricResult) []page.Panel {
	plot := page.Intervals{Axis: m.axis()}
	for i, s := range m.Scores {
		plot.Rows = append(plot.Rows, page.Bars{Name: c.Systems[i].Name, Note: cellOf(s, m.inPercent()), Dots: dots(i, s.Score, m.inPercent())})
	}
	return panelOf(m.Name, plot)
}

// differencePanel shows the differences between systems, in the colour of the better one.
func (c *Comparison) differencePanel(m MetricResult) []page.Panel {
	zero := 0.0
	plot := page.Intervals{Axis: m.axis(), Reference: &zero}
	plot.Axis.Label = "difference of " + plot.Axis.Label
	for _, d := range m.Differences {
		better := d.First
		if d.Difference.Value < 0 {
			better = d.Second
		}
		plot.Rows = append(plot.Rows, page.Bars{
			Name: c.between(d.First, d.Second), Note: string(d.Verdict), Dots: dots(better, d.Difference, m.inPercent()),
		})
	}
	return panelOf(m.Name, plot)
}

// humanBlocks show the cosines of pairs against the judgements of people.
func (c *Comparison) humanBlocks() []page.Block {
	var blocks []page.Block
	for _, s := range c.Similarity {
		if len(s.Pairs) == 0 {
			continue
		}
		figure := page.Figure{Caption: s.Name + ": each point is a pair of words."}
		cosine := page.Axis{Label: "cosine", Include: cosineRange(s.Pairs)}
		for i, system := range c.Systems {
			cloud := page.Cloud{X: page.Axis{Label: "human score"}, Y: cosine, Series: page.Series(i)}
			for _, p := range s.Pairs {
				cloud.Points = append(cloud.Points, plotter.XY{X: p.Human, Y: p.Cosines[i]})
			}
			figure.Panels = append(figure.Panels, page.Panel{Title: s.Name + ": " + system.Name, Plot: cloud,
				Description: fmt.Sprintf("Cosines by %s against human scores of the %s of %s", system.Name, english.Plural(len(s.Pairs), "pair"), s.Name)})
		}
		blocks = append(blocks, figure)
	}
	return blocks
}

// cosineRange returns the least and the greatest of all systems' cosines, so that their plots have the same scale.
func cosineRange(pairs []PairComparison) []float64 {
	low, high := math.Inf(1), math.Inf(-1)
	for _, p := range pairs {
		low, high = min(low, slices.Min(p.Cosines)), max(high, slices.Max(p.Cosines))
	}
	return []float64{low, high}
}

// sectionFigure shows the accuracies by section, half of the sections in each of two panels.
func (c *Comparison) sectionFigure(a AnalogyDetails) page.Figure {
	title := a.Name + ", " + a.Method
	figure := page.Figure{Caption: title + ": accuracy over covered questions, with confidence intervals.", Key: c.key()}
	half := (len(a.Sections) + 1) / 2
	for start := 0; start < len(a.Sections); start += half {
		plot := page.Intervals{Axis: page.Axis{Label: "accuracy in %", Include: []float64{0, 100}}}
		for _, s := range a.Sections[start:min(start+half, len(a.Sections))] {
			bars := page.Bars{Name: s.Name, Note: english.Plural(s.Used, "question")}
			for i, score := range s.Scores {
				bars.Dots = append(bars.Dots, dots(i, score.Score, true)...)
			}
			plot.Rows = append(plot.Rows, bars)
		}
		figure.Panels = append(figure.Panels, panelOf("", plot)...)
	}
	return figure
}

// short returns the end of the band for the axis of a plot, such as "≤3k" or ">100k".
func (b FrequencyBin) short() string {
	if b.To == 0 {
		return ">" + thousands(b.From-1)
	}
	return "≤" + thousands(b.To)
}

// thousands returns a number of words, in thousands where that is exact.
func thousands(n int) string {
	if n >= 1000 && n%1000 == 0 {
		return fmt.Sprintf("%dk", n/1000)
	}
	return fmt.Sprint(n)
}

// bandFigure shows the scores by frequency of all sets that have them.
func (c *Comparison) bandFigure() page.Figure {
	figure := page.Figure{Key: c.key(),
		Caption: "Scores, with confidence intervals, by the rank of a pair's or question's rarest word: the most frequent words are at the left."}
	for _, s := range c.Similarity {
		figure.Panels = append(figure.Panels, c.bandPanel(s.Name, page.Axis{Label: "Spearman correlation"}, s.Bins, false)...)
	}
	for _, a := range c.Analogies {
		figure.Panels = append(figure.Panels, c.bandPanel(a.Name+", "+a.Method, page.Axis{Label: "accuracy in %"}, a.Bins, true)...)
	}
	return figure
}

func (c *Comparison) bandPanel(title string, y page.Axis, bands []BinScores, percent bool) []page.Panel {
	plot := page.Lines{X: page.Axis{Label: "rank of the rarest word"}, Y: y, Lines: make([]page.Line, len(c.Systems))}
	var described []string
	drawn := 0
	for at, b := range bands {
		plot.X.Ticks = append(plot.X.Ticks, page.Tick{At: float64(at), Label: b.short()})
		for i, s := range b.Scores {
			plot.Lines[i].Series = page.Series(i)
			for _, d := range dots(i, s.Score, percent) {
				plot.Lines[i].Points = append(plot.Lines[i].Points, page.Point{X: float64(at), Value: d.Value, Low: d.Low, High: d.High})
				described = append(described, fmt.Sprintf("%s, %s: %.3g", b.short(), c.Systems[i].Name, d.Value))
				drawn++
			}
		}
	}
	if drawn == 0 {
		return nil
	}
	return []page.Panel{{Title: title, Plot: plot, Description: fmt.Sprintf("%s, %s by band: %s", title, y.Label, strings.Join(described, "; "))}}
}

// overlapFigure shows how alike the neighbours of words are, by the words' frequency.
func (c *Comparison) overlapFigure() page.Figure {
	plot := page.Lines{X: page.Axis{Label: "rank of the word"}, Y: page.Axis{Label: "Jaccard coefficient", Include: []float64{0}}}
	figure := page.Figure{Caption: c.overlapNote()}
	var described []string
	for i, o := range c.Neighbors {
		name := c.between(o.First, o.Second)
		if o.First == o.Second {
			name = c.Systems[o.First].Name + ", models of one system"
		}
		figure.Key = append(figure.Key, page.Entry{Series: page.Series(i), Name: name})
		line := page.Line{Series: page.Series(i)}
		for at, b := range o.Bins {
			if i == 0 {
				plot.X.Ticks = append(plot.X.Ticks, page.Tick{At: float64(at), Label: b.short()})
			}
			line.Points = append(line.Points, page.Point{X: float64(at), Value: b.Jaccard, Low: b.Jaccard, High: b.Jaccard})
			described = append(described, fmt.Sprintf("%s, ranks %s: %.2f", name, b.FrequencyBin, b.Jaccard))
		}
		plot.Lines = append(plot.Lines, line)
	}
	if len(described) > 0 {
		figure.Panels = []page.Panel{{Title: "Neighbours in common", Description: strings.Join(described, "; "), Plot: plot}}
	}
	return figure
}

// between returns the names of two systems whose difference is meant.
func (c *Comparison) between(first, second int) string {
	return c.Systems[first].Name + " - " + c.Systems[second].Name
}
