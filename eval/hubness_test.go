package eval

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kindred/eval/internal/evaltest"
	"kindred/eval/stats"
	"kindred/model"
)

// TestHubnessByHand has a hub that all are near to, at the head of the axes
// of a space: each axis vector's nearest words are the hub, then the first axes.
func TestHubnessByHand(t *testing.T) {
	const n = 13 // axes and a hub
	var words []string
	var vectors [][]float32
	for i := range n - 1 {
		v := make([]float32, n-1)
		v[i] = 1
		words, vectors = append(words, fmt.Sprint("axis", i)), append(vectors, v)
	}
	hub := make([]float32, n-1)
	for i := range hub {
		hub[i] = 1
	}
	words, vectors = append(words, "hub"), append(vectors, hub)
	r, err := Evaluate(evaltest.Embeddings(t, words, vectors), nil, Options{Hubness: 100})
	if err != nil {
		t.Fatal(err)
	}
	// Lists of ten, lower ids first where cosines are equal. The hub is in 12 lists. Its own list
	// has axes 0 to 9. Each axis has the hub and nine axes: 0 to 8 without itself and, for the nine
	// of them, axis 9 to fill up. So N is 12 for axes 0 to 8 (11 others and the hub's list), 10 for
	// axis 9 (axes 0 to 8 and the hub's list), 0 for axes 10 and 11, and 12 for the hub.
	counts := []float64{12, 12, 12, 12, 12, 12, 12, 12, 12, 10, 0, 0, 12}
	var second, third float64
	for _, c := range counts {
		second += (c - 10) * (c - 10) / n
		third += (c - 10) * (c - 10) * (c - 10) / n
	}
	want := &Hubness{
		Words: n, Neighbors: 10, Skewness: stats.Score{Value: third / math.Pow(second, 1.5)}, Antihubs: stats.Score{Value: 2. / n},
		Hubs: []Hub{{"axis0", 12}, {"axis1", 12}, {"axis2", 12}, {"axis3", 12}, {"axis4", 12}},
	}
	if diff := cmp.Diff(want, r.Hubness, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Errorf("hubness (-want +got):\n%s", diff)
	}
}

func TestHubnessUndefined(t *testing.T) {
	r := evaluate(t, Options{Hubness: 1})
	if h := r.Hubness; h.Skewness.Defined() || h.Antihubs.Defined() || h.Words != 1 {
		t.Errorf("hubness of one word: %+v", h)
	}
	r = evaluate(t, Options{Hubness: 3}) // each has both others in its list
	if h := r.Hubness; h.Skewness.Defined() || h.Antihubs.Value != 0 || h.Neighbors != 2 {
		t.Errorf("hubness of three words: %+v", h)
	}
}

func TestHubsAreSeen(t *testing.T) {
	g := evaltest.NewVectorBuilder(8, 30)
	for i := range 400 {
		g.AddWord(fmt.Sprint("w", i))
	}
	even := g.Embeddings(t)
	skewness := func() float64 {
		r, err := Evaluate(even, nil, Options{Hubness: 400})
		if err != nil || !r.Hubness.Skewness.Defined() {
			t.Fatal(r, err)
		}
		return r.Hubness.Skewness.Value
	}
	before := skewness()
	for i := range 400 { // words near the common direction are hubs then
		even.Input.(*model.Matrix).Row(i)[0] += 5
	}
	if after := skewness(); after < before+0.5 {
		t.Errorf("skewness is %.2f with a common direction, %.2f without", after, before)
	}
}
