package evaluation

import (
	"fmt"
	"slices"
	"strings"

	"kindred/eval/compare"
	"kindred/eval/stats"
	"kindred/internal/english"
	"kindred/internal/report"
)

// A comparison is one whose tables and figures are to be made.
type comparison struct{ *compare.Comparison }

// Comparison returns the document of a comparison for terminals and Markdown: all tables, in the order in
// which they are read.
func Comparison(of *compare.Comparison) *report.Document {
	c := comparison{of}
	d := &report.Document{Lead: of.Verdicts()}
	// add appends a section unless its table is empty.
	add := func(title string, t *report.Table, notes report.Prose) {
		if !t.Empty() {
			d.Add(title, t, notes)
		}
	}
	d.Add("", report.Prose{terms(c.Settings)})
	add("Systems", c.systemTable(), nil)
	add("Scores", c.scoreTable(), c.scoreNotes())
	add("Differences", c.differenceTable(), c.differenceNotes())
	add("Tests", c.testTable(), report.Prose{"The first test of each difference gives its p-value and verdict."})
	for _, a := range c.Analogies {
		d.Add(fmt.Sprintf("Accuracy by section: %s, %s", a.Name, a.Method), c.sectionTable(a), sectionNotes(a))
	}
	for _, set := range c.Similarity {
		add("Pairs on which systems differ most: "+set.Name, c.disagreementTable(set), report.Prose{"Ranks from 1, the least similar pair."})
	}
	add("Scores by frequency", c.binTable(), report.Prose{"A pair or question belongs to the bin of its rarest word, by rank among the shared words."})
	add("Overlap", c.overlapTable(), report.Prose{overlapNote})
	add("Settings that differ", c.settingTable(), c.remarks())
	return d
}

// terms returns what holds for all systems of a comparison, in a sentence.
func terms(t compare.Settings) string {
	words := fmt.Sprintf("each model's own vocabulary (%d words are shared)", t.SharedWords)
	if t.SharedVocabulary {
		words = fmt.Sprintf("the %d words that all models have", t.SharedWords)
	}
	missing := "items with a word that any model lacks are left out for all"
	if t.ZeroMissing {
		missing = "items with a missing word count as wrong, pairs as similarity 0"
	}
	parts := []string{words, spelling(t.Settings), missing}
	if t.RestrictAnalogies > 0 {
		parts = append(parts, fmt.Sprintf("analogies among the first %d words", t.RestrictAnalogies))
	}
	if t.RestrictSimilarity > 0 {
		parts = append(parts, fmt.Sprintf("other sets among the first %d words", t.RestrictSimilarity))
	}
	return "Equal conditions: " + joined(parts) + "."
}

// names returns the names of the systems.
func (c comparison) names() []string {
	var names []string
	for _, system := range c.Systems {
		names = append(names, system.Name)
	}
	return names
}

// pair names two systems. A difference is the score of the first less that of the second.
func (c comparison) pair(first, second int) string {
	return c.Systems[first].Name + " - " + c.Systems[second].Name
}

// hasSeeds reports whether a system has several models.
func (c comparison) hasSeeds() bool {
	return slices.ContainsFunc(c.Systems, func(s compare.SystemRecord) bool { return len(s.Models) > 1 })
}

func (c comparison) systemTable() *report.Table {
	t := report.NewTable("Systems", "System", "Models", "Words", "Dim", "Tool", "Wall s", "CPU s", "Tokens/s")
	for _, system := range c.Systems {
		tool := system.Models[0].Tool
		if tool == "" {
			tool = "not recorded"
		}
		t.Add(system.Name, len(system.Models), system.Words,
			span(system.Models, "%.0f", func(m compare.ModelRecord) float64 { return float64(m.Dim) }), tool,
			span(system.Models, "%.1f", func(m compare.ModelRecord) float64 { return m.Wall }),
			span(system.Models, "%.1f", func(m compare.ModelRecord) float64 { return m.CPU }),
			span(system.Models, "%.0f", func(m compare.ModelRecord) float64 { return m.TokensPerSecond }))
	}
	return t
}

// span returns a number of the models, from the least to the greatest. It is empty if one model lacks it.
func span(models []compare.ModelRecord, format string, number func(compare.ModelRecord) float64) report.Cell {
	var all []float64
	for _, m := range models {
		all = append(all, number(m))
	}
	low, high := fmt.Sprintf(format, slices.Min(all)), fmt.Sprintf(format, slices.Max(all))
	switch {
	case slices.Min(all) == 0:
		return report.Cell{}
	case low == high:
		return report.Number("%s", low)
	}
	return report.Number("%s–%s", low, high)
}

