package train

import (
	"math"
	"strings"
	"testing"

	"kindred/internal/kernel"
)

// TestBagsFollowTheirGradient differentiates the loss of a window numerically, for windows of 1 to 10 words. The sum
// moves along the gradient, and so does the mean, by a factor that is the same for all windows; word2vec's
// mean does not.
func TestBagsFollowTheirGradient(t *testing.T) {
	const dim, window = 3, 5
	for bag, want := range map[Bag]func(n int) float64{
		BagSum:      func(int) float64 { return 1 },
		BagMean:     func(int) float64 { return window + 1 },
		BagWord2vec: func(n int) float64 { return float64(n) },
	} {
		a := Architecture{Kind: CBOW, Bag: bag, Dim: dim, Window: window}
		for n := 1; n <= 10; n++ {
			hidden, move := a.bagScale(n)
			s := &kernel.Step{Stride: 16, Dim: dim, Targets: []int32{0, 1}, Rate: 1}
			s.In, s.Out = make([]float32, 16*n), make([]float32, 32)
			for i := range n {
				s.Inputs = append(s.Inputs, int32(i))
				s.In[16*i] = 0.1 * float32(i+1)
			}
			s.Out[0], s.Out[1], s.Out[16], s.Out[17] = 0.3, 0.4, -0.2, 0.5
			loss := func(x float64) float64 { // of the first value of the first input
				sum := x
				for i := 1; i < n; i++ {
					sum += float64(s.In[16*i])
				}
				h := sum * float64(hidden)
				return math.Log1p(math.Exp(-h*0.3)) + math.Log1p(math.Exp(h*-0.2))
			}
			const d = 1e-4
			x := float64(s.In[0])
			gradient := (loss(x+d) - loss(x-d)) / (2 * d)
			kernel.Portable.TrainBag(s, hidden, move)
			if got := (x - float64(s.In[0])) / gradient; math.Abs(got-want(n)) > 1e-3*want(n) {
				t.Errorf("%s of %d words: a word moves by %.4f times the gradient, want %.4f", bag, n, got, want(n))
			}
		}
	}
}

func TestArchitectureIsChecked(t *testing.T) {
	for want, change := range map[string]func(*Config){
		`architecture is "cbo"`: func(c *Config) { c.Kind = "cbo" },
		`bag is "max"`:          func(c *Config) { c.Bag = "max" },
		"a window is one input": func(c *Config) { c.Kind, c.NegativeSharing = CBOW, "pair" },
	} {
		cfg := Defaults()
		cfg.LearningRate = 0.025
		change(&cfg)
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// TestLoadsOfBags compares the load of an input with how far a step of a window moves h: by as much as alone for a mean
// of n words, by n times for their sum.
func TestLoadsOfBags(t *testing.T) {
	const window, rate, k = 5, 0.05, 5
	alone := newOvershoot(rate, Architecture{Kind: SkipGram, Window: window}, k)
	for bag, want := range map[Bag]float64{BagWord2vec: 1, BagMean: 1, BagSum: window + 1} {
		a := Architecture{Kind: CBOW, Bag: bag, Window: window, Dim: 4}
		hidden, move := a.bagScale(window + 1)
		s := &kernel.Step{Stride: 16, Dim: 4, Targets: []int32{0}, Rate: 1, In: make([]float32, 16*(window+1)), Out: make([]float32, 16)}
		s.Out[0] = 1
		for i := range window + 1 {
			s.Inputs = append(s.Inputs, int32(i))
		}
		kernel.Portable.TrainBag(s, hidden, move) // from zero: σ is a half
		moved := 0.0
		for i := range window + 1 {
			moved += float64(hidden * s.In[16*i])
		}
		if moved /= 0.5; math.Abs(moved-want) > 1e-3 {
			t.Errorf("%s: h moves %.3f times as far as alone, want %v", bag, moved, want)
		}
		load := float64(newOvershoot(rate, a, k).perInput / alone.perInput)
		if math.Abs(load-want) > 1e-3 {
			t.Errorf("%s: an input has %.3f times the load of one of skip-gram, want %v", bag, load, want)
		}
	}
}
