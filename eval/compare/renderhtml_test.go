package compare

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"kindred/eval"
	"kindred/eval/internal/evaltest"
	"kindred/eval/internal/render"
	"kindred/internal/page/pagetest"
	"kindred/model"
)

// fourSystems is a comparison of four systems by sets of all kinds, in which something can't be scored.
func fourSystems(t *testing.T) *Comparison {
	e, sets := evaltest.Orchard(t)
	sets = append(sets, evaltest.Parse(t, "unknown.tsv", "zebra\tgnu\t5\ngnu\tokapi\t6\n"))
	systems := []System{
		graftSystem("a", e, 3, 0.2, 1), graftSystem("<b> & an exceedingly long name, which is the path/of/a/file.bin", e, 1, 0.2, 2),
		graftSystem("worse", e, 3, 2.5, 3), graftSystem("d", e, 1, 0.3, 4),
	}
	systems[3].Models[0].Embeddings.Manifest = &model.Manifest{Tool: "kindred", Settings: []byte(`{"window": 5}`), Training: &model.TrainingRecord{Wall: 12.5}}
	return compare(t, systems, sets, Options{Options: eval.Options{Resamples: 200}})
}

func writeHTML(t *testing.T, c *Comparison) string {
	var b bytes.Buffer
	if err := c.WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestHTMLHasItAll checks that the page has the figures of the tables for the terminal, and a plot of each kind.
func TestHTMLHasItAll(t *testing.T) {
	c := fourSystems(t)
	source := writeHTML(t, c)
	if source != writeHTML(t, c) {
		t.Error("the same comparison gave two pages")
	}
	for _, what := range []string{`<b>`, `<script`} {
		if strings.Contains(source, what) {
			t.Errorf("the page has %s", what)
		}
	}
	text := html.UnescapeString(source)
	var want []string
	want = append(want, c.Verdicts()...)
	want = append(want, c.Settings.String())
	want = append(want, c.scoreNotes()...)
	want = append(want, c.differenceNotes()...)
	for _, m := range c.Measures {
		for _, s := range m.Scores {
			want = append(want, cellOf(s, m.inPercent()))
		}
		for _, d := range m.Differences {
			want = append(want, render.Signed(d.Difference, m.inPercent()), string(d.Verdict))
		}
	}
	for _, s := range c.Similarity {
		for _, d := range s.Disagreements {
			for _, p := range d.Pairs[:min(1, len(d.Pairs))] {
				want = append(want, s.Pairs[p.Pair].First+" "+s.Pairs[p.Pair].Second)
			}
		}
	}
	for _, o := range c.Neighbors {
		want = append(want, fmt.Sprintf("%.3f", o.Bins[0].Jaccard))
	}
	want = append(want, "12.5", "no covered pair")
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("the page lacks %q", w)
		}
	}
	var descriptions []string
	for _, m := range regexp.MustCompile(`role="img" aria-label="([^"]*)"`).FindAllStringSubmatch(source, -1) {
		descriptions = append(descriptions, html.UnescapeString(m[1]))
	}
	all := strings.Join(descriptions, "\n")
	for _, w := range []string{
		"pairs, Spearman correlation: a: ", "groups, difference of accuracy in %: a - ", "Cosines by worse against human scores of the 40 pairs of pairs",
		"accuracy in %: capitals: 90 questions", "pairs, Spearman correlation by band: ≤1k, a: ", "a - worse, ranks 1–1000: ",
	} {
		if !strings.Contains(all, w) {
			t.Errorf("no plot is described by %q, but:\n%s", w, all)
		}
	}
}

func TestHTMLOfOneSystemAndNoSet(t *testing.T) {
	e, sets := evaltest.Orchard(t)
	one := []System{graftSystem("alone", e, 1, 0.2, 1)}
	for name, source := range map[string]string{
		"no set":     writeHTML(t, compare(t, one, nil, Options{})),
		"one system": writeHTML(t, compare(t, one, sets, Options{Options: eval.Options{Resamples: 100}})),
	} {
		if !strings.Contains(source, "alone alone: nothing to compare it with.") || strings.Contains(source, ">Differences<") {
			t.Errorf("%s: the page doesn't say that there is nothing to compare", name)
		}
	}
}

func TestHTMLInBrowser(t *testing.T) { pagetest.Look(t, []byte(writeHTML(t, fourSystems(t)))) }