func (c comparison) scoreTable() *report.Table {
	t := report.NewTable("All scores", append([]string{"Set", "Measure", "Used"}, c.names()...)...)
	for _, m := range c.Measures {
		row := []any{m.Name, m.Measure, usedOf(m.Used, m.Items)}
		for _, score := range m.Scores {
			row = append(row, unitOf(m).system(score))
		}
		t.Add(row...)
	}
	return t
}

func usedOf(used, all int) report.Cell { return report.Number("%d of %d", used, all) }

func (c comparison) scoreNotes() report.Prose {
	notes := report.Prose{fmt.Sprintf("In brackets: %g %% confidence intervals over items, by %d bootstrap resamples.", 100*c.Settings.Confidence, c.Settings.Resamples)}
	if c.hasSeeds() {
		notes = append(notes, "After ±: the standard deviation over the models of a system. The score is their mean.")
	}
	var scores []stats.Score
	var unseen []string
	for _, m := range c.Measures {
		for _, s := range m.Scores {
			scores = append(scores, s.Score)
		}
		if m.Headline && m.Unseen > 0 {
			unseen = append(unseen, fmt.Sprintf("%s %d of %d", m.Name, m.Unseen, m.Used))
		}
	}
	if len(unseen) > 0 {
		notes = append(notes, "Items that a model answers with words that it has not stored: "+joined(unseen)+".")
	}
	return append(notes, withoutInterval(scores)...)
}

// differenceTable has the differences between any two systems. On pages the significant ones stand out.
func (c comparison) differenceTable() *report.Table {
	t := report.NewTable("All differences", "Set", "Systems", "Difference", "Effect", "p", "p corrected", "Verdict")
	for _, m := range c.Measures {
		for _, d := range m.Differences {
			difference := unitOf(m).difference(d.Difference)
			if d.Test == nil {
				t.Add(m.Name, c.pair(d.First, d.Second), difference, "", "", "", string(d.Verdict)+": "+d.Reason)
				continue
			}
			t.Add(m.Name, c.pair(d.First, d.Second), difference, effect(d.Effect), pValue(d.Test.P), pValue(*d.Corrected), string(d.Verdict)).
				Strong = d.Verdict == compare.Significant
		}
	}
	return t
}

// effect returns an effect size as a letter and a number, such as "q 0.12".
func effect(e compare.Effect) string {
	if e.Name == "" {
		return ""
	}
	return fmt.Sprintf("%s %.2f", strings.TrimPrefix(e.Name, "Cohen's "), e.Value)
}

func (c comparison) differenceNotes() report.Prose {
	if c.Settings.Tests == 0 {
		return nil
	}
	notes := report.Prose{fmt.Sprintf("p corrected: by Holm's method for the %s in this table; significant below %.2g.", english.Plural(c.Settings.Tests, "test"), 1-c.Settings.Confidence)}
	if least := int(float64(c.Settings.Tests)/(1-c.Settings.Confidence)) + 1; c.Settings.Resamples < least {
		notes = append(notes, fmt.Sprintf("The paired bootstrap has no p-values below 1/%d, because it has too few resamples for this many tests; use %d or more.", c.Settings.Resamples+1, least))
	}
	if !c.hasSeeds() {
		notes = append(notes, "Each system is one model, so the tests do not include the variation between seeds. To include it, give several models per system: name=FILE,FILE,….")
	}
	return notes
}

// testTable has all tests of the differences.
func (c comparison) testTable() *report.Table {
	t := report.NewTable("Tests", "Set", "Systems", "Test", "Statistic", "df", "p")
	for _, m := range c.Measures {
		for _, d := range m.Differences {
			if d.Test == nil {
				continue
			}
			for _, test := range append([]stats.Test{*d.Test}, d.Others...) {
				var df report.Cell
				if test.DF > 0 {
					df = report.Number("%.1f", test.DF)
				}
				t.Add(m.Name, c.pair(d.First, d.Second), test.Name, report.Number("%.4g", test.Statistic), df, pValue(test.P))
			}
		}
	}
	return t
}

