package demo

import (
	"math/bits"
	"math/rand/v2"
	"sort"
)

// A source draws random numbers. They are integers, so that a seed gives the same bytes on every machine:
// a sum of floats differs if a compiler fuses multiplication and addition.
type source struct{ *rand.PCG }

func newSource(seed uint64) source {
	return source{rand.NewPCG(seed, 0x9e3779b97f4a7c15)}
}

// below returns a number in 0..n-1, n > 0, uniform to n/2^64.
func (s source) below(n uint64) uint64 {
	high, _ := bits.Mul64(s.Uint64(), n)
	return high
}

// chance returns true in perMille of 1000 cases.
func (s source) chance(perMille uint64) bool { return s.below(1000) < perMille }

// oneOf returns one of the choices, which are equally likely.
func oneOf[T any](s source, choices []T) T {
	return choices[s.below(uint64(len(choices)))]
}

// A sampler draws indices with probabilities proportional to integer weights. It holds their running
// sums.
type sampler []uint64

func newSampler(weights []uint64) sampler {
	sums := make(sampler, len(weights))
	total := uint64(0)
	for i, w := range weights {
		total += w
		sums[i] = total
	}
	return sums
}

// newZipf returns the sampler of n ranks by the law of Zipf and Mandelbrot: rank r, from 0, has a weight
// of 1/(r+offset).
func newZipf(n int, offset uint64) sampler {
	weights := make([]uint64, n)
	for r := range weights {
		weights[r] = (1 << 40) / (uint64(r) + offset)
	}
	return newSampler(weights)
}

// draw returns index i with probability weights[i]/total.
func (p sampler) draw(s source) int {
	x := s.below(p[len(p)-1])
	return sort.Search(len(p), func(i int) bool { return p[i] > x })
}

// A deck deals words in random order, each equally often.
type deck struct {
	source
	words []string
	dealt int
}

// deal returns the next n words. There are n or more.
func (d *deck) deal(n int) []string {
	if d.dealt == 0 || d.dealt+n > len(d.words) {
		for i := len(d.words) - 1; i > 0; i-- {
			j := d.below(uint64(i + 1))
			d.words[i], d.words[j] = d.words[j], d.words[i]
		}
		d.dealt = 0
	}
	d.dealt += n
	return d.words[d.dealt-n : d.dealt]
}
