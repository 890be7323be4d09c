package stats

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestStatisticsOfCounts compares each statistic of counts with the plain
// function of a sample in which the units are written out.
func TestStatisticsOfCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := samples(t)
		n := len(x)
		counts := rapid.SliceOfN(rapid.Int32Range(0, 4), n, n).Draw(t, "counts")
		var xs, ys []float64
		for i, c := range counts {
			for range c {
				xs, ys = append(xs, x[i]), append(ys, y[i])
			}
		}
		for _, c := range []struct {
			name      string
			statistic Statistic
			plain     func(x, y []float64) (float64, error)
		}{{"Spearman", SpearmanStatistic(x, y), Spearman}, {"Pearson", PearsonStatistic(x, y), Pearson}} {
			want, err := c.plain(xs, ys)
			for range 2 { // no call leaves anything to the next
				got := c.statistic(counts)
				if math.IsNaN(got) != (err != nil) || err == nil && math.Abs(got-want) > 1e-9 {
					t.Fatalf("%s of counts is %v, want %v, %v", c.name, got, want, err)
				}
			}
		}
		var above, below float64
		for i := range xs {
			above += xs[i]
			below += math.Abs(ys[i]) + 1
		}
		weights := make([]float64, n)
		for i, v := range y {
			weights[i] = math.Abs(v) + 1
		}
		got := RatioStatistic(x, weights)(counts)
		if math.IsNaN(got) != (len(xs) == 0) || len(xs) > 0 && math.Abs(got-above/below) > 1e-9 {
			t.Fatalf("ratio of counts is %v, want %v/%v", got, above, below)
		}
	})
}

// TestLinearOfAMean: a mean is linear, so that nothing changes.
func TestLinearOfAMean(t *testing.T) {
	x, _ := normals(6, 25, 0)
	mean := RatioStatistic(x, ones(25))
	linear := Linear(25, mean)
	counts := once(25)
	for i := range counts {
		counts[i] = int32(i % 4)
	}
	counts[0] = 2 // 36 in all
	counts[24] = 0
	all := mean(once(25))
	want := all
	total := 0.0
	for i, c := range counts {
		want += float64(c) * (x[i] - all)
		total += float64(c)
	}
	want = all + (want-all)/total
	if got := linear(counts); math.Abs(got-want) > 1e-12 || math.Abs(got-mean(counts)) > 1e-12 {
		t.Errorf("linear is %v, the mean %v, by hand %v", got, mean(counts), want)
	}
}

func BenchmarkSpearmanInterval(b *testing.B) {
	x, y := normals(1, 1000, 0.6)
	for b.Loop() {
		if _, err := (Bootstrap{Resamples: 10000}).Interval(len(x), SpearmanStatistic(x, y)); err != nil {
			b.Fatal(err)
		}
	}
}
