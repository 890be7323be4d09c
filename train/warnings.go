package train

import (
	"cmp"
	"fmt"
	"strings"

	"kindred/corpus"
	"kindred/corpus/sampling"
	"kindred/corpus/vocab"
	"kindred/internal/english"
	"kindred/model"
)

// A NoPairsError reports that there is no pair of a word and a context word to train, so the vectors
// would stay as they began. It comes before training if text and settings show it, otherwise after.
type NoPairsError struct {
	// Reason says why there are none and what to change, without a period.
	Reason string
}

func (e *NoPairsError) Error() string { return "there is nothing to learn: " + e.Reason }

// fewestKept is the expected number of tokens left by sub-sampling in all epochs below which a run
// surely has no pair.
const fewestKept = 0.01

// checkPairs returns a *[NoPairsError] if a text cannot have a pair.
func checkPairs(text *corpus.Corpus, s *sampling.Subsampler, cfg Config) error {
	v, record := text.Vocabulary(), text.Record()
	switch {
	case v.Len() == 1:
		return &NoPairsError{fmt.Sprintf("the vocabulary has one word, %.60q; lower the minimum count, or train on more text", v.Word(0))}
	case record.Sentences > record.SentencesOfOneWord:
	case record.SentenceLimit == 1:
		return &NoPairsError{"sentences are cut after one token, so that no word has a context; use a larger sentence limit"}
	default:
		return &NoPairsError{fmt.Sprintf("no sentence has two words of the vocabulary (a line of the text is a sentence, and there are %d with one word); put whole sentences on a line, or lower the minimum count", record.Sentences)}
	}
	if rate, _ := keptShares(v, s); rate*float64(text.Len())*float64(cfg.Epochs) < fewestKept {
		return &NoPairsError{fmt.Sprintf("sub-sampling at the threshold %g keeps none of the %d tokens; use a larger threshold (1e-3 to 1e-5 are usual), or 0 to keep all", cfg.Subsample, text.Len())}
	}
	return nil
}

// checkTrained returns a *[NoPairsError] if a whole run has trained no pair.
func (r *run) checkTrained() error {
	sum := r.progress.sum
	if sum.pairs > 0 {
		return nil
	}
	return &NoPairsError{fmt.Sprintf("not one pair of words was trained in %d tokens, of which sub-sampling at the threshold %g kept %d; use a larger threshold, more text, or more epochs", sum.tokens, r.cfg.Subsample, sum.kept)}
}

// Warnings returns what makes it doubtful that a training learns anything useful from a text: a
// sentence each, without a period. [Run] puts them among the remarks of the manifest.
func Warnings(text vocab.Record, cfg Config) []string {
	var warnings []string
	warnf := func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) }
	if n := text.SentencesOfOneWord; 2*n > text.Sentences && n < text.Sentences {
		warnf("%d of the %d sentences have only one word of the vocabulary, and so no context to learn from; a line of the text is a sentence", n, text.Sentences)
	}
	if n := text.BrokenTokens(); 1000*n > text.Tokens {
		encoding := strings.ToUpper(cmp.Or(text.Encoding, "utf-8"))
		warnf("%s of %d had bytes that are not %s, and are spoiled; name the encoding of the text (--encoding), or convert the text to UTF-8 first, for example by \"iconv -f LATIN1 -t UTF-8\"",
			english.Plural(n, "token"), text.Tokens, encoding)
	}
	kept := text.TokensKept
	if text.HeldOut != nil {
		kept += text.HeldOut.Tokens
	}
	if 2*kept < text.Tokens {
		warnf("%d of the %d tokens of the text, more than half, are not in the vocabulary", text.Tokens-kept, text.Tokens)
	}
	if cfg.MaxMeanNegatives() == 0 {
		warnf("there are no negatives, so nothing keeps all vectors from becoming alike")
	}
	return warnings
}

// divergence returns a remark if the plan of a training changed because it diverged.
func divergence(changes []model.PlanChange) []string {
	if len(changes) == 0 {
		return nil
	}
	first := changes[0]
	return []string{fmt.Sprintf("the training diverged after %s (the loss was %.4g per pair), so that its plan changed %s: rounds had fewer blocks than planned",
		english.Plural(first.Tokens, "token"), first.Loss, english.Plural(int64(len(changes)), "time"))}
}
