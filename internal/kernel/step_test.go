package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

var dims = []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 31, 32, 33, 64, 100, 104, 128, 200, 300, 301}

// newStep returns a step of m inputs and n targets, all distinct, among a few more rows of
// random values whose scores are about as large as size.
func newStep(m, n, dim int, size float64, seed uint64) *Step {
	rng := rand.New(rand.NewPCG(seed, 17))
	stride := (dim + 15) / 16 * 16
	fill := func(rows int) []float32 {
		matrix := make([]float32, rows*stride)
		scale := math.Sqrt(size / math.Sqrt(float64(dim)))
		for r := range rows {
			for c := range dim {
				matrix[r*stride+c] = float32(rng.NormFloat64() * scale)
			}
		}
		return matrix
	}
	list := func(rows, count int) []int32 {
		var list []int32
		for _, r := range rng.Perm(rows)[:count] {
			list = append(list, int32(r))
		}
		return list
	}
	rows := m + n + 3
	return &Step{
		In: fill(rows), Out: fill(rows), Stride: stride, Dim: dim,
		Inputs: list(rows, m), Targets: list(rows, n), Rate: 0.025,
		NextInputs: list(rows, m%5), NextTargets: list(rows, n%4),
	}
}

// clone returns the same step on matrices of its own.
func clone(s *Step) *Step {
	c := *s
	c.In, c.Out, c.scratch = slices.Clone(s.In), slices.Clone(s.Out), scratch{}
	return &c
}

// TestStep compares each kernel with exact arithmetic for all small shapes and a choice
// of dimensions for each.
func TestStep(t *testing.T) {
	for m := 1; m <= 24; m++ {
		for n := 1; n <= 24; n++ {
			for k := range 2 {
				dim := dims[(7*m+3*n+5*k)%len(dims)]
				compareAll(t, fmt.Sprintf("m=%d,n=%d,dim=%d", m, n, dim), newStep(m, n, dim, 3, uint64(m*n*k)))
			}
		}
	}
}

// TestStepTiles goes through all shapes up to a tile of the assembly and beyond: a group of inputs
// and one more, two tiles of targets and one more, two registers of columns and one more.
func TestStepTiles(t *testing.T) {
	for m := 1; m <= 7; m++ {
		for n := 1; n <= 13; n++ {
			for dim := 1; dim <= 17; dim++ {
				compareAll(t, fmt.Sprintf("m=%d,n=%d,dim=%d", m, n, dim), newStep(m, n, dim, 3, uint64(m+n+dim)))
			}
		}
	}
}

func TestStepDimensions(t *testing.T) {
	for _, dim := range dims {
		for _, shape := range [][2]int{{1, 1}, {1, 6}, {1, 7}, {2, 3}, {6, 6}, {5, 11}} {
			m, n := shape[0], shape[1]
			compareAll(t, fmt.Sprintf("m=%d,n=%d,dim=%d", m, n, dim), newStep(m, n, dim, 1, uint64(dim)))
		}
	}
}

func TestStepManyRows(t *testing.T) {
	for _, shape := range [][2]int{{63, 6}, {64, 6}, {65, 6}, {129, 13}, {200, 1}, {1, 200}, {70, 50}} {
		m, n := shape[0], shape[1]
		compareAll(t, fmt.Sprintf("m=%d,n=%d", m, n), newStep(m, n, 20, 3, 5))
	}
}

// TestStepSizes covers scores from denormal numbers to far beyond where the
// sigmoid is flat. At 300, the bound of a score is still below one.
func TestStepSizes(t *testing.T) {
	for _, size := range []float64{1e-43, 1e-38, 1e-20, 1, 30, 100, 300} {
		for _, shape := range [][2]int{{1, 6}, {6, 6}, {3, 8}} {
			for _, dim := range []int{1, 8, 100} {
				m, n := shape[0], shape[1]
				compareAll(t, fmt.Sprintf("size=%g,m=%d,n=%d,dim=%d", size, m, n, dim), newStep(m, n, dim, size, 11))
			}
		}
	}
}

