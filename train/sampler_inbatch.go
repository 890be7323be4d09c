package train

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"kindred/internal/random"
)

// inBatch draws from the other targets of the block, a token of them as likely as any other. Over the whole text
// that is the sub-sampled unigram distribution; within a block the negatives come from the same page of text as the
// window, so that more of them are on its subject: harder, and more often true. (In-batch negatives: Hidasi et al. 2016; Yi et al. 2019.)
//
// It costs less than a table, as what is drawn is in the cache. When to use it: where the rows of negatives come
// from far away, as with a very large vocabulary.
type inBatch struct {
	targets func() []int32 // the centres of the block
	other   noise          // for a block where all centres are the same word
}

func (b inBatch) draw(dst []int32, rng *random.Stream) {
	targets := b.targets()
	if !differ(targets) {
		b.other.draw(dst, rng)
		return
	}
	for i := range dst {
		dst[i] = targets[rng.Uint32n(uint32(len(targets)))]
	}
}

// differ reports whether there are two words among some that are not the same.
func differ(words []int32) bool {
	for _, word := range words {
		if word != words[0] {
			return true
		}
	}
	return false
}

// logQ is the loss at corrected scores,
//
//	s'(w) = s(w) - log(q(w) / r(w))
//
// where q is the distribution that the negatives are drawn from, and r the one that they are to stand for, unigram^power.
// The expected loss of noise q is then least where
//
//	s(w) = log(P(w | input) / (k r(w)))
//
// as with noise r. At power 0 it is the correction by log q of Yi et al. (2019) but for a constant, under which scores become
// log P(w | input) (noise-contrastive estimation: Gutmann and Hyvärinen 2012). It costs the split step. When to use it: with in-batch
// negatives, where frequent words would otherwise be pushed away for being frequent.
type logQ struct{ corrections []float32 }

// newLogQ returns the correction from the weights of q and those of r.
func newLogQ(q, r []float64) logQ {
	corrections := make([]float32, len(q))
	ofQ, ofR := floats.Sum(q), floats.Sum(r)
	for id := range corrections {
		corrections[id] = float32(math.Log(q[id] / ofQ / (r[id] / ofR)))
	}
	return logQ{corrections}
}

func (l logQ) gradients(scores []float32, targets []int32, rate float32) float64 {
	loss := float32(0)
	for n := len(targets); len(scores) > 0; scores = scores[n:] {
		for j, target := range targets {
			score, gradient := scores[j]-l.corrections[target], repel
			if j == 0 {
				gradient = attract
			}
			g, one := gradient(score, rate)
			scores[j] = g
			loss += one
		}
	}
	return float64(loss)
}
