package eval

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"kindred/eval/internal/evaltest"
	"kindred/eval/sets"
	"kindred/internal/modeltest"
	"kindred/model"
)

// letterSets are sets of each kind for [evaltest.Letters] with words that are not stored.
func letterSets(t *testing.T) []sets.Set {
	return []sets.Set{
		evaltest.Parse(t, "pairs", "ab ba 9\nab cd 1\nabc cab 8\nab 7 3\nxyz zyx 9\n"),
		evaltest.Parse(t, "questions", ": letters\nab ac bb bc\nab ba xy cd\nab ac zz nn\n"),
		evaltest.Parse(t, "groups", "words,outliers\n\"['ab', 'ba', 'abab']\",\"['cd', 'xyz', '7']\"\n"),
		evaltest.Parse(t, "kinds", "category,word\na,aaab\na,aaac\nx,xxxy\nx,xy\nx,xxz\n"),
	}
}

// TestUnseenWords evaluates a model whose words are several rows each, and which answers words that it
// has not stored, with dense and with quantized rows.
func TestUnseenWords(t *testing.T) {
	e := evaltest.Letters(t, 1, "ab ba cd ac bb bc xy")
	quantized := *e
	quantized.Input = modeltest.Quantize(e.Input.(*model.Matrix))
	for name, e := range map[string]*model.Embeddings{"dense": e, "quantized": &quantized} {
		t.Run(name, func(t *testing.T) {
			r, err := Evaluate(e, letterSets(t), Options{Hubness: 5})
			if err != nil {
				t.Fatal(err)
			}
			s := r.Similarity[0]
			if s.Used != 4 || s.Missing != 1 || s.Unseen != 2 || !slices.Equal(s.UnseenWords, []string{"abc", "cab", "xyz", "zyx"}) || !slices.Equal(s.MissingWords, []string{"7"}) {
				t.Errorf("pairs: %+v", s)
			}
			for i, want := range []float64{1, 0, 1} { // anagrams have the same letters
				if got := s.Items[i]; want == 1 && math.Abs(got.Cosine-1) > 1e-6 || got.Unseen != (i == 2) {
					t.Errorf("pair %d: %+v", i, got)
				}
			}
			a := r.Analogies[0]
			if a.Covered != 2 || a.Skipped != 1 || a.Unseen != 0 || !slices.Equal(a.MissingWords, []string{"nn"}) || !slices.Equal(a.UnseenWords, []string{"zz"}) {
				t.Errorf("questions: %+v", a)
			}
			if got := a.Methods[0].Answers[0]; !got.Correct {
				t.Errorf("ab is to ac as bb is to bc: %+v", got)
			}
			o := r.Outliers[0]
			if o.Covered != 2 || o.Skipped != 1 || o.Unseen != 2 || !slices.Equal(o.UnseenWords, []string{"abab", "xyz"}) || !o.Items[1].Detected() {
				t.Errorf("groups: %+v", o)
			}
			c := r.Categories[0]
			if c.Used != 5 || c.Unseen != 4 || c.Purity.Value != 1 {
				t.Errorf("categories: %+v", c)
			}
			data, err := json.Marshal(r)
			if err != nil || !strings.Contains(string(data), `"unseen":2,"unseen_words":["abc","cab","xyz","zyx"]`) {
				t.Errorf("JSON %s, %v", data, err)
			}
		})
	}
	if r, err := Evaluate(evaltest.Royals(t), []sets.Set{evaltest.Parse(t, "pairs", evaltest.RoyalPairs)}, Options{}); err != nil || r.Similarity[0].Unseen != 0 {
		t.Errorf("a model of rows has unseen words: %+v, %v", r, err)
	}
}

// TestUnseenQuestions asks for a stored word by words that are not.
func TestUnseenQuestions(t *testing.T) {
	e := evaltest.Letters(t, 1, "bc dd xy")
	r, err := Evaluate(e, []sets.Set{evaltest.Parse(t, "q", ": s\nab ac bb bc\n")}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if a := r.Analogies[0]; a.Covered != 1 || a.Unseen != 1 || !a.Methods[0].Answers[0].Correct || !slices.Equal(a.UnseenWords, []string{"ab", "ac", "bb"}) {
		t.Errorf("%+v", a)
	}
}
