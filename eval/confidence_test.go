package eval

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kindred/eval/internal/evaltest"
	"kindred/eval/sets"
	"kindred/eval/stats"
	"kindred/internal/golden"
	"kindred/model/search"
)

// ignoreIntervals makes comparisons look at the values of scores alone.
var ignoreIntervals = cmp.Transformer("value", func(s stats.Score) plainScore { return plainScore{s.Value, s.Undefined} })

type plainScore struct {
	Value     float64
	Undefined string
}

func TestGoldenReportOfAllKinds(t *testing.T) {
	e, sets := evaltest.AllKinds(t)
	r, err := Evaluate(e, sets, Options{Model: "orchard", Hubness: 80, Seed: 1, Resamples: 1000, Methods: []search.AnalogyMethod{search.CosAdd}})
	if err != nil {
		t.Fatal(err)
	}
	written := asJSON(t, r)
	golden.Check(t, "kinds.json.golden", written)
	var read Report
	if err := json.Unmarshal([]byte(written), &read); err != nil {
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
	e, sets := evaltest.AllKinds(t)
	report := func(o Options) *Report {
		r, err := Evaluate(e, sets, o)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := report(Options{})
	if r.Settings.Resamples != stats.DefaultResamples || r.Settings.Confidence != 0.95 {
		t.Errorf("settings %+v", r.Settings)
	}
	for i, s := range r.Scores() {
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
	for i, s := range off.Scores() {
		if s.HasInterval() || s.NoInterval != "" {
			t.Errorf("score %d has an interval nobody asked for: %+v", i, s)
		}
	}
}

func TestIntervalOfPerfectAnswers(t *testing.T) {
	b := Options{}.intervals()
	ten := []float64{9, 9, 9, 9, 9, 9, 9, 9, 9, 9}
	none := make([]float64, 10)
	for _, c := range []struct {
		name       string
		value      float64
		right      []float64
		want       stats.Interval
		noInterval string
	}{
		// Wilson's limits of 10 of 10 are 1/(1+z²/10) and 1.
		{"all right", 1, ten, stats.Interval{Low: 0.722467, High: 1, Method: stats.Wilson}, ""},
		{"all wrong", 0, none, stats.Interval{Low: 0, High: 0.277533, Method: stats.Wilson}, ""},
		{"few", 1, ten[:5], stats.Interval{}, stats.TooFewUnits.Error()},
	} {
		s := stats.Score{Value: c.value}
		b.addToRatio(&s, c.right, ten[:len(c.right)])
		if diff := cmp.Diff(c.want, s.Interval, cmpopts.EquateApprox(0, 1e-6)); diff != "" || s.NoInterval != c.noInterval {
			t.Errorf("%s: %+v", c.name, s)
		}
	}
}

// TestTargetsStayTogether: if a model knows some words D and not others, the interval is that of as many
// answers as there are words, whatever the number of questions about each.
func TestTargetsStayTogether(t *testing.T) {
	b := Options{}.intervals()
	width := func(repeat int) float64 {
		var questions []sets.Question
		var answers []Answer
		for target := range 40 {
			for i := range repeat {
				questions = append(questions, sets.Question{A: fmt.Sprint("a", i), B: fmt.Sprint("b", i), C: fmt.Sprint("c", target), D: fmt.Sprint("d", target)})
				answers = append(answers, Answer{Covered: true, Correct: target%2 == 0})
			}
		}
		accuracy := newTally("", "", questions, answers, b).Accuracy
		return accuracy.Interval.High - accuracy.Interval.Low
	}
	once, often := width(1), width(30)
	if once < 0.25 || once != often {
		t.Errorf("interval of width %v with a question about each of 40 words, %v with 30", once, often)
	}
}
