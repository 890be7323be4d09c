package train

import (
	"fmt"

	"kindred/corpus"
	"kindred/internal/random"
)

// maxNoiseShare bounds the share of one word in the noise distribution.
// Above it, redrawing negatives that equal the target takes
// thousands of draws.
const maxNoiseShare = 0.999

// newNoise returns the noise distribution of a vocabulary, count^power.
func newNoise(v *corpus.Vocabulary, power float64) (*corpus.AliasTable, error) {
	table, err := corpus.NewNoiseTable(v.Counts(), power)
	if err != nil {
		return nil, err
	}
	if id, share := table.Heaviest(); share > maxNoiseShare {
		return nil, fmt.Errorf("noise distribution: at power %v, %q makes up %.4g %% of all negatives in a vocabulary of %d words; negatives must differ from the target, so use a power nearer to 0 or more words",
			power, v.Word(int(id)), 100*share, v.Len())
	}
	return table, nil
}

// addNegatives draws the negatives of all steps of a batch from the noise
// distribution. A draw that equals the target is drawn again, so that k is k.
// The steps of share consecutive windows have the same negatives, but for those that
// are one window's own target.
func (b *batch) addNegatives(noise *corpus.AliasTable, share int, rng *random.Stream) {
	for i := range b.ends {
		targets := b.targets[i*b.width : (i+1)*b.width]
		centre, negatives := targets[0], targets[1:]
		if i%share == 0 {
			for n := range negatives {
				negatives[n] = noise.Draw(rng.Uint64())
			}
		} else {
			copy(negatives, b.targets[(i-1)*b.width+1:i*b.width])
		}
		for n := range negatives {
			for negatives[n] == centre {
				negatives[n] = noise.Draw(rng.Uint64())
			}
		}
	}
}
