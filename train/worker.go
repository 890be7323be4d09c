package train

import (
	"slices"

	"kindred/internal/kernel"
	"kindred/internal/random"
	"kindred/train/negative"
)

// prefetchDistance is how many steps ahead rows are fetched into the cache.
const prefetchDistance = 2

// A worker trains blocks, one after the other. Workers share what is never written (text, sub-sampler,
// noise) and, where they train without rounds, the parameters; all else is their own.
type worker struct {
	reader reader
	cfg    Config
	kernel kernel.Kernel
	step   kernel.Step

	passage *passage // of the block at work
	batch   batch

	// In rounds, what trains rows behind the parameters; otherwise nil.
	in, out  *spare
	poolSize int
	slotter  slotter

	noise     negative.Noise // nil without negatives
	negatives *negative.Worker
	scores    []float32                               // of a step, if the kernel does not keep them to itself
	sumScores func(dst []float32, candidates []int32) // see [negative.Worker.Mine]
}

// tally counts what training a block did.
type tally struct {
	tokens int64   // read, before sub-sampling
	kept   int64   // after sub-sampling
	pairs  int64   // of an input and a positive target
	loss   float64 // summed over pairs

	negatives negative.Tally
}

func (t *tally) add(other tally) {
	t.tokens += other.tokens
	t.kept += other.kept
	t.pairs += other.pairs
	t.loss += other.loss
	t.negatives.Add(other.negatives)
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
		reader: newReader(r), cfg: r.cfg, kernel: r.kernel, passage: new(passage), poolSize: r.plan.pool,
		noise: r.negatives.Noise, negatives: r.negatives.NewWorker(),
	}
	w.sumScores = w.scoreCandidates
	w.step = kernel.Step{
		In: r.parameters.Input.Data, Out: r.parameters.Output.Data,
		Stride: r.parameters.Input.Stride, Dim: r.cfg.Dim,
		WithLoss: true,
	}
	return w
}

// useSpare lets the worker train rows behind the parameters as well.
func (w *worker) useSpare(in, out *spare) {
	w.in, w.out = in, out
	w.step.In, w.step.Out = in.values, out.values
	w.negatives.Rows = negative.Rows{Input: in.words(), Output: out.words()}
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
		w.negatives.Draw(w.batch.targets, w.batch.width, w.passage.blockCenters(), (*uint64)(&rng), &done.negatives)
		w.filter(func(dst []int32) { w.noise.Draw(dst, w.passage.blockCenters(), (*uint64)(&rng)) }, &done.negatives)
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
		w.negatives.DrawFromPool(d.pool, w.batch.targets, w.batch.width, (*uint64)(&rng), &done.negatives)
		w.filter(func(dst []int32) {
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
	return random.New(w.cfg.Seed, random.Blocks, uint64(b.epoch), uint64(b.index))
}

// begin prepares for a block, where k and the number of candidates follow from its place in the training.
func (w *worker) begin(b block, tokens int64) tally {
	share := w.share(b)
	w.batch.reset()
	w.batch.width = 1 + w.cfg.CandidatesAt(share)
	w.negatives.Begin(w.cfg.NegativesAt(share), w.cfg.Seed, b.epoch, b.index)
	return tally{tokens: tokens, kept: int64(w.passage.last - w.passage.first)}
}

// share returns the share of the training that lies before a block.
func (w *worker) share(b block) float64 {
	length := float64(w.reader.text.Len())
	return (length*float64(b.epoch) + float64(b.index*w.reader.block)) / (length * float64(w.cfg.Epochs))
}

// filter draws negatives again that may be true contexts, from what draw yields.
func (w *worker) filter(draw func(dst []int32), done *negative.Tally) {
	if !w.negatives.Filters() {
		return
	}
	for i := range w.batch.len() {
		_, targets := w.batch.step(i)
		w.negatives.Filter(targets, w.batch.window(i), draw, done)
	}
}

// trainBatch trains the steps of the batch.
func (w *worker) trainBatch(rate float64, done *tally) {
	s, n := &w.step, w.negatives
	s.Rate, s.Loss = float32(rate), 0
	for i := range w.batch.len() {
		s.Inputs, s.Targets = w.batch.step(i)
		s.Targets = n.Mine(s.Targets, w.sumScores)
		if n.Probes(i) {
			n.Probe(w.scoreStep(), s.Targets, w.batch.window(i), &done.negatives)
		}
		s.NextInputs, s.NextTargets = w.batch.ahead(i + prefetchDistance)
		if n.HasLoss() {
			w.trainSplit()
		} else {
			w.kernel.Train(s)
		}
	}
	done.pairs, done.loss = int64(len(w.batch.inputs)), s.Loss
}

// trainSplit trains the step in two calls of the kernel, with the sampler's loss between them.
func (w *worker) trainSplit() {
	s := &w.step
	scores := w.scoreStep()
	s.Loss += w.negatives.Gradients(scores, s.Targets, s.Rate)
	w.kernel.Update(s, scores)
}

// scoreStep returns the scores of the step, which are overwritten by the next call.
func (w *worker) scoreStep() []float32 {
	n := len(w.step.Inputs) * len(w.step.Targets)
	w.scores = slices.Grow(w.scores[:0], n)[:n]
	w.kernel.Scores(w.scores, &w.step)
	return w.scores
}

// scoreCandidates writes the products of the sum of the step's inputs with the candidates to dst.
func (w *worker) scoreCandidates(dst []float32, candidates []int32) {
	s := &w.step
	s.NextInputs, s.NextTargets = nil, nil
	targets := s.Targets
	s.Targets = candidates
	w.kernel.SumScores(dst, s)
	s.Targets = targets
}
