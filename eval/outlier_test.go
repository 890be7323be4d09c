package eval

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kindred/eval/internal/evaltest"
	"kindred/eval/sets"
	"kindred/eval/stats"
)

// TestOutliersByHand works with directions in a plane: a, b and c at 0, 10
// and 60 degrees, the outliers x at 90, y at 40, z at 0 as a.
func TestOutliersByHand(t *testing.T) {
	at := func(degrees float64) []float32 {
		sin, cos := math.Sincos(degrees * math.Pi / 180)
		return []float32{float32(cos), float32(sin)}
	}
	e := evaltest.Embeddings(t, []string{"a", "b", "c", "x", "y", "z"}, [][]float32{at(0), at(10), at(60), at(90), at(40), {3, 0}})
	text := "words,outliers\n\"['a', 'b', 'absent', 'c']\",\"['x', 'y', 'none', 'z']\"\n\"['a', 'absent']\",['b']\n"
	r, err := Evaluate(e, []sets.Set{evaltest.Parse(t, "set", text)}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := r.Outliers[0]
	// Sums of cosines with the others. The outlier has the least:
	// x: a 0.98+0.50+0.00, b 0.98+0.64+0.17, c 0.50+0.64+0.87, x 0.00+0.17+0.87: the least of all.
	// y: a 0.98+0.50+0.77, b 0.98+0.64+0.87, c 0.50+0.64+0.94, y 0.77+0.87+0.94: the greatest.
	// z: a 0.98+0.50+1, b 0.98+0.64+0.98, c 0.50+0.64+0.50, z 1+0.98+0.50: less than b's, equal to a's.
	want := OutlierResult{
		Source: sets.Source{Name: "set", File: "set"}, Groups: 2, Cases: 5, Covered: 3, Skipped: 2, WordsFound: WordsFound{MissingWords: []string{"absent", "none"}},
		Accuracy: stats.Score{Value: 1. / 3}, AccuracyOfAll: stats.Score{Value: 1. / 5}, OPP: stats.Score{Value: (1 + 0 + 1./3) / 3},
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
	r := evaluate(t, Options{}, evaltest.Parse(t, "set", "squire\npage\n\nking\n"))
	if o := r.Outliers[0]; o.Accuracy.Defined() || o.AccuracyOfAll.Defined() || o.OPP.Defined() || o.Skipped != 1 {
		t.Errorf("scores of nothing: %+v", o)
	}
}