// sectionTable has the accuracies by section, and below a rule those by category.
func (c comparison) sectionTable(a compare.AnalogyDetails) *report.Table {
	header := append([]string{"Section", "Used"}, c.names()...)
	t := report.NewTable(a.Name+", "+a.Method, append(header, "Significant")...)
	add := func(s compare.SectionScores) *report.Row {
		row := []any{sectionName(s.Name), usedOf(s.Used, s.Questions)}
		for _, score := range s.Scores {
			row = append(row, percent.system(score))
		}
		var found []report.Cell
		for _, d := range s.Differences {
			if d.Verdict == compare.Significant {
				found = append(found, report.Join(" ", report.Text(c.pair(d.First, d.Second)), percent.difference(d.Difference)))
			}
		}
		return t.Add(append(row, report.Join("; ", found...))...)
	}
	for _, s := range a.Sections {
		add(s)
	}
	for i, s := range a.Categories {
		add(s).Ruled = i == 0
	}
	return t
}

func sectionNotes(a compare.AnalogyDetails) report.Prose {
	n := 0
	for _, section := range a.Sections {
		for _, d := range section.Differences {
			if d.Test != nil {
				n++
			}
		}
	}
	if n == 0 {
		return nil
	}
	return report.Prose{fmt.Sprintf("p-values of sections are corrected for the %s of sections, those of categories for the tests of categories.", english.Plural(n, "test"))}
}

// disagreementTable has the pairs of a set whose ranks differ most between two systems.
func (c comparison) disagreementTable(set compare.SimilarityDetails) *report.Table {
	const shown = 5
	t := report.NewTable(set.Name+": ranks from 1, the least similar pair", "Pair", "Systems", "Human", "Human rank", "First's rank", "Second's rank")
	for _, of := range set.Disagreements {
		for _, d := range of.Pairs[:min(shown, len(of.Pairs))] {
			p := set.Pairs[d.Pair]
			t.Add(p.First+" "+p.Second, c.pair(of.First, of.Second), report.Number("%.2f", p.Human),
				report.Number("%g", d.HumanRank), report.Number("%g", d.FirstRank), report.Number("%g", d.SecondRank))
		}
	}
	return t
}

// ranks returns the ranks of a bin, such as "1001–3000".
func ranks(b compare.FrequencyBin) string {
	if b.To == 0 {
		return fmt.Sprintf("from %d", b.From)
	}
	return fmt.Sprintf("%d–%d", b.From, b.To)
}

// binTable has the scores of all sets by frequency.
func (c comparison) binTable() *report.Table {
	t := report.NewTable("Scores by rank of the rarest word", append([]string{"Set", "Ranks", "Used"}, c.names()...)...)
	add := func(name string, bins []compare.BinScores, u unit) {
		for _, b := range bins {
			row := []any{name, report.Number("%s", ranks(b.FrequencyBin)), b.Used}
			for _, score := range b.Scores {
				row = append(row, u.system(score))
			}
			t.Add(row...)
		}
	}
	for _, set := range c.Similarity {
		add(set.Name, set.Bins, plain)
	}
	for _, a := range c.Analogies {
		add(a.Name+", "+a.Method, a.Bins, percent)
	}
	return t
}

// overlapTable has what vocabularies and neighbors have in common.
func (c comparison) overlapTable() *report.Table {
	const caption = "Shared words, and shared neighbors by rank"
	if len(c.Neighbors) == 0 {
		return report.NewTable(caption)
	}
	header := []string{"Systems", "Words shared"}
	for _, b := range c.Neighbors[0].Bins {
		header = append(header, ranks(b.FrequencyBin))
	}
	t := report.NewTable(caption, header...)
	for _, n := range c.Neighbors {
		row := []any{c.overlapping(n), ""}
		for _, v := range c.Vocabularies {
			if v.First == n.First && v.Second == n.Second {
				row[1] = report.Number("%d (%.1f %%)", v.Shared, 100*v.Jaccard)
			}
		}
		for _, b := range n.Bins {
			row = append(row, report.Number("%.3f", b.Jaccard))
		}
		t.Add(row...)
	}
	return t
}

// overlapping names the systems whose neighbors are compared.
func (c comparison) overlapping(n compare.NeighborOverlap) string {
	if n.First == n.Second {
		return c.Systems[n.First].Name + ", models of one system"
	}
	return c.pair(n.First, n.Second)
}

var overlapNote = fmt.Sprintf("By rank of the word: the mean share of the %d nearest neighbors that two models share (Jaccard), over at most %d words of each bin.",
	compare.OverlapNeighbors, compare.OverlapWords)
