package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestGather(t *testing.T) {
	for _, kernel := range Available() {
		for _, stride := range []int{16, 32, 112, 304} {
			for n := range 12 {
				t.Run(fmt.Sprintf("%s/stride=%d/n=%d", kernel.Name, stride, n), func(t *testing.T) {
					rng := rand.New(rand.NewPCG(uint64(stride), uint64(n)))
					src := uniform(rng, 20, stride, stride, 1)
					rows := make([]int32, n)
					var want []float32
					for i := range rows {
						rows[i] = int32(rng.IntN(20))
						want = append(want, src[int(rows[i])*stride:][:stride]...)
					}
					before := slices.Clone(src)
					got := make([]float32, n*stride)
					kernel.Gather(got, src, stride, rows)
					if !slices.Equal(got, want) || !slices.Equal(src, before) {
						t.Errorf("rows %v are not copied", rows)
					}
				})
			}
		}
	}
}

// newMerge returns the merge of some of 30 rows, each of them with one to five copies in one to three rows of
// sums, and the rows that it should make.
func newMerge(stride int, seed uint64, accumulate func([]int32, int, []int32, []float32)) (m *Merge, want []float32) {
	rng := rand.New(rand.NewPCG(seed, 5))
	m = &Merge{Matrix: uniform(rng, 30, stride, stride, 1), Stride: stride}
	want = slices.Clone(m.Matrix)
	units := func(x float32) int64 { return int64(float64(x) * (1 << 24)) }
	for _, row := range rng.Perm(30)[:rng.IntN(30)] {
		parts, copies := 1+rng.IntN(3), rng.IntN(3)
		sums, total := make([]int32, parts*stride), make([]int64, stride)
		for c := range sums {
			sums[c] = rng.Int32()
		}
		for k := range parts + copies {
			values := uniform(rng, 1, stride, stride, 4)
			to := int32(k % parts)
			if k < parts {
				to = ^to // the first one replaces what was there
			}
			accumulate(sums, stride, []int32{to}, values)
			for c, x := range values {
				total[c] += units(x) - units(m.Matrix[row*stride+c])
			}
		}
		weight := rng.Float32()
		for c, sum := range total {
			move := float32(weight * float32(float64(sum)/(1<<24))) // not fused
			want[row*stride+c] += move
		}
		m.Rows, m.Counts, m.Parts = append(m.Rows, int32(row)), append(m.Counts, int32(parts+copies)), append(m.Parts, int32(parts))
		m.Weights = append(m.Weights, weight)
		for k := range parts {
			m.Sums = append(m.Sums, &sums[k*stride])
		}
	}
	return m, want
}

// TestMerge holds the sum, written down as the formula has it, against the
// kernels, which must give the same bits.
func TestMerge(t *testing.T) {
	for _, kernel := range Available() {
		for _, stride := range []int{16, 32, 112, 304} {
			for seed := range uint64(20) {
				m, want := newMerge(stride, seed, kernel.Accumulate)
				kernel.Merge(m)
				if !slices.Equal(m.Matrix, want) {
					t.Fatalf("%s, stride %d, seed %d: merging %d rows gives other values", kernel.Name, stride, seed, len(m.Rows))
				}
			}
		}
	}
}

// TestAccumulateExtremes accumulates values beyond the range of fixed point, and between its units.
func TestAccumulateExtremes(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	values := []float32{0, 1, -1, 126.99999, -126.99999, 127, -127, 1e9, -1e9, inf, -inf, nan, 0x1.8p-24, -0x1.8p-24, 0x1p-25, 3e-39}
	want := []int32{0, 1 << 24, -1 << 24, 2130706304, -2130706304, 127 << 24, -127 << 24, 127 << 24, -127 << 24, 127 << 24, -127 << 24, 127 << 24, 1, -1, 0, 0}
	for _, kernel := range Available() {
		got := make([]int32, 16)
		kernel.Accumulate(got, 16, []int32{0}, values)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", kernel.Name, got, want)
		}
	}
}

func TestRowsLengths(t *testing.T) {
	values := make([]float32, 64)
	for _, kernel := range Available() {
		for name, call := range map[string]func(){
			"too little room": func() { kernel.Gather(values[:16], values, 16, []int32{0, 1}) },
			"odd stride":      func() { kernel.Gather(values[:24], values[:48], 12, []int32{0, 1}) },
			"rows without weights": func() {
				kernel.Merge(&Merge{Matrix: values, Stride: 16, Rows: []int32{0}, Counts: []int32{1}, Parts: []int32{0}})
			},
			"a row without sums": func() {
				kernel.Merge(&Merge{Matrix: values, Stride: 16, Rows: []int32{0}, Counts: []int32{1}, Weights: values[:1], Parts: []int32{0}})
			},
			"sums are left over": func() { kernel.Merge(&Merge{Matrix: values, Stride: 16, Sums: make([]*int32, 1)}) },
			"too few values":     func() { kernel.Accumulate(make([]int32, 32), 16, []int32{0, 1}, values[:16]) },
		} {
			t.Run(kernel.Name+"/"+name, func(t *testing.T) {
				defer func() {
					if recover() == nil {
						t.Error("no panic")
					}
				}()
				call()
			})
		}
	}
}
