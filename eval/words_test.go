package eval

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"kindred/eval/internal/evaltest"
	"kindred/eval/sets"
	"kindred/eval/stats"
	"kindred/model/search"
)

// accented are words whose letters have two forms in Unicode; the second is spelled by e and accent.
var accented = []string{"café", "thé", "naïve", "plain"}

// TestNormalizedWords finds words of sets and vectors in whatever normal forms they are.
func TestNormalizedWords(t *testing.T) {
	vectors := [][]float32{{1, 0}, {0.9, 0.3}, {0.2, 1}, {0.5, 0.5}}
	pairs := "café\tthé\t9\nthé\tnaïve\t5\ncafé\tnaïve\t1\nplain\tplain\t2\n"
	questions := ": x\ncafé thé plain naïve\n"
	forms := map[string]norm.Form{"NFC": norm.NFC, "NFD": norm.NFD}
	var want *Report
	for ofVectors, form := range forms {
		var words []string
		for _, w := range accented {
			words = append(words, form.String(w))
		}
		e := evaltest.Embeddings(t, words, vectors)
		for ofSets, form := range forms {
			list := []sets.Set{evaltest.Parse(t, "p.tsv", form.String(pairs)), evaltest.Parse(t, "q.txt", form.String(questions)),
				evaltest.Parse(t, "c.csv", form.String("category,word\na,café\na,thé\nb,naïve\nb,plain\n")), evaltest.Parse(t, "o.txt", form.String("café\nthé\n\nnaïve\n"))}
			for _, exact := range []bool{false, true} {
				r, err := Evaluate(e, list, Options{ExactCase: exact, Resamples: NoIntervals})
				if err != nil {
					t.Fatal(err)
				}
				name := fmt.Sprintf("vectors in %s, sets in %s, exact case %v", ofVectors, ofSets, exact)
				if s := r.Similarity[0]; s.Used != 4 || r.Analogies[0].Covered != 1 || r.Categories[0].Used != 4 || r.Outliers[0].Covered != 1 {
					t.Errorf("%s: %d of 4 pairs, %d of 1 question, %d of 4 words, %d of 1 case found", name, s.Used, r.Analogies[0].Covered, r.Categories[0].Used, r.Outliers[0].Covered)
				}
				matched := []Matched{r.Similarity[0].Matched, r.Analogies[0].Matched, r.Categories[0].Matched, r.Outliers[0].Matched}
				wantMatched := []Matched{{Normalized: 3}, {Normalized: 1}, {Normalized: 3}, {Normalized: 1}}
				if ofVectors == ofSets {
					wantMatched = make([]Matched, 4)
				}
				if diff := cmp.Diff(wantMatched, matched); diff != "" {
					t.Errorf("%s: matched (-want +got):\n%s", name, diff)
				}
				if want == nil {
					want = r
				}
				if r.Similarity[0].Spearman.Value != want.Similarity[0].Spearman.Value {
					t.Errorf("%s: Spearman %v, want %v", name, r.Similarity[0].Spearman, want.Similarity[0].Spearman)
				}
			}
		}
	}
}

// TestTaggedWords looks words up without parts of speech if the vectors have none.
func TestTaggedWords(t *testing.T) {
	pairs := "moss-n lichen-n 9\nmoss-n run-v 1\nrun-v walk-v 8\nnew-j old-j 4\n"
	vectors := [][]float32{{1, 0}, {0.9, 0.2}, {0, 1}, {0.2, 0.9}, {0.5, 0.5}, {0.7, -0.5}}
	plain := []string{"moss", "lichen", "run", "walk", "new", "old"}
	tagged := []string{"moss-n", "lichen-n", "run-v", "walk-v", "new-j", "old-j"}
	tests := []struct {
		name  string
		words []string
		pairs string
		used  int
		Matched
	}{
		{"vectors without", plain, pairs, 4, Matched{Untagged: 4}},
		{"vectors with", tagged, pairs, 4, Matched{}},
		{"most vectors with", append(tagged[:5:5], "old"), pairs, 3, Matched{}},
		{"one of the words with by chance", append(plain[:5:5], "old-j"), pairs, 3, Matched{Untagged: 3}},
		{"words that only look like it", plain, pairs + "moss lichen 3\n", 1, Matched{}},
	}
	for _, test := range tests {
		r, err := Evaluate(evaltest.Embeddings(t, test.words, vectors), []sets.Set{evaltest.Parse(t, "p.txt", test.pairs)}, Options{Resamples: NoIntervals})
		if err != nil {
			t.Fatal(err)
		}
		if s := r.Similarity[0]; s.Used != test.used || s.Matched != test.Matched {
			t.Errorf("%s: %d pairs used, %+v; want %d, %+v", test.name, s.Used, s.Matched, test.used, test.Matched)
		}
	}
}

