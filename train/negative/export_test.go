package negative

import (
	"testing"

	"kindred/corpus/sampling"
	"kindred/corpus/vocab"
)

// AddToySampler adds a sampler to the table until the test ends: a row and its code, a distribution.
func AddToySampler(t *testing.T) {
	before := table
	t.Cleanup(func() { table = before })
	table = append(Samplers(), Info{
		Name: "rare", Description: "draws rare words more often than frequent ones",
		noise: &noiseKind{"1/count", func(d *distribution, v *vocab.Vocabulary, _ *sampling.Subsampler) error {
			weights := make([]float64, v.Len())
			for id, n := range v.Counts() {
				weights[id] = 1 / float64(n)
			}
			return d.alias(weights)
		}},
		loss: debiasedLoss, keeps: keepsForWindow, Options: []*Option{candidates, tauPlus, {
			Name: "softness", Value: "S", Range: "0 to 1", Default: 0.5, help: "softness of %s",
			field: func(s *Settings) any { return &softness }, valid: func(v float64) bool { return v >= 0 && v <= 1 },
		}},
		Cost: "1", Paper: "none",
	})
}

// softness stands for a field of Settings.
var softness float64
