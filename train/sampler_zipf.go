package train

import (
	"math"
	"math/bits"

	"kindred/internal/random"
)

// zipf draws by rank, r = 1 for the most frequent word, as if counts followed Zipf's law:
//
//	P(r) = log((r+1)/r) / log(n+1)
//
// which is close to a multiple of 1/r. It is the log-uniform candidate sampler that TensorFlow uses for
// sampled softmax (Jean et al. 2015). There is no table that would fall out of the cache, and
// nothing but ranks needs to be known. When to use it: where counts are not known or the vocabulary
// is very large. It draws frequent words more often than unigram^0.75 does.
type zipf struct {
	n       uint64 // words
	octaves uint32 // of the ranks 1..n
}

func newZipf(n int) zipf { return zipf{uint64(n), uint32(bits.Len64(uint64(n)))} }

// draw draws a real x from [1, n+1) with density proportional to 1/x and takes its integer part: an octave
// 2^e is as likely as any other, and within it 1+u is accepted with probability 1/(1+u), 0.69 on average. That
// is exact but for the 32 bits of u, and needs no logarithm, whose last bit depends on the processor.
func (z zipf) draw(dst []int32, rng *random.Stream) {
	for i := range dst {
		for {
			e := rng.Uint32n(z.octaves)
			r := rng.Uint64()
			mantissa := 1<<32 + r>>32 // 1+u in units of 2^-32
			rank := mantissa << e >> 32
			if high, _ := bits.Mul64(mantissa, r&math.MaxUint32); high == 0 && rank <= z.n { // v(1+u) < 1
				dst[i] = int32(rank - 1)
				break
			}
		}
	}
}

func zipfWeights(n int) []float64 {
	weights := make([]float64, n)
	for i := range weights {
		weights[i] = math.Log1p(1 / float64(i+1))
	}
	return weights
}
