package eval

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"kindred/eval/internal/render"
	"kindred/internal/english"
	"kindred/internal/tabular"
)

func (r *Report) outlierTable(style render.Style) table.Writer {
	t := tabular.New("Set", "Accuracy", "OPP", "Cases", "Covered", "Groups")
	for _, o := range r.Outliers {
		t.AppendRow(table.Row{style.Prose(o.Name), render.PercentCell(o.Accuracy), render.PercentCell(o.OPP), o.Cases, o.Covered, o.Groups})
	}
	return t
}

func (r *Report) outlierNotes() []string {
	var notes []string
	for _, o := range r.Outliers {
		if len(o.MissingWords) > 0 {
			notes = append(notes, fmt.Sprintf("%s: %s of %d skipped for want of a word; it misses %s.",
				o.Name, english.Plural(o.Skipped, "case"), o.Cases, english.List(o.MissingWords, 8)))
		}
		if o.Blank > 0 {
			notes = append(notes, fmt.Sprintf("%s has %s, left out.", o.Name, english.Plural(o.Blank, "empty word")))
		}
	}
	return notes
}

func (r *Report) categoryTable(style render.Style) table.Writer {
	t := tabular.New("Set", "Purity", "Adjusted Rand", "V-measure", "Words", "Used", "Categories")
	for _, c := range r.Categories {
		t.AppendRow(table.Row{style.Prose(c.Name), render.PercentCell(c.Purity), render.Cell(c.AdjustedRand), render.Cell(c.VMeasure), c.Words, c.Used, c.Categories})
	}
	return t
}

func (r *Report) categoryNotes() []string {
	var notes []string
	for _, c := range r.Categories {
		if len(c.MissingWords) > 0 {
			notes = append(notes, fmt.Sprintf("%s misses %s.", c.Name, english.List(c.MissingWords, 8)))
		}
		if c.Blank > 0 {
			notes = append(notes, fmt.Sprintf("%s has %s without a word, left out.", c.Name, english.Plural(c.Blank, "line")))
		}
		if c.Repeated > 0 {
			notes = append(notes, fmt.Sprintf("%s repeats %s, which count once.", c.Name, english.Plural(c.Repeated, "line")))
		}
		if len(c.Ambiguous) > 0 {
			notes = append(notes, fmt.Sprintf("%s puts words in several categories, which are left out: %s.", c.Name, english.List(c.Ambiguous, 8)))
		}
	}
	return notes
}

func (h *Hubness) table() table.Writer {
	t := tabular.New("Words", "Skewness", "In no list")
	t.AppendRow(table.Row{h.Words, h.Skewness, render.Percent(h.Antihubs)})
	return t
}

func (h *Hubness) notes() []string {
	notes := []string{fmt.Sprintf("Counted in the lists of each word's %s.", english.Plural(h.Neighbors, "nearest neighbour"))}
	var hubs []string
	for _, hub := range h.Hubs {
		hubs = append(hubs, fmt.Sprintf("%s (%d)", hub.Word, hub.Occurrences))
	}
	if len(hubs) > 0 {
		notes = append(notes, "Most often in them: "+strings.Join(hubs, ", ")+".")
	}
	return notes
}
