package train

import (
	"fmt"

	"gonum.org/v1/gonum/floats"

	"kindred/corpus/sampling"
	"kindred/corpus/vocab"
	"kindred/internal/random"
)

// maxNoiseShare bounds the share of one word in the noise distribution.
// Above it, redrawing negatives that equal the target takes
// thousands of draws.
const maxNoiseShare = 0.999

// tabulated is a noise distribution given by weights. With
//
//	P(w) = count(w)^power / sum over v of count(v)^power
//
// it is the noise of the original, where power is 0.75 (Mikolov et al. 2013); for recommendations,
// powers below 0 have been found better (Caselles-Dupré et al. 2018).
//
// A draw costs a random number and an access to a table of 8 bytes a word, whatever the weights.
// When to use it: always, until something else is shown to be better on the text at hand.
type tabulated struct{ *sampling.AliasTable }

func (t tabulated) draw(dst []int32, rng *random.Stream) {
	for i := range dst {
		dst[i] = t.Draw(rng.Uint64())
	}
}

// newTabulated returns the distribution with the given weights.
func newTabulated(weights []float64) (noise, error) {
	table, err := sampling.NewAliasTable(weights)
	return tabulated{table}, err
}

// checkShares returns an error where nearly all of the noise is one word.
func checkShares(v *vocab.Vocabulary, weights []float64, name string) error {
	id := floats.MaxIdx(weights)
	if share := weights[id] / floats.Sum(weights); share > maxNoiseShare {
		return fmt.Errorf("noise distribution: at %s, %q makes up %.4g %% of all negatives in a vocabulary of %d words; negatives must differ from the target, so use a power nearer to 0 or more words",
			name, v.Word(id), 100*share, v.Len())
	}
	return nil
}
