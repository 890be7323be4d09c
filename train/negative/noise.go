package negative

import (
	"fmt"
	"math"
	"math/bits"
	"slices"

	"gonum.org/v1/gonum/floats"

	"kindred/corpus/sampling"
	"kindred/corpus/vocab"
	"kindred/internal/random"
)

// Noise is a distribution of negatives. It knows neither the window nor the parameters, and all
// workers share it.
type Noise interface {
	// Draw fills dst with independent draws. The centers are those of the block that is trained,
	// for noise that comes from them. The state is that of a SplitMix64 generator; Draw advances it.
	// Draw many at once: their accesses to memory overlap.
	Draw(dst, centers []int32, state *uint64)
}

// aliasNoise is a distribution given by weights. With
//
//	P(w) = count(w)^power / sum over v of count(v)^power
//
// it is word2vec's, whose power is 0.75 (Mikolov et al. 2013). For recommendations, powers below 0
// were found better (Caselles-Dupré et al. 2018). A draw costs a random number and an access to a
// table of 8 bytes a word, whatever the weights.
type aliasNoise struct{ *sampling.AliasTable }

func (a aliasNoise) Draw(dst, _ []int32, state *uint64) {
	a.AliasTable.DrawAll(dst, state)
}

// uniformNoise draws all n words alike:
//
//	P(w) = 1/n
//
// Most negatives are then rare words, which are soon told apart from frequent ones.
type uniformNoise struct{ n uint32 }

func (u uniformNoise) Draw(dst, _ []int32, state *uint64) {
	rng := (*random.Stream)(state)
	for i := range dst {
		dst[i] = int32(rng.Uint32n(u.n))
	}
}

func uniformWeights(n int) []float64 { return slices.Repeat([]float64{1}, n) }

// zipfNoise draws by rank, r = 1 for the most frequent of n words, as if counts followed Zipf's law:
//
//	P(r) = log((r+1)/r) / log(n+1)
//
// This is the log-uniform candidate sampler of TensorFlow's sampled softmax (Jean et al. 2015). It
// needs no table and no counts. It draws frequent words more often than count^0.75 does.
type zipfNoise struct {
	n       uint64 // words
	octaves uint32 // of the ranks 1..n
}

func newZipfNoise(n int) zipfNoise { return zipfNoise{uint64(n), uint32(bits.Len64(uint64(n)))} }

// Draw draws a real x from [1, n+1) with density proportional to 1/x and takes its integer part. An
// octave 2^e is as likely as any other; within it, 1+u is accepted with probability 1/(1+u), 0.69
// on average. That is exact up to the 32 bits of u. It takes no logarithm, whose last bit
// depends on the processor.
func (z zipfNoise) Draw(dst, _ []int32, state *uint64) {
	rng := (*random.Stream)(state)
	for i := range dst {
		for {
			e := rng.Uint32n(z.octaves)
			r := rng.Uint64()
			mantissa := 1<<32 + r>>32 // 1+u in units of 2^-32
			rank := mantissa << e >> 32
			if high, _ := bits.Mul64(mantissa, r&math.MaxUint32); high == 0 && rank <= z.n { // v(1+u) < 1
				dst[i] = int32(rank - 1)
				break
			}
		}
	}
}

func zipfWeights(n int) []float64 {
	weights := make([]float64, n)
	for i := range weights {
		weights[i] = math.Log1p(1 / float64(i+1))
	}
	return weights
}

// inBatchNoise draws from the centers of the block, each token with the same probability. Over the
// whole text that is the sub-sampled unigram distribution. Within a block, negatives come from the
// same page as the window, so more of them are on its subject: harder, and more often true contexts
// (Hidasi et al. 2016; Yi et al. 2019). It costs less than a table, as the words are in the cache.
type inBatchNoise struct {
	other Noise // for a block whose centers are all the same word
}

func (b inBatchNoise) Draw(dst, centers []int32, state *uint64) {
	if !differ(centers) {
		b.other.Draw(dst, centers, state)
		return
	}
	rng := (*random.Stream)(state)
	for i := range dst {
		dst[i] = centers[rng.Uint32n(uint32(len(centers)))]
	}
}

// differ reports whether two of the words differ.
func differ(words []int32) bool {
	for _, word := range words {
		if word != words[0] {
			return true
		}
	}
	return false
}

