package train

import (
	"kindred/internal/kernel"
	"kindred/internal/random"
	"kindred/model"
)

// prefetchDistance is how many steps ahead rows are fetched into the cache.
const prefetchDistance = 2

// The purposes that random streams serve: one coordinate of their address.
const (
	initStream = iota
	subsampleStream
	blockStream
)

// A worker trains blocks, one after the other. Workers share what is never written (text, sub-sampler,
// noise) and, where they train without rounds, the parameters; all else is their own.
type worker struct {
	reader reader
	cfg    Config
	noise  noise // nil without negatives
	train  func(*kernel.Step)
	step   kernel.Step

	embeddings *model.Embeddings
	gather     func(dst, src []float32, stride int, rows []int32)

	passage passage
	pool    []int32
	batch   batch
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

func (r *run) newWorker() *worker {
	w := &worker{
		reader: newReader(r), cfg: r.cfg, noise: r.noise, train: r.kernel.Train,
		embeddings: r.embeddings, gather: r.kernel.Gather, pool: make([]int32, r.layout.pool),
	}
	w.batch.width = 1 + r.cfg.Negatives
	w.step = kernel.Step{
		In: r.embeddings.Input.Data, Out: r.embeddings.Output.Data,
		Stride: r.embeddings.Input.Stride, Dim: r.cfg.Dim,
		WithLoss: true,
	}
	return w
}

// trainShared trains a block on the shared matrices, at one learning rate.
func (w *worker) trainShared(b block, rate float64) (tally, error) {
	tokens, err := w.reader.read(&w.passage, b)
	if err != nil {
		return tally{}, err
	}
	rng := w.random(b)
	w.batch.reset()
	w.batch.addWindows(&w.passage, w.cfg.Window, w.cfg.Sharing, &rng)
	if w.noise != nil {
		w.batch.addNegatives(w.noise, w.cfg.ShareWindows, &rng)
	}
	return w.trainBatch(tokens, rate), nil
}

// trainArena trains a block on copies of the rows that it touches, which remain in the arena.
func (w *worker) trainArena(a *arena, b block, rate float64) (tally, error) {
	tokens, err := w.reader.read(&w.passage, b)
	if err != nil {
		return tally{}, err
	}
	rng := w.random(b)
	if w.noise != nil {
		drawPool(w.pool, w.noise, &rng)
	}
	a.load(&w.passage, w.pool, w.embeddings, w.gather)
	w.step.In, w.step.Out = a.in, a.out
	w.batch.reset()
	w.batch.addWindows(&w.passage, w.cfg.Window, w.cfg.Sharing, &rng)
	if w.noise != nil {
		w.batch.addPooled(w.pool, w.cfg.ShareWindows, &rng)
	}
	return w.trainBatch(tokens, rate), nil
}

// random returns the stream of a block's windows and negatives.
func (w *worker) random(b block) random.Stream {
	return random.New(w.cfg.Seed, blockStream, uint64(b.epoch), uint64(b.index))
}

// trainBatch trains the steps of the batch.
func (w *worker) trainBatch(tokens int64, rate float64) tally {
	s := &w.step
	s.Rate, s.Loss = float32(rate), 0
	for i := range w.batch.len() {
		s.Inputs, s.Targets = w.batch.step(i)
		s.NextInputs, s.NextTargets = w.batch.ahead(i + prefetchDistance)
		w.train(s)
	}
	return tally{tokens: tokens, kept: int64(w.passage.last - w.passage.first), pairs: int64(len(w.batch.inputs)), loss: s.Loss}
}
