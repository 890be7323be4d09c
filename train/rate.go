package train

import (
	"fmt"
	"math"

	"kindred/train/negative"
)

// Rates by the rule of [Config.RateFor], and word2vec.c's.
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
// sentence. The rates gave the best held-out scores on texts of 1 to 17 million words; those beyond 100 million trained words, which are
// tokens times epochs, are extrapolated. docs/benchmarks.md has the measurements.
func (c Config) RateFor(tokens int64) (rate float64, reason string) {
	trained := float64(tokens) * float64(c.Epochs)
	rate, reason = skipGramRate, "skip-gram"
	switch {
	case c.isCBOW() && (c.Bag == BagSum || c.Sampler == negative.SelfAdversarial || c.Sampler == negative.Debiased):
		rate, reason = cautiousRate, "CBOW that diverges soon"
	case c.isCBOW():
		rate, reason = cbowRate, "CBOW"
	}
	if trained <= measuredWords {
		return rate, reason + " on up to 100M trained words"
	}
	factor := max(math.Pow(measuredWords/trained, math.Log10(2)), 0.5)
	rate *= factor
	// Three digits, so that processors whose power differs in the last bit train alike.
	rate = math.Round(rate*1e4) / 1e4
	return rate, fmt.Sprintf("%s on %.3gM trained words; extrapolated beyond 100M", reason, trained/1e6)
}

// Word2vecRate returns the default learning rate of word2vec.c: 0.025 for skip-gram and 0.05 for CBOW.
func (c Config) Word2vecRate() float64 {
	if c.isCBOW() {
		return 2 * word2vecRate
	}
	return word2vecRate
}
