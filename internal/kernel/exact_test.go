package kernel

import "math"

const (
	// eps is the unit roundoff of float32.
	eps = 1.0 / (1 << 24)
	// tiny is more than what denormal numbers and the end of the exponential's
	// range cost a value of the size of a learning rate.
	tiny = 1e-38
)

// bounded holds values and how far a kernel may be away from them.
type bounded struct{ values, bounds []float64 }

// exact is the result of a step in float64 arithmetic.
type exact struct {
	in, out         bounded
	loss, lossBound float64
}

// trainExact follows the definition in the package documentation; the bounds are those
// that the documentation of Kernel states.
func trainExact(s *Step) exact {
	e := exact{in: widened(s.In), out: widened(s.Out)}
	m, n := len(s.Inputs), len(s.Targets)
	for _, input := range s.Inputs {
		for j, target := range s.Targets {
			in, out := int(input)*s.Stride, int(target)*s.Stride
			score, scoreBound := scoreExact(s.In[in:][:s.Dim], s.Out[out:][:s.Dim])
			z, rate := score, -float64(s.Rate)
			if j == 0 {
				z, rate = -score, float64(s.Rate)
			}
			e.loss += softplusExact(z)
			e.lossBound += scoreBound + 4*eps + (MaxSoftplusError+float64(m*n+8)*eps)*softplusExact(z)

			g := rate * sigmoidExact(z)
			gBound := math.Abs(g)*(math.Expm1(scoreBound)+MaxSigmoidError+eps) + tiny
			for c := range s.Dim {
				e.in.add(in+c, g, float64(s.Out[out+c]), gBound, n)
				e.out.add(out+c, g, float64(s.In[in+c]), gBound, m)
			}
		}
	}
	e.in.addRounding(s.In, m)
	e.out.addRounding(s.Out, n)
	return e
}

// scoreExact returns the inner product and how far a kernel's may be away.
func scoreExact(x, w []float32) (score, bound float64) {
	size := 0.0
	for c := range x {
		product := float64(x[c]) * float64(w[c])
		score += product
		size += math.Abs(product)
	}
	return score, float64(len(x)/2+8)*eps*size + 1e-44*float64(len(x))
}

// add adds g*x to value i. The error of g is up to gBound, and the sum has as many terms.
func (b bounded) add(i int, g, x, gBound float64, terms int) {
	b.values[i] += g * x
	b.bounds[i] += (gBound+math.Abs(g)*float64(terms+2)*eps)*math.Abs(x) + 1e-44
}

// addRounding adds what it may cost to add to a value in memory up to as many times as
// rows are listed. Values that nothing was added to stay exact.
func (b bounded) addRounding(before []float32, times int) {
	for i, bound := range b.bounds {
		if bound > 0 {
			b.bounds[i] += float64(times) * (eps*(math.Abs(b.values[i])+math.Abs(float64(before[i]))+bound) + 1e-45)
		}
	}
}

func widened(x []float32) bounded {
	b := bounded{make([]float64, len(x)), make([]float64, len(x))}
	for i, v := range x {
		b.values[i] = float64(v)
	}
	return b
}

func sigmoidExact(z float64) float64  { return 1 / (1 + math.Exp(-z)) }
func softplusExact(z float64) float64 { return math.Max(z, 0) + math.Log1p(math.Exp(-math.Abs(z))) }
