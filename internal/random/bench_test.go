package random

import (
	"math/rand/v2"
	"testing"
)

// BenchmarkGenerators compares generators by numbers below a bound, which is what sampling asks for
// most. Those of the standard library are called as their own types here, not through the interface of
// rand.Rand, which makes calls cheap.
func BenchmarkGenerators(b *testing.B) {
	const bound = 80_000
	sum := uint64(0)
	b.Run("SplitMix64", func(b *testing.B) {
		s := New(1)
		for b.Loop() {
			for range 1000 {
				sum += uint64(s.Uint32n(bound))
			}
		}
	})
	for name, draw := range map[string]func(n int){
		"PCG": func() func(int) {
			pcg := rand.NewPCG(1, 2)
			return func(n int) {
				for range n {
					sum += pcg.Uint64() >> 32 * bound >> 32
				}
			}
		}(),
		"ChaCha8": func() func(int) {
			chacha := rand.NewChaCha8([32]byte{1})
			return func(n int) {
				for range n {
					sum += chacha.Uint64() >> 32 * bound >> 32
				}
			}
		}(),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				draw(1000)
			}
		})
	}
	if sum == 0 {
		b.Error("all numbers are 0")
	}
}
