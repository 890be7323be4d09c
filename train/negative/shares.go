package negative

import (
	"fmt"

	"gonum.org/v1/gonum/floats"

	"kindred/corpus/sampling"
	"kindred/corpus/vocab"
)

// Shares returns by word id the probability of each word in the noise of the settings and in the text
// after sub-sampling at this threshold. With them an inner product that training by negative
// sampling has reached is pointwise mutual information (Levy and Goldberg, "Neural word embedding as
// implicit matrix factorization", 2014):
//
//	PMI(w, c) = s(w, c) + log(k noise(w)) - log text(w)
//
// That holds for samplers that keep all they draw and whose loss is logistic ([Info.Static]); for others
// there is an error.
func (s Settings) Shares(v *vocab.Vocabulary, subsample float64) (noise, text []float64, err error) {
	if err := s.Validate(); err != nil {
		return nil, nil, err
	}
	if info, _ := s.Sampler.Info(); !info.Static() {
		return nil, nil, fmt.Errorf("the sampler %s chooses negatives by their scores, so that the scores do not estimate pointwise mutual information", s.Sampler)
	}
	sub, err := sampling.NewSubsampler(v.Counts(), subsample)
	if err != nil {
		return nil, nil, err
	}
	d, err := newDistribution(s, v, sub)
	if err != nil {
		return nil, nil, err
	}
	noise, text = d.weights, subsampledWeights(v, sub)
	floats.Scale(1/floats.Sum(noise), noise)
	floats.Scale(1/floats.Sum(text), text)
	return noise, text, nil
}
