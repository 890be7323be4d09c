package labels

import (
	"math"
	"math/rand/v2"
	"testing"

	"kindred/eval/stats"
)

func near(t *testing.T, what string, got stats.Score, want float64) {
	t.Helper()
	if !got.Defined() || math.Abs(got.Value-want) > 1e-12 {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// By hand: of three lines of a, two get a and one b; of two of b, one gets b, the other c; c has one line, which gets c.
func TestByHand(t *testing.T) {
	own, given := []int{0, 0, 0, 1, 1, 2}, []int{0, 0, 1, 1, 2, 2}
	var lines []Line
	for i := range own {
		lines = append(lines, Line{Own: []int{own[i]}, Given: []int{given[i]}, Probability: 0.75, Unit: i})
	}
	r := Measure([]string{"a", "b", "c"}, lines, stats.Bootstrap{Resamples: 200})
	near(t, "precision of a", r.Labels[0].Precision, 1)
	near(t, "recall of a", r.Labels[0].Recall, 2.0/3)
	near(t, "F1 of a", r.Labels[0].F1, 0.8)
	near(t, "F1 of b", r.Labels[1].F1, 0.5)
	near(t, "F1 of c", r.Labels[2].F1, 2.0/3)
	near(t, "macro F1", r.MacroF1, (0.8+0.5+2.0/3)/3)
	near(t, "precision", r.Precision, 4.0/6)
	near(t, "F1", r.F1, 4.0/6)
	// Agreement 4/6; by chance (3*2 + 2*2 + 1*2)/36 = 1/3.
	near(t, "kappa", r.Kappa, (4.0/6-1.0/3)/(1-1.0/3))
	if r.Confusion[0][1] != 1 || r.Confusion[1][2] != 1 || r.Confusion[0][0] != 2 {
		t.Errorf("confusion %v", r.Confusion)
	}
	if math.Abs(r.Error-(0.75-4.0/6)) > 1e-12 || r.Bins[7].Lines != 6 {
		t.Errorf("calibration error %v, bins %v", r.Error, r.Bins)
	}
}

// Several labels a line; a label that no line has does not count in the mean.
func TestSeveralLabels(t *testing.T) {
	lines := []Line{{Own: []int{0, 1}, Given: []int{0}, Unit: 0}, {Own: []int{1}, Given: []int{1, 2}, Unit: 1}, {Own: []int{0}, Unit: 2}}
	r := Measure([]string{"a", "b", "c", "d"}, lines, stats.Bootstrap{Resamples: 100})
	near(t, "precision", r.Precision, 2.0/3)
	near(t, "recall", r.Recall, 2.0/4)
	near(t, "macro F1", r.MacroF1, (2.0/3+2.0/3)/2)
	if r.Labels[3].F1.Defined() || r.Labels[2].Recall.Defined() {
		t.Errorf("scores of labels that no line has: %v", r.Labels)
	}
}

// Labels at random are reported as no better than chance, good ones are not.
func TestChance(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	random, good := []Line{}, []Line{}
	for i := range 400 {
		own := []int{r.IntN(3)}
		random = append(random, Line{Own: own, Given: []int{r.IntN(3)}, Unit: i})
		given := own
		if r.IntN(3) == 0 {
			given = []int{r.IntN(3)}
		}
		good = append(good, Line{Own: own, Given: given, Unit: i})
	}
	names, b := []string{"a", "b", "c"}, stats.Bootstrap{Resamples: 500}
	if !Measure(names, random, b).Chance() {
		t.Error("random labels are said to be better than chance")
	}
	if Measure(names, good, b).Chance() {
		t.Error("good labels are said to be no better than chance")
	}
}

func TestThreshold(t *testing.T) {
	p, own := []float64{0.9, 0.8, 0.8, 0.6, 0.5, 0.1}, []bool{true, true, false, true, true, false}
	for _, c := range []struct {
		precision, threshold, recall float64
		ok                           bool
	}{{1, 0.9, 0.25, true}, {0.8, 0.5, 1, true}, {0.75, 0.5, 1, true}, {0.6, 0.1, 1, true}} {
		threshold, recall, ok := Threshold(p, own, c.precision)
		if threshold != c.threshold || recall != c.recall || ok != c.ok {
			t.Errorf("precision %v: threshold %v, recall %v, %v; want %v, %v, %v", c.precision, threshold, recall, ok, c.threshold, c.recall, c.ok)
		}
	}
	if _, _, ok := Threshold([]float64{0.9, 0.1}, []bool{false, true}, 0.9); ok {
		t.Error("a threshold for a precision that none has")
	}
}
