package negative

import (
	"math"
	"strings"
	"testing"

	"kindred/internal/random"
)

// TestFractionsOfNegatives checks mean and range of the number of negatives of a step.
func TestFractionsOfNegatives(t *testing.T) {
	for _, k := range []float64{0, 0.25, 1, 2.5, 7.9} {
		counter := newCounter(k, random.New(6))
		const n = 100_000
		sum := 0
		for range n {
			one := counter.next()
			if one < int(math.Floor(k)) || one > int(math.Ceil(k)) {
				t.Fatalf("k = %v: a step has %d negatives", k, one)
			}
			sum += one
		}
		if mean := float64(sum) / n; math.Abs(mean-k) > 0.01 {
			t.Errorf("k = %v: the mean is %v", k, mean)
		}
	}
}

func TestNegativesSchedule(t *testing.T) {
	cfg := Defaults()
	cfg.Negatives, cfg.NegativesLast = 2, 10
	for _, c := range []struct {
		sampler        Sampler
		candidates     int
		share, wantK   float64
		wantCandidates int
	}{
		{Unigram, 0, 0, 2, 2}, {Unigram, 0, 0.1, 2.8, 3}, {Unigram, 0, 1, 10, 10},
		{Hard, 0, 0, 2, 4}, {Hard, 0, 1, 10, 20}, {Hard, 12, 0, 2, 12},
		{Curriculum, 12, 0, 2, 2}, {Curriculum, 12, 0.5, 6, 9}, {Curriculum, 12, 1, 10, 12},
	} {
		cfg.Sampler, cfg.Candidates = c.sampler, c.candidates
		if got := cfg.NegativesAt(c.share); math.Abs(got-c.wantK) > 1e-12 {
			t.Errorf("%s at %v: k = %v, want %v", c.sampler, c.share, got, c.wantK)
		}
		if got := cfg.CandidatesAt(c.share); got != c.wantCandidates {
			t.Errorf("%s at %v: %d candidates, want %d", c.sampler, c.share, got, c.wantCandidates)
		}
	}
}

func TestNegativeSettings(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Settings)
		want   string
	}{
		"negatives":    {func(c *Settings) { c.Negatives = -1 }, "negatives is -1, want 0 to 4096"},
		"not a number": {func(c *Settings) { c.Negatives = math.NaN() }, "negatives is NaN, want 0 to 4096"},
		"last":         {func(c *Settings) { c.NegativesLast = -2 }, "last negatives is -2, want 0 to 4096"},
		"power":        {func(c *Settings) { c.NoisePower = math.NaN() }, "noise power is NaN, want a finite number"},
		"sampler":      {func(c *Settings) { c.Sampler = "best" }, `sampler is "best", want one of: unigram, uniform`},
		"few":          {func(c *Settings) { c.Sampler, c.Candidates = Hard, 4 }, "candidates is 4, want 5, the number of negatives, to 4096"},
		"needless":     {func(c *Settings) { c.Candidates = 10 }, "the sampler unigram trains all that it draws; use hard"},
		"temperature":  {func(c *Settings) { c.Temperature = 0 }, "temperature is 0, want a number above 0"},
		"tau plus":     {func(c *Settings) { c.TauPlus = 1 }, "tau plus is 1, want 0 or more and below 1"},
		"beta":         {func(c *Settings) { c.Beta = math.Inf(1) }, "beta is +Inf, want a number of 0 or more"},
		"reject":       {func(c *Settings) { c.Reject = "all" }, `reject is "all", want one of: target; window`},
		"bound":        {func(c *Settings) { c.PMIBound = math.NaN() }, "PMI bound is NaN, want a finite number"},
	} {
		cfg := Defaults()
		c.change(&cfg)
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	for _, sampler := range Samplers() {
		cfg := Defaults()
		cfg.Sampler = sampler.Name
		if err := cfg.Validate(); err != nil {
			t.Errorf("%s: %v", sampler.Name, err)
		}
	}
}
