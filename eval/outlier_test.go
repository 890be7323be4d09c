package eval

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParseOutliers(t *testing.T) {
	cats := OutlierGroup{Name: "cats", Words: []string{"lion", "lynx"}, Outliers: []string{"dog", "cow"}}
	tests := []struct {
		name, text string
		want       []OutlierGroup
	}{
		{"a table", ",category,outliers,words\n0,cats,\"['dog', 'cow', '']\",\"['lion', 'lynx']\"\n", []OutlierGroup{cats}},
		{"tabs, other order", "words\toutliers\n\"['lion','lynx']\"\t\"[ \"\"dog\"\" , 'cow' , ]\"\n", []OutlierGroup{{"line 2", cats.Words, cats.Outliers, 0}}},
		{"quotes in words", "words;outliers\n\"['d\\'or', \"\"l'eau\"\"]\";['a\\\\b']\n", []OutlierGroup{{"line 2", []string{"d'or", "l'eau"}, []string{`a\b`}, 0}}},
		{"lists", "# a comment\n\nlion\nlynx\n\ndog\n// another\ncow\n\n", []OutlierGroup{{"x", cats.Words, cats.Outliers, 0}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, err := ParseOutliers("x.txt", strings.NewReader(test.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, s.Groups, cmpopts.IgnoreFields(OutlierGroup{}, "Line")); diff != "" {
				t.Errorf("groups (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMalformedOutliers(t *testing.T) {
	table := "category,outliers,words\n"
	tests := []struct {
		name, text string
		line       int
		want       string
	}{
		{"nothing", "\n", 0, "expected words and outliers"},
		{"header alone", table, 0, "no group under its header"},
		{"field missing", table + "cats,['dog']\n", 2, "expected 3 fields or more separated by commas, found 2"},
		{"no list", table + "cats,dog,['lion']\n", 2, `field 2: expected a list like ['tiger', 'lion'], found "dog"`},
		{"no quotes", table + "cats,[dog],['lion']\n", 2, `expected a word in quotes, found "dog"`},
		{"quote left open", table + "cats,['dog],['lion']\n", 2, "closing quote"},
		{"no comma", table + "cats,['dog' 'cow'],['lion']\n", 2, "expected a comma before"},
		{"unknown escape", table + "cats,['d\\x6f'],['lion']\n", 2, "after the backslash"},
		{"one word", table + "cats,['dog'],['lion']\n", 2, "two words or more and one outlier or more, found 1 and 1"},
		{"no outlier", table + "cats,[''],\"['lion', 'lynx']\"\n", 2, "found 2 and 0"},
		{"one list", "lion\nlynx\n", 1, "found 2 and 0"},
		{"three lists", "lion\nlynx\n\ndog\n\ncow\n", 6, `another before "cow"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseOutliers("f", strings.NewReader(test.text))
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Line != test.line || !strings.Contains(syntax.Message, test.want) {
				t.Errorf("error is %v, want %q at line %d", err, test.want, test.line)
			}
		})
	}
}

// TestOutliersByHand works with directions in a plane: a, b and c at 0, 10
// and 60 degrees, the outliers x at 90, y at 40, z at 0 as a.
func TestOutliersByHand(t *testing.T) {
	at := func(degrees float64) []float32 {
		sin, cos := math.Sincos(degrees * math.Pi / 180)
		return []float32{float32(cos), float32(sin)}
	}
	e := embeddings(t, []string{"a", "b", "c", "x", "y", "z"}, [][]float32{at(0), at(10), at(60), at(90), at(40), {3, 0}})
	text := "words,outliers\n\"['a', 'b', 'absent', 'c']\",\"['x', 'y', 'none', 'z']\"\n\"['a', 'absent']\",['b']\n"
	r, err := Evaluate(e, []Set{parse(t, "set", text)}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := r.Outliers[0]
	// Sums of cosines with the others, of which the least is the outlier's:
	// x: a 0.98+0.50+0.00, b 0.98+0.64+0.17, c 0.50+0.64+0.87, x 0.00+0.17+0.87: the least of all.
	// y: a 0.98+0.50+0.77, b 0.98+0.64+0.87, c 0.50+0.64+0.94, y 0.77+0.87+0.94: the greatest.
	// z: a 0.98+0.50+1, b 0.98+0.64+0.98, c 0.50+0.64+0.50, z 1+0.98+0.50: less than b's, equal to a's.
	want := OutlierResult{
		Source: Source{"set", "set"}, Groups: 2, Cases: 5, Covered: 3, Skipped: 2, MissingWords: []string{"absent", "none"},
		Accuracy: Score{Value: 1. / 3}, AccuracyOfAll: Score{Value: 1. / 5}, OPP: Score{Value: (1 + 0 + 1./3) / 3},
		Items: []OutlierScore{
			{Group: 0, Outlier: 0, Covered: true, Words: 3, Position: 3}, {Group: 0, Outlier: 1, Covered: true, Words: 3, Position: 0},
			{Group: 0, Outlier: 2, Words: 3}, {Group: 0, Outlier: 3, Covered: true, Words: 3, Position: 1}, {Group: 1, Outlier: 0, Words: 1},
		},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-12), ignoreIntervals); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	if !got.Items[0].Detected() || got.Items[1].Detected() || got.Items[2].Detected() {
		t.Errorf("not x alone was detected: %+v", got.Items)
	}
}

func TestOutliersUncovered(t *testing.T) {
	r := evaluate(t, Options{}, parse(t, "set", "squire\npage\n\nking\n"))
	if o := r.Outliers[0]; o.Accuracy.Defined() || o.AccuracyOfAll.Defined() || o.OPP.Defined() || o.Skipped != 1 {
		t.Errorf("scores of nothing: %+v", o)
	}
}