// subsampledWeights returns the unigram distribution after sub-sampling,
//
//	P(w) = count(w) keep(w) / sum over v of count(v) keep(v)
//
// where keep(w) is the probability that sub-sampling keeps a token of w (see [sampling.Subsampler]).
// With noise of the text's own distribution, scores become pointwise mutual information less log k
// (Levy and Goldberg 2014).
func subsampledWeights(v *vocab.Vocabulary, s *sampling.Subsampler) []float64 {
	weights := make([]float64, v.Len())
	for id, count := range v.Counts() {
		weights[id] = float64(count) * s.P(int32(id))
	}
	return weights
}

// A distribution is noise with its weights by word id, which are proportional to the probabilities.
type distribution struct {
	noise   Noise
	weights []float64
	// reference are the weights of count^NoisePower.
	reference []float64
}

// A noiseKind makes the noise of a training.
type noiseKind struct {
	about string // its distribution
	// fill sets noise and weights; the reference is set.
	fill func(d *distribution, v *vocab.Vocabulary, s *sampling.Subsampler) error
}

var (
	powerNoise = &noiseKind{"count^noise_power", func(d *distribution, _ *vocab.Vocabulary, _ *sampling.Subsampler) error {
		return d.alias(d.reference)
	}}
	evenNoise = &noiseKind{"1/words", func(d *distribution, v *vocab.Vocabulary, _ *sampling.Subsampler) error {
		d.noise, d.weights = uniformNoise{uint32(v.Len())}, uniformWeights(v.Len())
		return nil
	}}
	rankNoise = &noiseKind{"log((rank+1)/rank)", func(d *distribution, v *vocab.Vocabulary, _ *sampling.Subsampler) error {
		d.noise, d.weights = newZipfNoise(v.Len()), zipfWeights(v.Len())
		return nil
	}}
	textNoise = &noiseKind{"count after sub-sampling", func(d *distribution, v *vocab.Vocabulary, s *sampling.Subsampler) error {
		return d.alias(subsampledWeights(v, s))
	}}
	blockNoise = &noiseKind{"the center words of the block", func(d *distribution, v *vocab.Vocabulary, s *sampling.Subsampler) error {
		err := d.alias(subsampledWeights(v, s))
		d.noise = inBatchNoise{d.noise}
		return err
	}}
)

// alias sets noise with the given weights.
func (d *distribution) alias(weights []float64) error {
	table, err := sampling.NewAliasTable(weights)
	d.noise, d.weights = aliasNoise{table}, weights
	return err
}

// newDistribution returns the noise of the settings' sampler. It returns an error if nearly all of
// the noise is one word.
func newDistribution(cfg Settings, v *vocab.Vocabulary, s *sampling.Subsampler) (distribution, error) {
	var d distribution
	var err error
	if d.reference, err = sampling.NoiseWeights(v.Counts(), cfg.NoisePower); err != nil {
		return d, err
	}
	kind, name := cfg.Sampler.row().noise, "sampler "+string(cfg.Sampler)
	if kind == powerNoise {
		name = fmt.Sprintf("power %v", cfg.NoisePower)
	}
	if err := kind.fill(&d, v, s); err != nil {
		return d, err
	}
	return d, checkShares(v, d.weights, name)
}

// maxNoiseShare bounds the share of one word in the noise distribution. Above it, redrawing
// negatives that equal the target takes thousands of draws.
const maxNoiseShare = 0.999

// checkShares returns an error if nearly all of the noise is one word.
func checkShares(v *vocab.Vocabulary, weights []float64, name string) error {
	id := floats.MaxIdx(weights)
	if share := weights[id] / floats.Sum(weights); share > maxNoiseShare {
		return fmt.Errorf("noise distribution: at %s, %q makes up %.4g %% of all negatives in a vocabulary of %d words; negatives must differ from the target, so use a power nearer to 0 or more words",
			name, v.Word(id), 100*share, v.Len())
	}
	return nil
}

// effectiveWords returns the effective sample size of a distribution, the inverse of the
// probability that two draws are equal. It is n if n words are equally likely, and less otherwise.
func effectiveWords(weights []float64) float64 {
	sum, squares := 0.0, 0.0
	for _, w := range weights {
		sum += w
		squares += w * w
	}
	return sum / squares * sum
}
