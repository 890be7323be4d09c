package compare

import (
	"fmt"
	"testing"

	"kindred/eval"
	"kindred/eval/internal/evaltest"
	"kindred/eval/sets"
	"kindred/internal/modeltest"
	"kindred/model"
)

// TestUnseenWords compares models that compose words they have not stored: items count if all models
// answer them, stored or not, and the result says how many were answered that way.
func TestUnseenWords(t *testing.T) {
	set := evaltest.Parse(t, "pairs", "ab ba 9\nab cd 1\nabc cab 8\nab dc 3\nxyz zyx 9\nxy yx 8\nzz xz 3\nab 7 2\nbc cd 4\nqr st 5\n")
	words := "ab ba cd bc xy"
	a, b := evaltest.Letters(t, 1, words), evaltest.Letters(t, 2, words+" dc")
	b.Input = modeltest.Quantize(b.Input.(*model.Matrix))
	plain := evaltest.Embeddings(t, []string{"cd", "ba", "ab", "bc", "yx", "xy", "AB"}, [][]float32{{1, 0}, {0, 1}, {1, 1}, {2, 1}, {1, 2}, {1, 3}, {1, 1}})
	one := func(name string, e *model.Embeddings) System { return System{name, []Model{{name, e}}} }
	for _, test := range []struct {
		systems      []System
		own          bool
		used, unseen int
	}{
		{[]System{one("a", a), one("b", b)}, false, 9, 6},
		{[]System{one("a", a), one("b", b)}, true, 9, 6},
		{[]System{one("a", a), one("plain", plain)}, false, 4, 1}, // yx, which one model has stored, and the other composes
		{[]System{one("plain", plain), one("again", plain)}, false, 4, 0},
	} {
		t.Run(fmt.Sprintf("%s %s %t", test.systems[0].Name, test.systems[1].Name, test.own), func(t *testing.T) {
			c := compare(t, test.systems, []sets.Set{set}, Options{Options: eval.Options{Resamples: 100}, OwnVocabulary: test.own})
			if m := c.Measures[0]; m.Used != test.used || m.Unseen != test.unseen {
				t.Errorf("%d items used, %d of them by unseen words, want %d and %d", m.Used, m.Unseen, test.used, test.unseen)
			}
		})
	}
	// The views have the vectors of the models.
	shared := newSharedVocabulary([]*model.Embeddings{a, b}, false)
	for m, e := range []*model.Embeddings{a, b} {
		for _, word := range []string{"ab", "dc", "xyz"} {
			want, _ := e.Vector(word)
			if got, ok := shared.view(m).Vector(word); !ok || model.Cosine(got, want) < 1-1e-6 {
				t.Errorf("vector of %s in the view of model %d: %v, %t, want %v", word, m, got, ok, want)
			}
		}
	}
}

// TestPairsAndTags makes sure that pairs, not their questions, are the units of a comparison, and that
// frequency bins hold questions with several answers and words with parts of speech.
func TestPairsAndTags(t *testing.T) {
	words := []string{"ant", "insect", "cobra", "snake", "dog", "mammal"}
	a := evaltest.Embeddings(t, words, [][]float32{{1, 0}, {1, 1}, {2, 0}, {2, 1}, {0, 2}, {0, 3}})
	b := evaltest.Embeddings(t, words, [][]float32{{1, 0}, {1, 2}, {2, 0}, {2, 3}, {0, 2}, {1, 3}})
	list := []sets.Set{
		evaltest.Parse(t, "L01 [animals].txt", "ant\tinsect/beast\ncobra\tsnake/reptile\ndog\tbeast/mammal/insect\n"),
		evaltest.Parse(t, "tagged.txt", "ant-n cobra-n 5\ndog-n cobra-n 6\nant-n dog-n 3\n"),
	}
	c := compare(t, []System{{"a", []Model{{"a", a}}}, {"b", []Model{{"b", b}}}}, list, Options{Options: eval.Options{Resamples: 100}})
	// The example dog has the first answer beast, which no model has: two of six questions are left out.
	if m := c.Measures[0]; m.Items != 6 || m.Used != 4 || m.Units != 3 {
		t.Errorf("%d questions, %d used, %d units; want 6, 4 and 3", m.Items, m.Used, m.Units)
	}
	if bins := c.Analogies[0].Bins; len(bins) != 1 || bins[0].Used != 4 {
		t.Errorf("bins of questions %+v, want one with 4", bins)
	}
	if bins := c.Similarity[0].Bins; len(bins) != 1 || bins[0].Used != 3 {
		t.Errorf("bins of pairs %+v, want one with 3", bins)
	}
}
