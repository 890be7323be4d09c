package train

import (
	"math"
	"strings"
	"testing"

	"kindred/train/negative"
)

func TestRateFor(t *testing.T) {
	cfg := Defaults()
	cbow, sum := cfg, cfg
	cbow.Kind, sum.Kind, sum.Bag = CBOW, CBOW, BagSum
	debiased := cbow
	debiased.Sampler = negative.Debiased
	once, often, sparse, everything, onceCBOW, onceSum := cfg, cfg, cfg, cfg, cbow, sum
	once.Epochs, often.Epochs, onceCBOW.Epochs, onceSum.Epochs = 1, 80, 1, 1
	sparse.Subsample = 1e-4
	everything.Epochs, everything.Subsample = 1, 0
	for _, c := range []struct {
		cfg    Config
		tokens int64
		want   float64
		reason string
	}{
		{cfg, 1000, 0.05, "skip-gram in 5 epochs"},
		{cfg, 20_000_000, 0.05, "skip-gram in 5 epochs"},
		{cfg, 200_000_000, 0.025, "extrapolated"}, // a billion in five epochs
		{cfg, 50_000_000_000, 0.025, "extrapolated"},
		{cfg, 40_000_000, 0.0406, "skip-gram in 5 epochs of 40M words; extrapolated beyond 100M in all"},
		{cbow, 20_000_000, 0.1, "CBOW in"},
		{cbow, 200_000_000, 0.05, "extrapolated"},
		{sum, 1000, 0.05, "diverges"},
		{debiased, 1000, 0.05, "diverges"},
		{once, 1000, 0.1, "skip-gram in 1 epoch"},
		{often, 1000, 0.025, "in 80 epochs"},
		{sparse, 1000, 0.0706, "in 5 epochs"},
		{everything, 1000, 0.05, "in 1 epoch"}, // not raised without sub-sampling
		{onceCBOW, 1000, 0.2, "CBOW in 1 epoch"},
		{onceSum, 1000, 0.05, "diverges"},
	} {
		got, reason := c.cfg.RateFor(c.tokens)
		if math.Abs(got-c.want) > 1e-9 || !strings.Contains(reason, c.reason) {
			t.Errorf("%d tokens with %s: rate %v (%s), want %v (%s)", c.tokens, c.cfg.Kind, got, reason, c.want, c.reason)
		}
	}
	if cfg.Word2vecRate() != 0.025 || cbow.Word2vecRate() != 0.05 {
		t.Errorf("word2vec.c's rates are %v and %v", cfg.Word2vecRate(), cbow.Word2vecRate())
	}
}
