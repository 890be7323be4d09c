package train

import (
	"fmt"
	"math"

	"kindred/train/negative"
)

// Rates of five epochs by the rule of [Config.RateFor], and word2vec.c's.
const (
	skipGramRate, cbowRate = 0.05, 0.1
	// cautiousRate is for what diverges sooner.
	cautiousRate = 0.05
	// measuredWords is the largest number of trained words for which rates were compared. Beyond it the rate falls, so that
	// it is half at ten times as many: word2vec.c's rate for a billion words.
	measuredWords = 100_000_000
	word2vecRate  = 0.025
)

// RateFor returns the usual learning rate of the other settings for a text of so many tokens, and the reason: half a
// sentence. The rates gave the best held-out scores, or nearly so, on texts of 1 to 17 million words, at 1 to 20 epochs; those beyond
// 100 million trained words, which are tokens times epochs, are extrapolated. docs/benchmarks.md has the measurements.
func (c Config) RateFor(tokens int64) (rate float64, reason string) {
	factor := c.rateForEpochs()
	switch {
	case c.isCBOW() && (c.Bag == BagSum || c.Sampler == negative.SelfAdversarial || c.Sampler == negative.Debiased):
		rate, reason = cautiousRate*min(factor, 1), "CBOW that diverges soon"
	case c.isCBOW():
		rate, reason = cbowRate*factor, "CBOW"
	default:
		rate, reason = skipGramRate*factor, "skip-gram"
	}
	epochs := "epochs"
	if c.Epochs == 1 {
		epochs = "epoch"
	}
	reason = fmt.Sprintf("%s in %d %s", reason, c.Epochs, epochs)
	if trained := float64(tokens) * float64(c.Epochs); trained > measuredWords {
		rate *= max(math.Pow(measuredWords/trained, math.Log10(2)), 0.5)
		reason += fmt.Sprintf(" of %.3gM words; extrapolated beyond 100M in all", float64(tokens)/1e6)
	}
	// Rounded, so that processors whose power differs in the last bit train alike.
	return math.Round(rate*1e4) / 1e4, reason
}

// rateForEpochs returns the factor of the rate, 1 for 5 epochs with sub-sampling 1e-3. A step that is not repeated may be long, so the
// factor falls with the root of the epochs; a lower threshold of sub-sampling keeps fewer tokens, which acts like
// fewer epochs. Without sub-sampling the factor is never above 1: steps of frequent words diverge first, and they are then most of all steps.
func (c Config) rateForEpochs() float64 {
	epochs, longest := float64(c.Epochs), 2.0
	switch {
	case c.Subsample <= 0 || c.Subsample > 1e-2:
		longest = 1
	case c.Subsample < 1e-3:
		epochs *= math.Pow(c.Subsample/1e-3, 0.3)
	}
	return min(max(math.Sqrt(5/epochs), 0.5), longest)
}

// Word2vecRate returns the default learning rate of word2vec.c: 0.025 for skip-gram and 0.05 for CBOW.
func (c Config) Word2vecRate() float64 {
	if c.isCBOW() {
		return 2 * word2vecRate
	}
	return word2vecRate
}
