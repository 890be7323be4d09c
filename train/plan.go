package train

import (
	"math"

	"kindred/corpus/sampling"
	"kindred/corpus/vocab"
)

const (
	// maxBlocks is the number of blocks in a round if nothing speaks against it, and so the number
	// of workers that can be busy. More blocks would add up to longer moves of the rows that all of
	// them train.
	maxBlocks = 8
	// A block has at most maxBlockWords words after sub-sampling: enough to use each copied row
	// several times, few enough to keep the rows in the second-level cache. With fewer than
	// minBlockWords copying takes longer than training; rounds then have fewer blocks instead.
	maxBlockWords, minBlockWords = 256, 32
	// maxBlockTokens bounds the text that is read for a block if sub-sampling drops nearly all of
	// it.
	maxBlockTokens = 4096
	// hogwildTokens is the number of tokens in a block of Hogwild training: some milliseconds,
	// short enough that the last worker keeps nobody waiting, long enough that handing out blocks
	// costs nothing.
	hogwildTokens = 4096
	// minPool is the smallest pool of negatives. A larger block has one negative in it for each of
	// its words: with half as many, SimLex-999 falls by about 1. A pool has at least twice as many
	// words as a step has candidates.
	minPool = 32
	// maxRoundLoad bounds words * rate * load in a round; see [newRoundPlan].
	maxRoundLoad = 3.6
	// divergenceFactor is how many times the loss of untrained vectors a round may cost before the
	// following rounds become shorter.
	divergenceFactor = 1.5
)

// A roundPlan says how an epoch is cut into blocks and rounds. It follows from text and
// settings, never from the number of threads.
type roundPlan struct {
	blockTokens int64 // in a block, before sub-sampling
	blocks      int   // in a round; 0 in Hogwild training, which has no rounds
	pool        int   // negatives drawn for a block
	words       int   // of the vocabulary, and so the most that a block can have
}

// newRoundPlan returns the plan of training against noise in which the most likely word has the
// given share, 0 if there are no negatives.
//
// All blocks of a round begin with the same parameters, and the merge adds up what each of them did
// to a row. If each block moves the row most of the way to where it is best, the sum overshoots. So
// the number of words in a round is bounded by
//
//	words * rate * load <= maxRoundLoad
//
// with the load of the row that is trained most. docs/reproducibility.md has the evidence.
func newRoundPlan(v *vocab.Vocabulary, s *sampling.Subsampler, noiseShare float64, cfg Config) roundPlan {
	if cfg.Hogwild {
		return roundPlan{blockTokens: hogwildTokens}
	}
	total := stableWords(v, s, noiseShare, cfg)
	words, blocks := total/maxBlocks, maxBlocks
	if words < minBlockWords {
		blocks = max(int(total/minBlockWords), 1)
		words = max(min(total, minBlockWords), 1)
	}
	words = min(words, maxBlockWords)
	keepRate, _ := keptShares(v, s)
	return roundPlan{
		blockTokens: min(max(int64(words/keepRate), 1), maxBlockTokens),
		blocks:      blocks,
		pool:        max(int(words), minPool, 2*cfg.MaxCandidates()),
		words:       v.Len(),
	}
}

// stableWords returns the number of words that a round can have.
func stableWords(v *vocab.Vocabulary, s *sampling.Subsampler, noiseShare float64, cfg Config) float64 {
	return maxRoundLoad / (cfg.LearningRate * maxRowLoad(v, s, noiseShare, cfg.MaxMeanNegatives()))
}

// maxRowLoad returns the load of the row that is trained most. The input row of a word with the
// share p of the sub-sampled text has load p(1+k), as it meets 1+k targets each time. The output
// row of a word with the share q of the noise has load (p + kq)/4: most of its updates are those of
// negatives, whose gradients soon become small.
func maxRowLoad(v *vocab.Vocabulary, s *sampling.Subsampler, noiseShare, k float64) float64 {
	_, p := keptShares(v, s)
	return max(p*(1+k), (p+float64(k*noiseShare))/4)
}

// keptShares returns the expected share of the tokens that sub-sampling keeps, and the largest
// share of one word in what it keeps.
func keptShares(v *vocab.Vocabulary, s *sampling.Subsampler) (rate, maxWord float64) {
	most, kept, all := 0.0, 0.0, 0.0
	for id, count := range v.Counts() {
		n := float64(float64(count) * s.P(int32(id))) // the conversion prevents fusing with the addition, which differs by processor
		most, kept, all = max(most, n), kept+n, all+float64(count)
	}
	return kept / all, most / kept
}

// replicaRows returns the largest number of replica rows that two rounds need in each matrix: those
// of one round are merged while those of the next one are filled.
func (p roundPlan) replicaRows(window int) int {
	if p.blocks < 2 {
		return 0
	}
	return 2 * p.blocks * min(int(p.blockTokens)+2*window+p.pool, p.words)
}

// spareRows returns the number of rows for which a matrix of a checkpoint is given room, before the
// plan is known: enough for the replicas of usual settings, and no more than it has rows. Room that is
// not used takes no memory.
func spareRows(rows int) int { return min(2*maxBlocks*(maxBlockTokens+maxBlockWords), rows) }

// shrinkOnDivergence halves the number of blocks in the rounds that follow if the mean loss of a
// round is well above (1+k) log 2, the loss of untrained vectors: the moves of the blocks then add
// up to too much. A round of one block is plain stochastic gradient descent. The losses do not
// depend on the number of threads, and neither does this.
func (p *roundPlan) shrinkOnDivergence(meanLoss, k float64) {
	if untrained := (1 + k) * math.Ln2; meanLoss > divergenceFactor*untrained && p.blocks > 1 {
		p.blocks /= 2
	}
}

// checkBlocks reports whether a training with these settings can have come to rounds of n blocks.
func checkBlocks(n int, cfg Config) bool {
	if cfg.Hogwild {
		return n == 0
	}
	return n >= 1 && n <= maxBlocks
}

// minRateShare is the share of the initial learning rate below which the rate does not fall, as in
// word2vec.c.
const minRateShare = 1e-4

// A schedule gives the learning rate as a function of the tokens processed. It falls linearly from
// the initial rate to almost zero at the end of the last epoch.
type schedule struct {
	initial float64
	total   int64 // tokens over all epochs
}

func (s schedule) rate(processed int64) float64 {
	return s.initial * max(minRateShare, 1-float64(processed)/float64(s.total))
}
