package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestScores compares with exact arithmetic, and with the products of single rows, for all small shapes.
func TestScores(t *testing.T) {
	for _, kernel := range Available() {
		for m := 1; m <= 12; m++ {
			for n := 1; n <= 20; n++ {
				dim := dims[(7*m+3*n)%len(dims)]
				t.Run(fmt.Sprintf("%s/m=%d,n=%d,dim=%d", kernel.Name, m, n, dim), func(t *testing.T) {
					s := newStep(m, n, dim, 2, uint64(m*n))
					before := clone(s)
					got, sums := nans(m*n), nans(n)
					kernel.Scores(got, s)
					kernel.SumScores(sums, s)
					for i, input := range s.Inputs {
						for j, target := range s.Targets {
							want, bound := scoreExact(s.In[int(input)*s.Stride:][:dim], s.Out[int(target)*s.Stride:][:dim])
							if !(math.Abs(float64(got[i*n+j])-want) <= bound) {
								t.Fatalf("input %d, target %d: %v, want %v ± %v", i, j, got[i*n+j], want, bound)
							}
						}
					}
					for j, target := range s.Targets {
						want, bound := sumScoreExact(s, target)
						if !(math.Abs(float64(sums[j])-want) <= bound) {
							t.Fatalf("the sum and target %d: %v, want %v ± %v", j, sums[j], want, bound)
						}
					}
					if !slices.Equal(s.In, before.In) || !slices.Equal(s.Out, before.Out) {
						t.Error("scores change the matrices")
					}
				})
			}
		}
	}
}

// sumScoreExact returns the inner product of the sum of all inputs with a target, and how far a
// kernel's may be away.
func sumScoreExact(s *Step, target int32) (score, bound float64) {
	sizes := 0.0
	for c, w := range s.Out[int(target)*s.Stride:][:s.Dim] {
		for _, input := range s.Inputs {
			product := float64(s.In[int(input)*s.Stride+c]) * float64(w)
			score += product
			sizes += math.Abs(product)
		}
	}
	return score, float64(s.Dim/2+8+len(s.Inputs))*eps*sizes + 1e-44*float64(s.Dim)
}

func nans(n int) []float32 { return slices.Repeat([]float32{float32(math.NaN())}, n) }

// TestUpdate applies gradients of any sign and size, some of them zero, and compares with exact
// arithmetic. Rows are listed twice in every third shape.
func TestUpdate(t *testing.T) {
	for _, kernel := range Available() {
		for m := 1; m <= 12; m++ {
			for n := 1; n <= 20; n++ {
				dim := dims[(5*m+7*n)%len(dims)]
				t.Run(fmt.Sprintf("%s/m=%d,n=%d,dim=%d", kernel.Name, m, n, dim), func(t *testing.T) {
					s := newStep(m, n, dim, 2, uint64(m*n))
					if (m+n)%3 == 0 {
						s.Inputs[m-1], s.Targets[n-1] = s.Inputs[0], s.Targets[0]
					}
					gradients := randomGradients(m, n)
					in, out := updateExact(s, gradients)
					kernel.Update(s, gradients)
					compareMatrix(t, "In", s.In, s.Stride, in)
					compareMatrix(t, "Out", s.Out, s.Stride, out)
				})
			}
		}
	}
}

func randomGradients(m, n int) []float32 {
	rng := rand.New(rand.NewPCG(uint64(m), uint64(n)))
	gradients := make([]float32, m*n)
	for i := range gradients {
		if rng.IntN(4) > 0 {
			gradients[i] = float32(rng.NormFloat64())
		}
	}
	return gradients
}