// TestStepDuplicates lists rows twice and more, the positive target among the
// negatives too: each occurrence must move the row.
func TestStepDuplicates(t *testing.T) {
	for _, m := range []int{1, 2, 3, 5, 6, 10} {
		for _, n := range []int{2, 5, 6, 7, 12, 13, 20} {
			for _, different := range []int{1, 2, 4} {
				s := newStep(m, n, 37, 2, uint64(m*n))
				for i := range s.Inputs {
					s.Inputs[i] = s.Inputs[i%min(different, m)]
				}
				for j := range s.Targets {
					s.Targets[j] = s.Targets[j%min(different, n)]
				}
				compareAll(t, fmt.Sprintf("m=%d,n=%d,different=%d", m, n, different), s)
			}
		}
	}
}

// TestStepIsReused trains steps of changing shapes on one scratch memory.
func TestStepIsReused(t *testing.T) {
	for _, kernel := range Available() {
		t.Run(kernel.Name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(3, 4))
			reused := new(Step)
			for range 300 {
				fresh := newStep(1+rng.IntN(12), 1+rng.IntN(25), 40, 2, rng.Uint64())
				memory := reused.scratch
				*reused = *clone(fresh)
				reused.scratch = memory
				kernel.Train(fresh)
				kernel.Train(reused)
				if !slices.Equal(fresh.In, reused.In) || !slices.Equal(fresh.Out, reused.Out) {
					t.Fatalf("a step of %d x %d differs after others", len(fresh.Inputs), len(fresh.Targets))
				}
			}
		})
	}
}

// TestStepDiverged checks that a broken model is noticed by its loss and its
// vectors, with numbers too large as well as with NaN.
func TestStepDiverged(t *testing.T) {
	nan := float32(math.NaN())
	for _, kernel := range Available() {
		for _, c := range []struct {
			name    string
			in, out float32
			wantNaN bool
		}{{"huge", 1e30, 1e30, false}, {"NaN input", nan, 1, true}, {"NaN target", 1, nan, true}} {
			for _, shape := range [][2]int{{1, 3}, {4, 6}, {3, 9}} {
				t.Run(fmt.Sprintf("%s/%s/%dx%d", kernel.Name, c.name, shape[0], shape[1]), func(t *testing.T) {
					s := newStep(shape[0], shape[1], 12, 1, 1)
					s.WithLoss = true
					s.In[int(s.Inputs[0])*s.Stride] = c.in
					s.Out[int(s.Targets[1])*s.Stride] = c.out
					kernel.Train(s)
					if loss := s.TakeLoss(); !math.IsNaN(loss) && !math.IsInf(loss, 1) {
						t.Errorf("loss %v", loss)
					}
					x, w := s.In[int(s.Inputs[0])*s.Stride+1], s.Out[int(s.Targets[1])*s.Stride+1]
					if isNaN := x != x && w != w; isNaN != c.wantNaN {
						t.Errorf("values %v and %v after the step, want NaN: %v", x, w, c.wantNaN)
					}
				})
			}
		}
	}
}

// compareAll runs the step with each kernel on copies, with and without
// loss, and fails if a value is further from the exact result than documented. Rows
// that are not listed and padding have the bound 0.
func compareAll(t *testing.T, name string, s *Step) {
	t.Helper()
	want := trainExact(s)
	for _, kernel := range Available() {
		t.Run(kernel.Name+"/"+name, func(t *testing.T) {
			got, silent := clone(s), clone(s)
			got.WithLoss = true
			kernel.Train(got)
			kernel.Train(silent)
			if silent.TakeLoss() != 0 || !slices.Equal(got.In, silent.In) || !slices.Equal(got.Out, silent.Out) {
				t.Errorf("the step differs without loss")
			}
			if loss := got.TakeLoss(); !(math.Abs(loss-want.loss) <= want.lossBound) {
				t.Errorf("loss %v, want %v ± %v", loss, want.loss, want.lossBound)
			}
			compareMatrix(t, "In", got.In, s.Stride, want.in)
			compareMatrix(t, "Out", got.Out, s.Stride, want.out)
		})
	}
}

func compareMatrix(t *testing.T, name string, got []float32, stride int, want bounded) {
	t.Helper()
	for i, v := range got {
		if !(math.Abs(float64(v)-want.values[i]) <= want.bounds[i]) {
			t.Fatalf("%s row %d column %d: %v, want %v ± %v", name, i/stride, i%stride, v, want.values[i], want.bounds[i])
		}
	}
}
