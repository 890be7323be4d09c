package ablate

import (
	"bytes"
	stdhtml "html"
	"math"
	"strings"
	"testing"

	"kindred/corpus/vocab"
	"kindred/eval"
	"kindred/eval/compare"
	"kindred/eval/stats"
	"kindred/internal/report/html"
	"kindred/internal/report/html/pagetest"
	"kindred/model"
	"kindred/train"
)

// reportByHand is a report of a grid of k and power and of a variant that failed, with made-up figures
// that rise with k.
func reportByHand(t *testing.T) *Report {
	plan, err := NewPlan(train.Defaults(), []uint64{1, 2}, []Grid{
		{Values: map[string][]any{"negatives": {0.0, 1.0, 10.0, 20.0}}},
		{Values: map[string][]any{"noise_power": {0.0, 0.5, 1.0}}},
		{Values: map[string][]any{"negatives": {1.0, 10.0}, "noise_power": {0.0}}},
		{Name: "one that diverges, for its learning rate is too high", Values: map[string][]any{"lr": {9.0}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := &Report{Tool: "kindred", Kernel: "portable", Resamples: 1000, Confidence: 0.95, Summary: []string{"First sentence.", "Beyond k = 5 no gain <at all>."},
		Corpus: vocab.Record{Inputs: []string{"text.txt"}, HeldOut: &vocab.HeldOutRecord{}}, Series: series(plan)}
	curve := []stats.ReliabilityBin{{Items: 4, Predicted: 0.1, Observed: 0.2}, {}, {Items: 3, Predicted: 0.9, Observed: 0.7}}
	for _, v := range plan.Variants {
		report := VariantReport{Variant: v}
		if v.Config.LearningRate > 1 {
			report.Failure = v.Name + ", seed 1: it diverged"
		} else {
			report.Cost = 0.5 + 0.1*float64(v.Config.Negatives)
			report.WordsPerSecond = 1e6 / report.Cost
			report.Trainings = []*model.TrainingRecord{{Loss: 2.5}, {Loss: 2.6}}
			report.HeldOut = &eval.HeldOutReport{Noises: []eval.NoiseReport{{Name: "uniform", Reliability: curve, FittedReliability: curve}}}
		}
		r.Variants = append(r.Variants, report)
	}
	r.Measures = []Measure{measureByHand(r, HeldOutPairs, "ROC-AUC", "unigram"), measureByHand(r, Similarity, "Spearman", "ws353"), measureByHand(r, Analogies, "accuracy", "questions")}
	return r
}

// measureByHand is a measure in which more negatives are significantly better and fewer significantly
// worse.
func measureByHand(r *Report, kind MeasureKind, name, on string) Measure {
	m := Measure{Kind: kind, Name: name, On: on, Headline: true, HigherIsBetter: true}
	for i, v := range r.Variants {
		value := 0.5 + 0.03*math.Log2(1+float64(v.Config.Negatives)) - 0.02*math.Abs(v.Config.NoisePower-0.75)
		score := compare.SystemScore{Score: stats.Score{Value: value, Interval: stats.Interval{Low: value - 0.05, High: value + 0.04, Method: stats.BCa}}, SeedSpread: 0.01}
		if v.Failure != "" {
			score = compare.SystemScore{Score: stats.Score{Undefined: v.Failure}}
		}
		m.Scores = append(m.Scores, score)
		if i == 0 || v.Failure != "" {
			continue
		}
		d := compare.PairedDifference{First: i, Difference: stats.Score{Value: value - m.Scores[0].Score.Value}, Verdict: compare.WithinNoise, Test: &stats.Test{P: 0.02}, Corrected: new(float64)}
		if math.Abs(d.Difference.Value) > 0.02 {
			d.Verdict = compare.Significant
		}
		m.Differences = append(m.Differences, d)
	}
	return m
}

func TestHTML(t *testing.T) {
	var b bytes.Buffer
	if err := html.Write(&b, reportByHand(t).Page()); err != nil {
		t.Fatal(err)
	}
	text := stdhtml.UnescapeString(b.String())
	for _, want := range []string{
		"Beyond k = 5 no gain <at all>.", "First sentence.",
		`<h2 id="heading-2">By k</h2>`, `<h2 id="heading-3">By power</h2>`,
		"<span>otherwise the baseline</span>", "<span>power=0</span>", // the lines along k
		"<span>k=20</span>", // a point of time
		"ws353: Spearman, 0.5 at k = 0, otherwise the baseline; 0.53 at k = 1", "ws353: gain in Spearman, -0.07755 at k = 0", "questions: gain in accuracy in %, -7.755 at k = 0", "5.422 at k = 20", "too high no score", "k=20 0.6318 at 2.50x", // descriptions of plots
		"unigram: baseline 0.5775; k=0 0.5000", "as trained 0.90: 0.70",
		">0.6318 +<", // a score that is significantly better
		"one that diverges, for its learning rate is too high",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(b.String(), "<at all>") {
		t.Error("text became markup")
	}
}

func TestHTMLInBrowser(t *testing.T) {
	var b bytes.Buffer
	if err := html.Write(&b, reportByHand(t).Page()); err != nil {
		t.Fatal(err)
	}
	pagetest.Look(t, b.Bytes())
}
