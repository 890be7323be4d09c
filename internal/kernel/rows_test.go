package kernel

import (
	"fmt"
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

// newMerge returns the merge of some of 30 rows, each of them with one to five replicas. If the seed is
// odd, the rows have weights.
func newMerge(stride int, seed uint64) *Merge {
	rng := rand.New(rand.NewPCG(seed, 5))
	m := &Merge{Matrix: uniform(rng, 30, stride, stride, 1), Stride: stride}
	for _, row := range rng.Perm(30)[:rng.IntN(30)] {
		for range 1 + rng.IntN(5) {
			m.Replicas = append(m.Replicas, uniform(rng, 1, stride, stride, 4)...)
		}
		m.Rows = append(m.Rows, int32(row))
		m.Ends = append(m.Ends, int32(len(m.Replicas)/stride))
		if seed%2 == 1 {
			m.Weights = append(m.Weights, rng.Float32())
		}
	}
	return m
}

// TestMerge holds the sum, written down as the formula has it, against the
// kernels, which must give the same bits.
func TestMerge(t *testing.T) {
	for _, kernel := range Available() {
		for _, stride := range []int{16, 32, 112, 304} {
			for seed := range uint64(20) {
				m := newMerge(stride, seed)
				want := slices.Clone(m.Matrix)
				start := int32(0)
				for i, row := range m.Rows {
					weight := float32(1)
					if m.Weights != nil {
						weight = m.Weights[i]
					}
					for c := range stride {
						value := &want[int(row)*stride+c]
						base := *value
						for k := start; k < m.Ends[i]; k++ {
							replica := m.Replicas[int(k)*stride+c]
							moved := replica - base
							weighted := float32(weight * moved) // not fused
							*value += weighted
						}
					}
					start = m.Ends[i]
				}
				kernel.Merge(m)
				if !slices.Equal(m.Matrix, want) {
					t.Fatalf("%s, stride %d, seed %d: merging %d rows gives other values", kernel.Name, stride, seed, len(m.Rows))
				}
			}
		}
	}
}

func TestRowsLengths(t *testing.T) {
	values := make([]float32, 64)
	for _, kernel := range Available() {
		for name, call := range map[string]func(){
			"too little room":        func() { kernel.Gather(values[:16], values, 16, []int32{0, 1}) },
			"odd stride":             func() { kernel.Gather(values[:24], values[:48], 12, []int32{0, 1}) },
			"replicas are left over": func() { kernel.Merge(&Merge{values, 16, []int32{0}, []int32{1}, values[:32], nil}) },
			"rows without ends":      func() { kernel.Merge(&Merge{values, 16, []int32{0, 1}, []int32{1}, values[:16], nil}) },
			"too many weights":       func() { kernel.Merge(&Merge{values, 16, []int32{0}, []int32{1}, values[:16], values[:2]}) },
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
