package compare

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"kindred/eval/stats"
)

// classifier returns the predictions of a classifier on lines of text, a unit each. A third of the
// lines are positive. The classifier gives the wrong label to the given proportion of lines.
func classifier(seed uint64, lines int, wrong float64) []stats.Prediction {
	random := rand.New(rand.NewPCG(seed, 1))
	var p []stats.Prediction
	for line := range lines {
		item := stats.Prediction{Score: -1, Positive: line%3 == 0, Unit: int32(line)}
		if item.Positive != (random.Float64() < wrong) {
			item.Score = 1
		}
		p = append(p, item)
	}
	return p
}

// TestMeasuresOfClassifiers compares models by a measure that is no property of word vectors: the F1
// of classifiers, whose units are lines.
func TestMeasuresOfClassifiers(t *testing.T) {
	const lines = 300
	f1 := func(models ...[]stats.Prediction) Measure {
		m := Measure{Name: "F1", Headline: true, Items: lines, Used: lines, Units: lines, Scale: OtherScale}
		for _, p := range models {
			m.Statistics = append(m.Statistics, stats.Confuse(p, 0).F1())
		}
		return m
	}
	value := func(p []stats.Prediction) float64 {
		var hit, called, positive float64
		for _, item := range p {
			if item.Positive {
				positive++
			}
			if item.Score > 0 {
				called++
			}
			if item.Positive && item.Score > 0 {
				hit++
			}
		}
		return 2 * hit / (called + positive)
	}
	good, bad, like := classifier(1, lines, 0.05), classifier(2, lines, 0.3), classifier(3, lines, 0.05)
	results, tests := Measures([]Measure{f1(good, bad, like)}, [][]int{{0}, {1}, {2}}, stats.Bootstrap{Resamples: 2000})
	if len(results) != 1 || tests != 3 || len(results[0].Differences) != 3 || results[0].Measure != "F1" {
		t.Fatalf("%d tests: %+v", tests, results)
	}
	for i, p := range [][]stats.Prediction{good, bad, like} {
		s := results[0].Scores[i].Score
		if math.Abs(s.Value-value(p)) > 1e-12 || !s.HasInterval() || !(s.Interval.Low < s.Value && s.Value < s.Interval.High) {
			t.Errorf("model %d: score %+v, want F1 %v within an interval", i, s, value(p))
		}
	}
	for i, want := range []Verdict{Significant, WithinNoise, Significant} { // good - bad, good - like, bad - like
		d := results[0].Differences[i]
		if d.Verdict != want || d.Test == nil || *d.Corrected < d.Test.P || !d.Difference.HasInterval() {
			t.Errorf("difference of %d and %d: %+v, want %s", d.First, d.Second, d, want)
		}
	}
	if d := results[0].Differences[0].Difference; math.Abs(d.Value-(value(good)-value(bad))) > 1e-12 || d.Interval.Low <= 0 {
		t.Errorf("difference %+v, want %v", d, value(good)-value(bad))
	}

	// Several seeds a system are tested over seeds and lines.
	var models [][]stats.Prediction
	for seed := range uint64(6) {
		models = append(models, classifier(10+seed, lines, 0.05+0.25*float64(seed/3)))
	}
	p := f1(models...).Resample(stats.Bootstrap{Resamples: 1000}, [][]int{{0, 1, 2}, {3, 4, 5}})
	if s := p.Scores()[0]; len(s.Models) != 3 || s.SeedSpread == 0 {
		t.Errorf("score of three seeds: %+v", s)
	}
	d := p.Difference(0, 1)
	if n := Correct([]*PairedDifference{&d}, 0); n != 1 || d.Verdict != Significant || !strings.Contains(d.Test.Name, "seeds") {
		t.Errorf("difference of systems of three seeds: %+v", d)
	}
}

// TestMeasureWithoutValue: a statistic that is NaN, such as the F1 of no positive line, is no score.
func TestMeasureWithoutValue(t *testing.T) {
	none := []stats.Prediction{{Score: -1, Unit: 0}, {Score: -1, Unit: 1}}
	m := Measure{Name: "F1", Headline: true, Units: 2, Statistics: []stats.Statistic{stats.Confuse(none, 0).F1(), stats.Confuse(none, 0).F1()}}
	results, tests := Measures([]Measure{m}, [][]int{{0}, {1}}, stats.Bootstrap{})
	if r := results[0]; tests != 0 || r.Scores[0].Score.Undefined != stats.NoValue.Error() || r.Differences[0].Verdict != NotTested {
		t.Errorf("%d tests: %+v", tests, r)
	}
}
