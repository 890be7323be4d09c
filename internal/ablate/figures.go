package ablate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"kindred/eval/stats"
	"kindred/internal/page"
)

// The colours and marks of what the tests say of a variant.
const (
	baselineSeries page.Series = 0
	worseSeries    page.Series = 1
	betterSeries   page.Series = 2
	neutralSeries  page.Series = 38 // a grey diamond
)

// verdictKey explains them.
var verdictKey = []page.Entry{{Series: baselineSeries, Name: "baseline"}, {Series: betterSeries, Name: "significantly better"},
	{Series: worseSeries, Name: "significantly worse"}, {Series: neutralSeries, Name: "no significant difference"}}

// seriesOf returns what the tests say of a variant by a measure.
func (m Measure) seriesOf(variant int) page.Series {
	switch effect := m.Effect(m.Difference(variant, 0)); {
	case variant == 0:
		return baselineSeries
	case effect > 0:
		return betterSeries
	case effect < 0:
		return worseSeries
	}
	return neutralSeries
}

// scale returns the factor by which values of the measure are drawn, and the name of what is drawn.
func (m Measure) scale() (factor float64, name string) {
	if m.Kind == Analogies {
		return 100, m.Name + " in %"
	}
	return 1, m.Name
}

// figure returns a figure with a panel for each headline measure, none where nothing is to be drawn. draw returns the plot of
// a measure with its description, which is empty where there is nothing.
func (r *Report) figure(caption string, key []page.Entry, draw func(Measure) (page.Plot, string)) []page.Block {
	f := page.Figure{Caption: caption, Key: key}
	for _, m := range r.Headlines() {
		if plot, description := draw(m); description != "" {
			f.Panels = append(f.Panels, page.Panel{Title: m.String(), Description: fmt.Sprintf("%s: %s", m, description), Plot: plot})
		}
	}
	if len(f.Panels) == 0 {
		return nil
	}
	return []page.Block{f}
}

// scoreFigure shows the scores of all variants.
func (r *Report) scoreFigure() []page.Block {
	caption := fmt.Sprintf("Scores with %g %% confidence intervals over items; the dashed line is the baseline's. Variants are judged by the same items, so "+
		"that an interval may reach over the line and the difference be significant.", 100*r.Confidence)
	return r.figure(caption, verdictKey, func(m Measure) (page.Plot, string) {
		factor, name := m.scale()
		reference := factor * m.Scores[0].Score.Value
		plot := page.Intervals{Axis: page.Axis{Label: name}, Reference: &reference}
		var described []string
		for i, v := range r.Variants {
			bars := page.Bars{Name: v.Name, Note: "no score"}
			if s := m.Scores[i].Score; s.Defined() {
				bars.Note = m.cell(i)
				low, high := s.Bounds()
				bars.Dots = []page.Dot{{Series: m.seriesOf(i), Value: factor * s.Value, Low: factor * low, High: factor * high}}
			}
			plot.Rows = append(plot.Rows, bars)
			described = append(described, v.Name+" "+bars.Note)
		}
		return plot, strings.Join(described, "; ")
	})
}

// settingFigures show the scores along all series of a setting, and what is gained by it.
func (r *Report) settingFigures(setting string) []page.Block {
	score := func(m Measure, variant int) stats.Score { return m.Scores[variant].Score }
	gain := func(m Measure, variant int) stats.Score {
		if variant == 0 {
			return stats.Score{}
		}
		if d := m.Difference(variant, 0); d != nil {
			return d.Difference
		}
		return stats.Score{Undefined: "not compared"}
	}
	name := ShortName(setting)
	return slices.Concat(
		r.linesAlong(setting, "", score, fmt.Sprintf("Scores by %s, with %g %% confidence intervals over items. The dashed line is the baseline's score; the values are at equal distances.", name, 100*r.Confidence)),
		r.linesAlong(setting, "gain in ", gain, fmt.Sprintf("Differences from the baseline by %s, with their %g %% confidence intervals, which are not corrected for the number of variants.", name, 100*r.Confidence)))
}

