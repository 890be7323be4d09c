package ablate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"kindred/eval/stats"
	"kindred/internal/report"
)

// The colors and shapes of what the tests say of a variant.
const (
	baselineSeries report.Series = 0
	worseSeries    report.Series = 1
	betterSeries   report.Series = 2
)

// verdictKey explains them.
var verdictKey = []report.Entry{{Series: baselineSeries, Name: "baseline"}, {Series: betterSeries, Name: "significantly better"},
	{Series: worseSeries, Name: "significantly worse"}, {Series: report.Neutral, Name: "no significant difference"}}

// seriesOf returns what the tests say of a variant by a measure.
func (m Measure) seriesOf(variant int) report.Series {
	switch effect := m.Effect(m.Difference(variant, 0)); {
	case variant == 0:
		return baselineSeries
	case effect > 0:
		return betterSeries
	case effect < 0:
		return worseSeries
	}
	return report.Neutral
}

// scale returns the factor by which values of the measure are drawn, and the label of the axis.
func (m Measure) scale() (factor float64, name string) {
	if m.Kind == Analogies {
		return 100, m.Name + " in %"
	}
	return 1, m.Name
}

// estimate returns a score as it is drawn.
func (m Measure) estimate(s stats.Score) report.Estimate {
	factor, _ := m.scale()
	low, high := s.Bounds()
	return report.Estimate{Value: factor * s.Value, Low: factor * low, High: factor * high}
}

// figure returns a figure with a panel for each headline measure. draw returns the plot of a measure with
// its description, which is empty if there is nothing to draw.
func (r *Report) figure(caption string, key []report.Entry, draw func(Measure) (report.Plot, string)) *report.Figure {
	f := &report.Figure{Caption: caption, Key: key}
	for _, m := range r.headlines() {
		if plot, description := draw(m); description != "" {
			f.Add(m.String(), fmt.Sprintf("%s: %s", m, description), plot)
		}
	}
	return f
}

// scoreFigure shows the scores of all variants.
func (r *Report) scoreFigure() *report.Figure {
	caption := fmt.Sprintf("Scores with %g %% confidence intervals over items; the dashed line is the baseline's. All variants answer the same items, so "+
		"a difference can be significant although the interval crosses the line.", 100*r.Confidence)
	return r.figure(caption, verdictKey, func(m Measure) (report.Plot, string) {
		_, name := m.scale()
		reference := m.estimate(m.Scores[0].Score).Value
		plot := report.Intervals{Axis: report.Axis{Label: name}, Reference: &reference}
		var described []string
		for i, v := range r.Variants {
			row := report.IntervalRow{Name: v.Name, Note: "no score"}
			if s := m.Scores[i].Score; s.Defined() {
				row.Note = m.score(i)
				row.Dots = []report.Dot{{Series: m.seriesOf(i), Estimate: m.estimate(s)}}
			}
			plot.Rows = append(plot.Rows, row)
			described = append(described, v.Name+" "+row.Note)
		}
		return plot, strings.Join(described, "; ")
	})
}

// settingFigures show the scores along all series of a setting, and the gains over the baseline.
func (r *Report) settingFigures(setting string) []report.Block {
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
	name := shortName(setting)
	return []report.Block{
		r.linesAlong(setting, "", score, fmt.Sprintf("Scores by %s, with %g %% confidence intervals over items. The dashed line is the baseline's score. Values are equally spaced.", name, 100*r.Confidence)),
		r.linesAlong(setting, "gain in ", gain, fmt.Sprintf("Differences from the baseline by %s, with their %g %% confidence intervals, which are not corrected for the number of variants.", name, 100*r.Confidence)),
	}
}

