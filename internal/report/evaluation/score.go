package evaluation

import (
	"fmt"
	"slices"

	"kindred/eval/compare"
	"kindred/eval/sets"
	"kindred/eval/stats"
	"kindred/internal/report"
)

// A unit is how scores are written.
type unit struct {
	factor float64
	// The formats of a value, its interval, and its spread over seeds; those with a sign are of
	// differences.
	value, interval, spread     string
	signedValue, signedInterval string
}

var (
	plain   = unit{1, "%.4f", " [%.3f, %.3f]", " ±%.4f", "%+.4f", " [%+.3f, %+.3f]"}
	percent = unit{100, "%.2f %%", " [%.1f, %.1f]", " ±%.2f", "%+.2f %%", " [%+.1f, %+.1f]"}
)

// unitOf returns the unit of a measure: percent for a share of answers.
func unitOf(m compare.MetricResult) unit {
	if m.Kind == sets.Analogy || m.Kind == sets.Outlier || m.Measure == "purity" {
		return percent
	}
	return plain
}

// cell returns a score with its interval, such as "0.6903 [0.628, 0.745]", or the reason why it has no
// value.
func (u unit) cell(s stats.Score) report.Cell {
	if !s.Defined() {
		return report.Text(s.Undefined)
	}
	return report.Number("%s", u.text(s, u.value, u.interval))
}

// short returns a score without its interval. It is empty if the score has no value.
func (u unit) short(s stats.Score) report.Cell {
	if !s.Defined() {
		return report.Cell{}
	}
	return report.Number(u.value, u.factor*s.Value)
}

// system returns the score of a system with its interval and, if it has several models, their spread.
func (u unit) system(s compare.SystemScore) report.Cell {
	if !s.Score.Defined() || len(s.Models) < 2 {
		return u.cell(s.Score)
	}
	return report.Number("%s"+u.spread, u.text(s.Score, u.value, u.interval), u.factor*s.SeedSpread)
}

// difference returns a difference of scores with its sign and interval. It is empty if it has no value.
func (u unit) difference(s stats.Score) report.Cell {
	if !s.Defined() {
		return report.Cell{}
	}
	return report.Number("%s", u.text(s, u.signedValue, u.signedInterval))
}

func (u unit) text(s stats.Score, value, interval string) string {
	text := fmt.Sprintf(value, u.factor*s.Value)
	if s.HasInterval() {
		text += fmt.Sprintf(interval, u.factor*s.Interval.Low, u.factor*s.Interval.High)
	}
	return text
}

// dots returns the dot of a score in a figure, none if the score has no value.
func (u unit) dots(system int, s stats.Score) []report.Dot {
	if !s.Defined() {
		return nil
	}
	low, high := s.Bounds()
	return []report.Dot{{Series: report.Series(system), Estimate: report.Estimate{Value: u.factor * s.Value, Low: u.factor * low, High: u.factor * high}}}
}

// pValue returns a p-value with three decimals.
func pValue(p float64) report.Cell {
	if p < 0.001 {
		return report.Number("<0.001")
	}
	return report.Number("%.3f", p)
}

// withoutInterval says why scores have no interval, each reason once. It says nothing if all have one.
func withoutInterval(scores []stats.Score) report.Prose {
	var reasons []string
	for _, s := range scores {
		if s.NoInterval != "" && !slices.Contains(reasons, s.NoInterval) {
			reasons = append(reasons, s.NoInterval)
		}
	}
	if len(reasons) == 0 {
		return nil
	}
	return report.Prose{"Scores without an interval: " + joined(reasons) + "."}
}
