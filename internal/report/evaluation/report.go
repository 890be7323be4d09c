// Package evaluation makes documents of the results of package eval: of a model's scores, and of
// the comparison of several models.
package evaluation

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"kindred/eval"
	"kindred/eval/sets"
	"kindred/eval/stats"
	"kindred/internal/english"
	"kindred/internal/report"
)

// Report returns the document of a model's scores.
func Report(r *eval.Report) *report.Document {
	d := &report.Document{Lead: report.Prose{modelLine(r)}}
	if len(r.Similarity) > 0 {
		d.Add("Word similarity", similarityTable(r), similarityNotes(r))
	}
	for _, a := range r.Analogies {
		d.Add("Analogies: "+a.Name, analogyTable(a), analogyNote(a))
	}
	if len(r.Outliers) > 0 {
		d.Add("Outlier detection", outlierTable(r), outlierNotes(r))
	}
	if len(r.Categories) > 0 {
		d.Add("Categorization", categoryTable(r), categoryNotes(r))
	}
	if r.Hubness != nil {
		d.Add("Hubness", hubnessTable(r.Hubness), hubnessNotes(r.Hubness))
	}
	if len(d.Sections) == 0 {
		d.Add("", report.Prose{"No evaluation set was given."})
	}
	d.Add("", intervalNotes(r))
	return d
}

// modelLine says what the model and the settings are.
func modelLine(r *eval.Report) string {
	return fmt.Sprintf("%s: %d words, %d dimensions, %s", cmp.Or(r.Model.Name, "Vectors"), r.Model.Words, r.Model.Dim, spelling(r.Settings))
}

func spelling(s eval.Settings) string {
	if s.ExactCase {
		return "exact case"
	}
	return "case ignored"
}

func similarityTable(r *eval.Report) *report.Table {
	t := report.NewTable("Word similarity", "Set", "Spearman", "Pearson", "Pairs", "Used", "Missing")
	for _, s := range r.Similarity {
		t.Add(s.Name, plain.cell(s.Spearman), plain.cell(s.Pearson), s.Pairs, s.Used, s.Missing)
	}
	return t
}

func similarityNotes(r *eval.Report) report.Prose {
	var notes report.Prose
	if n := r.Settings.RestrictSimilarity; n > 0 {
		notes = append(notes, fmt.Sprintf("Words were looked up among the first %d of the vocabulary.", n))
	}
	if r.Settings.ZeroMissing {
		notes = append(notes, "Pairs with a missing word count with similarity 0.")
	}
	for _, s := range r.Similarity {
		if len(s.MissingWords) > 0 {
			notes = append(notes, fmt.Sprintf("%s: missing words: %s.", s.Name, some(s.MissingWords)))
		}
		notes = append(notes, foundNotes(s.Name, s.WordsFound, "pair")...)
		notes = append(notes, columnsNote(s.Name, s.Columns)...)
		if s.Header != "" && !sets.IsScoreName(s.ScoreColumn) {
			notes = append(notes, fmt.Sprintf("The first line of %s was taken for names of columns: %s.", s.Name, sets.Excerpt(s.Header)))
		}
		if s.Repeated > 0 {
			notes = append(notes, fmt.Sprintf("%s repeats %s; each occurrence counts.", s.Name, english.Plural(s.Repeated, "pair")))
		}
	}
	return notes
}

// analogyTable has a row a section. The accuracies of each method stand side by side: those over the
// covered questions, then those over all.
func analogyTable(a eval.AnalogyResult) *report.Table {
	header := []string{"Section", "Questions", "Covered"}
	for _, m := range a.Methods {
		header = append(header, m.Method, "of all")
	}
	t := report.NewTable(a.Name, header...)
	add := func(pick func(eval.MethodResult) eval.Tally) *report.Row {
		var row []any
		for i, m := range a.Methods {
			tally := pick(m)
			if i == 0 {
				row = []any{sectionName(tally.Name), tally.Questions, tally.Covered}
			}
			row = append(row, percent.cell(tally.Accuracy), percent.short(tally.AccuracyOfAll))
		}
		return t.Add(row...)
	}
	if len(a.Methods) > 0 {
		for i := range a.Methods[0].Sections {
			add(func(m eval.MethodResult) eval.Tally { return m.Sections[i] })
		}
	}
	add(func(m eval.MethodResult) eval.Tally { return m.Semantic }).Ruled = true
	add(func(m eval.MethodResult) eval.Tally { return m.Syntactic })
	add(func(m eval.MethodResult) eval.Tally { return m.Total })
	return t
}

func sectionName(name string) string { return cmp.Or(name, "(no section)") }

func analogyNote(a eval.AnalogyResult) report.Prose {
	note := fmt.Sprintf("%s of %d skipped because a word is missing; answers come from %s.",
		english.Plural(a.Skipped, "question"), a.Questions, english.Plural(a.Candidates, "word"))
	if len(a.MissingWords) > 0 {
		note += " Missing: " + some(a.MissingWords) + "."
	}
	notes := report.Prose{note}
	if a.Pairs > 0 {
		notes = append(notes, fmt.Sprintf("The questions are made of %s: each is asked with each other one of its section as the example, n(n-1) questions of n pairs. Any of several answers is right.",
			english.Plural(a.Pairs, "pair")))
	}
	return append(notes, foundNotes(a.Name, a.WordsFound, "question")...)
}

// columnsNote says from which columns a set was read, nothing if it has no others.
func columnsNote(set string, c *sets.Columns) report.Prose {
	if c == nil {
		return nil
	}
	return report.Prose{fmt.Sprintf("%s: %s.", set, c)}
}

