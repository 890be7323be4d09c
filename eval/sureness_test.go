package eval

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kindred/model"
	"kindred/model/search"
)

// ignoreIntervals makes comparisons look at the values of scores alone.
var ignoreIntervals = cmp.Transformer("value", func(s Score) plainScore { return plainScore{s.Value, s.Undefined} })

type plainScore struct {
	Value     float64
	Undefined string
}

// orchard returns vectors with something of everything planted, and a set of each kind that is large
// enough for intervals.
func orchard(t *testing.T) (*model.Embeddings, []Set) {
	g, categories := grove(t, 1.7, 12, 9, 10, 11)
	var pairs, questions, groups strings.Builder
	fmt.Fprintln(&groups, "category,words,outliers")
	for i := range 9 {
		fmt.Fprintf(&groups, "group%d,\"['kind0-%d', 'kind0-%d', 'kind0-%d']\",\"['kind1-%d', 'kind%d-%d']\"\n", i, i, i+1, i+2, i, i%3, i%8)
	}
	for _, relation := range []string{"capitals", "gram1-plural"} {
		fmt.Fprintln(&questions, ":", relation)
		for i := range 10 {
			g.relate(relation, fmt.Sprintf("a%d%s", i, relation), fmt.Sprintf("b%d%s", i, relation), 0.8)
		}
		for i := range 10 {
			for j := range 10 {
				if i != j {
					fmt.Fprintf(&questions, "a%d%s b%d%s a%d%s b%d%s\n", i, relation, i, relation, j, relation, j, relation)
				}
			}
		}
	}
	for i := range 40 {
		first, second := g.words[i], g.words[(7*i+3)%len(g.words)]
		human := 5 + 4*model.Cosine(g.vectors[first], g.vectors[second]) + g.random.NormFloat64()
		fmt.Fprintf(&pairs, "%s\t%s\t%.2f\n", first, second, human)
	}
	return g.harvest(t), []Set{
		parse(t, "pairs.tsv", pairs.String()), parse(t, "questions.txt", questions.String()), parse(t, "groups.csv", groups.String()), categories,
	}
}

func TestGoldenReportOfAllKinds(t *testing.T) {
	e, sets := orchard(t)
	r, err := Evaluate(e, sets, Options{Model: "orchard", Hubness: 80, Seed: 1, Resamples: 1000, Methods: []search.AnalogyMethod{search.CosAdd}})
	if err != nil {
		t.Fatal(err)
	}
	for extension, write := range map[string]func(*bytes.Buffer) error{
		"txt":  func(b *bytes.Buffer) error { return r.WriteText(b) },
		"md":   func(b *bytes.Buffer) error { return r.WriteMarkdown(b) },
		"json": func(b *bytes.Buffer) error { return r.WriteJSON(b) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		compareGolden(t, "kinds."+extension+".golden", b.String())
	}
	var read Report
	var b bytes.Buffer
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	perItem := cmp.Options{
		cmpopts.IgnoreFields(SimilarityResult{}, "Items"), cmpopts.IgnoreFields(MethodResult{}, "Answers"),
		cmpopts.IgnoreFields(OutlierResult{}, "Items"), cmpopts.IgnoreFields(CategoryResult{}, "Items"), cmpopts.EquateApprox(0, 1e-6),
	}
	if diff := cmp.Diff(r, &read, perItem); diff != "" {
		t.Errorf("report read back (-written +read):\n%s", diff)
	}
}

func TestEveryScoreHasAnInterval(t *testing.T) {
	e, sets := orchard(t)
	report := func(o Options) *Report {
		r, err := Evaluate(e, sets, o)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := report(Options{})
	if r.Settings.Resamples != DefaultResamples || r.Settings.Confidence != 0.95 {
		t.Errorf("settings %+v", r.Settings)
	}
	for i, s := range r.scores() {
		if !s.HasInterval() || s.NoInterval != "" || s.Interval.Low > s.Value || s.Interval.High < s.Value || s.Interval.Low == s.Interval.High {
			t.Errorf("score %d is %v within %+v; %s", i, s, s.Interval, s.NoInterval)
		}
	}
	if diff := cmp.Diff(r, report(Options{})); diff != "" {
		t.Errorf("evaluated twice (-first +second):\n%s", diff)
	}
	off := report(Options{Resamples: NoIntervals})
	if diff := cmp.Diff(r, off, ignoreIntervals, cmpopts.IgnoreFields(Settings{}, "Resamples", "Confidence")); diff != "" || off.Settings.Resamples != 0 {
		t.Errorf("without intervals (-with +without):\n%s", diff)
	}
	for i, s := range off.scores() {
		if s.HasInterval() || s.NoInterval != "" {
			t.Errorf("score %d has an interval nobody asked for: %+v", i, s)
		}
	}
}

func TestIntervalOfPerfectAnswers(t *testing.T) {
	b := Options{}.sureness()
	ten := []float64{9, 9, 9, 9, 9, 9, 9, 9, 9, 9}
	none := make([]float64, 10)
	for _, c := range []struct {
		name       string
		value      float64
		right      []float64
		want       Interval
		noInterval string
	}{
		// Wilson's limits of 10 of 10 are 1/(1+z²/10) and 1.
		{"all right", 1, ten, Interval{0.722467, 1, Wilson}, ""},
		{"all wrong", 0, none, Interval{0, 0.277533, Wilson}, ""},
		{"few", 1, ten[:5], Interval{}, TooFewUnits.Error()},
	} {
		s := Score{Value: c.value}
		b.boundRate(&s, c.right, ten[:len(c.right)])
		if diff := cmp.Diff(c.want, s.Interval, cmpopts.EquateApprox(0, 1e-6)); diff != "" || s.NoInterval != c.noInterval {
			t.Errorf("%s: %+v", c.name, s)
		}
	}
}

// TestTargetsStayTogether: where a model knows some words D and not others, the
// interval is that of as many answers as there are words, whatever the number of
// questions about each.
func TestTargetsStayTogether(t *testing.T) {
	b := Options{}.sureness()
	width := func(repeat int) float64 {
		var g targets
		tally := Tally{}
		for target := range 40 {
			for i := range repeat {
				a := Answer{Covered: true, Correct: target%2 == 0}
				g.count(Question{A: fmt.Sprint("a", i), B: fmt.Sprint("b", i), C: fmt.Sprint("c", target), D: fmt.Sprint("d", target)}, a)
				tally.count(a)
			}
		}
		tally.rate(&g, b)
		return tally.Accuracy.Interval.High - tally.Accuracy.Interval.Low
	}
	once, often := width(1), width(30)
	if once < 0.25 || once != often {
		t.Errorf("interval of width %v with a question about each of 40 words, %v with 30", once, often)
	}
}

func TestScoreJSON(t *testing.T) {
	for _, s := range []Score{
		{Value: 0.5}, {Value: 0, Interval: Interval{0, 0.25, Wilson}}, {Value: 0.25, NoInterval: "why"}, {Undefined: "why"},
	} {
		data, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var read Score
		if err := json.Unmarshal(data, &read); err != nil || read != s {
			t.Errorf("%+v was written as %s and read as %+v, %v", s, data, read, err)
		}
	}
	for _, broken := range []string{`{"value": 1, "low": 0}`, `{"value": 1, "low": 0, "high": 1}`, `{"value": 1, "interval": "BCa"}`, `{"value": null, "undefined": "x", "low": 0, "high": 1, "interval": "BCa"}`} {
		if err := json.Unmarshal([]byte(broken), new(Score)); err == nil {
			t.Errorf("score %s was read", broken)
		}
	}
}
