package train

import (
	"kindred/corpus/sampling"

	"kindred/corpus/vocab"
)

// subsampledWeights are those of the text that is trained on, the unigram distribution after sub-sampling:
//
//	P(w) = count(w) keep(w) / sum over v of count(v) keep(v)
//
// where keep(w) is the probability that sub-sampling keeps a token of w (see [sampling.Subsampler]). Levy and Goldberg (2014)
// show that with noise of the text's own distribution the scores become pointwise mutual information less log k; this
// is that case for the text as training sees it. It costs what the unigram sampler does. When to use it: where scores are to
// be read as mutual information, and as the twin of the in-batch sampler without its neighbourhood.
func subsampledWeights(v *vocab.Vocabulary, s *sampling.Subsampler) []float64 {
	weights := make([]float64, v.Len())
	for id, count := range v.Counts() {
		weights[id] = float64(count) * s.P(int32(id))
	}
	return weights
}
