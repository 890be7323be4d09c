package eval

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kindred/corpus"
	"kindred/model"
)

// graftSystem returns models of one system: the vectors of e with noise, which stands for what a seed changes.
func graftSystem(name string, e *model.Embeddings, models int, noise float64, seed uint64) System {
	s := System{Name: name}
	for i := range models {
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		m := model.NewMatrix(e.Input.Rows, e.Dim())
		for id := range m.Rows {
			for j, v := range e.Input.Row(id) {
				m.Row(id)[j] = v + float32(noise*random.NormFloat64())
			}
		}
		s.Models = append(s.Models, Entrant{File: fmt.Sprintf("%s%d.bin", name, i+1), Embeddings: &model.Embeddings{Vocabulary: e.Vocabulary, Input: m}})
	}
	return s
}

func compare(t testing.TB, systems []System, sets []Set, o CompareOptions) *Comparison {
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
	e, sets := orchard(t)
	systems := []System{graftSystem("a", e, 3, 0.2, 1), graftSystem("b", e, 3, 0.2, 2), graftSystem("worse", e, 3, 2.5, 3)}
	c := compare(t, systems, sets, CompareOptions{Options: Options{Resamples: 500}})
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
	e, sets := orchard(t)
	systems := []System{graftSystem("a", e, 2, 0.2, 1), graftSystem("b", e, 1, 0.2, 2)}
	o := CompareOptions{Options: Options{Resamples: 100}}
	if diff := cmp.Diff(compare(t, systems, sets, o), compare(t, systems, sets, o)); diff != "" {
		t.Errorf("compared twice (-first +second):\n%s", diff)
	}
}

func TestCompareWithItself(t *testing.T) {
	e, sets := orchard(t)
	s := graftSystem("a", e, 1, 0.2, 1)
	c := compare(t, []System{s, {Name: "b", Models: s.Models}}, sets, CompareOptions{Options: Options{Resamples: 100}})
	for _, m := range c.Measures {
		for _, d := range m.Differences {
			if d.Test == nil || d.Test.P != 1 || d.Verdict != WithinNoise || d.Difference.Value != 0 {
				t.Errorf("%s: %+v", m.Name, d)
			}
		}
	}
}

func TestCompareNothingShared(t *testing.T) {
	v, err := corpus.NewVocabulary([]string{"der", "die"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	german := &model.Embeddings{Vocabulary: v, Input: model.NewMatrix(2, 3)}
	_, err = Compare([]System{{Name: "royals", Models: []Entrant{{"royals.txt", royals(t)}}}, {Name: "german", Models: []Entrant{{"de.txt", german}}}}, nil, CompareOptions{})
	want := `royals.txt and de.txt have no word in common, so that nothing can be compared: their words are like "man", "Woman", "king" and like "der", "die"`
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %s", err, want)
	}
}
