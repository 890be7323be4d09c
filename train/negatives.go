package train

import (
	"fmt"
	"slices"

	"kindred/corpus"
	"kindred/internal/random"
)

// maxNoiseShare bounds the share of one word in the noise distribution.
// Above it, redrawing negatives that equal the target takes
// thousands of draws.
const maxNoiseShare = 0.999

// noise is a distribution of negatives that knows neither the window nor the
// parameters. Workers share it.
type noise interface {
	// draw fills dst with independent draws. Many at a time cost less each: their
	// accesses to memory overlap.
	draw(dst []int32, rng *random.Stream)
	// heaviest returns the largest probability of a word.
	heaviest() float64
}

// unigram is the noise of the original, a power of the counts.
type unigram struct{ *corpus.AliasTable }

func (u unigram) draw(dst []int32, rng *random.Stream) {
	for i := range dst {
		dst[i] = u.Draw(rng.Uint64())
	}
}

func (u unigram) heaviest() float64 {
	_, share := u.Heaviest()
	return share
}

// newUnigram returns the noise distribution of a vocabulary, count^power.
func newUnigram(v *corpus.Vocabulary, power float64) (noise, error) {
	table, err := corpus.NewNoiseTable(v.Counts(), power)
	if err != nil {
		return nil, err
	}
	if id, share := table.Heaviest(); share > maxNoiseShare {
		return nil, fmt.Errorf("noise distribution: at power %v, %q makes up %.4g %% of all negatives in a vocabulary of %d words; negatives must differ from the target, so use a power nearer to 0 or more words",
			power, v.Word(int(id)), 100*share, v.Len())
	}
	return unigram{table}, nil
}

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
			}
		}
	}
}
