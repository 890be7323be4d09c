package evaluation

import (
	"bytes"
	"encoding/json"
	"fmt"
	stdhtml "html"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kindred/eval"
	"kindred/eval/compare"
	"kindred/eval/sets"
	"kindred/internal/golden"
	"kindred/internal/report"
	"kindred/internal/report/html"
	"kindred/internal/report/html/pagetest"
)

// read reads results that were written as JSON.
func read[T any](t *testing.T, path string) *T {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	results := new(T)
	if err := json.Unmarshal(data, results); err != nil {
		t.Fatal(err)
	}
	return results
}

// TestGolden writes the results that the tests of package eval have as JSON.
func TestGolden(t *testing.T) {
	results := filepath.Join("..", "..", "..", "eval", "testdata")
	documents := map[string]*report.Document{
		"compare": Comparison(read[compare.Comparison](t, filepath.Join(results, "..", "compare", "testdata", "compare.json.golden"))),
	}
	for _, name := range []string{"full", "restricted", "empty", "kinds"} {
		documents[name] = Report(read[eval.Report](t, filepath.Join(results, name+".json.golden")))
	}
	for name, d := range documents {
		for extension, write := range map[string]func(io.Writer, *report.Document) error{"txt": report.WriteText, "md": report.WriteMarkdown} {
			var got bytes.Buffer
			if err := write(&got, d); err != nil {
				t.Fatal(err)
			}
			golden.Check(t, name+"."+extension+".golden", got.String())
		}
	}
}

// TestUnseen checks that a report says which words a model has answered without having stored them.
func TestUnseen(t *testing.T) {
	r := &eval.Report{
		Similarity: []eval.SimilarityResult{{Source: sets.Source{Name: "pairs"}, WordsFound: eval.WordsFound{Unseen: 2, UnseenWords: []string{"a", "b"}}}},
		Analogies:  []eval.AnalogyResult{{Source: sets.Source{Name: "questions"}, WordsFound: eval.WordsFound{Unseen: 1, UnseenWords: []string{"c"}}}},
	}
	var got bytes.Buffer
	if err := report.WriteText(&got, Report(r)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"pairs: 2 pairs answered with words that are not stored, whose vectors the model composes: a, b.",
		"questions: 1 question answered with words that are not stored, whose vectors the model composes: c.",
	} {
		if !strings.Contains(got.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, &got)
		}
	}
	c := comparison{&compare.Comparison{Measures: []compare.MetricResult{{Source: sets.Source{Name: "pairs"}, Headline: true, Used: 9, Unseen: 2}}}}
	if want := "Items that a model answers with words that it has not stored: pairs 2 of 9."; !slices.Contains(c.scoreNotes(), want) {
		t.Errorf("the comparison lacks %q: %q", want, c.scoreNotes())
	}
}

// fourSystems is a comparison of four systems by sets of all kinds, in which something can't be scored.
func fourSystems(t *testing.T) *compare.Comparison {
	return read[compare.Comparison](t, filepath.Join("testdata", "four-systems.json"))
}

func page(t *testing.T, d *report.Document) string {
	t.Helper()
	var b bytes.Buffer
	if err := html.Write(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestPageHasItAll checks that the page has the figures of the tables for the terminal, and a plot of
// each kind.
func TestPageHasItAll(t *testing.T) {
	c := comparison{fourSystems(t)}
	source := page(t, ComparisonPage(c.Comparison))
	if source != page(t, ComparisonPage(c.Comparison)) {
		t.Error("the same comparison gave two pages")
	}
	for _, what := range []string{`<b>`, `<script`} {
		if strings.Contains(source, what) {
			t.Errorf("the page has %s", what)
		}
	}
	text := stdhtml.UnescapeString(source)
	var want []string
	want = append(want, c.Verdicts()...)
	want = append(want, terms(c.Settings))
	want = append(want, c.scoreNotes()...)
	want = append(want, c.differenceNotes()...)
	for _, m := range c.Measures {
		for _, s := range m.Scores {
			want = append(want, unitOf(m).system(s).String())
		}
		for _, d := range m.Differences {
			want = append(want, unitOf(m).difference(d.Difference).String(), string(d.Verdict))
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
		descriptions = append(descriptions, stdhtml.UnescapeString(m[1]))
	}
	all := strings.Join(descriptions, "\n")
	for _, w := range []string{
		"pairs, Spearman correlation: a: ", "groups, difference of accuracy in %: a - ", "Cosines by worse against human scores of the 40 pairs of pairs",
		"accuracy in %: capitals: 90 questions", "pairs, Spearman correlation by bin: ≤1k, a: ", "a - worse, ranks 1–1000: ",
	} {
		if !strings.Contains(all, w) {
			t.Errorf("no plot is described by %q, but:\n%s", w, all)
		}
	}
}

func TestPageOfOneSystemAndNoSet(t *testing.T) {
	for _, name := range []string{"no-set.json", "one-system.json"} {
		source := page(t, ComparisonPage(read[compare.Comparison](t, filepath.Join("testdata", name))))
		if !strings.Contains(source, "alone alone: nothing to compare it with.") || strings.Contains(source, ">Differences<") {
			t.Errorf("%s: the page doesn't say that there is nothing to compare", name)
		}
	}
}

func TestPageInBrowser(t *testing.T) {
	pagetest.Look(t, []byte(page(t, ComparisonPage(fourSystems(t)))))
}

func TestSettingTable(t *testing.T) {
	system := func(name, tool, settings string, remarks ...string) compare.SystemRecord {
		return compare.SystemRecord{Name: name, Models: []compare.ModelRecord{{Tool: tool, Settings: json.RawMessage(settings), Remarks: remarks}}}
	}
	c := comparison{&compare.Comparison{Systems: []compare.SystemRecord{
		system("ours", "kindred", `{"window": 5, "seed": 1, "noise_power": 0.75, "negatives": 5, "hogwild": false}`),
		system("early", "kindred", `{"window": 5, "seed": 2, "noise_power": 0.75, "negatives": 5, "hogwild": false, "candidates": 8}`),
		system("theirs", "fasttext", `{"window": 5, "seed": 3, "noise_power": 0.5, "negatives": null}`, "Noise is fixed.", "Text only."),
		{Name: "unknown", Models: []compare.ModelRecord{{}}},
	}}}
	// The window is the same, the seed doesn't count, and hogwild is known to one tool, whose systems
	// agree; candidates are known to it too, and set in one of its systems only.
	want := []string{"candidates,,8,,", "negatives,5,5,none,", "noise_power,0.75,0.75,0.5,"}
	var got []string
	for _, r := range c.settingTable().Rows {
		var cells []string
		for _, cell := range r.Cells {
			cells = append(cells, cell.String())
		}
		got = append(got, strings.Join(cells, ","))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(report.Prose{"theirs: Noise is fixed. Text only."}, c.remarks()); diff != "" {
		t.Error(diff)
	}
	c.Systems = c.Systems[:1]
	if !c.settingTable().Empty() {
		t.Error("the settings of one system differ")
	}
}
