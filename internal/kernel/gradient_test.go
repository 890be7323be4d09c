package kernel

import (
	"fmt"
	"math"
	"testing"
)

// TestGradient differentiates the loss of the package documentation
// numerically, by each value of each matrix, and compares with what a step at rate 1
// subtracts. It shows that a kernel descends the loss it is meant to.
func TestGradient(t *testing.T) {
	for _, kernel := range Available() {
		for _, shape := range [][3]int{{1, 1, 3}, {1, 6, 10}, {2, 3, 8}, {3, 7, 9}, {5, 6, 17}, {4, 13, 5}} {
			m, n, dim := shape[0], shape[1], shape[2]
			for _, duplicates := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/m=%d,n=%d,dim=%d,duplicates=%v", kernel.Name, m, n, dim, duplicates), func(t *testing.T) {
					s := newStep(m, n, dim, 2, uint64(dim))
					s.Rate = 1
					if duplicates {
						s.Inputs[m-1], s.Targets[n-1] = s.Inputs[0], s.Targets[0]
					}
					trained := clone(s)
					kernel.Train(trained)
					compareGradient(t, s, "In", s.In, trained.In)
					compareGradient(t, s, "Out", s.Out, trained.Out)
				})
			}
		}
	}
}

// compareGradient differentiates the loss of a step by the values of one matrix of s, which is before.
func compareGradient(t *testing.T, s *Step, name string, before, after []float32) {
	t.Helper()
	differentiate(t, s, name, before, after, func() float64 { return lossOf(s) })
}

// differentiate compares what a step at rate 1 subtracted from a matrix of s, which is before, with the differences
// of a loss.
func differentiate(t *testing.T, s *Step, name string, before, after []float32, loss func() float64) {
	t.Helper()
	const tolerance = 1e-4
	for i, value := range before {
		before[i] = value + 1.0/256
		up, above := float64(before[i]), loss()
		before[i] = value - 1.0/256
		down, below := float64(before[i]), loss()
		before[i] = value
		want := (above - below) / (up - down)
		got := float64(before[i]) - float64(after[i])
		if !(math.Abs(got-want) <= tolerance*(1+math.Abs(want))) {
			t.Fatalf("%s row %d column %d: gradient %v, numerically %v", name, i/s.Stride, i%s.Stride, got, want)
		}
	}
}

// lossOf returns the loss of the step's block in float64 arithmetic.
func lossOf(s *Step) float64 {
	loss := 0.0
	for _, input := range s.Inputs {
		for j, target := range s.Targets {
			score, _ := scoreExact(s.In[int(input)*s.Stride:][:s.Dim], s.Out[int(target)*s.Stride:][:s.Dim])
			if j == 0 {
				score = -score
			}
			loss += softplusExact(score)
		}
	}
	return loss
}
