package train

import (
	"slices"

	"kindred/corpus"
	"kindred/internal/kernel"
	"kindred/internal/random"
)

// blockTokens is the number of tokens in the unit of work that is handed to a
// worker: a few milliseconds of training, short enough that the
// last worker to finish keeps nobody waiting, long enough that handing out costs nothing.
const blockTokens = 4096

// batchSteps is how many steps are prepared before they are trained: enough to draw
// negatives in one go, few enough to stay in the first-level cache.
const batchSteps = 128

// prefetchDistance is how many steps ahead rows are fetched into the cache.
const prefetchDistance = 2

// The purposes that random streams serve: one coordinate of their address.
const (
	initStream = iota
	subsampleStream
	blockStream
)

// A block addresses the sentences that begin at one of the positions
// [index*blockTokens, (index+1)*blockTokens) of the text, in one epoch.
type block struct {
	epoch int
	index int64
}

// A worker trains blocks, one after the other. Workers share the parameters and
// what is never written (text, sub-sampler, noise); all else is their own.
type worker struct {
	cfg       Config
	text      *corpus.Corpus
	subsample *corpus.Subsampler
	noise     noise // nil without negatives
	train     func(*kernel.Step)
	step      kernel.Step

	tokens   []corpus.Token
	sentence []int32
	batch    batch
}

// tally counts what training a block did.
type tally struct {
	tokens int64   // read, before sub-sampling
	kept   int64   // after sub-sampling
	pairs  int64   // of an input and a positive target
	loss   float64 // summed over pairs
}

func (t *tally) add(other tally) {
	t.tokens += other.tokens
	t.kept += other.kept
	t.pairs += other.pairs
	t.loss += other.loss
}

// meanLoss returns the negative-sampling loss per pair, 0 where there is none.
func (t tally) meanLoss() float64 {
	if t.pairs == 0 {
		return 0
	}
	return t.loss / float64(t.pairs)
}

// trainBlock trains the sentences of a block at one learning rate.
func (w *worker) trainBlock(b block, rate float64) (tally, error) {
	var done tally
	tokens, position, err := w.text.Sentences(w.tokens, b.index*blockTokens, (b.index+1)*blockTokens)
	if err != nil {
		return done, err
	}
	w.tokens = tokens
	done.tokens = int64(len(tokens))
	w.step.Rate = float32(rate)
	keep := random.New(w.cfg.Seed, subsampleStream, uint64(b.epoch))
	rng := random.New(w.cfg.Seed, blockStream, uint64(b.epoch), uint64(b.index))
	sentence := slices.Grow(w.sentence, len(tokens)+w.cfg.Window)[:len(tokens)]
	w.sentence = sentence[:0]
	length := 0
	for i, token := range tokens {
		id := token.ID()
		sentence[length] = id
		if w.subsample.Keep(id, uint32(keep.At(uint64(position)+uint64(i)))) {
			length++ // not an append: the compiler makes this free of branches
		}
		if token.EndsSentence() {
			done.kept += int64(length)
			w.batch.addWindows(sentence[:length], w.cfg.Window, w.cfg.Sharing, &rng)
			length = 0
			if w.batch.len() >= batchSteps {
				w.trainBatch(&done, &rng)
			}
		}
	}
	w.trainBatch(&done, &rng)
	return done, nil
}

// trainBatch trains the steps that wait in the batch and empties it.
func (w *worker) trainBatch(done *tally, rng *random.Stream) {
	if w.noise != nil {
		w.batch.addNegatives(w.noise, w.cfg.ShareWindows, rng)
	}
	s := &w.step
	s.Loss = 0
	for i := range w.batch.len() {
		s.Inputs, s.Targets = w.batch.step(i)
		s.NextInputs, s.NextTargets = w.batch.ahead(i + prefetchDistance)
		w.train(s)
	}
	done.pairs += int64(len(w.batch.inputs))
	done.loss += s.Loss
	w.batch.reset()
}