// linesAlong draws what pick takes of each measure along all series of a setting. what stands before the name of the measure.
func (r *Report) linesAlong(setting, what string, pick func(m Measure, variant int) stats.Score, caption string) []page.Block {
	var lines []Series
	var key []page.Entry
	var values []float64
	for _, s := range r.Series {
		if s.Setting != setting {
			continue
		}
		key = append(key, page.Entry{Series: page.Series(len(lines)), Name: r.restOf(s)})
		lines = append(lines, s)
		for _, p := range s.Points {
			values = append(values, p.Value)
		}
	}
	slices.Sort(values)
	values = slices.Compact(values)
	return r.figure(caption, key, func(m Measure) (page.Plot, string) {
		factor, name := m.scale()
		plot := page.Lines{X: page.Axis{Label: ShortName(setting)}, Y: page.Axis{Label: what + name}}
		baseline := factor * pick(m, 0).Value
		plot.Reference = &baseline
		for at, v := range values {
			plot.X.Ticks = append(plot.X.Ticks, page.Tick{At: float64(at), Label: fmt.Sprint(v)})
		}
		var described []string
		for i, s := range lines {
			line := page.Line{Series: page.Series(i)}
			for _, p := range s.Points {
				if score := pick(m, p.Variant); score.Defined() {
					at, _ := slices.BinarySearch(values, p.Value)
					low, high := score.Bounds()
					line.Points = append(line.Points, page.Point{X: float64(at), Value: factor * score.Value, Low: factor * low, High: factor * high})
					described = append(described, fmt.Sprintf("%.4g at %s = %v, %s", factor*score.Value, ShortName(setting), p.Value, key[i].Name))
				}
			}
			plot.Lines = append(plot.Lines, line)
		}
		if len(described) == 0 {
			return nil, ""
		}
		return plot, what + name + ", " + strings.Join(described, "; ")
	})
}

// restOf says what is common to the variants of a series.
func (r *Report) restOf(s Series) string {
	changes := maps.Clone(r.Variants[s.Points[0].Variant].Changes)
	if s.Points[0].Variant == 0 { // it has none; another has those of all, if any
		changes = maps.Clone(r.Variants[s.Points[1].Variant].Changes)
	}
	delete(changes, s.Setting)
	if len(changes) == 0 {
		return "otherwise the baseline"
	}
	return nameOf(changes)
}

// costFigure shows the scores against the time that they cost.
func (r *Report) costFigure() []page.Block {
	var key []page.Entry
	for i, v := range r.Variants {
		if v.Cost > 0 {
			key = append(key, page.Entry{Series: page.Series(i), Name: v.Name})
		}
	}
	caption := "Scores against time: the further to the left and to the top, the better a variant is for what it costs. How sure the scores are is shown above."
	return r.figure(caption, key, func(m Measure) (page.Plot, string) {
		factor, name := m.scale()
		plot := page.Lines{X: page.Axis{Label: "time for a word, the baseline's is 1"}, Y: page.Axis{Label: name}}
		var described []string
		for i, v := range r.Variants {
			if score := m.Scores[i].Score; v.Cost > 0 && score.Defined() {
				plot.Lines = append(plot.Lines, page.Line{Series: page.Series(i), Apart: true, Points: []page.Point{{X: v.Cost, Value: factor * score.Value, Low: factor * score.Value, High: factor * score.Value}}})
				described = append(described, fmt.Sprintf("%s %s at %s", v.Name, m.cell(i), v.cost()))
			}
		}
		return plot, strings.Join(described, "; ")
	})
}

// reliabilityFigure shows how far the baseline's probabilities can be trusted.
func (r *Report) reliabilityFigure() []page.Block {
	h := r.Variants[0].HeldOut
	if h == nil {
		return nil
	}
	f := page.Figure{
		Caption: "How often pairs are true that the baseline takes for true with some probability. Points above the diagonal are of pairs that it trusts too little, those below of pairs that it trusts too much.",
		Key:     []page.Entry{{Series: 0, Name: "as trained"}, {Series: 1, Name: "fitted"}, {Series: neutralSeries, Name: "what it should be"}},
	}
	for _, reference := range h.Noises {
		plot := page.Lines{X: page.Axis{Label: "probability"}, Y: page.Axis{Label: "share of true pairs"}}
		var described []string
		for i, curve := range [][]stats.ReliabilityBin{reference.Reliability, reference.FittedReliability} {
			line := page.Line{Series: page.Series(i)}
			for _, bin := range curve {
				if bin.Items > 0 {
					line.Points = append(line.Points, page.Point{X: bin.Predicted, Value: bin.Observed, Low: bin.Observed, High: bin.Observed})
					described = append(described, fmt.Sprintf("%s %.2f: %.2f", f.Key[i].Name, bin.Predicted, bin.Observed))
				}
			}
			plot.Lines = append(plot.Lines, line)
		}
		plot.Lines = append(plot.Lines, page.Line{Series: neutralSeries, Points: []page.Point{{X: 0}, {X: 1, Value: 1, Low: 1, High: 1}}})
		f.Panels = append(f.Panels, page.Panel{Title: "Reliability against " + reference.Name, Plot: plot, Description: "Reliability: " + strings.Join(described, "; ")})
	}
	return []page.Block{f}
}
