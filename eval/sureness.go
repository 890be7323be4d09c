package eval

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// sureness adds confidence intervals to scores; where bootstrap is nil, it
// leaves them as they are.
type sureness struct{ bootstrap *Bootstrap }

func (o Options) sureness() sureness {
	if o.Resamples == NoIntervals {
		return sureness{}
	}
	b := Bootstrap{Resamples: o.Resamples, Level: o.Confidence, Seed: o.Seed}.withDefaults()
	return sureness{&b}
}

// bound adds the interval of a statistic of n units to its score.
func (b sureness) bound(s *Score, n int, statistic Statistic) {
	if b.bootstrap == nil || !s.Defined() {
		return
	}
	interval, err := b.bootstrap.Interval(n, statistic)
	if err != nil {
		s.NoInterval = err.Error()
		return
	}
	s.Interval = interval
}

// boundRate adds the interval of a ratio of sums over units, which lies
// between 0 and 1, to its score. Where all units have the same ratio, 0 or 1,
// and so have all resamples, the interval is Wilson's of as many answers as there are
// units: those within a unit are not independent.
func (b sureness) boundRate(s *Score, numerators, denominators []float64) {
	n := len(numerators)
	b.bound(s, n, RatioStatistic(numerators, denominators))
	if s.NoInterval == NoSpread.Error() && (s.Value == 0 || s.Value == 1) {
		s.NoInterval = ""
		s.Interval = WilsonInterval(int(s.Value)*n, n, b.bootstrap.Level)
	}
}

// scores returns all scores of the report that may have an interval.
func (r *Report) scores() []Score {
	var all []Score
	for _, s := range r.Similarity {
		all = append(all, s.Spearman, s.Pearson)
	}
	for _, a := range r.Analogies {
		for _, m := range a.Methods {
			for _, t := range slices.Concat(m.Sections, []Tally{m.Semantic, m.Syntactic, m.Total}) {
				all = append(all, t.Accuracy, t.AccuracyOfAll)
			}
		}
	}
	for _, o := range r.Outliers {
		all = append(all, o.Accuracy, o.AccuracyOfAll, o.OPP)
	}
	for _, c := range r.Categories {
		all = append(all, c.Purity, c.AdjustedRand, c.VMeasure)
	}
	return all
}

// intervalNotes returns what is to be said of the intervals in the report.
func (r *Report) intervalNotes() []string {
	var methods []IntervalMethod
	var reasons wordList
	for _, s := range r.scores() {
		if s.HasInterval() && !slices.Contains(methods, s.Interval.Method) {
			methods = append(methods, s.Interval.Method)
		}
		reasons.addUnless(s.NoInterval == "", s.NoInterval)
	}
	var notes []string
	if len(methods) > 0 {
		note := fmt.Sprintf("In brackets: %g %% confidence intervals, by %d bootstrap resamples", 100*r.Settings.Confidence, r.Settings.Resamples)
		if len(r.Analogies)+len(r.Outliers) > 0 {
			note += ", in which questions that ask for the same pair, or about the same group, stay together"
		}
		notes = append(notes, note+"."+methodNote(methods))
	}
	if len(reasons.words) > 0 {
		notes = append(notes, "Scores without an interval: "+strings.Join(reasons.words, "; ")+".")
	}
	return notes
}

// methodNote returns a sentence on the methods other than BCa.
func methodNote(methods []IntervalMethod) string {
	note := ""
	if slices.Contains(methods, Percentile) {
		note += " Plain percentiles stand in for BCa in some."
	}
	if slices.Contains(methods, Wilson) {
		note += " Those of 0 and 100 % are Wilson's."
	}
	return note
}

// agreement returns the score of a statistic, given its value and error.
func agreement(value float64, err error) Score {
	var undefined Undefined
	if errors.As(err, &undefined) {
		return Score{Undefined: string(undefined)}
	}
	return Score{Value: value}
}
