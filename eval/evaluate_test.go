package eval

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kindred/eval/internal/evaltest"
	"kindred/eval/sets"
	"kindred/eval/stats"
	"kindred/internal/golden"
	"kindred/internal/report"
	"kindred/model"
	"kindred/model/search"
)

func evaluate(t testing.TB, o Options, list ...sets.Set) *Report {
	t.Helper()
	r, err := Evaluate(evaltest.Royals(t), list, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestGoldenReports(t *testing.T) {
	full := evaluate(t, Options{Model: "royals.txt"},
		evaltest.Parse(t, "sets/royal.csv", evaltest.RoyalPairs),
		evaltest.Parse(t, "sets/strangers.tsv", "squire\tpage\t7\nknight\tsquire\t3\n"),
		evaltest.Parse(t, "sets/one.tsv", "king\tman\t7\nknight\tsquire\t3\n"),
		evaltest.Parse(t, "sets/flat.tsv", "first\tsecond\tscale\nking\tman\t5\nking\tqueen\t5\n"),
		evaltest.Parse(t, "sets/royal-questions.txt", evaltest.RoyalQuestions),
		askedAnalogies(t, "sets/strangers.txt", "page pages knight knights\n"))
	restricted := evaluate(t, Options{ZeroMissing: true, ExactCase: true, RestrictSimilarity: 6, RestrictAnalogies: 4, Methods: []search.AnalogyMethod{search.CosMul}},
		evaltest.Parse(t, "royal.csv", evaltest.RoyalPairs), evaltest.Parse(t, "royal-questions.txt", evaltest.RoyalQuestions))
	for name, r := range map[string]*Report{"full": full, "restricted": restricted, "empty": evaluate(t, Options{})} {
		t.Run(name, func(t *testing.T) { golden.Check(t, name+".json.golden", asJSON(t, r)) })
	}
}

// askedAnalogies returns the analogy set in text that has no section lines.
func askedAnalogies(t *testing.T, name, text string) sets.Set {
	t.Helper()
	s, err := sets.ParseAnalogies(name, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asJSON returns results as the commands write them.
func asJSON(t *testing.T, results any) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.WriteJSON(&b, results); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestReportJSONCanBeRead(t *testing.T) {
	r := evaluate(t, Options{Model: "royals"}, evaltest.Parse(t, "pairs", evaltest.RoyalPairs), evaltest.Parse(t, "page", "page squire 1\n"), evaltest.Parse(t, "questions", evaltest.RoyalQuestions))
	var read Report
	if err := json.Unmarshal([]byte(asJSON(t, r)), &read); err != nil {
		t.Fatal(err)
	}
	perItem := cmp.Options{cmpopts.IgnoreFields(SimilarityResult{}, "Items"), cmpopts.IgnoreFields(MethodResult{}, "Answers"), cmpopts.IgnoreFields(OutlierResult{}, "Items"), cmpopts.IgnoreFields(CategoryResult{}, "Items"), cmpopts.EquateApprox(0, 1e-6)}
	if diff := cmp.Diff(r, &read, perItem); diff != "" {
		t.Errorf("report read back (-written +read):\n%s", diff)
	}
	for _, broken := range []string{`{"value": null}`, `{"value": 1, "undefined": "x"}`, `7`} {
		if err := json.Unmarshal([]byte(broken), new(stats.Score)); err == nil {
			t.Errorf("score %s was read", broken)
		}
	}
}

func TestSimilarityByHand(t *testing.T) {
	// Unit vectors at 0, 60, 90 and 180 degrees: cosines with the first are 1/2, 0 and -1.
	e := evaltest.Embeddings(t, []string{"a", "b", "c", "d", "zero"}, [][]float32{{1, 0}, {0.5, float32(math.Sqrt(3) / 2)}, {0, 2}, {-3, 0}, {0, 0}})
	pairs := "a b 9\na c 5\na d 6\nA none 1\na zero 5\n"
	tests := []struct {
		name      string
		o         Options
		spearman  float64
		used      int
		cosines   []float64
		uncovered []string
	}{
		// Ranks of 9, 5, 6, 5 are 4, 1.5, 3, 1.5, those of .5, 0, -1, 0 are 4, 2.5, 1, 2.5:
		// deviations 1.5, -1, .5, -1 and 1.5, 0, -1.5, 0, so 1.5/√(4.5·4.5).
		{"missing left out", Options{}, 1.5 / 4.5, 4, []float64{0.5, 0, -1, 0, 0}, []string{"none"}},
		// Ranks of 9, 5, 6, 1, 5 are 5, 2.5, 4, 1, 2.5, those of .5, 0, -1, 0, 0 are 5, 3, 1, 3, 3:
		// 2/√(9.5·8).
		{"missing as zero", Options{ZeroMissing: true}, 2 / math.Sqrt(76), 5, []float64{0.5, 0, -1, 0, 0}, []string{"none"}},
		// Left: 9, 5 and .5, 0.
		{"restricted", Options{RestrictSimilarity: 3}, 1, 2, []float64{0.5, 0, 0, 0, 0}, []string{"d", "none", "zero"}},
		{"exact case", Options{ExactCase: true}, 1.5 / 4.5, 4, []float64{0.5, 0, -1, 0, 0}, []string{"A", "none"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, err := Evaluate(e, []sets.Set{evaltest.Parse(t, "set", pairs)}, test.o)
			if err != nil {
				t.Fatal(err)
			}
			s := r.Similarity[0]
			var cosines []float64
			for _, item := range s.Items {
				cosines = append(cosines, item.Cosine)
			}
			if diff := cmp.Diff(test.cosines, cosines, cmpopts.EquateApprox(0, 1e-7)); diff != "" {
				t.Errorf("cosines (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.uncovered, s.MissingWords); diff != "" {
				t.Errorf("missing words (-want +got):\n%s", diff)
			}
			if s.Used != test.used || !s.Spearman.Defined() || math.Abs(s.Spearman.Value-test.spearman) > 1e-9 {
				t.Errorf("Spearman %v over %d pairs, want %.4f over %d", s.Spearman, s.Used, test.spearman, test.used)
			}
		})
	}
}

func TestAnalogyAnswers(t *testing.T) {
	r := evaluate(t, Options{}, evaltest.Parse(t, "q", evaltest.RoyalQuestions))
	word := evaltest.Royals(t).Vocabulary.Word
	for _, m := range r.Analogies[0].Methods {
		var got []string
		for _, a := range m.Answers {
			switch {
			case !a.Covered:
				got = append(got, "skipped")
			case a.Correct:
				got = append(got, word(a.Word))
			default:
				got = append(got, "wrong: "+word(a.Word))
			}
		}
		// The first of Woman and woman stands for both, as does king for KING.
		want := []string{"queen", "princess", "Woman", "skipped", "wrong: Woman", "queen", "queen", "skipped"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s answers (-want +got):\n%s", m.Method, diff)
		}
		var sum Tally
		for _, s := range m.Sections {
			sum.Questions += s.Questions
			sum.Covered += s.Covered
			sum.Skipped += s.Skipped
			sum.Correct += s.Correct
		}
		if total := m.Total; total.Questions != sum.Questions || total.Covered != sum.Covered || total.Skipped != sum.Skipped || total.Correct != sum.Correct {
			t.Errorf("%s: total %+v, the sections add up to %+v", m.Method, total, sum)
		}
		if want := float64(sum.Correct) / float64(sum.Questions); m.Total.AccuracyOfAll.Value != want {
			t.Errorf("%s: accuracy of all is %v, want %v", m.Method, m.Total.AccuracyOfAll.Value, want)
		}
	}
}

func TestVariantsAreNoAnswers(t *testing.T) {
	e := evaltest.Embeddings(t, []string{"a", "b", "c", "d", "B"}, [][]float32{{1, 0, 0}, {0, 1, 0}, {1, 0, 0.2}, {0, 1, 1}, {0, 1, 0.1}})
	for _, test := range []struct {
		o    Options
		want Answer
	}{
		{Options{}, Answer{Covered: true, Word: 3, Correct: true}},
		{Options{ExactCase: true}, Answer{Covered: true, Word: 4}},
	} {
		r, err := Evaluate(e, []sets.Set{evaltest.Parse(t, "q", ": s\na b c d\n")}, test.o)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range r.Analogies[0].Methods {
			if m.Answers[0] != test.want {
				t.Errorf("%s, exact case %t: answer %+v, want %+v", m.Method, test.o.ExactCase, m.Answers[0], test.want)
			}
		}
	}
}

func TestNoAnswerLeft(t *testing.T) {
	e := evaltest.Embeddings(t, []string{"a", "b", "c", "A"}, [][]float32{{1, 0}, {0, 1}, {1, 1}, {1, 0.1}})
	r, err := Evaluate(e, []sets.Set{evaltest.Parse(t, "q", ": s\na b c a\n")}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range r.Analogies[0].Methods {
		if want := (Answer{Covered: true, Word: -1}); m.Answers[0] != want {
			t.Errorf("%s: answer %+v, want %+v", m.Method, m.Answers[0], want)
		}
	}
}

func TestEvaluateRefuses(t *testing.T) {
	diverged := evaltest.Royals(t)
	diverged.Input.(*model.Matrix).Row(3)[1] = float32(math.NaN())
	short := evaltest.Royals(t)
	short.Input.(*model.Matrix).Rows--
	tests := []struct {
		name string
		e    *model.Embeddings
		o    Options
		want string
	}{
		{"negative restriction of similarity", evaltest.Royals(t), Options{RestrictSimilarity: -1}, "want 0 (all words) or more"},
		{"negative restriction of analogies", evaltest.Royals(t), Options{RestrictAnalogies: -1}, "want 0 (all words) or more"},
		{"unknown method", evaltest.Royals(t), Options{Methods: []search.AnalogyMethod{7}}, "no analogy method 7, want 3CosAdd or 3CosMul"},
		{"NaN", diverged, Options{}, `value 2 of the vector of "queen" is NaN`},
		{"vectors and words differ in number", short, Options{}, "8 words but 7 vectors"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, err := Evaluate(test.e, nil, test.o)
			if r != nil || err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("report %v, error %v, want %q", r, err, test.want)
			}
		})
	}
}
