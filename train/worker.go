package train

import (
	"kindred/internal/kernel"
	"kindred/internal/random"
)

// prefetchDistance is how many steps ahead rows are fetched into the cache.
const prefetchDistance = 2

// The purposes that random streams serve: one coordinate of their address.
const (
	initStream = iota
	subsampleStream
	blockStream
	countStream
	inspectStream
)

// A worker trains blocks, one after the other. Workers share what is never written (text, sub-sampler,
// noise) and, where they train without rounds, the parameters; all else is their own.
type worker struct {
	reader reader
	cfg    Config
	noise  noise // nil without negatives
	train  func(*kernel.Step)
	step   kernel.Step

	passage *passage // of the block at work
	batch   batch

	// In rounds, what trains rows behind the parameters; otherwise nil.
	in, out  *spare
	poolSize int
	slotter  slotter

	selector selector
}

// tally counts what training a block did.
type tally struct {
	tokens int64   // read, before sub-sampling
	kept   int64   // after sub-sampling
	pairs  int64   // of an input and a positive target
	loss   float64 // summed over pairs

	negatives negativesTally
}

func (t *tally) add(other tally) {
	t.tokens += other.tokens
	t.kept += other.kept
	t.pairs += other.pairs
	t.loss += other.loss
	t.negatives.add(other.negatives)
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
		passage: new(passage), poolSize: r.plan.pool,
	}
	r.newSelector(w)
	w.step = kernel.Step{
		In: r.embeddings.Input.Data, Out: r.embeddings.Output.Data,
		Stride: r.embeddings.Input.Stride, Dim: r.cfg.Dim,
		WithLoss: true,
	}
	return w
}

// useSpare lets the worker train rows behind the parameters as well.
func (w *worker) useSpare(in, out *spare) {
	w.in, w.out = in, out
	w.step.In, w.step.Out = in.values, out.values
	w.selector.names = names{in, out}
}

// trainShared trains a block on the shared matrices, at one learning rate.
func (w *worker) trainShared(b block, rate float64) (tally, error) {
	tokens, err := w.reader.read(w.passage, b)
	if err != nil {
		return tally{}, err
	}
	w.passage.targets = w.passage.words
	done, rng := w.begin(b, tokens), w.stream(b)
	w.batch.addWindows(w.passage, w.cfg.Window, w.cfg.NegativeSharing, &rng)
	if w.noise != nil {
		w.batch.addNegatives(w.noise, w.cfg.SharedWindows, &rng)
		w.redraw(func(dst []int32) { w.noise.draw(dst, &rng) }, &done.negatives)
	}
	w.trainBatch(rate, &done)
	return done, nil
}

// trainDraft trains a block of a round.
func (w *worker) trainDraft(d *draft, b block, rate float64) tally {
	d.place()
	w.passage = &d.passage
	done, rng := w.begin(b, d.tokens), d.rng
	w.batch.addWindows(w.passage, w.cfg.Window, w.cfg.NegativeSharing, &rng)
	if w.noise != nil {
		w.batch.addPooled(d.pool, w.cfg.SharedWindows, &rng)
		w.redraw(func(dst []int32) {
			for i := range dst {
				dst[i] = d.pool[rng.Uint32n(uint32(len(d.pool)))]
			}
		}, &done.negatives)
	}
	w.trainBatch(rate, &done)
	return done
}

// stream returns the stream of a block's windows and negatives.
func (w *worker) stream(b block) random.Stream {
	return random.New(w.cfg.Seed, blockStream, uint64(b.epoch), uint64(b.index))
}

// begin prepares for a block, where k and the number of candidates follow from its place in the training.
func (w *worker) begin(b block, tokens int64) tally {
	share := w.share(b)
	w.batch.reset()
	w.batch.width = 1 + w.cfg.candidatesAt(share)
	w.selector.counts = newCounts(w.cfg.negativesAt(share), random.New(w.cfg.Seed, countStream, uint64(b.epoch), uint64(b.index)))
	inspected := random.New(w.cfg.Seed, inspectStream, uint64(b.epoch), uint64(b.index))
	w.selector.inspected = int(inspected.Uint32n(inspectEvery))
	return tally{tokens: tokens, kept: int64(w.passage.last - w.passage.first)}
}

// share returns the share of the training that lies before a block.
func (w *worker) share(b block) float64 {
	length := float64(w.reader.text.Len())
	return (length*float64(b.epoch) + float64(b.index*w.reader.block)) / (length * float64(w.cfg.Epochs))
}

// redraw draws negatives again that are rejected, and counts what was drawn and rejected before. draw yields others.
func (w *worker) redraw(draw func(dst []int32), done *negativesTally) {
	done.Drawn += int64(w.batch.len() * (w.batch.width - 1))
	done.Rejected[isTarget] += w.batch.repeats
	w.batch.repeats = 0
	if w.selector.rejecter != nil {
		w.selector.rejecter.apply(&w.batch, w.selector.names, draw, done)
	}
}

// trainBatch trains the steps of the batch.
func (w *worker) trainBatch(rate float64, done *tally) {
	s, c := &w.step, &w.selector
	s.Rate, s.Loss = float32(rate), 0
	for i := range w.batch.len() {
		s.Inputs, s.Targets = w.batch.step(i)
		if c.chooser != nil {
			c.chooser.choose(s)
		}
		if i%inspectEvery == c.inspected {
			c.inspector.inspect(s, c.objective, c.targetWords(s), w.batch.window(i), c.names, &done.negatives)
		}
		s.NextInputs, s.NextTargets = w.batch.ahead(i + prefetchDistance)
		if c.objective == nil {
			w.train(s)
		} else {
			c.train(s)
		}
	}
	done.pairs, done.loss = int64(len(w.batch.inputs)), s.Loss
}
