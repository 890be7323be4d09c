package eval

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kindred/corpus"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
	"kindred/eval/internal/evaltest"
	"kindred/eval/stats"
	"kindred/internal/modeltest"
	"kindred/model"
)

// heldOutText returns a text of n sentences, half of them held out. The words of a sentence are of one
// of two subjects.
func heldOutText(t testing.TB, n int) *corpus.Corpus {
	t.Helper()
	random := rand.New(rand.NewPCG(5, 6))
	var text strings.Builder
	for i := range n {
		for range 8 {
			fmt.Fprintf(&text, "%c%d ", 'a'+i%2, random.IntN(60))
		}
		text.WriteByte('\n')
	}
	c, err := corpus.Read(context.Background(), source.FromReader("text", strings.NewReader(text.String())),
		corpus.ReadOptions{Dir: t.TempDir(), Holdout: corpus.Holdout{Share: 0.5}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// subjects returns vectors in which words of one subject have the inner product same, others 0, but
// for noise.
func subjects(v *vocab.Vocabulary, same, noise float32) *model.Embeddings {
	random := rand.New(rand.NewPCG(7, 8))
	e := &model.Embeddings{Vocabulary: v, Input: model.NewMatrix(v.Len(), 4), Output: model.NewMatrix(v.Len(), 4)}
	for id := range v.Len() {
		subject := int(v.Word(id)[0] - 'a')
		e.Input.(*model.Matrix).Row(id)[subject], e.Output.(*model.Matrix).Row(id)[subject] = 1, same
		e.Input.(*model.Matrix).Row(id)[2], e.Output.(*model.Matrix).Row(id)[2] = 1, noise*float32(random.NormFloat64())
	}
	return e
}

// Words of several rows, and rows that are no dense matrix, score like their own vectors as dense
// matrices.
func TestHeldOutScoresOfAnyVectors(t *testing.T) {
	text := heldOutText(t, 4000)
	h, err := NewHeldOut(text.HeldOut())
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(7, 9))
	normal := func(rows int) *model.Matrix {
		m := model.NewMatrix(rows, 5)
		for i := range rows {
			for k := range m.Row(i) {
				m.Row(i)[k] = float32(random.NormFloat64())
			}
		}
		return m
	}
	pairs := modeltest.Pairs{Vocabulary: text.Vocabulary()}
	e := &model.Embeddings{Vocabulary: pairs, Input: modeltest.Quantize(normal(pairs.Rows())), Output: modeltest.Quantize(normal(pairs.Len()))}
	got, err := h.Score(e)
	if err != nil {
		t.Fatal(err)
	}
	want, err := h.Score(modeltest.Dense(e))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestHeldOutPairsAreOfTheText(t *testing.T) {
	text := heldOutText(t, 4000)
	h, err := NewHeldOut(text.HeldOut())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int64]bool{}
	for _, half := range []heldOutHalf{h.validation, h.test} {
		if half.sentences < 500 {
			t.Errorf("a half has pairs of %d sentences", half.sentences)
		}
		for i, p := range half.pairs {
			context, center := text.Vocabulary().Word(int(p.context)), text.Vocabulary().Word(int(p.center))
			if context[0] != center[0] {
				t.Fatalf("%s and %s are never in one sentence", context, center)
			}
			if i > 0 && p.number <= half.pairs[i-1].number || seen[p.number] {
				t.Fatal("a pair is there twice")
			}
			seen[p.number] = true
		}
	}
	again, err := NewHeldOut(text.HeldOut())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(h.test.pairs, again.test.pairs, cmp.AllowUnexported(heldOutPair{})); diff != "" {
		t.Error(diff)
	}
}

func TestHeldOutSampleIsBounded(t *testing.T) {
	d := &pairReservoir{}
	words := make([]int32, 1000)
	for i := range words {
		words[i] = int32(i)
	}
	const sentences = 100
	for number := range int32(sentences) {
		d.addSentence(words, number)
	}
	if len(d.sample) != heldOutPairs || d.seen < 5*heldOutPairs {
		t.Fatalf("%d pairs of %d", len(d.sample), d.seen)
	}
	// Each sentence has the same chance: 400 ± 5 standard deviations of 20.
	from := map[int32]int{}
	for _, p := range d.sample {
		from[p.sentence]++
		if distance := p.context - p.center; distance == 0 || distance < -heldOutWindow || distance > heldOutWindow {
			t.Fatalf("a pair at distance %d", distance)
		}
	}
	for number := range int32(sentences) {
		if n := from[number]; n < 300 || n > 500 {
			t.Errorf("%d pairs of sentence %d, want about %d", n, number, heldOutPairs/sentences)
		}
	}
}

// TestHeldOutFigures has a model that knows the subject of each word. Half of the negatives are of the
// same subject by chance, so they look like true pairs.
func TestHeldOutFigures(t *testing.T) {
	text := heldOutText(t, 4000)
	h, err := NewHeldOut(text.HeldOut())
	if err != nil {
		t.Fatal(err)
	}
	knowing, err := h.Score(subjects(text.Vocabulary(), 5, 0))
	if err != nil {
		t.Fatal(err)
	}
	report := knowing.Report(200)
	if report.Pairs != len(h.test.pairs) || report.Sentences != h.test.sentences || len(report.Noises) != 2 {
		t.Fatalf("%d pairs of %d sentences", report.Pairs, report.Sentences)
	}
	for _, r := range report.Noises {
		// With ties: AUC 0.5 + 0.5*0.5; all true pairs are found, and as many negatives of the subject
		// as 1/2 of the pairs; of 100 words the true one is among about 50 equal ones.
		for m, want := range map[HeldOutMetric]float64{ROCAUC: 0.75, Precision: 2.0 / 3, Recall: 1, F1: 0.8, HitsAt10: 0, PRAUC: 2.0 / 3} {
			got := r.Scores[m]
			evaltest.WantClose(t, r.Name+" "+string(m), got.Value, want, 0.02)
			if m != Recall && m != HitsAt10 && (!got.HasInterval() || got.Interval.Low > got.Value || got.Interval.High < got.Value) {
				t.Errorf("%s %s: %v has the interval %+v %s", r.Name, m, got.Value, got.Interval, got.NoInterval)
			}
		}
		// Of the pairs of one subject 2/3 are true, and the model says σ(5) of them.
		if q := r.Fitted.Probability(5); math.Abs(q-2.0/3) > 0.02 {
			t.Errorf("%s: the fitted probability is %v, want 2/3", r.Name, q)
		}
		if r.Scores[FittedLogLoss].Value >= r.Scores[LogLoss].Value || r.Scores[FittedBrier].Value >= r.Scores[Brier].Value {
			t.Errorf("%s: fitted probabilities are no better than those as trained: %v", r.Name, r.Scores)
		}
		if bin := r.Reliability[9]; math.Abs(bin.Predicted-stats.AsTrained.Probability(5)) > 1e-6 || math.Abs(bin.Observed-2.0/3) > 0.02 {
			t.Errorf("%s: the highest bin is %+v", r.Name, bin)
		}
	}
	ignorant, err := h.Score(subjects(text.Vocabulary(), 0, 1))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range ignorant.Report(NoIntervals).Noises {
		evaltest.WantClose(t, r.Name+" AUC of noise", r.Scores[ROCAUC].Value, 0.5, 0.03)
		evaltest.WantClose(t, r.Name+" hits of noise", r.Scores[HitsAt10].Value, 0.1, 0.03)
		if r.Scores[ROCAUC].HasInterval() {
			t.Error("an interval unasked")
		}
	}
	auc, err := h.Validate(subjects(text.Vocabulary(), 5, 0))
	if err != nil {
		t.Fatal(err)
	}
	evaltest.WantClose(t, "AUC of the validation half", auc, 0.75, 0.02)
}

func TestHeldOutScoresAreInnerProducts(t *testing.T) {
	text := heldOutText(t, 200)
	h, err := NewHeldOut(text.HeldOut())
	if err != nil {
		t.Fatal(err)
	}
	e := subjects(text.Vocabulary(), 2, 1)
	scores, err := h.Score(e)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range scores.Noises {
		for i, p := range h.test.pairs {
			want := 0.0
			for d, x := range e.Input.(*model.Matrix).Row(int(p.context)) {
				want += float64(x * e.Output.(*model.Matrix).Row(int(p.center))[d])
			}
			evaltest.WantClose(t, "score", float64(r.True[i]), want, 1e-5)
			if r.Rank[i] < 1 || r.Rank[i] > heldOutCandidates {
				t.Fatalf("rank %v", r.Rank[i])
			}
		}
	}
	if scores.Noises[0].False[0] == scores.Noises[1].False[0] && scores.Noises[0].False[1] == scores.Noises[1].False[1] {
		t.Error("both noiseDistributions have the same negatives")
	}
	// What is stored and read again gives the same figures.
	stored, err := json.Marshal(scores)
	if err != nil {
		t.Fatal(err)
	}
	var read HeldOutScores
	if err := json.Unmarshal(stored, &read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(scores.Report(50), read.Report(50)); diff != "" {
		t.Error(diff)
	}
}

// Words are weighed by their distance from the center if the model does so; those beyond its window, as the farthest.
func TestHeldOutScoresAreWeighed(t *testing.T) {
	text := heldOutText(t, 200)
	h, err := NewHeldOut(text.HeldOut())
	if err != nil {
		t.Fatal(err)
	}
	e := subjects(text.Vocabulary(), 2, 1)
	plain, err := h.Score(e)
	if err != nil {
		t.Fatal(err)
	}
	const window = 2
	weights := []float64{1, 2, 3, 4} // of the positions -2, -1, 1, 2
	e.Positions = model.NewMatrix(2*window, e.Dim())
	for i, w := range weights {
		for k := range e.Dim() {
			e.Positions.Row(i)[k] = float32(w)
		}
	}
	weighed, err := h.Score(e)
	if err != nil {
		t.Fatal(err)
	}
	distances := map[int32]float64{-2: 1, -1: 2, 1: 3, 2: 4}
	seen := map[int32]bool{}
	for i, p := range h.test.pairs {
		seen[p.distance] = true
		weight := distances[min(max(p.distance, -window), window)]
		evaltest.WantClose(t, "score", float64(weighed.Noises[0].True[i]), weight*float64(plain.Noises[0].True[i]), 1e-4)
	}
	if len(seen) < 6 || seen[0] {
		t.Errorf("distances %v", seen)
	}
}

func TestRankOfFirst(t *testing.T) {
	for _, c := range []struct {
		values []float32
		want   float32
	}{{[]float32{3, 1, 2}, 1}, {[]float32{1, 2, 3}, 3}, {[]float32{2, 2, 2}, 2}, {[]float32{2, 3, 2, 1}, 2.5}} {
		if got := rankOfFirst(c.values); got != c.want {
			t.Errorf("rank of the first of %v is %v, want %v", c.values, got, c.want)
		}
	}
}

func TestHeldOutErrors(t *testing.T) {
	text := heldOutText(t, 200)
	h, err := NewHeldOut(text.HeldOut())
	if err != nil {
		t.Fatal(err)
	}
	e := subjects(text.Vocabulary(), 1, 1)
	e.Output = nil
	if _, err := h.Score(e); err == nil || !strings.Contains(err.Error(), "output matrix") {
		t.Errorf("without an output matrix: %v", err)
	}
	e = subjects(text.Vocabulary(), 1, 1)
	e.Input.(*model.Matrix).Row(int(h.test.pairs[0].context))[0] = float32(math.NaN())
	if _, err := h.Score(e); err == nil || !strings.Contains(err.Error(), "diverged") {
		t.Errorf("with NaN: %v", err)
	}
	other, err := vocab.New([]string{"a", "b"}, []int64{1, 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Validate(subjects(other, 1, 1)); err == nil || !strings.Contains(err.Error(), "has 2 words") {
		t.Errorf("another vocabulary: %v", err)
	}
	if _, err := NewHeldOut(nil); err == nil {
		t.Error("pairs of nothing")
	}
	// One of the two sentences is held out: the pairs of one sentence make one half.
	short, err := corpus.Read(context.Background(), source.FromReader("text", strings.NewReader("a b c d e f\ng h i j k l\n")),
		corpus.ReadOptions{Dir: t.TempDir(), Holdout: corpus.Holdout{Share: 0.8, Counted: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer short.Close()
	if _, err := NewHeldOut(short.HeldOut()); err == nil || !strings.Contains(err.Error(), "hold out more") {
		t.Errorf("pairs of one sentence: %v", err)
	}
}
