package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// bagExact is a bag in float64 arithmetic.
type bagExact struct {
	in, out              bounded
	scores, scoreBounds  []float64
	hidden, hiddenBounds []float64
}

func newBagExact(s *Step, scale float32) bagExact {
	e := bagExact{in: widened(s.In), out: widened(s.Out), hidden: make([]float64, s.Dim), hiddenBounds: make([]float64, s.Dim)}
	for c := range s.Dim {
		for _, input := range s.Inputs {
			x := float64(s.In[int(input)*s.Stride+c])
			e.hidden[c] += float64(scale) * x
			e.hiddenBounds[c] += math.Abs(float64(scale) * x)
		}
		e.hiddenBounds[c] *= float64(len(s.Inputs)) * eps
	}
	for _, target := range s.Targets {
		score, bound := 0.0, 0.0
		for c, y := range s.Out[int(target)*s.Stride:][:s.Dim] {
			score += e.hidden[c] * float64(y)
			bound += float64(s.Dim/2+8)*eps*math.Abs(e.hidden[c]*float64(y)) + e.hiddenBounds[c]*math.Abs(float64(y))
		}
		e.scores, e.scoreBounds = append(e.scores, score), append(e.scoreBounds, bound+1e-44*float64(s.Dim))
	}
	return e
}

// update moves the rows by gradients with bounds.
func (e *bagExact) update(s *Step, g, gBounds []float64, factor float32) {
	n := len(s.Targets)
	for j, target := range s.Targets {
		for c, h := range e.hidden {
			i := int(target)*s.Stride + c
			e.out.add(i, g[j], h, gBounds[j], 1)
			e.out.bounds[i] += math.Abs(g[j]) * e.hiddenBounds[c]
		}
	}
	for _, input := range s.Inputs {
		for j, target := range s.Targets {
			for c := range s.Dim {
				e.in.add(int(input)*s.Stride+c, float64(factor)*g[j], float64(s.Out[int(target)*s.Stride+c]), float64(factor)*gBounds[j], n+1)
			}
		}
	}
	e.in.addRounding(s.In, len(s.Inputs))
	e.out.addRounding(s.Out, n)
}

func bagShapes(t *testing.T, test func(t *testing.T, kernel Kernel, s *Step, scale, factor float32)) {
	for _, kernel := range Available() {
		for m := 1; m <= 12; m++ {
			for n := 1; n <= 20; n++ {
				dim := dims[(5*m+7*n)%len(dims)]
				t.Run(fmt.Sprintf("%s/m=%d,n=%d,dim=%d", kernel.Name, m, n, dim), func(t *testing.T) {
					s := newStep(m, n, dim, 2, uint64(m*n))
					if (m+n)%3 == 0 {
						s.Inputs[m-1], s.Targets[n-1] = s.Inputs[0], s.Targets[0]
					}
					scale, factor := 1/float32(m), float32(1)
					switch n % 3 {
					case 1:
						factor = scale
					case 2:
						scale, factor = 1, 0.7
					}
					test(t, kernel, s, scale, factor)
				})
			}
		}
	}
}

// TestTrainBag compares with exact arithmetic for all small shapes.
func TestTrainBag(t *testing.T) {
	bagShapes(t, func(t *testing.T, kernel Kernel, s *Step, scale, factor float32) {
		s.WithLoss = true
		e := newBagExact(s, scale)
		g, gBounds := make([]float64, len(s.Targets)), make([]float64, len(s.Targets))
		loss, lossBound := 0.0, 60*eps
		for j, score := range e.scores {
			z, rate := score, -float64(s.Rate)
			if j == 0 {
				z, rate = -score, float64(s.Rate)
			}
			loss += softplusExact(z)
			lossBound += e.scoreBounds[j] + 4*eps + (MaxSoftplusError+float64(len(g)+8)*eps)*softplusExact(z)
			g[j] = rate * sigmoidExact(z)
			gBounds[j] = math.Abs(g[j])*(math.Expm1(e.scoreBounds[j])+MaxSigmoidError+eps) + tiny
		}
		e.update(s, g, gBounds, factor)
		kernel.TrainBag(s, scale, factor)
		compareMatrix(t, "In", s.In, s.Stride, e.in)
		compareMatrix(t, "Out", s.Out, s.Stride, e.out)
		if got := s.TakeLoss(); !(math.Abs(got-loss) <= lossBound) {
			t.Errorf("the loss is %v, want %v ± %v", got, loss, lossBound)
		}
	})
}

// TestUpdateBag applies gradients of any sign and size.
func TestUpdateBag(t *testing.T) {
	bagShapes(t, func(t *testing.T, kernel Kernel, s *Step, scale, factor float32) {
		e := newBagExact(s, scale)
		gradients := randomGradients(1, len(s.Targets))
		g := make([]float64, len(gradients))
		for j, x := range gradients {
			g[j] = float64(x)
		}
		e.update(s, g, make([]float64, len(g)), factor)
		kernel.UpdateBag(s, gradients, scale, factor)
		compareMatrix(t, "In", s.In, s.Stride, e.in)
		compareMatrix(t, "Out", s.Out, s.Stride, e.out)
	})
}