// foundNotes say how many items of a set were found by words that are not stored, or in another form.
func foundNotes(set string, found eval.WordsFound, noun string) report.Prose {
	var notes report.Prose
	if found.Unseen > 0 {
		notes = append(notes, fmt.Sprintf("%s: %s answered with words that are not stored, whose vectors the model composes: %s.", set, english.Plural(found.Unseen, noun), some(found.UnseenWords)))
	}
	if found.Normalized > 0 {
		notes = append(notes, fmt.Sprintf("%s: %s matched after Unicode normalization (NFC).", set, english.Plural(found.Normalized, noun)))
	}
	if found.Untagged > 0 {
		notes = append(notes, fmt.Sprintf("%s: %s matched without the parts of speech at the ends of words, as the vectors have none.", set, english.Plural(found.Untagged, noun)))
	}
	return notes
}

func outlierTable(r *eval.Report) *report.Table {
	t := report.NewTable("Outlier detection", "Set", "Accuracy", "OPP", "Cases", "Covered", "Groups")
	for _, o := range r.Outliers {
		t.Add(o.Name, percent.cell(o.Accuracy), percent.cell(o.OPP), o.Cases, o.Covered, o.Groups)
	}
	return t
}

func outlierNotes(r *eval.Report) report.Prose {
	var notes report.Prose
	for _, o := range r.Outliers {
		if len(o.MissingWords) > 0 {
			notes = append(notes, fmt.Sprintf("%s: %s of %d skipped because a word is missing. Missing: %s.",
				o.Name, english.Plural(o.Skipped, "case"), o.Cases, some(o.MissingWords)))
		}
		notes = append(notes, foundNotes(o.Name, o.WordsFound, "case")...)
		if o.Blank > 0 {
			notes = append(notes, fmt.Sprintf("%s has %s, skipped.", o.Name, english.Plural(o.Blank, "empty word")))
		}
	}
	return notes
}

func categoryTable(r *eval.Report) *report.Table {
	t := report.NewTable("Categorization", "Set", "Purity", "Adjusted Rand", "V-measure", "Words", "Used", "Categories")
	for _, c := range r.Categories {
		t.Add(c.Name, percent.cell(c.Purity), plain.cell(c.AdjustedRand), plain.cell(c.VMeasure), c.Words, c.Used, c.Categories)
	}
	return t
}

func categoryNotes(r *eval.Report) report.Prose {
	var notes report.Prose
	for _, c := range r.Categories {
		if len(c.MissingWords) > 0 {
			notes = append(notes, fmt.Sprintf("%s: missing words: %s.", c.Name, some(c.MissingWords)))
		}
		notes = append(notes, foundNotes(c.Name, c.WordsFound, "word")...)
		notes = append(notes, columnsNote(c.Name, c.Columns)...)
		if c.Blank > 0 {
			notes = append(notes, fmt.Sprintf("%s has %s without a word, skipped.", c.Name, english.Plural(c.Blank, "line")))
		}
		if c.Repeated > 0 {
			notes = append(notes, fmt.Sprintf("%s repeats %s, which count once.", c.Name, english.Plural(c.Repeated, "line")))
		}
		if len(c.Ambiguous) > 0 {
			notes = append(notes, fmt.Sprintf("%s puts words in several categories, which are left out: %s.", c.Name, some(c.Ambiguous)))
		}
	}
	return notes
}

func hubnessTable(h *eval.Hubness) *report.Table {
	t := report.NewTable("Hubness", "Words", "Skewness", "In no list")
	t.Columns[0].Align = report.Right
	t.Add(h.Words, plain.cell(h.Skewness), percent.cell(h.Antihubs))
	return t
}

func hubnessNotes(h *eval.Hubness) report.Prose {
	notes := report.Prose{fmt.Sprintf("Counted in the lists of each word's %s.", english.Plural(h.Neighbors, "nearest neighbor"))}
	var hubs []string
	for _, hub := range h.Hubs {
		hubs = append(hubs, fmt.Sprintf("%s (%d)", hub.Word, hub.Occurrences))
	}
	if len(hubs) > 0 {
		notes = append(notes, "Most frequent in these lists: "+strings.Join(hubs, ", ")+".")
	}
	return notes
}

// intervalNotes say how the intervals in the report were found, and why some are missing.
func intervalNotes(r *eval.Report) report.Prose {
	var methods []stats.IntervalMethod
	scores := r.Scores()
	for _, s := range scores {
		if s.HasInterval() {
			methods = append(methods, s.Interval.Method)
		}
	}
	var notes report.Prose
	if len(methods) > 0 {
		note := fmt.Sprintf("In brackets: %g %% confidence intervals, by %d bootstrap resamples", 100*r.Settings.Confidence, r.Settings.Resamples)
		if len(r.Analogies)+len(r.Outliers) > 0 {
			note += ", in which questions that ask for the same pair, or about the same group, stay together"
		}
		note += "."
		if slices.Contains(methods, stats.Percentile) {
			note += " Some use plain percentiles instead of BCa."
		}
		if slices.Contains(methods, stats.Wilson) {
			note += " Those of 0 and 100 % are Wilson's."
		}
		notes = append(notes, note)
	}
	return append(notes, withoutInterval(scores)...)
}

// some lists the first words of a list, and counts the others.
func some(words []string) string { return english.List(words, 8) }

// joined joins reasons.
func joined(reasons []string) string { return strings.Join(reasons, "; ") }
