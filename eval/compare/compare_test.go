package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gonum.org/v1/gonum/stat"

	"kindred/corpus/vocab"
	"kindred/eval"
	"kindred/eval/internal/evaltest"
	"kindred/eval/sets"
	"kindred/internal/golden"
	"kindred/internal/report"
	"kindred/model"
)

// noisySystem returns models of one system: the vectors of e with noise instead of the effect of a seed.
func noisySystem(name string, e *model.Embeddings, models int, noise float64, seed uint64) System {
	s := System{Name: name}
	for i := range models {
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		m := model.NewMatrix(e.Input.(*model.Matrix).Rows, e.Dim())
		for id := range m.Rows {
			for j, v := range e.Input.(*model.Matrix).Row(id) {
				m.Row(id)[j] = v + float32(noise*random.NormFloat64())
			}
		}
		s.Models = append(s.Models, Model{File: fmt.Sprintf("%s%d.bin", name, i+1), Embeddings: &model.Embeddings{Vocabulary: e.Vocabulary, Input: m}})
	}
	return s
}

func compare(t testing.TB, systems []System, sets []sets.Set, o Options) *Comparison {
	t.Helper()
	c, err := Compare(systems, sets, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// verdicts returns the headline verdicts by set and pair of systems.
func verdicts(c *Comparison) map[string]Verdict {
	found := make(map[string]Verdict)
	for _, m := range c.Measures {
		for _, d := range m.Differences {
			found[fmt.Sprintf("%s %d-%d", m.Name, d.First, d.Second)] = d.Verdict
		}
	}
	return found
}

func TestCompareFindsTheWorseSystem(t *testing.T) {
	e, sets := evaltest.AllKinds(t)
	systems := []System{noisySystem("a", e, 3, 0.2, 1), noisySystem("b", e, 3, 0.2, 2), noisySystem("worse", e, 3, 2.5, 3)}
	c := compare(t, systems, sets, Options{Options: eval.Options{Resamples: 500}})
	want := map[string]Verdict{
		"pairs 0-1": WithinNoise, "questions 0-1": WithinNoise, "groups 0-1": WithinNoise, "grove 0-1": WithinNoise,
		"questions 0-2": Significant, "questions 1-2": Significant,
	}
	got := verdicts(c)
	for key, verdict := range want {
		if got[key] != verdict {
			t.Errorf("%s: %q, want %q", key, got[key], verdict)
		}
	}
	if !strings.Contains(c.Verdicts()[0], "a and b: no significant difference on 4 sets") {
		t.Errorf("verdict %q", c.Verdicts()[0])
	}
}

func TestCompareTwiceIsTheSame(t *testing.T) {
	e, sets := evaltest.AllKinds(t)
	systems := []System{noisySystem("a", e, 2, 0.2, 1), noisySystem("b", e, 1, 0.2, 2)}
	o := Options{Options: eval.Options{Resamples: 100}}
	first := compare(t, systems, sets, o)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if diff := cmp.Diff(first, compare(t, systems, sets, o)); diff != "" {
		t.Errorf("compared twice, the second time on one processor (-first +second):\n%s", diff)
	}
}

func TestCompareWithItself(t *testing.T) {
	e, sets := evaltest.AllKinds(t)
	s := noisySystem("a", e, 1, 0.2, 1)
	c := compare(t, []System{s, {Name: "b", Models: s.Models}}, sets, Options{Options: eval.Options{Resamples: 100}})
	for _, m := range c.Measures {
		for _, d := range m.Differences {
			if d.Test == nil || d.Test.P != 1 || d.Verdict != WithinNoise || d.Difference.Value != 0 {
				t.Errorf("%s: %+v", m.Name, d)
			}
		}
	}
}

func TestCompareNothingShared(t *testing.T) {
	v, err := vocab.New([]string{"der", "die"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	german := &model.Embeddings{Vocabulary: v, Input: model.NewMatrix(2, 3)}
	_, err = Compare([]System{{Name: "royals", Models: []Model{{"royals.txt", evaltest.Royals(t)}}}, {Name: "german", Models: []Model{{"de.txt", german}}}}, nil, Options{})
	want := `royals.txt and de.txt have no word in common, so that nothing can be compared: their words are like "man", "Woman", "king" and like "der", "die"`
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %s", err, want)
	}
}

// recorded returns the system with a manifest in each model.
func recorded(s System, settings string) System {
	for i := range s.Models {
		s.Models[i].Embeddings.Manifest = &model.Manifest{
			Tool: "kindred", Version: "1.0", Settings: json.RawMessage(settings),
			Training: &model.TrainingRecord{Wall: 20 + float64(i), CPU: 40, TokensPerSecond: 1e6},
		}
	}
	return s
}

func TestGoldenComparison(t *testing.T) {
	e, sets := evaltest.AllKinds(t)
	strangers := evaltest.Parse(t, "strangers.tsv", "squire page 7\nknight squire 3\n")
	c := compare(t, []System{
		recorded(noisySystem("near", e, 3, 0.2, 1), `{"window": 5, "seed": 1, "kernel": "auto"}`),
		recorded(noisySystem("far", e, 1, 1.5, 2), `{"window": 2, "seed": 1, "kernel": "auto"}`),
		noisySystem("alone_*", e, 1, 0.3, 3),
	}, append(sets, strangers), Options{Options: eval.Options{Resamples: 2000, Seed: 1}})
	var written bytes.Buffer
	if err := report.WriteJSON(&written, c); err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "compare.json.golden", written.String())
	var read Comparison
	if err := json.Unmarshal(written.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	inAnyForm := cmp.Transformer("settings", func(m json.RawMessage) string { return strings.Join(strings.Fields(string(m)), "") })
	if diff := cmp.Diff(c, &read, cmpopts.EquateApprox(0, 1e-6), inAnyForm); diff != "" {
		t.Errorf("comparison read back (-written +read):\n%s", diff)
	}
}

// spelled returns embeddings of words, each with its number as the vector's first value.
func spelled(t *testing.T, words ...string) *model.Embeddings {
	var vectors [][]float32
	for i := range words {
		vectors = append(vectors, []float32{float32(i), 1})
	}
	return evaltest.Embeddings(t, words, vectors)
}

func TestSharedVocabulary(t *testing.T) {
	a, b := spelled(t, "the", "Paris", "paris", "cat", "own"), spelled(t, "cat", "PARIS", "the", "other")
	tests := []struct {
		name  string
		o     Options
		words []string
		first [2][]float32 // first values of the models' vectors
	}{
		// Ranks are 0+2 for the, 1+1 for Paris, 3+0 for cat; equals by their bytes, in upper case.
		{"case ignored", Options{}, []string{"Paris", "the", "cat"}, [2][]float32{{1, 0, 3}, {1, 2, 0}}},
		{"exact case", Options{Options: eval.Options{ExactCase: true}}, []string{"the", "cat"}, [2][]float32{{0, 3}, {2, 0}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			shared := newSharedVocabulary([]*model.Embeddings{a, b}, test.o.ExactCase)
			for m := range 2 {
				view := shared.view(m)
				var words []string
				var first []float32
				for id := range view.Vocabulary.Len() {
					words, first = append(words, view.Vocabulary.Word(id)), append(first, view.Input.(*model.Matrix).Row(id)[0])
				}
				if diff := cmp.Diff(test.words, words); diff != "" {
					t.Errorf("words of model %d (-want +got):\n%s", m, diff)
				}
				if diff := cmp.Diff(test.first[m], first); diff != "" {
					t.Errorf("vectors of model %d (-want +got):\n%s", m, diff)
				}
			}
		})
	}
	shared := newSharedVocabulary([]*model.Embeddings{a, b}, false)
	if rank, ok := shared.rarest("pARIS", "Cat"); !ok || rank != 3 {
		t.Errorf("the rarest of Paris and cat has rank %d, %t, want 3", rank, ok)
	}
	if _, ok := shared.rarest("the", "own"); ok {
		t.Error("a word of one model has a rank")
	}
}

// TestItemsAreTheSameForAll: an item that one model misses is left out for all, unless missing ones
// count.
func TestItemsAreTheSameForAll(t *testing.T) {
	a, b := evaltest.Royals(t), spelled(t, "man", "woman", "king", "queen", "page")
	sets := []sets.Set{evaltest.Parse(t, "pairs", evaltest.RoyalPairs), evaltest.Parse(t, "questions", evaltest.RoyalQuestions)}
	systems := []System{{"a", []Model{{"a", a}}}, {"b", []Model{{"b", b}}}}
	used := func(o Options) []int {
		var list []int
		for _, m := range compare(t, systems, sets, o).Measures {
			if m.Headline {
				list = append(list, m.Used)
			}
		}
		return list
	}
	for _, test := range []struct {
		name string
		o    Options
		want []int
	}{
		// Pairs of man, woman, king and queen: 4. Questions: 1 of the first section, 1 of "king queen
		// man woman", 1 of gram1.
		{"left out", Options{}, []int{4, 3}},
		{"left out, own vocabularies", Options{OwnVocabulary: true}, []int{4, 3}},
		{"counted", Options{Options: eval.Options{ZeroMissing: true}}, []int{8, 8}},
		{"counted, own vocabularies", Options{Options: eval.Options{ZeroMissing: true}, OwnVocabulary: true}, []int{8, 8}},
		{"restricted", Options{Options: eval.Options{RestrictSimilarity: 3, RestrictAnalogies: 3}}, []int{3, 0}},
	} {
		if diff := cmp.Diff(test.want, used(test.o)); diff != "" {
			t.Errorf("%s: items used (-want +got):\n%s", test.name, diff)
		}
	}
}

// TestOwnVocabularyHasMoreCandidates: a word that only one model has can be answered instead of the right
// one, unless the vocabulary is shared.
func TestOwnVocabularyHasMoreCandidates(t *testing.T) {
	words := []string{"a", "b", "c", "d"}
	vectors := [][]float32{{1, 0, 0}, {0, 1, 0}, {1, 0, 1}, {0, 1, 0.7}}
	few := evaltest.Embeddings(t, words, vectors)
	more := evaltest.Embeddings(t, append(words[:4:4], "intruder"), append(vectors[:4:4], []float32{-0.3, 1, 0.7}))
	systems := []System{{"few", []Model{{"few", few}}}, {"more", []Model{{"more", more}}}}
	for own, want := range map[bool]float64{false: 1, true: 0} {
		c := compare(t, systems, []sets.Set{evaltest.Parse(t, "q", ": s\na b c d\n")}, Options{OwnVocabulary: own})
		if got := c.Measures[0].Scores[1].Score.Value; got != want {
			t.Errorf("own vocabulary %t: accuracy %v, want %v", own, got, want)
		}
	}
}

func TestSystemScoreIsTheMean(t *testing.T) {
	e, sets := evaltest.AllKinds(t)
	s := noisySystem("a", e, 3, 0.8, 1)
	c := compare(t, []System{s}, sets[:1], Options{Options: eval.Options{Resamples: 100}})
	var values []float64
	for _, m := range s.Models {
		r, err := eval.Evaluate(m.Embeddings, sets[:1], eval.Options{Resamples: eval.NoIntervals})
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, r.Similarity[0].Spearman.Value)
	}
	mean, spread := stat.MeanStdDev(values, nil)
	got := c.Measures[0].Scores[0]
	if math.Abs(got.Score.Value-mean) > 1e-12 || math.Abs(got.SeedSpread-spread) > 1e-5 || spread == 0 {
		t.Errorf("score %v ± %v, want %v ± %v", got.Score, got.SeedSpread, mean, spread)
	}
	if diff := cmp.Diff(values, got.Models, cmpopts.EquateApprox(0, 1e-5)); diff != "" {
		t.Errorf("scores of the models (-want +got):\n%s", diff)
	}
}

func TestJaccard(t *testing.T) {
	for _, test := range []struct {
		a, b []int
		want float64
	}{{[]int{1, 2, 3}, []int{3, 4, 1}, 0.5}, {[]int{1, 2}, []int{2, 1}, 1}, {[]int{1}, []int{2}, 0}, {nil, nil, 1}, {nil, []int{1}, 0}} {
		if got := jaccard(test.a, test.b); got != test.want {
			t.Errorf("jaccard(%v, %v) = %v, want %v", test.a, test.b, got, test.want)
		}
	}
}

func TestDisagreements(t *testing.T) {
	human, first, second := []float64{1, 2, 3, 4}, []float64{1, 2, 3, 4}, []float64{1, 4, 3, 2}
	want := []Disagreement{{1, 2, 2, 4}, {3, 4, 4, 2}}
	if diff := cmp.Diff(want, disagreements(human, first, second)); diff != "" {
		t.Errorf("disagreements (-want +got):\n%s", diff)
	}
}

func TestCompareRefuses(t *testing.T) {
	r := []Model{{"r.txt", evaltest.Royals(t)}}
	diverged := evaltest.Royals(t)
	diverged.Input.(*model.Matrix).Row(1)[0] = float32(math.Inf(1))
	for _, test := range []struct {
		name    string
		systems []System
		o       Options
		want    string
	}{
		{"nothing", nil, Options{}, "no system to compare"},
		{"no name", []System{{"", r}}, Options{}, "a system without a name"},
		{"a name twice", []System{{"a", r}, {"a", r}}, Options{}, `two systems are called "a"`},
		{"no model", []System{{"a", nil}}, Options{}, `system "a" has no model`},
		{"no resamples", []System{{"a", r}}, Options{Options: eval.Options{Resamples: eval.NoIntervals}}, "tests rest on them"},
		{"confidence", []System{{"a", r}}, Options{Options: eval.Options{Confidence: 95}}, "want one between 0 and 1"},
		{"infinite", []System{{"a", []Model{{"d.txt", diverged}}}}, Options{}, `d.txt: value 1 of the vector of "Woman" is +Inf`},
	} {
		if c, err := Compare(test.systems, nil, test.o); c != nil || err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", test.name, err, test.want)
		}
	}
}
