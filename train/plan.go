package train

import (
	"runtime"

	"kindred/corpus/sampling"
	"kindred/corpus/vocab"
	"kindred/model"
)

const (
	// maxBlocks is the number of blocks in a round if nothing speaks against it, and so the number
	// of workers that can be busy.
	maxBlocks = 64
	// fewBlocks is the number of blocks in the first rounds, and below which blocks become smaller rather
	// than fewer.
	fewBlocks = 8
	// A round has at most 1/epochRounds of the words of an epoch, so that each row is brought up to date often
	// enough in small texts too, and at most 1/earlyRounds of the words that were trained before it, or
	// fewBlocks: while the vectors know little, each round should build on the one before.
	epochRounds, earlyRounds = 512, 128
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
	// maxRoundBytes bounds the words of a round by the bytes of a row for each: the rows that blocks share should
	// stay in the cache that cores share, or to copy them costs a worker more than a tenth of its time.
	maxRoundBytes = 10 << 20
	// maxRoundLoad bounds words * rate * load in a round; see [newRoundPlan].
	maxRoundLoad = 24
	// Words that are made of n-grams stay composed for a round for each stretchWords words of an epoch, up to maxStretch
	// rounds: a longer text bears longer stretches, which are faster. docs/reproducibility.md has the evidence.
	stretchWords, maxStretch = 1 << 20, 4
)

// A roundPlan says how an epoch is cut into blocks and rounds. It follows from text and
// settings, never from the number of threads.
type roundPlan struct {
	blockTokens int64 // in a block, before sub-sampling
	blocks      int   // in a round; 0 in Hogwild training, which has no rounds
	pool        int   // negatives drawn for a block; in Hogwild training, for as many windows
	words       int   // of the vocabulary, and so the most that a block can have
	stretch     int   // rounds for which words that are made of n-grams stay composed; see [stretch]
}

// newRoundPlan returns the plan of training a text of so many tokens against noise in which the most likely word has the
// given share, 0 if there are no negatives.
//
// All blocks of a round begin with the same parameters, and the merge weighs what each of them did to a
// row so that the sum does not overshoot; see [overshoot]. A row whose moves weigh little learns little:
// what the blocks of a round find out about it is much the same. So the number of words in a round is
// bounded by its share of the text, by the memory of their rows, and by
//
//	words * rate * load <= maxRoundLoad
//
// with the load of the row that is trained most. docs/reproducibility.md has the evidence.
func newRoundPlan(v *vocab.Vocabulary, tokens int64, s *sampling.Subsampler, noiseShare float64, cfg Config) roundPlan {
	if cfg.Hogwild {
		return roundPlan{blockTokens: hogwildTokens, pool: poolSize(maxBlockWords, cfg)}
	}
	keepRate, _ := keptShares(v, s)
	total := min(
		stableWords(v, s, noiseShare, cfg),
		max(keepRate*float64(tokens)/epochRounds, fewBlocks*minBlockWords),
		max(maxRoundBytes/float64(model.MatrixBytes(1, cfg.Dim)), fewBlocks*maxBlockWords),
	)
	words, blocks := float64(maxBlockWords), int(min(total/maxBlockWords, maxBlocks))
	if blocks < fewBlocks {
		words, blocks = total/fewBlocks, fewBlocks
	}
	if words < minBlockWords {
		blocks = max(int(total/minBlockWords), 1)
		words = max(min(total, minBlockWords), 1)
	}
	return roundPlan{
		blockTokens: min(max(int64(words/keepRate), 1), maxBlockTokens),
		blocks:      blocks,
		pool:        poolSize(int(words), cfg),
		words:       v.Len(),
		stretch:     int(min(max(keepRate*float64(tokens)/stretchWords, 1), maxStretch)),
	}
}

// blocksAt returns the number of blocks in a round after the given number of tokens.
func (p roundPlan) blocksAt(processed int64) int {
	ramp := processed / earlyRounds / p.blockTokens
	return int(min(max(ramp, fewBlocks), int64(p.blocks)))
}

// poolSize returns the number of negatives drawn for the given number of words.
func poolSize(words int, cfg Config) int { return max(words, minPool, 2*cfg.MaxCandidates()) }

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

// replicaRows returns the largest number of rows of each matrix that a block can train.
func (p roundPlan) replicaRows(window int) int {
	if p.blocks < 2 {
		return 0
	}
	return min(int(p.blockTokens)+2*window+p.pool, p.words)
}

// spareRows returns the number of rows for which a matrix of a checkpoint is given room, before the
// plan is known: enough for the replicas of usual settings, and no more than it has rows. Room that is
// not used takes no memory.
func spareRows(rows int) int {
	return min(runtime.GOMAXPROCS(0)*(maxBlockTokens+maxBlockWords), rows)
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
