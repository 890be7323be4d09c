package eval

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"kindred/eval/internal/render"
	"kindred/eval/sets"
	"kindred/eval/stats"
	"kindred/internal/english"
	"kindred/internal/tabular"
)

// render returns the report in the given style.
func (r *Report) render(s render.Style) string {
	var b strings.Builder
	section := func(title string, t table.Writer, notes []string) {
		fmt.Fprintf(&b, "\n%s\n%s\n", s.Heading(title), s.Table(t))
		if len(notes) > 0 {
			fmt.Fprintf(&b, "\n%s\n", s.Prose(strings.Join(notes, s.Gap)))
		}
	}
	fmt.Fprintln(&b, s.Prose(r.subject()))
	if len(r.Similarity) > 0 {
		section("Word similarity", r.similarityTable(s), r.similarityNotes())
	}
	for _, a := range r.Analogies {
		section("Analogies: "+a.Name, a.table(s), []string{a.note()})
	}
	if len(r.Outliers) > 0 {
		section("Outlier detection", r.outlierTable(s), r.outlierNotes())
	}
	if len(r.Categories) > 0 {
		section("Categorisation", r.categoryTable(s), r.categoryNotes())
	}
	if r.Hubness != nil {
		section("Hubness", r.Hubness.table(), r.Hubness.notes())
	}
	if len(r.Similarity)+len(r.Analogies)+len(r.Outliers)+len(r.Categories) == 0 && r.Hubness == nil {
		fmt.Fprint(&b, "\nNo evaluation set was given.\n")
	}
	if notes := r.intervalNotes(); len(notes) > 0 {
		fmt.Fprintf(&b, "\n%s\n", s.Prose(strings.Join(notes, s.Gap)))
	}
	return b.String()
}

// subject returns a line about the model and the settings.
func (r *Report) subject() string {
	name := r.Model.Name
	if name == "" {
		name = "Vectors"
	}
	spelling := "case ignored"
	if r.Settings.ExactCase {
		spelling = "exact case"
	}
	return fmt.Sprintf("%s: %d words, %d dimensions, %s", name, r.Model.Words, r.Model.Dim, spelling)
}

func (r *Report) similarityTable(style render.Style) table.Writer {
	t := tabular.New("Set", "Spearman", "Pearson", "Pairs", "Used", "Missing")
	for _, s := range r.Similarity {
		t.AppendRow(table.Row{style.Prose(s.Name), render.Cell(s.Spearman), render.Cell(s.Pearson), s.Pairs, s.Used, s.Missing})
	}
	return t
}

// similarityNotes returns what the table of similarities doesn't say.
func (r *Report) similarityNotes() []string {
	var notes []string
	if n := r.Settings.RestrictSimilarity; n > 0 {
		notes = append(notes, fmt.Sprintf("Words were looked up among the first %d of the vocabulary.", n))
	}
	if r.Settings.ZeroMissing {
		notes = append(notes, "Pairs with a missing word count with similarity 0.")
	}
	for _, s := range r.Similarity {
		if len(s.MissingWords) > 0 {
			notes = append(notes, fmt.Sprintf("%s misses %s.", s.Name, english.List(s.MissingWords, 8)))
		}
		if s.Header != "" && !sets.IsScoreName(s.ScoreColumn) {
			notes = append(notes, fmt.Sprintf("The first line of %s was taken for names of columns: %s.", s.Name, sets.Excerpt(s.Header)))
		}
		if s.Repeated > 0 {
			notes = append(notes, fmt.Sprintf("%s repeats %s; each occurrence counts.", s.Name, english.Plural(s.Repeated, "pair")))
		}
	}
	return notes
}

// table returns the sections as rows, with the accuracies of each method side
// by side: those over the covered questions, then those over all.
func (a *AnalogyResult) table(style render.Style) table.Writer {
	header := []string{"Section", "Questions", "Covered"}
	for _, m := range a.Methods {
		header = append(header, m.Method, "of all")
	}
	t := tabular.New(header...)
	for i := range a.sections() {
		t.AppendRow(a.row(style, func(m MethodResult) Tally { return m.Sections[i] }))
	}
	t.AppendSeparator()
	t.AppendRow(a.row(style, func(m MethodResult) Tally { return m.Semantic }))
	t.AppendRow(a.row(style, func(m MethodResult) Tally { return m.Syntactic }))
	t.AppendRow(a.row(style, func(m MethodResult) Tally { return m.Total }))
	return t
}

// sections returns the number of sections.
func (a *AnalogyResult) sections() int {
	if len(a.Methods) == 0 {
		return 0
	}
	return len(a.Methods[0].Sections)
}

// row returns the row of the tally that pick takes from each method.
func (a *AnalogyResult) row(style render.Style, pick func(MethodResult) Tally) table.Row {
	var row table.Row
	for i, m := range a.Methods {
		t := pick(m)
		if i == 0 {
			name := t.Name
			if name == "" {
				name = "(no section)"
			}
			row = table.Row{style.Prose(name), t.Questions, t.Covered}
		}
		ofAll := ""
		if t.AccuracyOfAll.Defined() { // the reason is in the cell before
			ofAll = render.Percent(t.AccuracyOfAll)
		}
		row = append(row, render.PercentCell(t.Accuracy), ofAll)
	}
	return row
}

// note returns what the table doesn't say.
func (a *AnalogyResult) note() string {
	note := fmt.Sprintf("%s of %d skipped for want of a word; answers among %s.",
		english.Plural(a.Skipped, "question"), a.Questions, english.Plural(a.Candidates, "word"))
	if len(a.MissingWords) > 0 {
		note += " Missing: " + english.List(a.MissingWords, 8) + "."
	}
	return note
}

// scores returns all scores of the report that may have an interval.
func (r *Report) scores() []stats.Score {
	var all []stats.Score
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
	var methods []stats.IntervalMethod
	var reasons []string
	for _, s := range r.scores() {
		if s.HasInterval() && !slices.Contains(methods, s.Interval.Method) {
			methods = append(methods, s.Interval.Method)
		}
		reasons = append(reasons, s.NoInterval)
	}
	reasons = render.Distinct(reasons...)
	var notes []string
	if len(methods) > 0 {
		note := fmt.Sprintf("In brackets: %g %% confidence intervals, by %d bootstrap resamples", 100*r.Settings.Confidence, r.Settings.Resamples)
		if len(r.Analogies)+len(r.Outliers) > 0 {
			note += ", in which questions that ask for the same pair, or about the same group, stay together"
		}
		notes = append(notes, note+"."+methodNote(methods))
	}
	if len(reasons) > 0 {
		notes = append(notes, "Scores without an interval: "+strings.Join(reasons, "; ")+".")
	}
	return notes
}

// methodNote returns a sentence on the methods other than BCa.
func methodNote(methods []stats.IntervalMethod) string {
	note := ""
	if slices.Contains(methods, stats.Percentile) {
		note += " Plain percentiles stand in for BCa in some."
	}
	if slices.Contains(methods, stats.Wilson) {
		note += " Those of 0 and 100 % are Wilson's."
	}
	return note
}
