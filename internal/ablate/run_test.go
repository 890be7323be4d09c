package ablate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"kindred/corpus"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
	"kindred/eval"
	"kindred/eval/sets"
	"kindred/internal/demo"
	"kindred/internal/experiment"
	"kindred/internal/report"
	"kindred/model"
	"kindred/model/format"
	"kindred/train"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func openStore(t *testing.T) *experiment.Store {
	t.Helper()
	s, err := experiment.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// readDemo returns the demo text with a tenth held out, and its evaluation sets.
func readDemo(t *testing.T, tokens int) (*corpus.Corpus, []sets.Set) {
	t.Helper()
	var text bytes.Buffer
	if err := demo.Generate(&text, demo.Seed, tokens); err != nil {
		t.Fatal(err)
	}
	c, err := corpus.Read(context.Background(), source.FromReader("demo", &text), corpus.ReadOptions{
		Dir: t.TempDir(), Selection: vocab.Selection{MinCount: 5}, Holdout: corpus.Holdout{Share: 0.1},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	similarity, err := sets.ReadSimilarity("../../testdata/demo/similarity.tsv")
	if err != nil {
		t.Fatal(err)
	}
	analogies, err := sets.ReadAnalogies("../../testdata/demo/analogies.txt")
	if err != nil {
		t.Fatal(err)
	}
	return c, []sets.Set{similarity, analogies}
}

// smallPlan compares numbers of negatives, and a learning rate at which training diverges.
func smallPlan(t *testing.T) *Plan {
	t.Helper()
	base := train.Defaults()
	base.Dim, base.Epochs, base.LearningRate = 16, 4, 0.05
	p, err := NewPlan(base, []uint64{1, 2}, []Grid{
		{Values: map[string][]any{"negatives": {0, 2, 10}}},
		{Values: map[string][]any{"lr": {1e30}}, Seeds: []uint64{1}},
		{Name: "narrow", Values: map[string][]any{"window": {2}}, Against: "k=2"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// withoutTimes returns results as JSON, without the times, which differ between equal runs.
func withoutTimes(t *testing.T, results Results) string {
	t.Helper()
	for _, of := range results {
		for _, r := range of {
			if r.Training != nil {
				copied := *r.Training
				copied.Wall, copied.CPU, copied.TokensPerSecond = 0, 0, 0
				copied.Started = copied.Started.Truncate(1 << 62)
				r.Training = &copied
			}
		}
	}
	data, err := json.Marshal(results)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestInterruptedAndResumed(t *testing.T) {
	text, list := readDemo(t, 30_000)
	p := smallPlan(t)
	o := Options{Store: openStore(t), Parallel: 2, Sets: list}
	whole, err := p.Run(context.Background(), text, o)
	if err != nil {
		t.Fatal(err)
	}

	o.Store = openStore(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	o.Observe = func(e Event) {
		if e.Done == 3 {
			cancel()
		}
	}
	if _, err := p.Run(ctx, text, o); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want context.Canceled", err)
	}
	kept, err := filepath.Glob(o.Store.Path("runs/*"))
	if err != nil || len(kept) < 3 || len(kept) >= p.runs() {
		t.Fatalf("after the interruption there are %v, %v", kept, err)
	}
	found, began, last := 0, 0, Event{}
	o.Parallel = 1
	o.Observe = func(e Event) {
		switch {
		case e.Found:
			found++
		case e.Result == nil:
			began++
		}
		last = e
	}
	resumed, err := p.Run(context.Background(), text, o)
	if err != nil {
		t.Fatal(err)
	}
	if found != len(kept) || began != p.runs()-found || last.Done != p.runs() || last.Runs != p.runs() {
		t.Errorf("%d results were found and %d runs done, of %d, with %d kept; the last event is %d of %d", found, began, p.runs(), len(kept), last.Done, last.Runs)
	}
	if withoutTimes(t, whole) != withoutTimes(t, resumed) {
		t.Error("the results differ from those of a run that was not interrupted, two at a time")
	}
	if r := resumed[4][0]; !strings.Contains(r.Failure, "diverged") || r.Training != nil {
		t.Errorf("at a learning rate of 1e30: %+v", r.Failure)
	}
}

func TestOtherConditionsAreRefused(t *testing.T) {
	text, list := readDemo(t, 30_000)
	plan := func(epochs int) *Plan {
		base := train.Defaults()
		base.Dim, base.Epochs = 8, epochs
		p, err := NewPlan(base, []uint64{1}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	o := Options{Store: openStore(t), Parallel: 1, Sets: list}
	if _, err := plan(1).Run(context.Background(), text, o); err != nil {
		t.Fatal(err)
	}
	refused := func(name string, p *Plan, text *corpus.Corpus, o Options) {
		t.Helper()
		_, err := p.Run(context.Background(), text, o)
		var other *experiment.MismatchError
		if !errors.As(err, &other) || other.Differences[0].Name != name {
			t.Errorf("error %v, want one that names %q", err, name)
		}
	}
	refused("setting epochs", plan(2), text, o)
	fewer := o
	fewer.Sets = list[:1]
	refused("set analogies", plan(1), text, fewer)
	restricted := o
	restricted.Restrict = 100
	refused("restricted analogies", plan(1), text, restricted)
	other, _ := readDemo(t, 31_000)
	refused("held-out text", plan(1), other, o)

	path := o.Store.Path("runs/baseline seed=1.json")
	if err := os.WriteFile(path, []byte(`{"conditions":`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := plan(1).Run(context.Background(), text, o); err == nil || !strings.Contains(err.Error(), path+" is no result") {
		t.Errorf("a torn result: %v", err)
	}
}

// TestDamagedResults checks that a stored result that lacks a part is named, and does not end the
// program.
func TestDamagedResults(t *testing.T) {
	text, list := readDemo(t, 30_000)
	base := train.Defaults()
	base.Dim, base.Epochs = 8, 1
	p, err := NewPlan(base, []uint64{1, 2}, nil)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Store: openStore(t), Parallel: 1, Sets: list}
	if _, err := p.Run(context.Background(), text, o); err != nil {
		t.Fatal(err)
	}
	path := o.Store.Path("runs/baseline seed=1.json")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func(result map[string]any){
		"no training":            func(r map[string]any) { r["training"] = nil },
		"no held-out pairs":      func(r map[string]any) { r["held_out"] = nil },
		"no noises":              func(r map[string]any) { r["held_out"].(map[string]any)["references"] = nil },
		"a noise without scores": func(r map[string]any) { r["held_out"].(map[string]any)["references"].([]any)[0] = nil },
		"no ranks": func(r map[string]any) {
			r["held_out"].(map[string]any)["references"].([]any)[1].(map[string]any)["rank"] = nil
		},
		"another sentence": func(r map[string]any) {
			r["held_out"].(map[string]any)["references"].([]any)[1].(map[string]any)["sentence"].([]any)[0] = 1e9
		},
		"no sentences":  func(r map[string]any) { r["held_out"].(map[string]any)["sentences"] = -1 },
		"no answers":    func(r map[string]any) { r["answers"] = nil },
		"null answers":  func(r map[string]any) { r["answers"].(map[string]any)["analogies"] = nil },
		"fewer answers": func(r map[string]any) { r["answers"].(map[string]any)["analogies"].(map[string]any)["correct"] = "y" },
		"other answers": func(r map[string]any) {
			cosines := r["answers"].(map[string]any)["similarity"].(map[string]any)["cosines"].([]any)
			cosines[slices.IndexFunc(cosines, func(c any) bool { return c != nil })] = nil
		},
	} {
		var result map[string]any
		if err := json.Unmarshal(whole, &result); err != nil {
			t.Fatal(err)
		}
		damage(result)
		damaged, err := json.Marshal(result)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, damaged, 0o644); err != nil {
			t.Fatal(err)
		}
		results, err := p.Run(context.Background(), text, o)
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%s: error %v", name, err)
		}
		if err == nil {
			NewReport(p, results, text, list, 10) // may panic
		}
	}
	if err := os.WriteFile(path, []byte(" null\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Run(context.Background(), text, o); err == nil || !strings.Contains(err.Error(), "damaged one: it holds nothing") {
		t.Errorf("null: %v", err)
	}
}

func TestReport(t *testing.T) {
	text, list := readDemo(t, 60_000)
	p := smallPlan(t)
	o := Options{Store: openStore(t), Parallel: 2, Sets: list, KeepVectors: true}
	results, err := p.Run(context.Background(), text, o)
	if err != nil {
		t.Fatal(err)
	}
	if vectors, err := filepath.Glob(o.Store.Path("vectors/*.safetensors")); err != nil || len(vectors) != p.runs()-1 {
		t.Errorf("%d vectors kept of %d runs, %v", len(vectors), p.runs(), err)
	}
	r, err := NewReport(p, results, text, list, 100)
	if err != nil {
		t.Fatal(err)
	}
	headlines := r.headlines()
	if len(headlines) != 3 || len(r.Measures) != 2*len(eval.HeldOutMetrics)+2 {
		t.Fatalf("%d measures, %d headlines", len(r.Measures), len(headlines))
	}
	for _, m := range r.Measures {
		checkMeasure(t, r, m)
	}
	auc := headlines[0]
	if none := auc.Scores[1].Score.Value; !(none < 0.6 && auc.Scores[0].Score.Value > none+0.1) || auc.Effect(auc.Difference(1, 0)) != -1 {
		t.Errorf("ROC-AUC is %v with negatives and %v without; want a collapse", auc.Scores[0].Score, none)
	}
	// The stored answers give the same scores as an evaluation of the vectors.
	for i, m := range headlines[1:] {
		want := spearmanAndAccuracy(t, o, list)[i]
		if got := m.Scores[0].Models[0]; math.Abs(got-want) > 1e-6 {
			t.Errorf("%s is %v from kept answers, %v from kept vectors", m, got, want)
		}
	}
	if v := r.Variants[4]; !strings.Contains(v.Failure, "diverged") || v.Cost != 0 {
		t.Errorf("the run that diverged: %+v", v)
	}
	if r.Variants[0].Cost != 1 || !(r.Variants[3].WordsPerSecond > 0) {
		t.Errorf("costs %v and %v", r.Variants[0].Cost, r.Variants[3].Cost)
	}
	if cells := diagnostics(r.Variants[0].Trainings[0]); len(cells) != 7 || fmt.Sprint(cells[1]) == "0" {
		t.Errorf("of the negatives is told: %v", cells)
	}
	if cells := diagnostics(r.Variants[1].Trainings[0]); cells != nil {
		t.Errorf("without negatives is told: %v", cells)
	}
	checkWords(t, r)
}

// checkMeasure checks properties of all measures.
func checkMeasure(t *testing.T, r *Report, m Measure) {
	t.Helper()
	for _, d := range m.Differences {
		want := m.Scores[d.First].Score.Value - m.Scores[d.Second].Score.Value
		if math.Abs(d.Difference.Value-want) > 1e-12 {
			t.Errorf("%s: difference of %d and %d is %v, want %v", m, d.First, d.Second, d.Difference.Value, want)
		}
		if d.Test != nil && (d.Corrected == nil || *d.Corrected < d.Test.P) {
			t.Errorf("%s: p is not corrected: %+v", m, d)
		}
	}
	// k = 0, 2 and 10, the narrow window, and that against k = 2; the diverged variant has no scores.
	if len(m.Differences) != 5-1+1 || m.Difference(5, 2) == nil || m.Difference(0, 0) != nil {
		t.Errorf("%s has %d differences", m, len(m.Differences))
	}
	if m.Scores[4].Score.Defined() || len(m.Scores[0].Models) != 2 {
		t.Errorf("%s: scores %+v", m, m.Scores)
	}
}

// spearmanAndAccuracy evaluates the vectors of the baseline's first run.
func spearmanAndAccuracy(t *testing.T, o Options, list []sets.Set) [2]float64 {
	t.Helper()
	e := loadVectors(t, o.Store.Path("vectors/baseline seed=1.safetensors"))
	report, err := eval.Evaluate(e, list, eval.Options{Resamples: eval.NoIntervals})
	if err != nil {
		t.Fatal(err)
	}
	return [2]float64{report.Similarity[0].Spearman.Value, report.Analogies[0].Methods[0].Total.Accuracy.Value}
}

func checkWords(t *testing.T, r *Report) {
	t.Helper()
	summary := strings.Join(r.Summary, "\n")
	for _, want := range []string{
		"Without negatives (k=0), the ROC-AUC of held-out pairs against noise is 0.", "Beyond k = 5 ", "Less than k = 5 loses significantly: k = 0 on ROC-AUC",
		"lr=1e+30, seed 1: training diverged", "narrow compared with k=2: ", "narrow, at ",
	} {
		if !strings.Contains(summary, want) {
			t.Errorf("the summary lacks %q:\n%s", want, summary)
		}
	}
	var text, markdown, stored bytes.Buffer
	if err := errors.Join(report.WriteText(&text, r.Document()), report.WriteMarkdown(&markdown, r.Document()), report.WriteJSON(&stored, r)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Scores\n┌", "ROC-AUC against unigram^0.75", "│ baseline ", "narrow minus k=2", "p corrected"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text lacks %q", want)
		}
	}
	for _, want := range []string{"## Scores\n", "| baseline | 2 | 1.00x |", "- Without negatives"} {
		if !strings.Contains(markdown.String(), want) {
			t.Errorf("the Markdown lacks %q", want)
		}
	}
	var read Report
	if err := json.Unmarshal(stored.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(read.Summary, r.Summary) || len(read.Measures) != len(r.Measures) || read.Variants[3].Name != "k=10" {
		t.Error("the JSON is not the report")
	}
}

func TestRunErrors(t *testing.T) {
	text, list := readDemo(t, 30_000)
	p := smallPlan(t)
	for want, o := range map[string]Options{
		"0 runs at a time":        {Sets: list},
		"are called similarity":   {Sets: []sets.Set{list[0], list[0]}, Parallel: 1},
		"holds outlier detection": {Sets: []sets.Set{&sets.OutlierSet{}}, Parallel: 1},
	} {
		o.Store = openStore(t)
		if _, err := p.Run(context.Background(), text, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, err := p.Run(context.Background(), text.HeldOut(), Options{Parallel: 1}); err == nil || !strings.Contains(err.Error(), "no sentences were held out") {
		t.Errorf("nothing held out: %v", err)
	}
}

func loadVectors(t *testing.T, path string) *model.Embeddings {
	t.Helper()
	e, err := format.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return e
}
