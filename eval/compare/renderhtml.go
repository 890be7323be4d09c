package compare

import (
	"fmt"
	"io"
	"strings"

	"kindred/eval/internal/render"
	"kindred/internal/english"
	"kindred/internal/page"
)

// WriteHTML writes the comparison as one self-contained HTML page with plots.
func (c *Comparison) WriteHTML(w io.Writer) error {
	p := page.Page{
		Title:    "Comparison of " + conjoin(c.names(plain)),
		Lead:     []string{c.summary()},
		Sections: c.Sections(),
		Footer:   "Made by kindred compare.",
	}
	_, err := p.WriteTo(w)
	return err
}

// Sections returns the sections of the page that [Comparison.WriteHTML] writes, for pages that say more.
func (c *Comparison) Sections() []page.Section {
	var sections []page.Section
	for _, section := range []page.Section{
		{Title: "What the tests say", Blocks: c.verdictBlocks()},
		{Title: "Scores", Blocks: c.scoreBlocks()},
		{Title: "Differences", Blocks: c.differenceBlocks()},
		{Title: "Human and model scores", Blocks: c.humanBlocks()},
		{Title: "Accuracy by section", Blocks: c.sectionBlocks()},
		{Title: "Scores by frequency", Blocks: c.bandBlocks()},
		{Title: "Where systems disagree", Blocks: c.disagreementBlocks()},
		{Title: "Overlap", Blocks: c.overlapBlocks()},
		{Title: "Settings and timing", Blocks: c.settingBlocks()},
	} {
		if len(section.Blocks) > 0 {
			sections = append(sections, section)
		}
	}
	return sections
}

// plain is the style of text that the page writes as it is.
var plain = render.Style{Prose: func(s string) string { return s }}

// conjoin returns "a, b and c".
func conjoin(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return strings.Join(items[:last], ", ") + " and " + items[last]
}

// summary returns the outcome of all tests in a sentence.
func (c *Comparison) summary() string {
	significant := 0
	for _, m := range c.Measures {
		for _, d := range m.Differences {
			if d.Verdict == Significant {
				significant++
			}
		}
	}
	level := fmt.Sprintf("at %g %% confidence", 100*c.Settings.Confidence)
	switch tested := c.Settings.Tests; {
	case tested == 0:
		return "No difference between systems was tested."
	case significant == 0:
		return fmt.Sprintf("No significant difference %s in %s.", level, english.Plural(tested, "test"))
	case significant == tested:
		return fmt.Sprintf("Significant differences %s in all of %s.", level, english.Plural(tested, "test"))
	default:
		return fmt.Sprintf("Significant differences %s in %d of %s; the others are within noise.", level, significant, english.Plural(tested, "test"))
	}
}

// verdictBlocks say in words what the tests found, and on which terms.
func (c *Comparison) verdictBlocks() []page.Block {
	return []page.Block{page.List(c.Verdicts()), page.Prose(c.Settings.String())}
}

// scoreBlocks show the scores of all measures.
func (c *Comparison) scoreBlocks() []page.Block {
	if len(c.Measures) == 0 {
		return nil
	}
	figure := page.Figure{Caption: "Scores and their confidence intervals. Intervals that overlap don't make a difference noise, " +
		"as the systems were asked the same items: that is for the tests to say."}
	for _, m := range c.Measures {
		if m.Headline {
			figure.Panels = append(figure.Panels, c.scorePanel(m)...)
		}
	}
	return shown(figure, notes(c.scoreNotes(), page.NewTable("All scores", c.scoreTable(plain)))...)
}

// differenceBlocks show how much systems differ.
func (c *Comparison) differenceBlocks() []page.Block {
	if len(c.Systems) < 2 || len(c.Measures) == 0 {
		return nil
	}
	figure := page.Figure{Key: c.key(), Caption: "Differences and their confidence intervals, in the colour of the system that is ahead. " +
		"Verdicts rest on p-values corrected for the number of tests, intervals are not corrected."}
	for _, m := range c.Measures {
		figure.Panels = append(figure.Panels, c.differencePanel(m)...)
	}
	t := page.NewTable("All differences", c.differenceTable(plain))
	i := 0
	for _, m := range c.Measures {
		for _, d := range m.Differences {
			t.Rows[i].Strong = d.Verdict == Significant
			i++
		}
	}
	return shown(figure, notes(c.differenceNotes(), t)...)
}

// sectionBlocks show the accuracies by section of analogy sets.
func (c *Comparison) sectionBlocks() []page.Block {
	var blocks []page.Block
	for _, a := range c.Analogies {
		if len(a.Sections) > 0 {
			t := page.NewTable(a.Name+", "+a.Method, c.sectionTable(plain, a))
			blocks = append(blocks, shown(c.sectionFigure(a), notes(c.sectionNotes(a), t)...)...)
		}
	}
	return blocks
}

// bandBlocks show the scores by frequency of all sets that have them.
func (c *Comparison) bandBlocks() []page.Block {
	t, any := c.bandTable(plain)
	if !any {
		return nil
	}
	return shown(c.bandFigure(), page.NewTable("Scores by rank of the rarest word", t))
}

// disagreementBlocks list the pairs on which two systems differ most.
func (c *Comparison) disagreementBlocks() []page.Block {
	var blocks []page.Block
	for _, set := range c.Similarity {
		if t, any := c.disagreementTable(plain, set); any {
			blocks = append(blocks, page.NewTable(set.Name+": ranks from 1, the least similar pair", t))
		}
	}
	return blocks
}

// overlapBlocks show what the systems' vocabularies and neighbours have in common.
func (c *Comparison) overlapBlocks() []page.Block {
	t, any := c.overlapTable(plain)
	if !any {
		return nil
	}
	return shown(c.overlapFigure(), page.NewTable("Words and neighbours in common, neighbours by rank", t))
}

// settingBlocks show how the models came to be, as far as their manifests say.
func (c *Comparison) settingBlocks() []page.Block {
	blocks := []page.Block{page.NewTable("Systems", c.systemTable(plain))}
	if t, any := c.settingTable(plain); any {
		blocks = append(blocks, notes(c.remarks(), page.NewTable("Settings that differ", t))...)
	}
	return blocks
}

// shown puts a figure, unless it is empty, before other blocks.
func shown(f page.Figure, others ...page.Block) []page.Block {
	if len(f.Panels) == 0 {
		return others
	}
	return append([]page.Block{f}, others...)
}

// notes puts paragraphs behind a table.
func notes(notes []string, t page.Table) []page.Block {
	blocks := []page.Block{t}
	for _, n := range notes {
		blocks = append(blocks, page.Prose(n))
	}
	return blocks
}
