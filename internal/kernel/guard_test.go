//go:build unix

package kernel

import (
	"fmt"
	"runtime/debug"
	"slices"
	"syscall"
	"testing"
	"unsafe"
)

// TestStepStaysInside trains with a page that must not be touched just before or behind each array:
// matrices, row numbers and scratch memory.
func TestStepStaysInside(t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	for _, kernel := range Available() {
		for _, atEnd := range []bool{false, true} {
			for _, dim := range []int{1, 8, 16, 100, 301} {
				t.Run(fmt.Sprintf("%s/end=%v/dim=%d", kernel.Name, atEnd, dim), func(t *testing.T) {
					g := guards{t: t, atEnd: atEnd}
					for _, shape := range [][2]int{{1, 1}, {1, 6}, {2, 5}, {3, 7}, {6, 6}, {5, 13}, {70, 8}} {
						trainGuarded(&g, kernel, shape[0], shape[1], dim)
					}
				})
			}
		}
	}
}

func trainGuarded(g *guards, kernel Kernel, m, n, dim int) {
	s := newStep(m, n, dim, 1, 9)
	last := int32(len(s.In)/s.Stride - 1)
	s.Inputs[0], s.Targets[0] = 0, 0
	s.Inputs[m-1], s.Targets[n-1] = last, last
	s.NextInputs, s.NextTargets = []int32{0, last}, []int32{last, 0, 1}
	want := clone(s)
	want.WithLoss = true
	kernel.Train(want)
	wantLoss := want.TakeLoss()

	s.WithLoss = true
	s.In, s.Out = guarded(g, s.In), guarded(g, s.Out)
	s.Inputs, s.Targets = guarded(g, s.Inputs), guarded(g, s.Targets)
	s.NextInputs, s.NextTargets = guarded(g, s.NextInputs), guarded(g, s.NextTargets)
	s.scratch = want.scratch
	guardScratch(g, &s.scratch)
	kernel.Train(s)
	if !slices.Equal(s.In, want.In) || !slices.Equal(s.Out, want.Out) || s.TakeLoss() != wantLoss {
		g.t.Errorf("%d x %d: the result depends on where the arrays are", m, n)
	}
}

// TestSplitStepStaysInside does the same with scores and updates; see TestStepStaysInside.
func TestSplitStepStaysInside(t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	for _, kernel := range Available() {
		for _, atEnd := range []bool{false, true} {
			for _, dim := range []int{1, 8, 16, 100, 301} {
				t.Run(fmt.Sprintf("%s/end=%v/dim=%d", kernel.Name, atEnd, dim), func(t *testing.T) {
					g := guards{t: t, atEnd: atEnd}
					for _, shape := range [][2]int{{1, 1}, {1, 6}, {2, 5}, {3, 7}, {6, 6}, {5, 13}} {
						splitGuarded(&g, kernel, shape[0], shape[1], dim)
						bagGuarded(&g, kernel, shape[0], shape[1], dim)
					}
				})
			}
		}
	}
}

func splitGuarded(g *guards, kernel Kernel, m, n, dim int) {
	s := newStep(m, n, dim, 1, 9)
	last := int32(len(s.In)/s.Stride - 1)
	s.Inputs[0], s.Targets[0], s.Inputs[m-1], s.Targets[n-1] = 0, 0, last, last
	gradients, scores, sums := randomGradients(m, n), nans(m*n), nans(n)
	want := clone(s)
	kernel.Scores(scores, want)
	kernel.SumScores(sums, want)
	kernel.Update(want, gradients)

	s.In, s.Out = guarded(g, s.In), guarded(g, s.Out)
	s.Inputs, s.Targets = guarded(g, s.Inputs), guarded(g, s.Targets)
	s.scratch = want.scratch
	guardScratch(g, &s.scratch)
	guardedScores, guardedSums := guarded(g, nans(m*n)), guarded(g, nans(n))
	kernel.Scores(guardedScores, s)
	kernel.SumScores(guardedSums, s)
	kernel.Update(s, guarded(g, gradients))
	if !slices.Equal(guardedScores, scores) || !slices.Equal(guardedSums, sums) || !slices.Equal(s.In, want.In) || !slices.Equal(s.Out, want.Out) {
		g.t.Errorf("%d x %d: the result depends on where the arrays are", m, n)
	}
}

func TestProductsStayInside(t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	for _, kernel := range Available() {
		for _, atEnd := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/end=%v", kernel.Name, atEnd), func(t *testing.T) {
				g := guards{t: t, atEnd: atEnd}
				for _, dim := range []int{1, 8, 16, 100, 301} {
					for n := 1; n <= 13; n++ {
						for q := 1; q <= 3; q++ {
							s := newStep(1, 1, dim, 1, 4)
							rows, queries := repeated(s.In, n*s.Stride), repeated(s.Out, q*s.Stride)
							want := make([]float32, n*q)
							kernel.Products(want, rows, queries, s.Stride, dim)
							got := guarded(&g, make([]float32, n*q))
							kernel.Products(got, guarded(&g, rows), guarded(&g, queries), s.Stride, dim)
							if !slices.Equal(got, want) {
								t.Errorf("%d x %d x %d: the result depends on where the arrays are", n, q, dim)
							}
						}
					}
				}
			})
		}
	}
}

