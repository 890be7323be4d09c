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

// How pairs are drawn from sentences held out. Nothing here depends on how a model was trained: models that know the
// same words are asked about the same pairs, and their figures can be compared.
const (
	// heldOutWindow is the largest distance between centre and context; as in training, each window draws its own,
	// so that near pairs count more.
	heldOutWindow = 5
	// heldOutSubsample thins out frequent words, as in training, at word2vec.c's default: without it, half of
	// the pairs would be of function words.
	heldOutSubsample = 1e-3
	// heldOutPairs is the largest number of pairs; of more, a sample is taken. The half that is tested gives
	// the areas an interval of about ±0.004.
	heldOutPairs = 40_000
	// heldOutCandidates is the number of words among which the true one is ranked.
	heldOutCandidates = 100
	// heldOutSeed addresses the random numbers, so that they are the same in all runs.
	heldOutSeed = 0x48656c644f7574
)

// The random streams of the pairs.
const (
	heldOutKeep = iota
	heldOutReach
	heldOutSample
	heldOutNegatives
)

// A reference is a fixed distribution that negatives are drawn from.
type reference struct {
	name  string
	power float64 // of the counts
}

// The references: against uniform noise it is enough to know which words are frequent, against noise near to the
// distribution of the words themselves it is not.
const (
	uniform = iota
	unigram // by which models are judged first: the noise of word2vec
)

var references = []reference{uniform: {"uniform", 0}, unigram: {"unigram^0.75", 0.75}}

// HeldOut holds true pairs of a centre word and a context word from sentences that no model has seen, to tell how
// well models know them from pairs with a random centre. It is safe for concurrent use.
type HeldOut struct {
	// validation are the pairs on which thresholds and calibrations are chosen, test those on which the figures are
	// taken; no sentence is in both.
	validation, test heldOutHalf
	noise            []*sampling.AliasTable // by reference
}

// A heldOutHalf is half of the pairs.
type heldOutHalf struct {
	pairs     []heldOutPair
	sentences int // that have pairs, and number them
}

// A heldOutPair is a true pair: a row of the input matrix and one of the output matrix.
type heldOutPair struct {
	number          int64 // among all pairs of the text: the address of its random numbers
	context, centre int32
	sentence        int32 // in the text, and then in the half
}

// NewHeldOut draws the pairs from a text held out (see [corpus.Corpus.HeldOut]). It fails where there are too few for
// two halves, or no word to draw as a negative.
func NewHeldOut(text *corpus.Corpus) (*HeldOut, error) {
	if text == nil {
		return nil, errors.New("held-out pairs: no sentences were held out of the text")
	}
	h := &HeldOut{}
	for _, r := range references {
		noise, err := sampling.NewNoiseTable(text.Vocabulary().Counts(), r.power)
		if err != nil {
			return nil, fmt.Errorf("held-out pairs: %w", err)
		}
		if id, share := noise.Heaviest(); share > 0.999 {
			return nil, fmt.Errorf("held-out pairs: no negatives, as %q makes up %.4g %% of the words; want a vocabulary of several words with counts",
				text.Vocabulary().Word(int(id)), 100*share)
		}
		h.noise = append(h.noise, noise)
	}
	pairs, err := drawPairs(text)
	if err != nil {
		return nil, err
	}
	h.validation.pairs = slices.DeleteFunc(slices.Clone(pairs), func(p heldOutPair) bool { return p.sentence%2 == 1 })
	h.test.pairs = slices.DeleteFunc(pairs, func(p heldOutPair) bool { return p.sentence%2 == 0 })
	h.validation.number()
	h.test.number()
	if h.validation.sentences == 0 || h.test.sentences == 0 {
		return nil, fmt.Errorf("held-out pairs: the %d sentences held out have %d pairs, too few for a half to choose the threshold on and a half to test; hold out more",
			text.Record().Sentences, len(pairs))
	}
	return h, nil
}

// number numbers the sentences of the half anew, as units of resampling.
func (h *heldOutHalf) number() {
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
	d := &pairSampler{choice: random.New(heldOutSeed, heldOutSample)}
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
				d.sentence(sentence, number)
				number++
				sentence = sentence[:0]
			}
		}
	}
	slices.SortFunc(d.sample, func(a, b heldOutPair) int { return cmp.Compare(a.number, b.number) })
	return d.sample, nil
}

// A pairSampler keeps a uniform sample of the pairs it is given (Vitter, "Random sampling with a reservoir", 1985,
// algorithm R).
type pairSampler struct {
	sample []heldOutPair
	seen   int64
	choice random.Stream
}

// sentence takes all pairs of a sentence.
func (d *pairSampler) sentence(words []int32, number int32) {
	reach := random.New(heldOutSeed, heldOutReach, uint64(number))
	for c, centre := range words {
		r := 1 + int(reach.Uint32n(heldOutWindow))
		for i := max(c-r, 0); i <= min(c+r, len(words)-1); i++ {
			if i != c {
				d.pair(heldOutPair{context: words[i], centre: centre, sentence: number})
			}
		}
	}
}

func (d *pairSampler) pair(p heldOutPair) {
	p.number = d.seen
	d.seen++
	if len(d.sample) < heldOutPairs {
		d.sample = append(d.sample, p)
		return
	}
	if i := int64(d.choice.Float64() * float64(d.seen)); i < heldOutPairs {
		d.sample[i] = p
	}
}
