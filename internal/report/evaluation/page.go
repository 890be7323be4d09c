package evaluation

import (
	"fmt"

	"kindred/eval/compare"
	"kindred/internal/english"
	"kindred/internal/report"
)

// ComparisonPage returns the document of a comparison for pages: figures first, tables below them.
func ComparisonPage(of *compare.Comparison) *report.Document {
	c := comparison{of}
	return &report.Document{
		Title:    "Comparison of " + english.And(c.names()),
		Lead:     report.Prose{c.summary()},
		Sections: c.sections(),
		Footer:   "Made by kindred compare.",
	}
}

// sections returns the sections of the page. Those without a block are left out.
func (c comparison) sections() []report.Section {
	var d report.Document
	d.Add("What the tests say", report.List(c.Verdicts()), report.Prose{terms(c.Settings)})
	if t := c.scoreTable(); !t.Empty() {
		d.Add("Scores", c.scoreFigure(), t, c.scoreNotes())
	}
	if t := c.differenceTable(); !t.Empty() {
		d.Add("Differences", c.differenceFigure(), t, c.differenceNotes())
	}
	d.Add("Human and model scores", c.humanFigures()...)
	var accuracies []report.Block
	for _, a := range c.Analogies {
		if len(a.Sections) > 0 {
			accuracies = append(accuracies, c.sectionFigure(a), c.sectionTable(a), sectionNotes(a))
		}
	}
	d.Add("Accuracy by section", accuracies...)
	if t := c.binTable(); !t.Empty() {
		d.Add("Scores by frequency", c.binFigure(), t)
	}
	var disagreements []report.Block
	for _, set := range c.Similarity {
		if t := c.disagreementTable(set); !t.Empty() {
			disagreements = append(disagreements, t)
		}
	}
	d.Add("Where systems disagree", disagreements...)
	if t := c.overlapTable(); !t.Empty() {
		d.Add("Overlap", c.overlapFigure(), t)
	}
	settings := []report.Block{c.systemTable()}
	if t := c.settingTable(); !t.Empty() {
		settings = append(settings, t, c.remarks())
	}
	d.Add("Settings and timing", settings...)
	var sections []report.Section
	for _, s := range d.Sections {
		if len(s.Blocks) > 0 {
			sections = append(sections, s)
		}
	}
	return sections
}

// summary returns the outcome of all tests in a sentence.
func (c comparison) summary() string {
	significant := 0
	for _, m := range c.Measures {
		for _, d := range m.Differences {
			if d.Verdict == compare.Significant {
				significant++
			}
		}
	}
	level := fmt.Sprintf("at %g %% confidence", 100*c.Settings.Confidence)
	tests := english.Plural(c.Settings.Tests, "test")
	switch {
	case c.Settings.Tests == 0:
		return "No difference between systems was tested."
	case significant == 0:
		return fmt.Sprintf("No significant difference %s in %s.", level, tests)
	case significant == c.Settings.Tests:
		return fmt.Sprintf("Significant differences %s in all of %s.", level, tests)
	default:
		return fmt.Sprintf("Significant differences %s in %d of %s; the others are within noise.", level, significant, tests)
	}
}