// linesAlong draws the scores that pick returns for each measure along all series of a setting. The
// label of an axis is what, followed by the name of the measure.
func (r *Report) linesAlong(setting, what string, pick func(m Measure, variant int) stats.Score, caption string) *report.Figure {
	var lines []Series
	var key []report.Entry
	var values []float64
	for _, s := range r.Series {
		if s.Setting != setting {
			continue
		}
		key = append(key, report.Entry{Series: report.Series(len(lines)), Name: r.restOf(s)})
		lines = append(lines, s)
		for _, p := range s.Points {
			values = append(values, p.Value)
		}
	}
	slices.Sort(values)
	values = slices.Compact(values)
	return r.figure(caption, key, func(m Measure) (report.Plot, string) {
		_, name := m.scale()
		baseline := m.estimate(pick(m, 0)).Value
		plot := report.Lines{X: report.Axis{Label: shortName(setting)}, Y: report.Axis{Label: what + name}, Reference: &baseline}
		for at, v := range values {
			plot.X.Ticks = append(plot.X.Ticks, report.Tick{At: float64(at), Label: fmt.Sprint(v)})
		}
		var described []string
		for i, s := range lines {
			line := report.Line{Series: report.Series(i)}
			for _, p := range s.Points {
				if score := pick(m, p.Variant); score.Defined() {
					at, _ := slices.BinarySearch(values, p.Value)
					point := report.Point{X: float64(at), Estimate: m.estimate(score)}
					line.Points = append(line.Points, point)
					described = append(described, fmt.Sprintf("%.4g at %s = %v, %s", point.Value, shortName(setting), p.Value, key[i].Name))
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

// restOf names the settings that the variants of a series share.
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
func (r *Report) costFigure() *report.Figure {
	var key []report.Entry
	for i, v := range r.Variants {
		if v.Cost > 0 {
			key = append(key, report.Entry{Series: report.Series(i), Name: v.Name})
		}
	}
	caption := "Scores against time. Better variants are further to the left and the top. The intervals of the scores are shown above."
	return r.figure(caption, key, func(m Measure) (report.Plot, string) {
		_, name := m.scale()
		plot := report.Lines{X: report.Axis{Label: "time for a word, the baseline's is 1"}, Y: report.Axis{Label: name}}
		var described []string
		for i, v := range r.Variants {
			if score := m.Scores[i].Score; v.Cost > 0 && score.Defined() {
				point := report.Point{X: v.Cost, Estimate: report.Exactly(m.estimate(score).Value)}
				plot.Lines = append(plot.Lines, report.Line{Series: report.Series(i), Apart: true, Points: []report.Point{point}})
				described = append(described, fmt.Sprintf("%s %s at %s", v.Name, m.score(i), v.cost()))
			}
		}
		return plot, strings.Join(described, "; ")
	})
}

// reliabilityFigure shows how far the baseline's probabilities can be trusted.
func (r *Report) reliabilityFigure() *report.Figure {
	f := &report.Figure{
		Caption: "The share of pairs that are true, against the probability that the baseline gives them. Above the diagonal the probability is too low, below it too high.",
		Key:     []report.Entry{{Series: 0, Name: "as trained"}, {Series: 1, Name: "fitted"}, {Series: report.Neutral, Name: "ideal"}},
	}
	h := r.Variants[0].HeldOut
	if h == nil {
		return f
	}
	for _, reference := range h.Noises {
		plot := report.Lines{X: report.Axis{Label: "probability"}, Y: report.Axis{Label: "share of true pairs"}}
		var described []string
		for i, curve := range [][]stats.ReliabilityBin{reference.Reliability, reference.FittedReliability} {
			line := report.Line{Series: report.Series(i)}
			for _, bin := range curve {
				if bin.Items > 0 {
					line.Points = append(line.Points, report.Point{X: bin.Predicted, Estimate: report.Exactly(bin.Observed)})
					described = append(described, fmt.Sprintf("%s %.2f: %.2f", f.Key[i].Name, bin.Predicted, bin.Observed))
				}
			}
			plot.Lines = append(plot.Lines, line)
		}
		diagonal := []report.Point{{X: 0, Estimate: report.Exactly(0)}, {X: 1, Estimate: report.Exactly(1)}}
		plot.Lines = append(plot.Lines, report.Line{Series: report.Neutral, Points: diagonal})
		f.Add("Reliability against "+reference.Name, "Reliability: "+strings.Join(described, "; "), plot)
	}
	return f
}
