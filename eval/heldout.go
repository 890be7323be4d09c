package eval

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"kindred/corpus"
	"kindred/corpus/sampling"
	"kindred/internal/random"
)

// Pairs are drawn from held-out sentences independently of how a model was trained. So models that know
// the same words are asked about the same pairs, and their scores can be compared.
const (
	// heldOutWindow is the largest distance between center and context. As in training, each window draws
	// its own distance, so near pairs count more.
	heldOutWindow = 5
	// heldOutSubsample is the sub-sampling threshold of frequent words, the default of word2vec.c.
	// Without it, half of the pairs would be of function words.
	heldOutSubsample = 1e-3
	// heldOutPairs is the largest number of pairs. The half that is tested gives the areas an interval of
	// about ±0.004.
	heldOutPairs = 40_000
	// heldOutCandidates is the number of words among which the true one is ranked.
	heldOutCandidates = 100
	// heldOutSeed makes the random numbers the same in all runs.
	heldOutSeed = 0x48656c644f7574
)

// The random streams of the pairs.
const (
	heldOutKeep = iota
	heldOutReach
	heldOutSample
	heldOutNegatives
)

// A noiseDistribution is a fixed distribution of negatives.
type noiseDistribution struct {
	name  string
	power float64 // of the counts
}

// The noise distributions. Against uniform noise it suffices to know which words are frequent, against
// noise near the distribution of the words it does not.
const (
	uniform = iota
	unigram // word2vec's noise, whose scores are the headline
)

var noiseDistributions = []noiseDistribution{uniform: {"uniform", 0}, unigram: {"unigram^0.75", 0.75}}

// HeldOut holds true pairs of a center word and a context word from sentences that no model has seen.
// They test how well models separate them from pairs with a random center. It is safe for concurrent
// use.
type HeldOut struct {
	// Thresholds and calibrations are chosen on the validation pairs, and scores are taken on the test
	// pairs. No sentence is in both.
	validation, test heldOutHalf
	noises           []*sampling.AliasTable
}

// A heldOutHalf is half of the pairs.
type heldOutHalf struct {
	pairs     []heldOutPair
	sentences int // the number of sentences with pairs
}

// A heldOutPair is a true pair: a row of the input matrix and one of the output matrix.
type heldOutPair struct {
	number          int64 // among all pairs of the text: the address of its random numbers
	context, center int32
	distance        int32 // from the center to the context, negative if that comes first
	sentence        int32 // its number in the text, and then in the half
}

// NewHeldOut draws the pairs from a held-out text (see [corpus.Corpus.HeldOut]). The error says that
// there are too few for two halves, or no word to draw as a negative.
func NewHeldOut(text *corpus.Corpus) (*HeldOut, error) {
	if text == nil {
		return nil, errors.New("held-out pairs: no sentences were held out of the text")
	}
	h := &HeldOut{}
	for _, d := range noiseDistributions {
		noise, err := sampling.NewNoiseTable(text.Vocabulary().Counts(), d.power)
		if err != nil {
			return nil, fmt.Errorf("held-out pairs: %w", err)
		}
		if id, share := noise.Heaviest(); share > 0.999 {
			return nil, fmt.Errorf("held-out pairs: no negatives, as %q makes up %.4g %% of the words; want a vocabulary of several words with counts",
				text.Vocabulary().Word(int(id)), 100*share)
		}
		h.noises = append(h.noises, noise)
	}
	pairs, err := drawPairs(text)
	if err != nil {
		return nil, err
	}
	h.validation.pairs = slices.DeleteFunc(slices.Clone(pairs), func(p heldOutPair) bool { return p.sentence%2 == 1 })
	h.test.pairs = slices.DeleteFunc(pairs, func(p heldOutPair) bool { return p.sentence%2 == 0 })
	h.validation.numberSentences()
	h.test.numberSentences()
	if h.validation.sentences == 0 || h.test.sentences == 0 {
		return nil, fmt.Errorf("held-out pairs: the %d sentences held out have %d pairs, too few for a half to choose the threshold on and a half to test; hold out more",
			text.Record().Sentences, len(pairs))
	}
	return h, nil
}

// numberSentences numbers the sentences of the half, as units of resampling.
func (h *heldOutHalf) numberSentences() {
	before := int32(-1)
	for i := range h.pairs {
		if p := &h.pairs[i]; p.sentence != before {
			before = p.sentence
			h.sentences++
		}
		h.pairs[i].sentence = int32(h.sentences - 1)
	}
}

// drawPairs returns the pairs of a text in their order, or a sample of them.
func drawPairs(text *corpus.Corpus) ([]heldOutPair, error) {
	subsample, err := sampling.NewSubsampler(text.Vocabulary().Counts(), heldOutSubsample)
	if err != nil {
		return nil, err
	}
	const block = 1 << 16
	r := &pairReservoir{choice: random.New(heldOutSeed, heldOutSample)}
	keep := random.New(heldOutSeed, heldOutKeep)
	var tokens []corpus.Token
	var sentence []int32
	number := int32(0)
	for from := int64(0); from < text.Len(); from += block {
		if tokens, err = text.Tokens(tokens, from, from+block); err != nil {
			return nil, err
		}
		for i, token := range tokens {
			if subsample.Keep(token.ID(), uint32(keep.At(uint64(from)+uint64(i)))) {
				sentence = append(sentence, token.ID())
			}
			if token.EndsSentence() {
				r.addSentence(sentence, number)
				number++
				sentence = sentence[:0]
			}
		}
	}
	slices.SortFunc(r.sample, func(a, b heldOutPair) int { return cmp.Compare(a.number, b.number) })
	return r.sample, nil
}

// A pairReservoir keeps a uniform sample of the pairs added to it (Vitter, "Random sampling with a
// reservoir", 1985, algorithm R).
type pairReservoir struct {
	sample []heldOutPair
	seen   int64
	choice random.Stream
}

// addSentence adds all pairs of a sentence.
func (r *pairReservoir) addSentence(words []int32, number int32) {
	reach := random.New(heldOutSeed, heldOutReach, uint64(number))
	for c, center := range words {
		n := 1 + int(reach.Uint32n(heldOutWindow))
		for i := max(c-n, 0); i <= min(c+n, len(words)-1); i++ {
			if i != c {
				r.add(heldOutPair{context: words[i], center: center, distance: int32(i - c), sentence: number})
			}
		}
	}
}

func (r *pairReservoir) add(p heldOutPair) {
	p.number = r.seen
	r.seen++
	if len(r.sample) < heldOutPairs {
		r.sample = append(r.sample, p)
		return
	}
	if i := int64(r.choice.Float64() * float64(r.seen)); i < heldOutPairs {
		r.sample[i] = p
	}
}
