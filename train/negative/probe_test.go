package negative

import (
	"math"
	"testing"

	"kindred/internal/kernel"
)

// TestProbedGradients compares what is recorded of a step with its scores.
func TestProbedGradients(t *testing.T) {
	for _, k := range kernel.Available() {
		s := &kernel.Step{
			In: make([]float32, 2*16), Out: make([]float32, 4*16), Stride: 16, Dim: 1,
			Inputs: []int32{0, 1}, Targets: []int32{0, 1, 2, 2, 3},
		}
		s.In[0], s.In[16] = 1, -1
		copy(s.Out, []float32{3})
		s.Out[16], s.Out[32], s.Out[48] = 0, 5, 1
		var done Tally
		scores := make([]float32, 2*5)
		k.Scores(scores, s)
		new(Worker).Probe(scores, s.Targets, []int32{1, 9}, &done)
		sigma := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
		want := Tally{Steps: 1, Negatives: 4, Duplicates: 1, InWindow: 1, Pairs: 8, SmallGradient: 2, PositiveScore: 3}
		gradient := 0.0
		for _, score := range []float64{0, 5, 5, 1} {
			gradient += sigma(score) + sigma(-score)
		}
		if math.Abs(done.Gradient-gradient) > 1e-5 {
			t.Errorf("%s: gradients of %v, want %v", k.Name, done.Gradient, gradient)
		}
		want.Gradient = done.Gradient
		if done != want {
			t.Errorf("%s: %+v, want %+v", k.Name, done, want)
		}
	}
}
