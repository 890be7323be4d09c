package compare

import (
	"cmp"
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

// names returns the names of the systems as a style writes them.
func (c *Comparison) names(s render.Style) []string {
	var names []string
	for _, system := range c.Systems {
		names = append(names, s.Prose(system.Name))
	}
	return names
}

func (c *Comparison) systemTable(s render.Style) table.Writer {
	t := tabular.New("System", "Models", "Words", "Dim", "Tool", "Wall s", "CPU s", "Tokens/s")
	for _, system := range c.Systems {
		tool := system.Models[0].Tool
		if tool == "" {
			tool = "not recorded"
		}
		t.AppendRow(table.Row{
			s.Prose(system.Name), len(system.Models), system.Words,
			spanOf(system.Models, "%.0f", func(m ModelRecord) float64 { return float64(m.Dim) }), s.Prose(tool),
			spanOf(system.Models, "%.1f", func(m ModelRecord) float64 { return m.Wall }),
			spanOf(system.Models, "%.1f", func(m ModelRecord) float64 { return m.CPU }),
			spanOf(system.Models, "%.0f", func(m ModelRecord) float64 { return m.TokensPerSecond }),
		})
	}
	return t
}

// spanOf returns the figure of the models, from the least to the greatest, and nothing where one has none.
func spanOf(models []ModelRecord, format string, figure func(ModelRecord) float64) string {
	var all []float64
	for _, m := range models {
		all = append(all, figure(m))
	}
	low, high := fmt.Sprintf(format, slices.Min(all)), fmt.Sprintf(format, slices.Max(all))
	switch {
	case slices.Min(all) == 0:
		return ""
	case low == high:
		return low
	}
	return low + "–" + high
}

// cellOf returns a score as it is in tables: shares in percent, with the spread of the seeds behind.
func cellOf(s SystemScore, percent bool) string {
	cell, spread, factor, format := render.Cell(s.Score), s.SeedSpread, 1.0, " ±%.4f"
	if percent {
		cell, factor, format = render.PercentCell(s.Score), 100, " ±%.2f"
	}
	if s.Score.Defined() && len(s.Models) > 1 {
		cell += fmt.Sprintf(format, factor*spread)
	}
	return cell
}

// inPercent reports whether a measure is a share that is written in percent.
func (m MetricResult) inPercent() bool {
	return m.Kind == sets.Analogy || m.Kind == sets.Outlier || m.Measure == "purity"
}

func (c *Comparison) scoreTable(s render.Style) table.Writer {
	t := tabular.New(append([]string{"Set", "Measure", "Used"}, c.names(s)...)...)
	for _, m := range c.Measures {
		row := table.Row{s.Prose(m.Name), m.Measure, fmt.Sprintf("%d of %d", m.Used, m.Items)}
		for _, score := range m.Scores {
			row = append(row, cellOf(score, m.inPercent()))
		}
		t.AppendRow(row)
	}
	return t
}

func (c *Comparison) scoreNotes() []string {
	notes := []string{fmt.Sprintf("In brackets: %g %% confidence intervals over items, by %d bootstrap resamples.", 100*c.Settings.Confidence, c.Settings.Resamples)}
	if c.hasSeeds() {
		notes = append(notes, "Behind ±: the standard deviation over the models of a system, of which the score is the mean.")
	}
	var reasons []string
	for _, m := range c.Measures {
		for _, score := range m.Scores {
			reasons = append(reasons, score.Score.NoInterval)
		}
	}
	if reasons = render.Distinct(reasons...); len(reasons) > 0 {
		notes = append(notes, "Scores without an interval: "+strings.Join(reasons, "; ")+".")
	}
	return notes
}

// hasSeeds reports whether a system has several models.
func (c *Comparison) hasSeeds() bool {
	return slices.ContainsFunc(c.Systems, func(s SystemRecord) bool { return len(s.Models) > 1 })
}

func (c *Comparison) differenceTable(s render.Style) table.Writer {
	t := tabular.New("Set", "Systems", "Difference", "Effect", "p", "p corrected", "Verdict")
	for _, m := range c.Measures {
		for _, d := range m.Differences {
			row := table.Row{s.Prose(m.Name), c.pair(s, d.First, d.Second), render.Signed(d.Difference, m.inPercent())}
			if d.Test == nil {
				t.AppendRow(append(row, "", "", "", string(d.Verdict)+": "+d.Reason))
				continue
			}
			t.AppendRow(append(row, d.Effect.String(), pValue(d.Test.P), pValue(*d.Corrected), string(d.Verdict)))
		}
	}
	return t
}

// pair returns the names of two systems, of which the second is taken from the first.
func (c *Comparison) pair(s render.Style, first, second int) string {
	return s.Prose(c.Systems[first].Name + " - " + c.Systems[second].Name)
}

// String returns the effect as a letter and a figure, such as "q 0.12".
func (e Effect) String() string {
	if e.Name == "" {
		return ""
	}
	return fmt.Sprintf("%s %.2f", strings.TrimPrefix(e.Name, "Cohen's "), e.Value)
}

// testTable returns the table of all tests of headline measures, and whether it has a row.
func (c *Comparison) testTable(s render.Style) (table.Writer, bool) {
	t := tabular.New("Set", "Systems", "Test", "Statistic", "df", "p")
	for _, m := range c.Measures {
		for _, d := range m.Differences {
			if d.Test == nil {
				continue
			}
			for _, test := range append([]stats.Test{*d.Test}, d.Others...) {
				df := ""
				if test.DF > 0 {
					df = fmt.Sprintf("%.1f", test.DF)
				}
				t.AppendRow(table.Row{s.Prose(m.Name), c.pair(s, d.First, d.Second), test.Name, fmt.Sprintf("%.4g", test.Statistic), df, pValue(test.P)})
			}
		}
	}
	return t, t.Length() > 0
}

// pValue returns a p-value with three decimals.
func pValue(p float64) string {
	if p < 0.001 {
		return "<0.001"
	}
	return fmt.Sprintf("%.3f", p)
}

func (c *Comparison) differenceNotes() []string {
	if c.Settings.Tests == 0 {
		return nil
	}
	notes := []string{fmt.Sprintf("p corrected: by Holm's method for the %s in this table; significant below %.2g.", english.Plural(c.Settings.Tests, "test"), 1-c.Settings.Confidence)}
	if least := int(float64(c.Settings.Tests)/(1-c.Settings.Confidence)) + 1; c.Settings.Resamples < least {
		notes = append(notes, fmt.Sprintf("The paired bootstrap has no p-values below 1/%d, which is too few resamples for so many tests; take %d or more.", c.Settings.Resamples+1, least))
	}
	if !c.hasSeeds() {
		notes = append(notes, "Each system is one model: what another seed would change is not in these tests. Give several as name=FILE,FILE,… to know.")
	}
	return notes
}

func (c *Comparison) sectionTable(s render.Style, a AnalogyDetails) table.Writer {
	header := append([]string{"Section", "Used"}, c.names(s)...)
	t := tabular.New(append(header, "Significant")...)
	for _, section := range a.Sections {
		t.AppendRow(c.sectionRow(s, section))
	}
	t.AppendSeparator()
	for _, category := range a.Categories {
		t.AppendRow(c.sectionRow(s, category))
	}
	return t
}

func (c *Comparison) sectionRow(s render.Style, section SectionScores) table.Row {
	row := table.Row{s.Prose(cmp.Or(section.Name, "(no section)")), fmt.Sprintf("%d of %d", section.Used, section.Questions)}
	for _, score := range section.Scores {
		row = append(row, cellOf(score, true))
	}
	var found []string
	for _, d := range section.Differences {
		if d.Verdict == Significant {
			found = append(found, c.pair(s, d.First, d.Second)+" "+render.Signed(d.Difference, true))
		}
	}
	return append(row, strings.Join(found, "; "))
}

func (c *Comparison) sectionNotes(a AnalogyDetails) []string {
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
	return []string{fmt.Sprintf("Differences between sections' accuracies are corrected for the %s of sections, and those between categories for theirs.", english.Plural(n, "test"))}
}

// disagreementTable returns the table of a set's disagreements, and whether it has a row.
func (c *Comparison) disagreementTable(s render.Style, set SimilarityDetails) (table.Writer, bool) {
	const shown = 5
	t := tabular.New("Pair", "Systems", "Human", "Rank by people", "by the first", "by the second")
	for _, of := range set.Disagreements {
		for _, d := range of.Pairs[:min(shown, len(of.Pairs))] {
			p := set.Pairs[d.Pair]
			t.AppendRow(table.Row{
				s.Prose(p.First + " " + p.Second), c.pair(s, of.First, of.Second), fmt.Sprintf("%.2f", p.Human),
				fmt.Sprintf("%g", d.HumanRank), fmt.Sprintf("%g", d.FirstRank), fmt.Sprintf("%g", d.SecondRank),
			})
		}
	}
	return t, t.Length() > 0
}

// String returns the band as ranks, such as "1001–3000".
func (b FrequencyBin) String() string {
	if b.To == 0 {
		return fmt.Sprintf("from %d", b.From)
	}
	return fmt.Sprintf("%d–%d", b.From, b.To)
}

func (c *Comparison) bandTable(s render.Style) (table.Writer, bool) {
	t := tabular.New(append([]string{"Set", "Ranks", "Used"}, c.names(s)...)...)
	add := func(name string, bands []BinScores, percent bool) {
		for _, b := range bands {
			row := table.Row{s.Prose(name), b.FrequencyBin.String(), b.Used}
			for _, score := range b.Scores {
				row = append(row, cellOf(score, percent))
			}
			t.AppendRow(row)
		}
	}
	for _, set := range c.Similarity {
		add(set.Name, set.Bins, false)
	}
	for _, a := range c.Analogies {
		add(a.Name+", "+a.Method, a.Bins, true)
	}
	return t, t.Length() > 0
}

// overlapTable returns the table of what vocabularies and neighbours have in common, and whether it has a row.
func (c *Comparison) overlapTable(s render.Style) (table.Writer, bool) {
	if len(c.Neighbors) == 0 {
		return nil, false
	}
	header := []string{"Systems", "Words shared"}
	for _, b := range c.Neighbors[0].Bins {
		header = append(header, b.FrequencyBin.String())
	}
	t := tabular.New(header...)
	for _, n := range c.Neighbors {
		row := table.Row{s.Prose(c.Systems[n.First].Name + ", models of one system"), ""}
		if n.First != n.Second {
			row = table.Row{c.pair(s, n.First, n.Second), ""}
		}
		for _, v := range c.Vocabularies {
			if v.First == n.First && v.Second == n.Second {
				row[1] = fmt.Sprintf("%d (%.1f %%)", v.Shared, 100*v.Jaccard)
			}
		}
		for _, b := range n.Bins {
			row = append(row, fmt.Sprintf("%.3f", b.Jaccard))
		}
		t.AppendRow(row)
	}
	return t, true
}

func (c *Comparison) overlapNote() string {
	return fmt.Sprintf("By rank of the word: the mean share of the %d nearest neighbours that two models have in common (Jaccard), over at most %d words of each band.",
		OverlapNeighbors, OverlapWords)
}