func TestPackedRowsStayInside(t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	for _, kernel := range Available() {
		for _, atEnd := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/end=%v", kernel.Name, atEnd), func(t *testing.T) {
				g := guards{t: t, atEnd: atEnd}
				for _, dim := range []int{1, 8, 16, 100, 301} {
					for n := 1; n <= 7; n++ {
						s := newStep(1, 1, dim, 1, 4)
						rows, queries := repeated(s.In, (n-1)*dim+s.Stride), repeated(s.Out, 2*s.Stride)
						want := make([]float32, 2*n)
						kernel.PackedProducts(want, rows, queries, dim, s.Stride, dim)
						got := guarded(&g, make([]float32, 2*n))
						kernel.PackedProducts(got, guarded(&g, rows), guarded(&g, queries), dim, s.Stride, dim)
						if !slices.Equal(got, want) {
							t.Errorf("%d x %d: the result depends on where the arrays are", n, dim)
						}
						kernel.Widen(guarded(&g, make([]float32, n*s.Stride)), s.Stride, guarded(&g, make([]int8, n*dim)), dim, guarded(&g, make([]float32, n)))
					}
				}
			})
		}
	}
}

func repeated(values []float32, n int) []float32 {
	return slices.Repeat(values, n/len(values)+1)[:n]
}

// guards makes copies of slices next to pages without access.
type guards struct {
	t     *testing.T
	atEnd bool // the copy ends at the page; otherwise it starts there
}

func guarded[T any](g *guards, values []T) []T {
	if len(values) == 0 {
		return nil
	}
	page := syscall.Getpagesize()
	size := len(values) * int(unsafe.Sizeof(values[0]))
	inside := (size + page - 1) / page * page
	memory, err := syscall.Mmap(-1, 0, inside+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() {
		if err := syscall.Munmap(memory); err != nil {
			g.t.Error(err)
		}
	})
	for _, closed := range [][]byte{memory[:page], memory[page+inside:]} {
		if err := syscall.Mprotect(closed, syscall.PROT_NONE); err != nil {
			g.t.Fatal(err)
		}
	}
	start := page
	if g.atEnd {
		start += inside - size
	}
	copied := unsafe.Slice((*T)(unsafe.Pointer(&memory[start])), len(values))
	copy(copied, values)
	return copied
}

func TestRowsStayInside(t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	for _, kernel := range Available() {
		for _, atEnd := range []bool{false, true} {
			for _, stride := range []int{16, 112} {
				t.Run(fmt.Sprintf("%s/end=%v/stride=%d", kernel.Name, atEnd, stride), func(t *testing.T) {
					g := guards{t: t, atEnd: atEnd}
					for seed := range uint64(10) {
						m, _ := newMerge(stride, seed, kernel.Accumulate)
						want := *m
						want.Matrix = slices.Clone(m.Matrix)
						kernel.Merge(&want)
						got := make([]float32, len(m.Rows)*stride)
						kernel.Gather(got, m.Matrix, stride, m.Rows)

						sums := make([]int32, 30*stride)
						kernel.Accumulate(sums, stride, m.Rows, got)
						guardedSums := guarded(&g, make([]int32, len(sums)))
						kernel.Accumulate(guardedSums, stride, guarded(&g, m.Rows), guarded(&g, got))

						m.Matrix, m.Rows, m.Counts, m.Weights = guarded(&g, m.Matrix), guarded(&g, m.Rows), guarded(&g, m.Counts), guarded(&g, m.Weights)
						m.Parts = guarded(&g, m.Parts)
						for i, sum := range m.Sums {
							m.Sums[i] = &guarded(&g, unsafe.Slice(sum, stride))[0]
						}
						inside := guarded(&g, make([]float32, len(got)))
						kernel.Gather(inside, m.Matrix, stride, m.Rows)
						kernel.Merge(m)
						c := newCombination(stride, seed)
						combined := *c
						combined.Matrix = slices.Clone(c.Matrix)
						kernel.Combine(&combined)
						c.Matrix, c.Source, c.Rows, c.Ends = guarded(&g, c.Matrix), guarded(&g, c.Source), guarded(&g, c.Rows), guarded(&g, c.Ends)
						c.Terms, c.Weights = guarded(&g, c.Terms), guarded(&g, c.Weights)
						kernel.Combine(c)
						d := newDistribution(stride, seed)
						distributed := *d
						distributed.Matrix = slices.Clone(d.Matrix)
						kernel.Distribute(&distributed)
						d.Matrix, d.Now, d.Before, d.Rows, d.Ends = guarded(&g, d.Matrix), guarded(&g, d.Now), guarded(&g, d.Before[:len(d.Rows)*stride]), guarded(&g, d.Rows), guarded(&g, d.Ends)
						d.Terms, d.Weights = guarded(&g, d.Terms), guarded(&g, d.Weights)
						kernel.Distribute(d)
						if !slices.Equal(d.Matrix, distributed.Matrix) ||
							!slices.Equal(m.Matrix, want.Matrix) || !slices.Equal(inside, got) || !slices.Equal(guardedSums, sums) || !slices.Equal(c.Matrix, combined.Matrix) {
							t.Errorf("seed %d: the result depends on where the arrays are", seed)
						}
					}
				})
			}
		}
	}
}
