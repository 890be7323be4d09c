package train

import (
	"math"
	"testing"

	"kindred/internal/kernel"
)

// TestWeightsFollowSequentialDescent lets blocks descend on a parabola, all from the same start, and merges
// their moves: a toy whose sequential descent is known. The merge must not pass the minimum, must lag behind
// sequential descent by no more than a factor, and must be nearly the plain sum where moves are small.
func TestWeightsFollowSequentialDescent(t *testing.T) {
	const rate, curvature = 0.05, 1.0
	move := func(n int) float64 { return 1 - math.Pow(1-rate*curvature, float64(n)) } // share of the way after n steps
	for _, blocks := range [][]int{{1, 1}, {1, 2, 3}, {5, 5, 5, 5}, {40, 1, 1}, {100, 100}, repeated(1, 64), repeated(20, 64), repeated(200, 64)} {
		// 1 - e^-x is at most 1.3 times x/(1+x), so what is merged is too.
		var l load
		sum, steps := 0.0, 0
		for _, n := range blocks {
			l.add(float32(n), rate*curvature)
			sum += move(n)
			steps += n
		}
		merged, sequential := float64(l.weight())*sum, move(steps)
		if int(l.blocks) != len(blocks) || merged < 0.7*sequential || merged > 1.3*sequential {
			t.Errorf("blocks of %v steps move by %.3f of the way, and one after the other by %.3f", blocks, merged, sequential)
		}
		if float64(steps)*rate < 0.12 && merged < 0.94*sum {
			t.Errorf("blocks of %v steps move by %.3f, of which %.3f is left", blocks, sum, merged)
		}
	}
	var one, none load
	one.add(1000, rate)
	none.add(0, rate)
	none.add(0, rate)
	if one.weight() != 1 || none.weight() != 1 {
		t.Errorf("the weight of a row that one block trains is %v, and of one that none does %v, want 1", one.weight(), none.weight())
	}
}

func repeated(n, times int) []int {
	all := make([]int, times)
	for i := range all {
		all[i] = n
	}
	return all
}

// TestCurvature measures the curvature of the loss along the moves of rows, per pair, over a training.
// inputCurvature is of that size, at several rates and dimensions. outputCurvature is less than what is measured:
// the inputs of a window pull an output row in much the same direction, but other windows pull it elsewhere.
func TestCurvature(t *testing.T) {
	text := readDemo(t, 100_000)
	for _, dim := range []int{30, 100} {
		for _, rate := range []float64{0.025, 0.05} {
			cfg := Defaults()
			cfg.LearningRate = 0.025
			cfg.Dim, cfg.LearningRate, cfg.Hogwild, cfg.Threads, cfg.Epochs = dim, rate, true, 1, 8
			r := newRunOf(t, text, cfg)
			var in, out, inPairs, outPairs float64
			step, train := 0, r.kernel.Train
			r.kernel.Train = func(s *kernel.Step) {
				if step++; step%50 == 0 && r.progress.trained() > text.Len()*2 {
					a, b := curvatures(s)
					in, inPairs = in+a, inPairs+float64(len(s.Inputs)*len(s.Targets))
					out, outPairs = out+b, outPairs+float64(len(s.Inputs)*len(s.Targets))
				}
				train(s)
			}
			if err := r.train(t.Context()); err != nil {
				t.Fatal(err)
			}
			in, out = in/inPairs, out/outPairs
			t.Logf("dim %d, rate %v: %.3f for inputs, %.3f for outputs", dim, rate, in, out)
			if inputCurvature > 2*in || inputCurvature < in/2 || outputCurvature > out {
				t.Errorf("dim %d, rate %v: the curvature is %.3f and %.3f, far from %v and %v", dim, rate, in, out, inputCurvature, outputCurvature)
			}
		}
	}
}

// curvatures returns the sums, over the pairs of a step, of the curvature of the loss along the direction in which
// the step moves the input row, and the output row: σ'(z)(y·d)² for the other row y and the unit vector d.
func curvatures(s *kernel.Step) (in, out float64) {
	row := func(m []float32, i int32) []float32 { return m[int(i)*s.Stride:][:s.Dim] }
	side := func(rows, others []float32, own, other []int32, target func(i, j int) bool) (sum float64) {
		for i, r := range own {
			x := row(rows, r)
			move, slopes := make([]float64, s.Dim), make([]float64, len(other))
			for j, o := range other {
				y := row(others, o)
				p := 1 / (1 + math.Exp(-dot(x, y)))
				slopes[j] = p * (1 - p)
				pull := -p
				if target(i, j) {
					pull = 1 - p
				}
				for c, v := range y {
					move[c] += pull * float64(v)
				}
			}
			length := 0.0
			for _, v := range move {
				length += v * v
			}
			for j, o := range other {
				along := 0.0
				for c, v := range row(others, o) {
					along += move[c] * float64(v)
				}
				if length > 0 {
					sum += slopes[j] * along * along / length
				}
			}
		}
		return sum
	}
	in = side(s.In, s.Out, s.Inputs, s.Targets, func(i, j int) bool { return j == 0 })
	out = side(s.Out, s.In, s.Targets, s.Inputs, func(i, j int) bool { return i == 0 })
	return in, out
}

func dot(a, b []float32) (sum float64) {
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}
