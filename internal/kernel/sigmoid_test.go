package kernel

import (
	"math"
	"testing"
)

// scores calls visit with many float32 values from -87 to 87 of all magnitudes:
// one in 4096, at odd distances.
func scores(visit func(z float32)) {
	for bits := math.Float32bits(1e-10); bits < math.Float32bits(87); bits += 4093 {
		z := math.Float32frombits(bits)
		visit(z)
		visit(-z)
	}
}

func relative(got float32, want float64) float64 {
	return math.Abs(float64(got)-want) / want
}

func TestSigmoidError(t *testing.T) {
	var worst, worstSoftplus float64
	scores(func(z float32) {
		sigmoid, softplus := sigmoidSoftplus(z, true)
		worst = max(worst, relative(sigmoid, sigmoidExact(float64(z))))
		worstSoftplus = max(worstSoftplus, relative(softplus, softplusExact(float64(z))))
	})
	t.Logf("largest relative errors: sigmoid %.3g, softplus %.3g", worst, worstSoftplus)
	if worst > MaxSigmoidError || worstSoftplus > MaxSoftplusError {
		t.Errorf("errors %v and %v, more than %v and %v", worst, worstSoftplus, MaxSigmoidError, MaxSoftplusError)
	}
}

func TestSigmoidEnds(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, c := range []struct{ z, sigmoid, softplus float32 }{
		{0, 0.5, math.Ln2},
		{float32(math.Copysign(0, -1)), 0.5, math.Ln2},
		{100, 1, 100},
		{inf, 1, inf},
		{1e-45, 0.5, math.Ln2},
	} {
		if sigmoid, softplus := sigmoidSoftplus(c.z, true); sigmoid != c.sigmoid || softplus != c.softplus {
			t.Errorf("sigmoidSoftplus(%v) = %v, %v; want %v, %v", c.z, sigmoid, softplus, c.sigmoid, c.softplus)
		}
	}
	for _, z := range []float32{-100, -inf} {
		if sigmoid, softplus := sigmoidSoftplus(z, true); !(0 <= sigmoid && sigmoid < 2e-38 && 0 <= softplus && softplus < 2e-38) {
			t.Errorf("sigmoidSoftplus(%v) = %v, %v", z, sigmoid, softplus)
		}
	}
	if sigmoid, softplus := sigmoidSoftplus(nan, true); sigmoid == sigmoid || softplus == softplus {
		t.Errorf("sigmoidSoftplus(NaN) = %v, %v", sigmoid, softplus)
	}
}

// TestGradientError measures the sigmoid of each kernel by steps whose scores are
// given numbers z: the inputs are z in the only column, and the targets 1.
func TestGradientError(t *testing.T) {
	for _, kernel := range Available() {
		t.Run(kernel.Name, func(t *testing.T) {
			const inputs, stride = 1024, 16
			s := &Step{In: make([]float32, inputs*stride), Out: make([]float32, 2*stride), Stride: stride, Dim: 1, Targets: []int32{0, 1}, Rate: 1}
			for i := range int32(inputs) {
				s.Inputs = append(s.Inputs, i)
			}
			var batch []float32
			worst := 0.0
			measure := func() {
				for i := range inputs {
					s.In[i*stride] = batch[i%len(batch)]
				}
				s.Out[0], s.Out[stride] = 1, 1
				kernel.Train(s)
				tile := len(s.scratch.gradients) / inputs
				for i, z := range batch {
					g := s.scratch.gradients[i*tile:]
					worst = max(worst, relative(g[0], sigmoidExact(-float64(z))), relative(-g[1], sigmoidExact(float64(z))))
				}
				batch = batch[:0]
			}
			scores(func(z float32) {
				if batch = append(batch, z); len(batch) == inputs {
					measure()
				}
			})
			measure()
			t.Logf("largest relative error: %.3g", worst)
			if worst > MaxSigmoidError {
				t.Errorf("error %v, more than %v", worst, MaxSigmoidError)
			}
		})
	}
}

func TestExp(t *testing.T) {
	worst := 0.0
	for x := float32(-87); x <= 0; x += 1.0 / 512 {
		worst = max(worst, relative(Exp(x), math.Exp(float64(x))))
	}
	t.Logf("largest relative error: %.3g", worst)
	if worst > MaxSigmoidError {
		t.Errorf("error %v, more than %v", worst, MaxSigmoidError)
	}
	if Exp(0) != 1 {
		t.Errorf("Exp(0) = %v", Exp(0))
	}
	for _, x := range []float32{-88, -1000, float32(math.Inf(-1))} {
		if y := Exp(x); !(y > 0 && y < 2e-38) {
			t.Errorf("Exp(%v) = %v, want about 1e-38", x, y)
		}
	}
	if y := Exp(float32(math.NaN())); y == y {
		t.Errorf("Exp(NaN) = %v", y)
	}
}
