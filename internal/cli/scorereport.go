package cli

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"kindred/eval/stats"
)

// labeledLines are the scores of lines with labels.
type labeledLines struct {
	normal []string         // the labels of normal lines
	units  map[string]int32 // by text: equal lines are one unit of resampling
	// scored has the scores, and alarms the p-values, negated.
	scored, alarms []stats.Prediction
	lines          []labeledLine
	anomalies      int
}

// A labeledLine is what the report in JSON has of each line.
type labeledLine struct {
	Line  int64    `json:"line"`
	Score *float64 `json:"score"`
	P     *float64 `json:"p"`
	Alarm bool     `json:"alarm"`
	// Anomaly is what the label says.
	Anomaly bool `json:"anomaly"`
}

// add adds a line. Score is negative infinity for a line without words, which is called normal.
func (l *labeledLines) add(label, text string, score float64, a scoredLine) {
	unit, ok := l.units[text]
	if !ok {
		unit = int32(len(l.units))
		l.units[text] = unit
	}
	anomaly := label != "" && !slices.Contains(l.normal, label)
	if anomaly {
		l.anomalies++
	}
	alarm := 0.0
	if a.Alarm {
		alarm = 1
	}
	l.scored = append(l.scored, stats.Prediction{Score: score, Positive: anomaly, Unit: unit})
	l.alarms = append(l.alarms, stats.Prediction{Score: alarm, Positive: anomaly, Unit: unit})
	l.lines = append(l.lines, labeledLine{a.Line, a.Score, a.P, a.Alarm, anomaly})
}

// A scoreReport says how well scores find labeled anomalies.
type scoreReport struct {
	Lines     int   `json:"lines"`
	Anomalies int   `json:"anomalies"`
	Unscored  int64 `json:"lines_without_words"`
	// Distinct is the number of different lines. Equal lines are resampled together.
	Distinct int `json:"distinct_lines"`
	// Calibration is the number of calibration lines, and Rate the share of false alarms that was asked
	// for; FalseAlarms is the share among the normal lines.
	Calibration int           `json:"calibration_lines"`
	Rate        *float64      `json:"false_alarms_wanted"`
	ROCAUC      stats.Score   `json:"-"`
	PRAUC       stats.Score   `json:"-"`
	Precision   stats.Score   `json:"-"`
	Recall      stats.Score   `json:"-"`
	F1          stats.Score   `json:"-"`
	FalseAlarms stats.Score   `json:"-"`
	Scores      []labeledLine `json:"scores"`
}

// MarshalJSON writes each measure as a number, or null if it is undefined, and beside them their 95 % intervals and the reasons
// why measures are undefined.
func (r scoreReport) MarshalJSON() ([]byte, error) {
	measures := map[string]stats.Score{
		"roc_auc": r.ROCAUC, "pr_auc": r.PRAUC, "precision": r.Precision, "recall": r.Recall, "f1": r.F1, "false_alarms": r.FalseAlarms,
	}
	undefined := map[string]string{}
	for name, m := range measures {
		if !m.Defined() {
			undefined[name] = m.Undefined
		}
	}
	type counts scoreReport // without this method
	return json.Marshal(struct {
		counts
		ROCAUC      *float64              `json:"roc_auc"`
		PRAUC       *float64              `json:"pr_auc"`
		Precision   *float64              `json:"precision"`
		Recall      *float64              `json:"recall"`
		F1          *float64              `json:"f1"`
		FalseAlarms *float64              `json:"false_alarms"`
		Intervals   map[string][2]float64 `json:"intervals"`
		Undefined   map[string]string     `json:"undefined"`
	}{
		counts(r), value(r.ROCAUC), value(r.PRAUC), value(r.Precision), value(r.Recall), value(r.F1), value(r.FalseAlarms), intervals(measures), undefined,
	})
}

// report prints how well the scores find the anomalies.
func (s *scoring) report() error {
	l := s.labeled
	r := scoreReport{Lines: len(l.lines), Anomalies: l.anomalies, Unscored: s.unscored, Distinct: len(l.units), Scores: l.lines}
	n := len(l.units)
	score := func(statistic stats.Statistic, oneClass string) stats.Score {
		value := stats.Score{}
		if n > 0 {
			value.Value = statistic.Value(n)
		}
		if n == 0 || math.IsNaN(value.Value) {
			return stats.Score{Undefined: oneClass}
		}
		value.SetInterval(stats.Bootstrap{}.ProportionInterval(n, statistic))
		return value
	}
	oneClass := ""
	switch {
	case len(l.lines) == 0:
		oneClass = "there are no lines"
	case l.anomalies == 0:
		oneClass = "all labels are those of normal lines"
	case l.anomalies == len(l.lines):
		oneClass = "no label is that of a normal line"
	}
	r.ROCAUC = score(stats.ROCAUCStatistic(l.scored), oneClass)
	r.PRAUC = score(stats.AveragePrecisionStatistic(l.scored), oneClass)
	noAlarms := "there are no calibration lines, and so no alarms"
	if s.calibration != nil {
		r.Calibration, r.Rate = s.calibration.Len(), &s.rate
		c := stats.Confuse(l.alarms, 1)
		r.Precision = score(c.Precision(), "there is no alarm")
		r.Recall, r.F1 = score(c.Recall(), oneClass), score(c.F1(), "there is neither an anomaly nor an alarm")
		normal := make([]float64, n)
		for i := range normal {
			normal[i] = c.FalsePositive[i] + c.TrueNegative[i]
		}
		r.FalseAlarms = score(stats.RatioStatistic(c.FalsePositive, normal), oneClass)
	} else {
		for _, m := range []*stats.Score{&r.Precision, &r.Recall, &r.F1, &r.FalseAlarms} {
			m.Undefined = noAlarms
		}
	}
	if s.json {
		return writeJSON(s.out, r)
	}
	fmt.Fprintf(s.out, "%s, %s different; %s of them are anomalies by their labels\n", counted(r.Lines, "line"), grouped(r.Distinct), grouped(r.Anomalies))
	if r.Rate != nil {
		fmt.Fprintf(s.out, "%s by %s, allowing %.3g %% false ones\n", counted(s.alarmed, "alarm"), counted(r.Calibration, "calibration line"), 100*s.rate)
	}
	for _, line := range []struct {
		name  string
		score stats.Score
	}{{"ROC-AUC", r.ROCAUC}, {"PR-AUC", r.PRAUC}, {"precision", r.Precision}, {"recall", r.Recall}, {"F1", r.F1}, {"false alarms", r.FalseAlarms}} {
		text := line.score.String()
		switch {
		case !line.score.Defined():
			text = "undefined: " + line.score.Undefined
		case line.score.HasInterval():
			text += fmt.Sprintf(" [%.4f, %.4f]", line.score.Interval.Low, line.score.Interval.High)
		}
		if _, err := fmt.Fprintf(s.out, "%-12s  %s\n", line.name, text); err != nil {
			return err
		}
	}
	return nil
}
