package conformal

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"kindred/internal/random"
)

func TestPValue(t *testing.T) {
	c, err := New([]float64{3, 1, 2, 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ score, u, want float64 }{
		{4, 0.5, 1. / 5},              // none is higher, and none is equal
		{3, 0.4, 1. / 5},              // a tie of two, the item first
		{3, 0.6, 2. / 5},              // or last
		{2.5, 0.9, 2. / 5},            // 3 is higher
		{2, 0, 2. / 5},                // 3 is higher, and the item is the first of three
		{2, 0.5, 3. / 5},              //
		{2, 0.99, 4. / 5},             //
		{0, 0.25, 1},                  //
		{math.Inf(-1), 0.25, 1},       //
		{math.Inf(1), 0.999, 1. / 5.}, //
	} {
		if got := c.PValue(test.score, test.u); math.Abs(got-test.want) > 1e-12 {
			t.Errorf("p of %v with u = %v is %v, want %v", test.score, test.u, got, test.want)
		}
	}
	if _, err := New([]float64{1, math.NaN()}); err == nil {
		t.Error("a score that is not a number is accepted")
	}
}

func TestNeeded(t *testing.T) {
	for _, test := range []struct {
		rate float64
		want int
	}{{0.5, 1}, {0.05, 19}, {0.01, 99}, {0.001, 999}, {0.3, 3}, {1. / 3, 2}, {1e-4, 9999}} {
		if got := Needed(test.rate); got != test.want {
			t.Errorf("a rate of %v needs %d, want %d", test.rate, got, test.want)
		}
		enough, _ := New(make([]float64, test.want))
		if err := enough.Check(test.rate); err != nil {
			t.Error(err)
		}
		few, _ := New(make([]float64, test.want-1))
		if err := few.Check(test.rate); err == nil {
			t.Errorf("a rate of %v is accepted with %d items", test.rate, few.Len())
		}
	}
	few, _ := New(make([]float64, 50))
	if err := few.Check(0.01); err == nil || !strings.Contains(err.Error(), "99 calibration lines") {
		t.Errorf("the message is %v", err)
	}
	for _, rate := range []float64{0, 1, -1, math.NaN()} {
		if few.Check(rate) == nil {
			t.Errorf("a rate of %v is accepted", rate)
		}
	}
}

// TestFalseAlarms draws calibration and new items from one distribution, without ties and with many. The share of
// false alarms is the rate on average, and varies as a beta-binomial does.
func TestFalseAlarms(t *testing.T) {
	const splits, n, m = 3000, 199, 200
	for _, ties := range []bool{false, true} {
		for _, rate := range []float64{0.01, 0.05, 0.2} {
			sum, squares := 0.0, 0.0
			for split := range splits {
				draw := random.New(1, uint64(split))
				score := func() float64 {
					if x := draw.Float64(); !ties {
						return x
					} else {
						return math.Floor(4 * x)
					}
				}
				scores := make([]float64, n)
				for i := range scores {
					scores[i] = score()
				}
				c, err := New(scores)
				if err != nil {
					t.Fatal(err)
				}
				alarms := 0.0
				for i := range m {
					if c.PValue(score(), Smoothing(uint64(split), int64(i))) <= rate {
						alarms++
					}
				}
				sum += alarms / m
				squares += (alarms / m) * (alarms / m)
			}
			mean := sum / splits
			deviation := math.Sqrt(squares/splits - mean*mean)
			// Beta(a, b) mixed binomials; variance of the share.
			a, b := math.Floor(rate*(n+1)+1e-9), n+1-math.Floor(rate*(n+1)+1e-9)
			beta := distuv.Beta{Alpha: a, Beta: b}
			want := math.Sqrt(beta.Variance() + (a*b/((a+b)*(a+b+1)))/m)
			if slack := 4 * want / math.Sqrt(splits); math.Abs(mean-rate) > slack {
				t.Errorf("ties %v: the rate of false alarms is %v on average, want %v ± %v", ties, mean, rate, slack)
			}
			if !ties && math.Abs(deviation/want-1) > 0.08 {
				t.Errorf("the rate of false alarms has a standard deviation of %v at %v, want %v", deviation, rate, want)
			}
		}
	}
}

func TestSmoothingIsSeeded(t *testing.T) {
	if Smoothing(1, 2) != Smoothing(1, 2) || Smoothing(1, 2) == Smoothing(2, 2) || Smoothing(1, 2) == Smoothing(1, 3) {
		t.Error("the numbers do not follow from seed and item")
	}
}
