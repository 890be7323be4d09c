package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kindred/internal/english"
	"kindred/internal/kernel"
	"kindred/model"
	"kindred/model/subword"
	"kindred/train"
	"kindred/train/negative"
)

// settingFlags are the flags of the settings of a training.
func settingFlags(cfg *train.Config) []*flag {
	const model, training = "Model", "Training"
	return append([]*flag{
		{name: "architecture", group: model, into: &cfg.Kind, value: "NAME", choices: oneOf(string(train.SkipGram), string(train.CBOW)),
			help: "skipgram: each word of a window predicts its center; cbow: all together do, which is faster, and weaker for rare words"},
		{name: "bag", group: model, into: &cfg.Bag, value: "NAME", initial: string(train.BagWord2vec), choices: oneOf(string(train.BagWord2vec), string(train.BagMean), string(train.BagSum)),
			help: "what cbow makes of the words of a window: their mean, moved as word2vec.c does (word2vec), or along its gradient (mean), or their sum (sum)"},
		{name: "position-weights", group: model, into: &cfg.PositionWeights,
			help: "weigh the values of each word by its position in the window, with weights that are trained (Mikolov et al. 2018)"},
		{name: "min-n", aliases: []string{"minn"}, group: model, into: &cfg.MinN, value: "N", initial: "3, with --max-n",
			help: "length of the shortest character n-grams"},
		{name: "max-n", aliases: []string{"maxn"}, group: model, into: &cfg.MaxN, value: "N", initial: "0, no n-grams",
			help: "make words of their character n-grams of up to N characters, as fastText does; 6 is usual"},
		{name: "bucket", group: model, into: &cfg.Buckets, value: "N", initial: "2000000 with --max-n, 50000 with --hash-count",
			help: "number of rows that n-grams share"},
		{name: "hash-count", group: model, into: &cfg.HashCount, value: "N", initial: "0, as fastText",
			help: "compact mode, as in floret: each word and n-gram is the sum of N rows, 1 to 4, of one table; 50000 buckets are enough then"},
		{name: "dim", aliases: []string{"size", "vector-size"}, group: model, into: &cfg.Dim, value: "N",
			help: "dimension of the vectors"},
		{name: "window", aliases: []string{"ws"}, group: model, into: &cfg.Window, value: "N",
			help: "largest distance between a word and its context word; each window draws its own distance from 1 to N"},
		{name: "subsample", aliases: []string{"sample", "t"}, group: model, into: &cfg.Subsample, value: "T",
			help: "randomly drop words whose share of the text is above T; 0 keeps all words"},
		{name: "epochs", aliases: []string{"iter", "epoch"}, group: training, into: &cfg.Epochs, value: "N",
			help: "number of passes over the text"},
		{name: "lr", aliases: []string{"alpha"}, group: training, into: &cfg.LearningRate, value: "RATE", initial: "auto: 0.05, or 0.1 for cbow, in 5 epochs",
			parse: parseRate, want: "a number above 0, auto or word2vec",
			help: "initial learning rate, which falls linearly to 0; auto: higher for few epochs or little text kept, lower for many epochs and beyond 100M trained words; word2vec: that of word2vec.c"},
		{name: "threads", aliases: []string{"thread", "workers"}, group: training, into: &cfg.Threads, value: "N", initial: "all processors",
			help: "number of workers; it does not change the vectors"},
		{name: "hogwild", group: training, into: &cfg.Hogwild,
			help: "update shared vectors without locks; with several workers the vectors are not reproducible"},
		{name: "seed", group: training, into: &cfg.Seed, value: "N",
			help: "seed of the random numbers; the same seed gives the same vectors"},
		kernelFlag(&cfg.Kernel, training),
	}, negativeFlags(cfg)...)
}

// asWord2vec stands for the learning rate of word2vec.c until the architecture is known.
const asWord2vec = -1

// parseRate parses a learning rate. It is 0 if it follows from the text.
func parseRate(text string) (any, bool) {
	switch text {
	case "auto":
		return 0.0, true
	case "word2vec":
		return float64(asWord2vec), true
	}
	rate, err := strconv.ParseFloat(text, 64)
	return rate, err == nil && rate > 0
}

