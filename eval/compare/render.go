package compare

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"kindred/eval/internal/render"
	"kindred/internal/english"
)

// WriteText writes the comparison as tables for a render.Terminal.
func (c *Comparison) WriteText(w io.Writer) error {
	_, err := io.WriteString(w, c.render(render.Terminal))
	return err
}

// WriteMarkdown writes the comparison as Markdown with tables.
func (c *Comparison) WriteMarkdown(w io.Writer) error {
	_, err := io.WriteString(w, c.render(render.Markdown))
	return err
}

// render returns the comparison in the given style.
func (c *Comparison) render(s render.Style) string {
	var b strings.Builder
	section := func(title string, t table.Writer, notes ...string) {
		fmt.Fprintf(&b, "\n%s\n%s\n", s.Heading(title), s.Table(t))
		if len(notes) > 0 {
			fmt.Fprintf(&b, "\n%s\n", s.Prose(strings.Join(notes, s.Gap)))
		}
	}
	fmt.Fprintln(&b, s.Prose(strings.Join(c.Verdicts(), s.Gap)))
	fmt.Fprintf(&b, "\n%s\n", s.Prose(c.Settings.String()))
	section("Systems", c.systemTable(s))
	if len(c.Measures) > 0 {
		section("Scores", c.scoreTable(s), c.scoreNotes()...)
	}
	if len(c.Systems) > 1 && len(c.Measures) > 0 {
		section("Differences", c.differenceTable(s), c.differenceNotes()...)
	}
	if t, any := c.testTable(s); any {
		section("Tests", t, "Of each difference the first is the one that its p-value and verdict are taken from.")
	}
	for _, a := range c.Analogies {
		section(fmt.Sprintf("Accuracy by section: %s, %s", a.Name, a.Method), c.sectionTable(s, a), c.sectionNotes(a)...)
	}
	for _, set := range c.Similarity {
		if t, any := c.disagreementTable(s, set); any {
			section("Pairs that systems see most differently: "+set.Name, t, "Ranks from 1, the least similar pair.")
		}
	}
	if t, any := c.bandTable(s); any {
		section("Scores by frequency", t, "A pair or question is in the band of its rarest word's rank among the shared words.")
	}
	if t, any := c.overlapTable(s); any {
		section("Overlap", t, c.overlapNote())
	}
	if t, any := c.settingTable(s); any {
		section("Settings that differ", t, c.remarks()...)
	}
	return b.String()
}

// Verdicts returns the outcome in a sentence for any two systems.
func (c *Comparison) Verdicts() []string {
	var list []string
	for second := range c.Systems {
		for first := range second {
			list = append(list, c.verdict(first, second))
		}
	}
	if len(list) == 0 {
		list = append(list, fmt.Sprintf("%s alone: nothing to compare it with.", c.Systems[0].Name))
	}
	return list
}

// verdict returns the outcome for two systems in a sentence.
func (c *Comparison) verdict(first, second int) string {
	var ahead [2][]string
	tested, untested := 0, 0
	for _, m := range c.Measures {
		for _, d := range m.Differences {
			switch {
			case d.First != first || d.Second != second:
			case d.Verdict == NotTested:
				untested++
			case d.Verdict == WithinNoise:
				tested++
			default:
				tested++
				lead := 0
				if d.Difference.Value < 0 {
					lead = 1
				}
				ahead[lead] = append(ahead[lead], m.Name)
			}
		}
	}
	a, b := c.Systems[first].Name, c.Systems[second].Name
	var parts []string
	for i, sets := range ahead {
		if len(sets) > 0 {
			parts = append(parts, fmt.Sprintf("%s is better on %s", []string{a, b}[i], strings.Join(sets, ", ")))
		}
	}
	rest := tested - len(ahead[0]) - len(ahead[1])
	switch {
	case tested == 0:
		parts = append(parts, "no difference could be tested")
	case len(parts) == 0:
		parts = append(parts, fmt.Sprintf("no significant difference on %s", english.Plural(tested, "set")))
	case rest > 0:
		parts = append(parts, fmt.Sprintf("no significant difference on %s", english.Plural(rest, "other set")))
	}
	if tested > 0 && untested > 0 {
		parts = append(parts, fmt.Sprintf("%s not tested", english.Plural(untested, "set")))
	}
	return fmt.Sprintf("%s and %s: %s.", a, b, strings.Join(parts, "; "))
}

// String returns the terms in words.
func (t Settings) String() string {
	words := fmt.Sprintf("each model with its own vocabulary, of which %d words are shared", t.SharedWords)
	if t.SharedVocabulary {
		words = fmt.Sprintf("the %d words that all models have", t.SharedWords)
	}
	spelling := "case ignored"
	if t.ExactCase {
		spelling = "exact case"
	}
	missing := "items with a word that any model misses left out for all"
	if t.ZeroMissing {
		missing = "items with a missing word counted as wrong, pairs as of similarity 0"
	}
	parts := []string{words, spelling, missing}
	if t.RestrictAnalogies > 0 {
		parts = append(parts, fmt.Sprintf("analogies among the first %d words", t.RestrictAnalogies))
	}
	if t.RestrictSimilarity > 0 {
		parts = append(parts, fmt.Sprintf("other sets among the first %d words", t.RestrictSimilarity))
	}
	return "On equal terms: " + strings.Join(parts, "; ") + "."
}
