package train

import (
	"testing"

	"kindred/train/negative"
)

// TestPortableTrainingBytes trains with the portable kernel, which gives the same bytes on all processors: the
// hashes were recorded on amd64, and the tests run on arm64, too. They are to be replaced only where what is trained
// was changed on purpose.
func TestPortableTrainingBytes(t *testing.T) {
	text := read(t, zipfText(3000, 400))
	for _, c := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"default", func(*Config) {}, "7437e6ca15aa9a2718eeab0348a40a96"},
		{"pair", func(c *Config) { c.NegativeSharing = negative.PerPair }, "69ffea30a07a926cb8c5683f136f53f8"},
		{"power", func(c *Config) { c.NoisePower = -0.3 }, "bcd28756021f815bb71784a5c0a28585"},
		{"hard", func(c *Config) { c.Sampler = negative.Hard }, "796763b97bca071fef9ffb3f378d4c6e"},
		{"debiased", func(c *Config) { c.Sampler = negative.Debiased }, "e94413d14179477b196669d1dbd547b7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := small()
			cfg.Kernel, cfg.Subsample, cfg.Threads = "portable", 1e-3, 2
			c.change(&cfg)
			if got := parametersHash(t, text, cfg); got != c.want {
				t.Errorf("hash %s, want %s", got, c.want)
			}
		})
	}
}