func kernelFlag(name *string, group string) *flag {
	return &flag{name: "kernel", group: group, into: name, value: "NAME", choices: kernelChoices,
		help: "code of the inner loop; \"kindred version\" lists the kernels"}
}

func kernelChoices() []completion {
	list := plain("auto")
	for _, k := range kernel.Available() {
		list = append(list, completion{word: k.Name})
	}
	return list
}

// negativeFlags are the flags of the settings that choose negatives.
func negativeFlags(cfg *train.Config) []*flag {
	const group = "Negatives"
	flags := []*flag{
		{name: "negatives", aliases: []string{"negative", "neg"}, group: group, into: &cfg.Negatives, value: "K",
			help: "negative samples per positive pair; 2.5 means 2 or 3, at random"},
		{name: "negatives-last", group: group, into: &cfg.NegativesLast, value: "K", initial: "as at the start",
			help: "negative samples at the end of the training; their number changes linearly"},
		{name: "sampler", group: group, into: &cfg.Sampler, value: "NAME", choices: samplerChoices,
			help: "how to choose negatives; see the list of samplers below"},
	}
	for _, o := range negative.Options() {
		f := &flag{name: strings.ReplaceAll(o.Name, "_", "-"), group: group, into: o.Field(&cfg.Settings), value: o.Value, initial: o.DefaultText, help: o.Help()}
		if f.name == "noise-power" {
			f.aliases = []string{"ns-exponent"} // gensim's name
			f.initial = "0.75, or 0.5 with --max-n, as fastText"
		}
		flags = append(flags, f)
	}
	return append(flags, []*flag{
		{name: "reject", group: group, into: &cfg.Reject, value: "WORDS", choices: oneOf("target", "window", "pmi", "window,pmi"),
			help: "which negatives to draw again: target (always), window (words of the window too), pmi (words related to the center word too), or window,pmi"},
		{name: "pmi-bound", group: group, into: &cfg.PMIBound, value: "NATS",
			help: "pointwise mutual information above which pmi treats words as related"},
		{name: "negative-sharing", group: group, into: &cfg.NegativeSharing, value: "UNIT", choices: oneOf("window", "pair"),
			help: "draw negatives once per window, which is faster, or once per pair, as word2vec.c does: window or pair"},
		{name: "share-windows", group: group, into: &cfg.SharedWindows, value: "N",
			help: "use the same negatives for N consecutive windows"},
	}...)
}

func samplerNames() string {
	var names []string
	for _, sampler := range negative.Samplers() {
		names = append(names, string(sampler.Name))
	}
	return strings.Join(names, ", ")
}

// unusedSettings returns a warning for each flag of the command line that the other settings leave
// without effect.
func unusedSettings(given func(flag string) bool, cfg train.Config) []string {
	var warnings []string
	for _, o := range negative.Options() {
		flag, users := strings.ReplaceAll(o.Name, "_", "-"), o.Samplers()
		if given(flag) && !slices.Contains(users, string(cfg.Sampler)) {
			warnings = append(warnings, fmt.Sprintf("--%s has no effect with the sampler %s, only with %s", flag, cfg.Sampler, english.And(users)))
		}
	}
	if given("bag") && cfg.Kind != train.CBOW {
		warnings = append(warnings, "--bag has no effect without --architecture cbow")
	}
	if given("pmi-bound") && !cfg.Reject.PMI() {
		warnings = append(warnings, "--pmi-bound has no effect without --reject pmi")
	}
	return warnings
}

// samplersHelp is a section of the help: a line for each sampler.
func samplersHelp() string {
	var b strings.Builder
	b.WriteString("\nSamplers:\n")
	for _, sampler := range negative.Samplers() {
		writeEntry(&b, "  "+string(sampler.Name), sampler.Description)
	}
	return b.String()
}

func samplerChoices() []completion {
	var list []completion
	for _, sampler := range negative.Samplers() {
		list = append(list, completion{string(sampler.Name), sampler.Description})
	}
	return list
}