func updateExact(s *Step, gradients []float32) (in, out bounded) {
	in, out = widened(s.In), widened(s.Out)
	m, n := len(s.Inputs), len(s.Targets)
	for i, input := range s.Inputs {
		for j, target := range s.Targets {
			for c := range s.Dim {
				a, b := int(input)*s.Stride+c, int(target)*s.Stride+c
				g := float64(gradients[i*n+j])
				in.add(a, g, float64(s.Out[b]), 0, n)
				out.add(b, g, float64(s.In[a]), 0, m)
			}
		}
	}
	in.addRounding(s.In, m)
	out.addRounding(s.Out, n)
	return in, out
}

// TestSplitStepIsAStep checks that Train is Scores, the gradients of its loss, and Update: by the same
// bytes in the portable kernel, and within the error of the sigmoid in the others.
func TestSplitStepIsAStep(t *testing.T) {
	for _, kernel := range Available() {
		for _, shape := range [][2]int{{1, 1}, {1, 6}, {6, 6}, {3, 8}, {7, 13}, {70, 3}} {
			m, n := shape[0], shape[1]
			t.Run(fmt.Sprintf("%s/m=%d,n=%d", kernel.Name, m, n), func(t *testing.T) {
				s := newStep(m, n, 100, 1, 8)
				s.WithLoss = true
				whole := clone(s)
				want := trainExact(s)
				kernel.Train(whole)
				gradients := nans(m * n)
				kernel.Scores(gradients, s)
				scoresToGradients(gradients, n, s)
				kernel.Update(s, gradients)
				compareMatrix(t, "In", s.In, s.Stride, want.in)
				compareMatrix(t, "Out", s.Out, s.Stride, want.out)
				if kernel.Name == "portable" && (!slices.Equal(s.In, whole.In) || !slices.Equal(s.Out, whole.Out) || s.Loss != whole.Loss) {
					t.Error("the split step differs from the whole step")
				}
			})
		}
	}
}

// TestSplitStepReusesScratch lets the functions follow each other on one step, in random order and shape.
func TestSplitStepReusesScratch(t *testing.T) {
	for _, kernel := range Available() {
		t.Run(kernel.Name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(5, 1))
			reused := new(Step)
			for range 300 {
				fresh := newStep(1+rng.IntN(12), 1+rng.IntN(25), 40, 2, rng.Uint64())
				memory := reused.scratch
				*reused = *clone(fresh)
				reused.scratch = memory
				m, n := len(fresh.Inputs), len(fresh.Targets)
				var got, want []float32
				switch call := rng.IntN(4); call {
				case 0:
					kernel.Train(fresh)
					kernel.Train(reused)
				case 1:
					got, want = nans(m*n), nans(m*n)
					kernel.Scores(want, fresh)
					kernel.Scores(got, reused)
				case 2:
					got, want = nans(n), nans(n)
					kernel.SumScores(want, fresh)
					kernel.SumScores(got, reused)
				case 3:
					kernel.Update(fresh, randomGradients(m, n))
					kernel.Update(reused, randomGradients(m, n))
				}
				if !slices.Equal(got, want) || !slices.Equal(fresh.In, reused.In) || !slices.Equal(fresh.Out, reused.Out) {
					t.Fatalf("a step of %d x %d differs after others", m, n)
				}
			}
		})
	}
}

func TestSplitStepChecksLengths(t *testing.T) {
	for _, kernel := range Available() {
		s := newStep(3, 4, 8, 1, 1)
		for name, call := range map[string]func(){
			"scores":     func() { kernel.Scores(nans(11), s) },
			"sum scores": func() { kernel.SumScores(nans(12), s) },
			"update":     func() { kernel.Update(s, make([]float32, 13)) },
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: %s of a step of 3 x 4 takes any length", kernel.Name, name)
					}
				}()
				call()
			}()
		}
		kernel.Scores(nil, &Step{Stride: 16, Dim: 8})
		kernel.SumScores(nans(4), &Step{In: s.In, Out: s.Out, Stride: 16, Dim: 8, Targets: s.Targets})
		kernel.Update(&Step{Stride: 16, Dim: 8}, nil)
	}
}
