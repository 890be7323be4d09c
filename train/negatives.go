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

// drawNegatives fills dst with words from the noise distribution other than
// target: a draw that equals it is drawn again.
func drawNegatives(dst []int32, target int32, noise *corpus.AliasTable, rng *random.Stream) {
	for i := range dst {
		id := noise.Draw(rng.Uint64())
		for id == target {
			id = noise.Draw(rng.Uint64())
		}
		dst[i] = id
	}
}