// settingsText says what the settings are, and why the learning rate is what it is, if there is a reason.
func settingsText(c train.Config, rateReason string) string {
	rate := fmt.Sprint(c.LearningRate)
	if rateReason != "" {
		rate += " (" + rateReason + ")"
	}
	negatives := "no negatives"
	if c.Negatives > 0 {
		unit := string(c.NegativeSharing)
		if c.SharedWindows > 1 {
			unit = counted(c.SharedWindows, unit)
		}
		negatives = fmt.Sprintf("%s per %s %s", negativesText(c), unit, noiseText(c))
	}
	sampling := "no sub-sampling"
	if c.Subsample > 0 {
		sampling = fmt.Sprintf("sub-sampling %g", c.Subsample)
	}
	return fmt.Sprintf("%sdim %d, window %d, %s, %s, %s, learning rate %s, seed %d",
		architectureText(c.Architecture), c.Dim, c.Window, negatives, sampling, counted(c.Epochs, "epoch"), rate, c.Seed)
}

// architectureText names an architecture that is not the default.
func architectureText(a train.Architecture) string {
	text := ""
	if a.Kind == train.CBOW {
		text = fmt.Sprintf("CBOW (%s), ", cmp.Or(a.Bag, train.BagWord2vec))
	}
	if a.PositionWeights {
		text += "position weights, "
	}
	if a.MaxN > 0 {
		table := ""
		if a.HashCount > 0 {
			table = fmt.Sprintf(" and words as the sum of %s each", counted(a.HashCount, "row"))
		}
		text += fmt.Sprintf("n-grams of %d to %d characters%s in %s buckets, ", a.MinN, a.MaxN, table, grouped(a.Buckets))
	}
	return text
}

// compactBuckets is the usual number of buckets of the compact mode.
const compactBuckets = 50_000

// nGramNoisePower is the noise power of words that are made of n-grams, which is fastText's.
const nGramNoisePower = 0.5

// completeNGrams sets what is not given of n-grams to fastText's defaults. A training that resumes has its noise power.
func completeNGrams(given func(flag string) bool, cfg *train.Config, resumes bool) {
	a := &cfg.Architecture
	if a.MaxN > 0 && !given("noise-power") && !resumes {
		cfg.NoisePower = nGramNoisePower
	}
	if a.MaxN == 0 {
		if !given("min-n") || a.MinN == 0 { // fastText's -minn 0 -maxn 0
			a.MinN, a.Buckets = 0, 0
		}
		return
	}
	if !given("min-n") && a.MinN == 0 {
		a.MinN = min(subword.DefaultMinN, a.MaxN)
	}
	if !given("bucket") && a.Buckets == 0 {
		a.Buckets = subword.DefaultBuckets
		if a.HashCount > 0 {
			a.Buckets = compactBuckets
		}
	}
}

// negativesText says how many negatives there are.
func negativesText(c train.Config) string {
	text := fmt.Sprintf("%g negatives", c.Negatives)
	if c.NegativesLast > 0 {
		text = fmt.Sprintf("%g to %g negatives", c.Negatives, c.NegativesLast)
	} else if c.Negatives == 1 {
		text = "1 negative"
	}
	return text
}

// noiseText says where negatives come from.
func noiseText(c train.Config) string {
	text := fmt.Sprintf("of count^%g", c.NoisePower)
	if c.Sampler != negative.Unigram {
		text = "by " + string(c.Sampler)
		if row, _ := c.Sampler.Info(); !row.Static() {
			text += fmt.Sprintf(" of count^%g", c.NoisePower)
		}
	}
	if c.Reject != negative.RejectTarget {
		text += " without " + string(c.Reject)
	}
	return text
}

// negativesOutcome says how useful the negatives of a training were, or "" if there were none.
func negativesOutcome(n *model.NegativesRecord) string {
	if n == nil || n.Probed == 0 {
		return ""
	}
	return fmt.Sprintf("mean gradient %.3f, %.1f %% of them below 0.01; %.1f %% seem true contexts; %.2g %% drawn again",
		n.MeanGradient, 100*n.SmallGradient, 100*n.PositiveScore, 100*(n.RejectedTarget+n.RejectedWindow+n.RejectedPMI))
}
