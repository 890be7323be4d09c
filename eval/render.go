package eval

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"kindred/internal/tabular"
)

// A style is a way to write a report as text.
type style struct {
	// heading, table and prose write their kind of text; prose also names from
	// files and vocabularies inside tables.
	heading func(string) string
	table   func(table.Writer) string
	prose   func(string) string
	// gap is what separates two notes.
	gap string
}

var terminal = style{
	heading: func(title string) string { return title },
	table:   tabular.Terminal,
	prose:   func(s string) string { return s },
	gap:     "\n",
}

var markdown = style{
	heading: func(title string) string { return "## " + markdownEscapes.Replace(title) + "\n" },
	table:   table.Writer.RenderMarkdown, // which escapes bars
	prose:   markdownEscapes.Replace,
	gap:     "\n\n",
}

// markdownEscapes keeps words such as New_York from becoming markup.
var markdownEscapes = strings.NewReplacer(`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `<`, `\<`, `&`, `\&`)

// render returns the report in the given style.
func (r *Report) render(s style) string {
	var b strings.Builder
	section := func(title string, t table.Writer, notes []string) {
		fmt.Fprintf(&b, "\n%s\n%s\n", s.heading(title), s.table(t))
		if len(notes) > 0 {
			fmt.Fprintf(&b, "\n%s\n", s.prose(strings.Join(notes, s.gap)))
		}
	}
	fmt.Fprintln(&b, s.prose(r.subject()))
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
		fmt.Fprintf(&b, "\n%s\n", s.prose(strings.Join(notes, s.gap)))
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

func (r *Report) similarityTable(style style) table.Writer {
	t := tabular.New("Set", "Spearman", "Pearson", "Pairs", "Used", "Missing")
	for _, s := range r.Similarity {
		t.AppendRow(table.Row{style.prose(s.Name), s.Spearman.cell(), s.Pearson.cell(), s.Pairs, s.Used, s.Missing})
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
			notes = append(notes, fmt.Sprintf("%s misses %s.", s.Name, enumerate(s.MissingWords)))
		}
		if s.Header != "" && !isScoreName(s.ScoreColumn) {
			notes = append(notes, fmt.Sprintf("The first line of %s was taken for names of columns: %s.", s.Name, excerpt(s.Header)))
		}
		if s.Repeated > 0 {
			notes = append(notes, fmt.Sprintf("%s repeats %s; each occurrence counts.", s.Name, plural(s.Repeated, "pair")))
		}
	}
	return notes
}

// table returns the sections as rows, with the accuracies of each method side
// by side: those over the covered questions, then those over all.
func (a *AnalogyResult) table(style style) table.Writer {
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
func (a *AnalogyResult) row(style style, pick func(MethodResult) Tally) table.Row {
	var row table.Row
	for i, m := range a.Methods {
		t := pick(m)
		if i == 0 {
			name := t.Name
			if name == "" {
				name = "(no section)"
			}
			row = table.Row{style.prose(name), t.Questions, t.Covered}
		}
		ofAll := ""
		if t.AccuracyOfAll.Defined() { // the reason is in the cell before
			ofAll = t.AccuracyOfAll.percent()
		}
		row = append(row, t.Accuracy.percentCell(), ofAll)
	}
	return row
}

// note returns what the table doesn't say.
func (a *AnalogyResult) note() string {
	note := fmt.Sprintf("%s of %d skipped for want of a word; answers among %s.",
		plural(a.Skipped, "question"), a.Questions, plural(a.Candidates, "word"))
	if len(a.MissingWords) > 0 {
		note += " Missing: " + enumerate(a.MissingWords) + "."
	}
	return note
}

// enumerate returns the first words of a list, and how many follow.
func enumerate(words []string) string {
	const shown = 8
	if len(words) <= shown {
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(words[:shown], ", "), len(words)-shown)
}

// plural returns n with the noun in its number.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
