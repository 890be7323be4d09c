package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/integrate"
	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"

	"kindred/eval/internal/evaltest"
)

// predictions pairs scores with the truth; each item is a unit.
func predictions(scores []float64, positive []bool) []Prediction {
	var p []Prediction
	for i, s := range scores {
		p = append(p, Prediction{s, positive[i], int32(i)})
	}
	return p
}

// of returns the value of a statistic of all items.
func of(p []Prediction, s Statistic) float64 { return s(once(units(p))) }

// TestClassificationExamples compares with the examples in the documentation of scikit-learn 1.5:
// roc_auc_score, average_precision_score, brier_score_loss and log_loss.
func TestClassificationExamples(t *testing.T) {
	p := predictions([]float64{0.1, 0.4, 0.35, 0.8}, []bool{false, false, true, true})
	evaltest.WantClose(t, "ROC-AUC", of(p, ROCAUCStatistic(p)), 0.75, 1e-12)
	evaltest.WantClose(t, "average precision", of(p, AveragePrecisionStatistic(p)), 0.8333333333333333, 1e-12)

	logit := func(q ...float64) []float64 {
		for i, v := range q {
			q[i] = math.Log(v / (1 - v))
		}
		return q
	}
	p = predictions(logit(0.1, 0.9, 0.8, 0.3), []bool{false, true, true, false})
	evaltest.WantClose(t, "Brier score", of(p, BrierStatistic(p, AsTrained)), 0.0375, 1e-12)
	// ["spam", "ham", "ham", "spam"] with P(spam) = 0.9, 0.1, 0.2, 0.65.
	p = predictions(logit(0.9, 0.1, 0.2, 0.65), []bool{true, false, false, true})
	evaltest.WantClose(t, "log-loss", of(p, LogLossStatistic(p, AsTrained)), 0.21616, 5e-6)
}

func TestROCAUCAgreesWithGonum(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(2, 60).Draw(rt, "n")
		scores, positive, weights := make([]float64, n), make([]bool, n), make([]float64, n)
		counts := make([]int32, n)
		for i := range n {
			scores[i] = float64(rapid.IntRange(0, 12).Draw(rt, "score")) // with ties
			positive[i] = rapid.Bool().Draw(rt, "positive")
			counts[i] = int32(rapid.IntRange(0, 3).Draw(rt, "count"))
			weights[i] = float64(counts[i])
		}
		p := predictions(scores, positive)
		got := ROCAUCStatistic(p)(counts)
		sorted := slices.Clone(p)
		slices.SortStableFunc(sorted, func(a, b Prediction) int { return int(a.Score - b.Score) })
		var y, w []float64
		var c []bool
		var positives, negatives float64
		for _, item := range sorted {
			weight := weights[item.Unit]
			y, c, w = append(y, item.Score), append(c, item.Positive), append(w, weight)
			if item.Positive {
				positives += weight
			} else {
				negatives += weight
			}
		}
		if positives == 0 || negatives == 0 {
			if !math.IsNaN(got) {
				rt.Fatalf("%v without positives or negatives, want NaN", got)
			}
			return
		}
		tpr, fpr, _ := stat.ROC(nil, y, c, w)
		if want := integrate.Trapezoidal(fpr, tpr); math.Abs(got-want) > 1e-9 {
			rt.Fatalf("ROC-AUC %v, gonum has %v", got, want)
		}
	})
}

// TestWeightedSamplesAreRepeatedItems compares a sample by counts with one that repeats the items.
func TestWeightedSamplesAreRepeatedItems(t *testing.T) {
	statistics := map[string]func([]Prediction) Statistic{
		"ROC-AUC": ROCAUCStatistic, "average precision": AveragePrecisionStatistic,
		"F1":        func(p []Prediction) Statistic { return Confuse(p, 3).F1() },
		"precision": func(p []Prediction) Statistic { return Confuse(p, 3).Precision() },
		"recall":    func(p []Prediction) Statistic { return Confuse(p, 3).Recall() },
		"log-loss":  func(p []Prediction) Statistic { return LogLossStatistic(p, Calibration{0.3, -1}) },
		"Brier":     func(p []Prediction) Statistic { return BrierStatistic(p, Calibration{0.3, -1}) },
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var p, repeated []Prediction
		n := 1 + random.IntN(30)
		counts := make([]int32, 10)
		for i := range counts {
			counts[i] = int32(random.IntN(3))
		}
		for i := range n {
			item := Prediction{float64(random.IntN(7)), random.IntN(2) == 0, int32(i % 10)}
			p = append(p, item)
			for range counts[item.Unit] {
				repeated = append(repeated, item)
			}
		}
		for name, statistic := range statistics {
			got := statistic(p)(counts[:units(p)])
			want := math.NaN()
			if len(repeated) > 0 {
				want = of(repeated, statistic(repeated))
			}
			if math.IsNaN(got) != math.IsNaN(want) || math.Abs(got-want) > 1e-12 {
				t.Fatalf("%s of the weighted sample is %v, of the repeated items %v", name, got, want)
			}
		}
	}
}

