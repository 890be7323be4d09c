package random

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// The first values of SplitMix64 from state 0, as its authors' program prints them.
func TestReferenceValues(t *testing.T) {
	var s Stream
	for i, want := range []uint64{0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f, 0xf88bb8a8724c81ec, 0x1b39896a51a8749b} {
		if got := s.Uint64(); got != want {
			t.Errorf("value %d is %#x, want %#x", i, got, want)
		}
	}
}

// A value that is asked for by its number is the one that comes in its turn.
func TestAt(t *testing.T) {
	s := New(1, 2, 3)
	for range 3 {
		ahead := s
		for n := range uint64(20) {
			if got, want := s.At(n), ahead.Uint64(); got != want {
				t.Fatalf("At(%d) is %#x, and %#x when drawn", n, got, want)
			}
		}
		s.Uint64()
	}
}

// Addresses that differ in one coordinate, in order or in length are different streams.
func TestAddresses(t *testing.T) {
	seen := map[uint64][]uint64{}
	add := func(coordinates ...uint64) {
		s := New(coordinates...)
		first := s.Uint64()
		if other, ok := seen[first]; ok {
			t.Errorf("%d and %d give the same values", coordinates, other)
		}
		seen[first] = coordinates
	}
	for a := range uint64(40) {
		add(a)
		for b := range uint64(40) {
			add(a, b)
			for c := range uint64(40) {
				add(a, b, c)
			}
		}
	}
}

// The first values of neighboring streams, and the values within one, fall evenly into
// bins of Uint32n and of Float64.
func TestUniform(t *testing.T) {
	const bins, perBin = 64, 2000
	one := New(7)
	for name, next := range map[string]func(i int) *Stream{
		"one stream":  func(int) *Stream { return &one },
		"neighboring": func(i int) *Stream { s := New(7, uint64(i)); return &s },
	} {
		var whole, fraction [bins]float64
		for i := range bins * perBin {
			s := next(i)
			whole[s.Uint32n(bins)]++
			f := s.Float64()
			if !(0 <= f && f < 1) {
				t.Fatalf("%s: Float64 gave %v", name, f)
			}
			fraction[int(f*bins)]++
		}
		for kind, counts := range map[string][bins]float64{"Uint32n": whole, "Float64": fraction} {
			chi := 0.0
			for _, n := range counts {
				chi += (n - perBin) * (n - perBin) / perBin
			}
			if p := (distuv.ChiSquared{K: bins - 1}).Survival(chi); p < 1e-6 || math.IsNaN(p) {
				t.Errorf("%s: %s is not uniform: chi-square %.1f, p = %.3g", name, kind, chi, p)
			}
		}
	}
}

func TestUint32nRange(t *testing.T) {
	s := New(1)
	for _, n := range []uint32{1, 2, 3, 1000, math.MaxUint32} {
		for range 1000 {
			if got := s.Uint32n(n); got >= n {
				t.Fatalf("Uint32n(%d) gave %d", n, got)
			}
		}
	}
}
