package cli

import (
	"strings"

	"github.com/urfave/cli/v2"

	"kindred/train"
	"kindred/train/negative"
)

// negativeFlags are the flags of the settings that choose negatives.
func negativeFlags(cfg *train.Config) []cli.Flag {
	const category = "Negatives"
	return []cli.Flag{
		&cli.Float64Flag{Name: "negatives", Aliases: []string{"negative", "neg"}, Category: category, Destination: &cfg.Negatives, Value: cfg.Negatives,
			Usage: "`K` noise words against each true one; 2.5 is 2 or 3, at random"},
		&cli.Float64Flag{Name: "negatives-last", Category: category, Destination: &cfg.NegativesLast, Value: cfg.NegativesLast, DefaultText: "as at the start",
			Usage: "`K` noise words at the end of the training, towards which their number moves evenly"},
		&cli.StringFlag{Name: "sampler", Category: category, Destination: (*string)(&cfg.Sampler), Value: string(cfg.Sampler),
			Usage: "`NAME` how negatives are chosen: " + strings.Join(samplerNames(), ", ")},
		&cli.Float64Flag{Name: "noise-power", Aliases: []string{"ns-exponent"}, Category: category, Destination: &cfg.NoisePower, Value: cfg.NoisePower,
			Usage: "`P` draw negatives in proportion to count^P, for any P"},
		&cli.IntFlag{Name: "candidates", Category: category, Destination: &cfg.Candidates, Value: cfg.Candidates, DefaultText: "twice the negatives",
			Usage: "`M` words drawn for a window by hard, hard-pair and curriculum, which keep K of them"},
		&cli.Float64Flag{Name: "temperature", Category: category, Destination: &cfg.Temperature, Value: cfg.Temperature,
			Usage: "`T` of self-adversarial: the lower, the more the hard negatives weigh"},
		&cli.Float64Flag{Name: "tau-plus", Category: category, Destination: &cfg.TauPlus, Value: cfg.TauPlus,
			Usage: "`SHARE` of the noise that debiased takes to be true contexts"},
		&cli.Float64Flag{Name: "beta", Category: category, Destination: &cfg.Beta, Value: cfg.Beta,
			Usage: "`B` how much debiased prefers hard negatives; 0 not at all"},
		&cli.StringFlag{Name: "reject", Category: category, Destination: (*string)(&cfg.Reject), Value: string(cfg.Reject),
			Usage: "`WORDS` negatives that are drawn again: the target always; window, the words of the window too; pmi, those related to the centre too; or window,pmi"},
		&cli.Float64Flag{Name: "pmi-bound", Category: category, Destination: &cfg.PMIBound, Value: cfg.PMIBound,
			Usage: "`NATS` of pointwise mutual information in the text above which a word is related to the centre"},
		&cli.StringFlag{Name: "negative-sharing", Category: category, Destination: (*string)(&cfg.NegativeSharing), Value: string(cfg.NegativeSharing),
			Usage: "`UNIT` draw the negatives for each window, which is faster, or for each pair, as word2vec.c does: window or pair"},
		&cli.IntFlag{Name: "share-windows", Category: category, Destination: &cfg.SharedWindows, Value: cfg.SharedWindows,
			Usage: "`N` draw the negatives once for N windows in a row"},
	}
}

func samplerNames() []string {
	names := make([]string, len(negative.Samplers))
	for i, sampler := range negative.Samplers {
		names[i] = string(sampler)
	}
	return names
}
