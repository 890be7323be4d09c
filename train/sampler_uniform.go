package train

import (
	"slices"

	"kindred/internal/random"
)

// uniform draws all n words alike:
//
//	P(w) = 1/n
//
// It is unigram^0 without its table. Most negatives are then rare words, which frequent ones are soon told
// apart from. When to use it: as the reference that shows what the counts in the noise are good for.
type uniform struct{ n uint32 }

func (u uniform) draw(dst []int32, rng *random.Stream) {
	for i := range dst {
		dst[i] = int32(rng.Uint32n(u.n))
	}
}

func uniformWeights(n int) []float64 { return slices.Repeat([]float64{1}, n) }
