package train

import (
	"gonum.org/v1/gonum/floats"

	"kindred/corpus/sampling"
	"kindred/corpus/vocab"
)

// A layout says how an epoch is cut for reproducible training. It follows from vocabulary and
// settings, never from the number of threads.
type layout struct {
	blockTokens int64 // in a block, before sub-sampling
	blocks      int   // in a round
	pool        int   // negatives drawn for a block
}

const (
	// roundBlocks is the number of blocks in a round where nothing speaks against it: as many workers can be
	// busy at the same time. More of them would add up to longer moves of the rows that all of them train.
	roundBlocks = 8
	// A block has at most blockWords words after sub-sampling: enough that what is copied for it is used
	// several times, few enough that its rows stay in the second-level cache. Below minBlockWords
	// copying takes longer than training, and rounds have fewer blocks instead.
	blockWords, minBlockWords = 256, 32
	// maxBlockTokens bounds the text that has to be read for a block where sub-sampling leaves next to nothing.
	maxBlockTokens = 4096
	// minPool is the smallest pool of negatives. Larger blocks have one negative in it for each word: with
	// half as many, SimLex-999 is lower by about 1. A pool has twice as many words as a step has candidates, at least.
	minPool = 32
	// stability bounds the load of a round, which is n words on the most frequent one; see [hottest].
	stability = 3.6
)

// newLayout returns the layout of training with noise of the given weights, nil where there are no negatives.
//
// The blocks of a round all begin with the same parameters, and the merge adds what each of them did to a
// row. If each moves the row most of the way to where it is best for the moment, the sum is far beyond. So the number n of
// words in a round is bounded, by
//
//	n * rate * load <= stability
//
// with the load of [hottest]. docs/reproducibility.md has the evidence.
func newLayout(v *vocab.Vocabulary, s *sampling.Subsampler, weights []float64, cfg Config) layout {
	room := stableWords(v, s, weights, cfg)
	words, blocks := room/roundBlocks, roundBlocks
	if words < minBlockWords {
		blocks = max(int(room/minBlockWords), 1)
		words = max(min(room, minBlockWords), 1)
	}
	words = min(words, blockWords)
	return layout{
		blockTokens: min(max(int64(words/keptShare(v, s)), 1), maxBlockTokens),
		blocks:      blocks,
		pool:        max(int(words), minPool, 2*cfg.mostCandidates()),
	}
}

// spareRows returns how many copies of rows two rounds can need at most, in each matrix: while those of one are merged, those of the
// next are made.
func (l layout) spareRows(cfg Config) int {
	if l.blocks < 2 {
		return 0
	}
	return 2 * l.blocks * (int(l.blockTokens) + 2*cfg.Window + l.pool)
}

// stableWords returns the number of words of a round that is stable.
func stableWords(v *vocab.Vocabulary, s *sampling.Subsampler, weights []float64, cfg Config) float64 {
	return stability / (cfg.LearningRate * hottest(v, s, weights, cfg.highestNegatives()))
}

// hottest returns the load of the row that is trained most: p(1+k) of the input row of a word with
// the share p of the text after sub-sampling, which meets 1+k targets each time, or p + kq of the output row of
// one with the share q of the noise. The latter counts a quarter: most of its updates are those
// of negatives, which fade as they succeed.
func hottest(v *vocab.Vocabulary, s *sampling.Subsampler, weights []float64, k float64) float64 {
	most, all := 0.0, 0.0
	for id, count := range v.Counts() {
		kept := float64(float64(count) * s.P(int32(id))) // the conversion forbids to fuse, so that processors agree
		most, all = max(most, kept), all+kept
	}
	p, q := most/all, 0.0
	if weights != nil {
		q = floats.Max(weights) / floats.Sum(weights)
	}
	return max(p*(1+k), (p+float64(k*q))/4)
}
