package kernel

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
	"unsafe"
)

// The kernel's benchmarks count 6 floating-point operations for each input,
// target and column of a step (a multiplication and an addition for the score and for
// either gradient), and compare with the peak rate measured in the same run.

// stepCases are the places of rows and the kinds of steps: 16 rows stay in the first-level cache;
// 80000 are a usual vocabulary in random order, which is harder than text.
var stepCases = []struct {
	name           string
	rows           int
	prefetch, loss bool
}{
	{"cached", 16, false, false},
	{"loss", 16, false, true},
	{"random", 80000, false, false},
	{"prefetched", 80000, true, false},
}

func BenchmarkStep(b *testing.B) {
	for _, kernel := range Available() {
		for _, dim := range []int{50, 100, 200, 300} {
			for _, shape := range [][2]int{{6, 6}, {1, 6}, {10, 11}, {1, 16}} {
				for _, c := range stepCases {
					b.Run(fmt.Sprintf("%s/dim=%d/%dx%d/%s", kernel.Name, dim, shape[0], shape[1], c.name), func(b *testing.B) {
						steps := randomSteps(c.rows, func() int { return shape[0] }, shape[1])
						benchmarkSteps(b, kernel, steps, c.rows, dim, c.prefetch, c.loss)
					})
				}
			}
		}
	}
}

// BenchmarkWindows trains windows of 2 to 10 inputs at random, as a window of 5
// words to either side gives, so that branches are as hard to foresee as in training.
func BenchmarkWindows(b *testing.B) {
	for _, kernel := range Available() {
		for _, dim := range []int{100, 300} {
			for _, c := range stepCases {
				b.Run(fmt.Sprintf("%s/dim=%d/%s", kernel.Name, dim, c.name), func(b *testing.B) {
					rng := rand.New(rand.NewPCG(5, 6))
					steps := randomSteps(c.rows, func() int { return 2 * (1 + rng.IntN(5)) }, 6)
					benchmarkSteps(b, kernel, steps, c.rows, dim, c.prefetch, c.loss)
				})
			}
		}
	}
}

type rowsOfStep struct{ inputs, targets []int32 }

// randomSteps returns the rows of steps of n targets, as many steps as it takes to
// meet most rows, a power of two. Their numbers lie one after the other, as a
// trainer has them.
func randomSteps(rows int, m func() int, n int) []rowsOfStep {
	rng := rand.New(rand.NewPCG(1, 2))
	var numbers []int32
	list := func(n int) []int32 {
		for range n {
			numbers = append(numbers, int32(rng.IntN(rows)))
		}
		return numbers[len(numbers)-n:]
	}
	steps := make([]rowsOfStep, 1<<bits.Len(uint(max(rows/6, 500))))
	for i := range steps {
		steps[i] = rowsOfStep{list(m()), list(n)}
	}
	return steps
}

func benchmarkSteps(b *testing.B, kernel Kernel, steps []rowsOfStep, rows, dim int, prefetch, loss bool) {
	stride := (dim + 15) / 16 * 16
	s := &Step{In: randomRows(rows, stride, dim), Out: randomRows(rows, stride, dim), Stride: stride, Dim: dim, Rate: 1e-4, WithLoss: loss}
	var rates []float64
	for i := 0; b.Loop(); {
		pairs, start := 0, time.Now()
		for range stepsPerTrial {
			step := &steps[i&(len(steps)-1)]
			s.Inputs, s.Targets = step.inputs, step.targets
			if prefetch {
				next := &steps[(i+2)&(len(steps)-1)]
				s.NextInputs, s.NextTargets = next.inputs, next.targets
			}
			kernel.Train(s)
			pairs += len(step.inputs) * len(step.targets)
			i++
		}
		rates = append(rates, 6*float64(pairs)*float64(dim)/time.Since(start).Seconds())
	}
	reportFlops(b, kernel, rates)
}

// stepsPerTrial makes a trial short enough to run between two interruptions by other work.
const stepsPerTrial = 100

// BenchmarkProducts multiplies 64 queries with a block of 48 rows, which
// the cache holds, and one query with a whole vocabulary.
func BenchmarkProducts(b *testing.B) {
	for _, kernel := range Available() {
		for _, dim := range []int{100, 300} {
			for _, shape := range [][2]int{{48, 64}, {80000, 1}} {
				b.Run(fmt.Sprintf("%s/dim=%d/%dx%d", kernel.Name, dim, shape[0], shape[1]), func(b *testing.B) {
					n, q := shape[0], shape[1]
					stride := (dim + 15) / 16 * 16
					rows, queries, dst := randomRows(n, stride, dim), randomRows(q, stride, dim), make([]float32, n*q)
					b.SetBytes(int64(4 * (len(rows) + len(queries))))
					var rates []float64
					for b.Loop() {
						start := time.Now()
						kernel.Products(dst, rows, queries, stride, dim)
						rates = append(rates, 2*float64(n)*float64(q)*float64(dim)/time.Since(start).Seconds())
					}
					reportFlops(b, kernel, rates)
				})
			}
		}
	}
}

// randomRows returns a matrix whose rows start on cache lines, as those of models do.
func randomRows(rows, stride, dim int) []float32 {
	rng := rand.New(rand.NewPCG(7, 8))
	matrix := aligned(rows * stride)
	for r := range rows {
		for c := range dim {
			matrix[r*stride+c] = rng.Float32()/10 - 0.05
		}
	}
	return matrix
}

// reportFlops reports the rate that one trial in ten exceeds: other work on the machine makes the others slower.
func reportFlops(b *testing.B, k Kernel, rates []float64) {
	slices.Sort(rates)
	rate := rates[len(rates)*9/10]
	b.ReportMetric(rate/1e9, "GFLOP/s")
	if peak := measuredPeak(k); peak > 0 {
		b.ReportMetric(100*rate/peak, "%peak")
	}
}

func aligned(n int) []float32 {
	values := make([]float32, n+16)
	skip := 0
	for uintptr(unsafe.Pointer(&values[skip]))%64 != 0 {
		skip++
	}
	return values[skip:][:n]
}