// TestConfusionByHand: from 0.4 on, 3 of 5 positives and 1 of 4 negatives are called positive.
func TestConfusionByHand(t *testing.T) {
	p := predictions([]float64{0.9, 0.8, 0.4, 0.3, 0.1, 0.7, 0.35, 0.2, 0.0}, []bool{true, true, true, true, true, false, false, false, false})
	c := Confuse(p, 0.4)
	evaltest.WantClose(t, "precision", of(p, c.Precision()), 3.0/4, 1e-12)
	evaltest.WantClose(t, "recall", of(p, c.Recall()), 3.0/5, 1e-12)
	evaltest.WantClose(t, "F1", of(p, c.F1()), 2.0/3, 1e-12) // 2 * 0.75*0.6 / 1.35
	// By descending threshold F1 is 2/6, 4/7, 4/8, 6/9, 6/10, 8/11, 8/12, 10/13, …: best at 0.1, where
	// all positives are found with three negatives.
	if got := BestThreshold(p); got != 0.1 {
		t.Errorf("best threshold %v, want 0.1", got)
	}
	if got := BestThreshold(predictions([]float64{1, 2}, []bool{false, false})); !math.IsNaN(got) {
		t.Errorf("threshold without positives %v", got)
	}
}

func TestBestThresholdIsBest(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		var p []Prediction
		for i := range 2 + random.IntN(40) {
			p = append(p, Prediction{float64(random.IntN(15)), random.IntN(2) == 0, int32(i)})
		}
		best := 0.0
		for threshold := range 16 {
			if f1 := of(p, Confuse(p, float64(threshold)).F1()); f1 > best {
				best = f1
			}
		}
		if best == 0 {
			continue
		}
		evaltest.WantClose(t, "F1 at the best threshold", of(p, Confuse(p, BestThreshold(p)).F1()), best, 1e-12)
	}
}

// TestFitCalibrationInClosedForm has scores of only two values. For these the loss is least if the
// probabilities are the means of Platt's targets.
func TestFitCalibrationInClosedForm(t *testing.T) {
	var p []Prediction
	add := func(score float64, positives, negatives int) {
		for i := range positives + negatives {
			p = append(p, Prediction{score, i < positives, int32(len(p))})
		}
	}
	add(2, 30, 10)
	add(-5, 8, 22)
	c, err := FitCalibration(p)
	if err != nil {
		t.Fatal(err)
	}
	high, low := 39.0/40, 1.0/34 // of 38 positives and 32 negatives
	evaltest.WantClose(t, "P at 2", c.Probability(2), (30*high+10*low)/40, 1e-6)
	evaltest.WantClose(t, "P at -5", c.Probability(-5), (8*high+22*low)/30, 1e-6)

	if _, err := FitCalibration(p[:30]); err != NoValue {
		t.Errorf("calibration without negatives: %v", err)
	}
	// Scores that tell all apart leave the calibration finite.
	c, err = FitCalibration(predictions([]float64{1000, 1001, -1000, -1002}, []bool{true, true, false, false}))
	if err != nil || math.IsNaN(c.A) || math.IsInf(c.A, 0) {
		t.Errorf("calibration %+v, %v", c, err)
	}
	// Equal scores leave nothing to fit but the share of positives.
	c, err = FitCalibration(predictions([]float64{3, 3, 3, 3}, []bool{true, false, false, false}))
	evaltest.WantClose(t, "P of equal scores", c.Probability(3), (2.0/3+3*1.0/5)/4, 1e-6)
	if err != nil {
		t.Error(err)
	}
}

func TestReliabilityByHand(t *testing.T) {
	logit := func(q float64) float64 { return math.Log(q / (1 - q)) }
	p := predictions([]float64{logit(0.1), logit(0.3), logit(0.6), logit(0.7), logit(0.8), 800}, []bool{false, true, true, true, false, true})
	curve := Reliability(p, AsTrained, 2)
	evaltest.WantClose(t, "low predicted", curve[0].Predicted, 0.2, 1e-12)
	evaltest.WantClose(t, "low observed", curve[0].Observed, 0.5, 1e-12)
	evaltest.WantClose(t, "high predicted", curve[1].Predicted, 3.1/4, 1e-12)
	evaltest.WantClose(t, "high observed", curve[1].Observed, 0.75, 1e-12)
	if curve[0].Items != 2 || curve[1].Items != 4 || curve[0].High != 0.5 || curve[1].High != 1 {
		t.Errorf("%+v", curve)
	}
}
