package train

import (
	"slices"

	"kindred/internal/random"
)

// addNegatives draws the negatives of all steps of a batch from the noise
// distribution. A draw that equals the target is drawn again, so that k is k.
// The steps of share consecutive windows have the same negatives, but for those that
// are one window's own target.
func (b *batch) addNegatives(noise noise, share int, rng *random.Stream) {
	k := b.width - 1
	b.draws = slices.Grow(b.draws[:0], k*b.len())[:k*((b.len()+share-1)/share)]
	noise.draw(b.draws, rng)
	for i := range b.ends {
		targets := b.targets[i*b.width : (i+1)*b.width]
		centre, negatives := targets[0], targets[1:]
		if i%share == 0 {
			copy(negatives, b.draws[i/share*k:])
		} else {
			copy(negatives, b.targets[(i-1)*b.width+1:i*b.width])
		}
		for n := range negatives {
			for negatives[n] == centre {
				noise.draw(negatives[n:n+1], rng)
				b.repeats++
			}
		}
	}
}