// TestSeveralAnswers makes sure that any of several answers is right, and that pairs are the units that
// are resampled.
func TestSeveralAnswers(t *testing.T) {
	g := evaltest.NewVectorBuilder(4, 16)
	const n = 12
	var one, several strings.Builder
	for i := range n {
		g.AddRelated("kind", fmt.Sprintf("a%d", i), fmt.Sprintf("b%d", i), 0.5)
		fmt.Fprintf(&one, "a%d\tb%d\n", i, i)
	}
	// The model takes the answers to some words for those to others.
	for i := range n {
		answers := fmt.Sprintf("b%d", i)
		if i%3 == 0 {
			answers += fmt.Sprintf("/absent/B%d", (i+1)%n)
		}
		fmt.Fprintf(&several, "a%d\t%s\n", i, answers)
	}
	for i := 0; i < n; i += 3 {
		g.Vectors[fmt.Sprintf("b%d", i)], g.Vectors[fmt.Sprintf("b%d", (i+1)%n)] = g.Vectors[fmt.Sprintf("b%d", (i+1)%n)], g.Vectors[fmt.Sprintf("b%d", i)]
	}
	list := []sets.Set{evaltest.Parse(t, "E01 [one].txt", one.String()), evaltest.Parse(t, "E02 [several].txt", several.String())}
	r, err := Evaluate(g.Embeddings(t), list, Options{Methods: []search.AnalogyMethod{search.CosAdd}})
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range r.Analogies {
		if a.Questions != n*(n-1) || a.Covered != a.Questions || a.Pairs != n || len(a.MissingWords) != 0 {
			t.Errorf("%s: %d questions of %d pairs, %d covered, missing %v; want %d of %d, all covered", a.Name, a.Questions, a.Pairs, a.Covered, a.MissingWords, n*(n-1), n)
		}
		questions := list[i].(*sets.AnalogySet).Questions()
		right := make([]float64, n) // by the pair that is asked for
		for q, answer := range a.Methods[0].Answers {
			var pair int
			_, _ = fmt.Sscanf(questions[q].C, "a%d", &pair)
			if answer.Correct {
				right[(pair+n-1)%n]++ // in the order in which the questions ask for the pairs
			}
		}
		asked := make([]float64, n)
		for i := range asked {
			asked[i] = n - 1
		}
		b := Options{}.intervals().bootstrap
		want := stats.Score{Value: a.Methods[0].Total.Accuracy.Value}
		want.SetInterval(b.ProportionInterval(n, stats.RatioStatistic(right, asked)))
		evaltest.WantClose(t, a.Name+": low", a.Methods[0].Total.Accuracy.Interval.Low, want.Interval.Low, 1e-12)
		evaltest.WantClose(t, a.Name+": high", a.Methods[0].Total.Accuracy.Interval.High, want.Interval.High, 1e-12)
	}
	if a, b := r.Analogies[0].Methods[0].Total.Correct, r.Analogies[1].Methods[0].Total.Correct; b <= a {
		t.Errorf("%d correct with one answer, %d with several; want more", a, b)
	}
	// A word with a slash is one answer if the vectors have it.
	e := evaltest.Embeddings(t, []string{"a", "b", "c", "km/h", "km"}, [][]float32{{1, 0, 0}, {0, 1, 0}, {1, 0, 1}, {0, 0.9, 0.1}, {0, 1, 1}})
	r, err = Evaluate(e, []sets.Set{evaltest.Parse(t, "q.txt", ": x\na b c km/h\na b c km/absent\n")}, Options{Methods: []search.AnalogyMethod{search.CosAdd}})
	if err != nil {
		t.Fatal(err)
	}
	if answers := r.Analogies[0].Methods[0].Answers; answers[0].Correct || !answers[1].Correct {
		t.Errorf("answers %+v, want km to be wrong for km/h and right for km/absent", answers)
	}
}