// TestBagOfOne trains a bag of one row, which is a step of one input.
func TestBagOfOne(t *testing.T) {
	for _, kernel := range Available() {
		s := newStep(1, 6, 100, 1, 3)
		want := clone(s)
		kernel.Train(want)
		kernel.TrainBag(s, 1, 1)
		for i, x := range s.In {
			if math.Abs(float64(x-want.In[i])) > 1e-6 || math.Abs(float64(s.Out[i]-want.Out[i])) > 1e-6 {
				t.Fatalf("%s: value %d is %v and %v, want %v and %v", kernel.Name, i, x, s.Out[i], want.In[i], want.Out[i])
			}
		}
	}
}

// TestBagGradient differentiates the loss of a bag numerically, by each value of each matrix: with the scale
// as its factor a bag descends the gradient, however often an input is listed.
func TestBagGradient(t *testing.T) {
	for _, kernel := range Available() {
		for _, shape := range [][3]int{{1, 1, 3}, {2, 3, 8}, {3, 7, 9}, {5, 6, 17}, {4, 13, 5}} {
			for _, scale := range []float32{1, 1 / float32(shape[0])} {
				t.Run(fmt.Sprintf("%s/m=%d,n=%d,dim=%d,scale=%v", kernel.Name, shape[0], shape[1], shape[2], scale), func(t *testing.T) {
					s := newStep(shape[0], shape[1], shape[2], 2, 8)
					s.Rate = 1
					s.Inputs[shape[0]-1], s.Targets[shape[1]-1] = s.Inputs[0], s.Targets[0]
					trained := clone(s)
					kernel.TrainBag(trained, scale, scale)
					loss := func() float64 {
						sum := 0.0
						for j, score := range newBagExact(s, scale).scores {
							if j == 0 {
								score = -score
							}
							sum += softplusExact(score)
						}
						return sum
					}
					differentiate(t, s, "In", s.In, trained.In, loss)
					differentiate(t, s, "Out", s.Out, trained.Out, loss)
				})
			}
		}
	}
}

// BenchmarkBags trains bags of 2 to 10 inputs, as CBOW with a window of 5 does.
func BenchmarkBags(b *testing.B) {
	for _, kernel := range Available() {
		for _, dim := range []int{100, 300} {
			for _, c := range stepCases {
				b.Run(fmt.Sprintf("%s/dim=%d/%s", kernel.Name, dim, c.name), func(b *testing.B) {
					rng := rand.New(rand.NewPCG(5, 6))
					steps := randomSteps(c.rows, func() int { return 2 * (1 + rng.IntN(5)) }, 6)
					stride := (dim + 15) / 16 * 16
					s := &Step{In: randomRows(c.rows, stride, dim), Out: randomRows(c.rows, stride, dim), Stride: stride, Dim: dim, Rate: 1e-4, WithLoss: c.loss}
					for i := 0; b.Loop(); i++ {
						step := &steps[i&(len(steps)-1)]
						s.Inputs, s.Targets = step.inputs, step.targets
						if c.prefetch {
							next := &steps[(i+2)&(len(steps)-1)]
							s.NextInputs, s.NextTargets = next.inputs, next.targets
						}
						kernel.TrainBag(s, 1/float32(len(s.Inputs)), 1)
					}
				})
			}
		}
	}
}

// bagGuarded trains a bag in guarded memory; see TestStepStaysInside.
func bagGuarded(g *guards, kernel Kernel, m, n, dim int) {
	s := newStep(m, n, dim, 1, 9)
	last := int32(len(s.In)/s.Stride - 1)
	s.Inputs[0], s.Targets[0], s.Inputs[m-1], s.Targets[n-1] = 0, 0, last, last
	gradients := randomGradients(1, n)
	want := clone(s)
	kernel.TrainBag(want, 0.5, 1)
	kernel.UpdateBag(want, gradients, 0.5, 1)
	s.In, s.Out = guarded(g, s.In), guarded(g, s.Out)
	s.Inputs, s.Targets = guarded(g, s.Inputs), guarded(g, s.Targets)
	s.NextInputs, s.NextTargets = guarded(g, s.NextInputs), guarded(g, s.NextTargets)
	s.scratch = want.scratch
	guardScratch(g, &s.scratch)
	kernel.TrainBag(s, 0.5, 1)
	kernel.UpdateBag(s, guarded(g, gradients), 0.5, 1)
	if !slices.Equal(s.In, want.In) || !slices.Equal(s.Out, want.Out) {
		g.t.Errorf("a bag, %d x %d: the result depends on where the arrays are", m, n)
	}
}
