package train

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"kindred/internal/kernel"
	"kindred/internal/random"
)

// bagLoss is the loss of a step whose inputs are bags, in float64.
func bagLoss(s *kernel.Step, bags []bag, in, out []float64) float64 {
	loss := 0.0
	for _, b := range bags {
		h := make([]float64, s.Dim)
		for _, row := range b.rows {
			for j := range h {
				h[j] += float64(b.scale) * in[int(row)*s.Stride+j]
			}
		}
		for j, target := range s.Targets {
			score := 0.0
			for i, x := range h {
				score += x * out[int(target)*s.Stride+i]
			}
			if j == 0 {
				score = -score
			}
			loss += math.Max(score, 0) + math.Log1p(math.Exp(-math.Abs(score)))
		}
	}
	return loss
}

// TestBagGradients compares what each row gets with finite differences of the loss: with the exact
// gradient they are equal, with the full one each bag passes on its move undivided. Rows occur
// several times in a bag and in several bags.
func TestBagGradients(t *testing.T) {
	bags := []bag{meanOf([]int32{0, 1, 2}), meanOf([]int32{3, 3, 3, 1}), meanOf([]int32{4}), {[]int32{2, 5}, 1}}
	const rows, words = 6, 4
	for _, k := range kernel.Available() {
		for _, gradient := range []bagGradient{exactGradient, fullGradient} {
			for _, dim := range []int{3, 20} {
				t.Run(fmt.Sprintf("%s, %d, dim %d", k.Name, gradient, dim), func(t *testing.T) {
					s := &kernel.Step{Stride: 32, Dim: dim, Targets: []int32{2, 0, 3, 0}, Rate: 0.5, WithLoss: true}
					rng := random.New(8)
					fill := func(n int) ([]float32, []float64) {
						values, exact := make([]float32, n*s.Stride), make([]float64, n*s.Stride)
						for i := range values {
							if i%s.Stride < dim {
								values[i] = float32(rng.Float64() - 0.5)
								exact[i] = float64(values[i])
							}
						}
						return values, exact
					}
					var in, out []float64
					s.In, in = fill(rows)
					s.Out, out = fill(words)
					before := slices.Clone(s.In)
					(&bagStep{gradient: gradient}).train(s, bags, k.Train)
					if got, loss := s.TakeLoss(), bagLoss(s, bags, in, out); math.Abs(got-loss) > 1e-5*loss {
						t.Errorf("loss %v, want %v", got, loss)
					}
					// The derivative of the loss by a row is the sum over the bags, each divided by
					// what the row gets less of.
					for i := range in {
						want := 0.0
						for _, b := range bags {
							const e = 1e-4
							at := func(x float64) float64 {
								saved := in[i]
								defer func() { in[i] = saved }()
								in[i] += x
								return bagLoss(s, []bag{b}, in, out)
							}
							derivative := (at(e) - at(-e)) / (2 * e)
							if gradient == fullGradient {
								derivative /= float64(b.scale)
							}
							want -= float64(s.Rate) * derivative
						}
						if got := float64(s.In[i] - before[i]); math.Abs(got-want) > 2e-6 {
							t.Errorf("row %d, value %d moves by %v, want %v", i/s.Stride, i%s.Stride, got, want)
						}
					}
				})
			}
		}
	}
}

// TestFullGradientMovesTheMean checks that a mean of different rows moves by as much as a row of
// its own would with the full gradient, and by its n-th part with the exact one.
func TestFullGradientMovesTheMean(t *testing.T) {
	const stride, dim, n = 16, 5, 4
	mean := func(in []float32, j int) (sum float64) {
		for row := range n {
			sum += float64(in[row*stride+j]) / n
		}
		return sum
	}
	for gradient, share := range map[bagGradient]float64{fullGradient: 1, exactGradient: 1.0 / n} {
		rng := random.New(9)
		s := &kernel.Step{In: make([]float32, n*stride), Out: make([]float32, 2*stride), Stride: stride, Dim: dim, Targets: []int32{0, 1}, Rate: 0.3}
		single := &kernel.Step{In: make([]float32, stride), Stride: stride, Dim: dim, Inputs: []int32{0}, Targets: s.Targets, Rate: s.Rate}
		for j := range dim {
			for row := range n {
				s.In[row*stride+j] = float32(rng.Float64() - 0.5)
			}
			s.Out[j], s.Out[stride+j] = float32(rng.Float64()), float32(rng.Float64())
			single.In[j] = float32(mean(s.In, j))
		}
		single.Out = slices.Clone(s.Out)
		bagsBefore, before := slices.Clone(s.In), slices.Clone(single.In)
		(&bagStep{gradient: gradient}).train(s, []bag{meanOf([]int32{0, 1, 2, 3})}, kernel.Portable.Train)
		kernel.Portable.Train(single)
		for j := range dim {
			got, want := mean(s.In, j)-mean(bagsBefore, j), share*float64(single.In[j]-before[j])
			if math.Abs(got-want) > 1e-6 {
				t.Errorf("gradient %d: the mean moves by %v, want %v", gradient, got, want)
			}
		}
		for i := range s.Out {
			if math.Abs(float64(s.Out[i]-single.Out[i])) > 1e-6 {
				t.Errorf("gradient %d: target value %d is %v, want %v", gradient, i, s.Out[i], single.Out[i])
			}
		}
	}
}
