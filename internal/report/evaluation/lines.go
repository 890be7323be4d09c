package evaluation

import (
	"fmt"
	"slices"

	"kindred/eval/compare"
	"kindred/eval/stats"
	"kindred/internal/english"
	"kindred/internal/report"
)

// Lines returns the document of a comparison of classifiers.
func Lines(of *compare.LineComparison) *report.Document {
	c := comparison{&compare.Comparison{Measures: slices.Clone(of.Measures), Settings: compare.Settings{Tests: of.Tests}}}
	c.Settings.Resamples, c.Settings.Confidence = of.Resamples, of.Confidence
	for _, s := range of.Systems {
		c.Systems = append(c.Systems, compare.SystemRecord{Name: s.Name, Models: make([]compare.ModelRecord, len(s.Files))})
	}
	for i := range c.Measures {
		c.Measures[i].Name = c.Measures[i].Measure // what the tables call a set
	}
	d := &report.Document{Lead: c.Verdicts()}
	d.Add("", report.Prose{fmt.Sprintf("All classifiers labeled the same %s, with %d different texts.", english.Plural(of.Lines, "line"), of.Units)})
	scores := report.NewTable("All scores", append([]string{"Measure"}, c.names()...)...)
	var all []stats.Score
	for _, m := range c.Measures {
		row := []any{m.Measure}
		for _, s := range m.Scores {
			row = append(row, unitOf(m).system(s))
			all = append(all, s.Score)
		}
		scores.Add(row...)
	}
	notes := report.Prose{fmt.Sprintf("In brackets: %g %% confidence intervals over different texts, by %d bootstrap resamples.", 100*of.Confidence, of.Resamples)}
	if c.hasSeeds() {
		notes = append(notes, "After ±: the standard deviation over the classifiers of a system. The score is their mean.")
	}
	d.Add("Scores", scores, append(notes, withoutInterval(all)...))
	if differences := c.differenceTable(); !differences.Empty() {
		d.Add("Differences", differences, c.differenceNotes())
	}
	if tests := c.testTable(); !tests.Empty() {
		d.Add("Tests", tests, report.Prose{"The first test of each difference gives its p-value and verdict. McNemar's is of how many lines only one of them labels right."})
	}
	return d
}
