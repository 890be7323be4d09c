package train

import (
	"slices"

	"kindred/internal/kernel"
	"kindred/internal/random"
	"kindred/train/negative"
)

// prefetchDistance is how many steps ahead rows are prefetched.
const prefetchDistance = 2

// A worker trains blocks, one after the other. Workers share the data that nobody writes (text,
// sub-sampler and noise) and the parameters; everything else is their own.
type worker struct {
	cfg     Config
	kernel  kernel.Kernel
	step    kernel.Step
	reader  reader
	context contextBlock // in Hogwild training
	batch   batch

	indexer  localIndexer
	poolSize int
	in, out  *replicaRows // in rounds
	rows     rowMap       // of the present block of a round

	composed *composedBlock // in Hogwild training of words that are made of n-grams

	positions *weighedInputs // nil if words are not weighed by position

	noise     negative.Noise // nil without negatives
	negatives *negative.Worker
	scores    []float32                               // of a step with a loss of its own or a probe
	sumScores func(dst []float32, candidates []int32) // see [negative.Worker.Mine]
}

func (r *run) newWorker() *worker {
	w := &worker{
		cfg: r.cfg, kernel: r.kernel, reader: newReader(r), poolSize: r.plan.pool,
		noise: r.negatives.Noise, negatives: r.negatives.NewWorker(),
	}
	w.indexer.shards = r.shards()
	if m := r.parameters.Positions; m != nil {
		w.positions = newWeighedInputs(m)
	}
	w.sumScores = w.scoreCandidates
	w.step = kernel.Step{
		In: r.parameters.Input.Data, Out: r.parameters.Output.Data,
		Stride: r.parameters.Input.Stride, Dim: r.cfg.Dim,
		WithLoss: true,
	}
	return w
}

// useReplicas lets the worker train replica rows as well.
func (w *worker) useReplicas(in, out *replicaRows) {
	w.in, w.out = in, out
	w.step.In, w.step.Out = in.values, out.values
	w.negatives.Rows = negative.Rows{Input: in.rowWords(), Output: out.rowWords()}
}

// trainHogwild reads and trains a block without replicas: word i is row i, unless words are composed.
func (w *worker) trainHogwild(b block, rate float64) (tally, error) {
	c := &w.context
	tokens, err := w.reader.read(c, b)
	if err != nil {
		return tally{}, err
	}
	rowMap{identity: true}.resolve(c)
	if w.composed != nil {
		w.composed.begin(w, c, newOvershoot(rate, w.cfg.Architecture, w.cfg.MaxMeanNegatives()).perInput)
	}
	done, rng := w.begin(b, c, tokens), w.stream(b)
	w.batch.addWindows(c, w.cfg.Window, w.cfg.NegativeSharing, &rng)
	if w.noise != nil {
		centers := c.targets[c.first:c.last]
		w.negatives.Draw(w.batch.targets, w.batch.width, w.poolSize, centers, (*uint64)(&rng), &done.negatives)
		w.filter(func(dst []int32) { w.noise.Draw(dst, centers, (*uint64)(&rng)) }, &done.negatives)
	}
	w.trainBatch(rate, &done)
	if w.composed != nil {
		w.composed.end(&w.kernel)
	}
	return done, nil
}

// prepare reads a block of a round, draws its pool of negatives, and counts what it uses.
func (w *worker) prepare(p *preparedBlock, b block) (err error) {
	if p.tokens, err = w.reader.read(&p.context, b); err != nil {
		return err
	}
	p.rng = w.stream(b)
	if w.noise != nil {
		p.pool = slices.Grow(p.pool[:0], w.poolSize)[:w.poolSize]
		w.negatives.DrawPool(p.pool, p.context.blockCenters(), (*uint64)(&p.rng))
	}
	w.indexer.assign(p)
	p.countUses(w.cfg.NegativesAt(w.progress(b)))
	return nil
}

// trainPrepared trains a block of a round.
func (w *worker) trainPrepared(p *preparedBlock, shards []vocabularyShard, b block, rate float64) tally {
	w.resolveRows(p, shards)
	if w.positions != nil {
		w.positions.beginBlock()
	}
	done, rng := w.begin(b, &p.context, p.tokens), p.rng
	w.batch.addWindows(&p.context, w.cfg.Window, w.cfg.NegativeSharing, &rng)
	if w.noise != nil {
		w.negatives.DrawFromPool(p.pool, w.batch.targets, w.batch.width, (*uint64)(&rng), &done.negatives)
		w.filter(func(dst []int32) {
			for i := range dst {
				dst[i] = p.pool[rng.Uint32n(uint32(len(p.pool)))]
			}
		}, &done.negatives)
	}
	w.trainBatch(rate, &done)
	w.in.fold(&w.kernel)
	w.out.fold(&w.kernel)
	if w.positions != nil {
		w.positions.endBlock(&w.kernel)
	}
	return done
}

// resolveRows replaces the local ids of a block by rows, and fills the replicas among these.
func (w *worker) resolveRows(p *preparedBlock, shards []vocabularyShard) {
	w.in.used, w.out.used = 0, 0
	n := len(p.uses)
	w.rows.in, w.rows.out = slices.Grow(w.rows.in[:0], n)[:n], slices.Grow(w.rows.out[:0], n)[:n]
	for i := range shards {
		first, text, end := p.shard(i)
		w.in.place(w.rows.in[first:text], p.uses[first:text], shards[i].in.numbers)
		w.out.place(w.rows.out[first:end], p.uses[first:end], shards[i].out.numbers)
	}
	w.in.fill(&w.kernel)
	w.out.fill(&w.kernel)
	w.rows.resolve(&p.context)
	for i, id := range p.pool {
		p.pool[i] = w.rows.out[id]
	}
}

// stream returns the random numbers of a block's windows and negatives.
func (w *worker) stream(b block) random.Stream {
	return random.New(w.cfg.Seed, random.Blocks, uint64(b.epoch), uint64(b.index))
}

// begin prepares for a block. The number of negatives follows from its position in the training.
func (w *worker) begin(b block, c *contextBlock, tokens int64) tally {
	progress := w.progress(b)
	w.batch.reset(w.cfg.CandidatesAt(progress))
	w.negatives.Begin(w.cfg.NegativesAt(progress), w.cfg.Seed, b.epoch, b.index)
	return tally{tokens: tokens, kept: int64(c.last - c.first)}
}

// progress returns the share of the training that lies before a block.
func (w *worker) progress(b block) float64 {
	length := float64(w.reader.text.Len())
	return (length*float64(b.epoch) + float64(b.index*w.reader.block)) / (length * float64(w.cfg.Epochs))
}

// filter draws negatives again that may be true contexts. They come from draw.
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
	s.Rate = float32(rate)
	words := s.In
	for i := range w.batch.len() {
		s.Inputs, s.Targets = w.batch.step(i)
		if p := w.positions; p != nil {
			s.Inputs, s.In = p.weigh(&w.kernel, words, s.Inputs, w.batch.positions[i]), p.weighting.Weighted
		}
		s.Targets = n.Mine(s.Targets, w.sumScores)
		if n.Probes(i) {
			n.Probe(w.scoreStep(), s.Targets, w.batch.window(i), &done.negatives)
		}
		s.NextInputs, s.NextTargets = w.batch.upcoming(i + prefetchDistance)
		if w.positions != nil {
			s.NextInputs = nil // rows of words, and not of s.In
		}
		switch {
		case n.HasLoss():
			w.trainSplit()
		case w.cfg.isCBOW():
			hidden, move := w.cfg.bagScale(len(s.Inputs))
			w.kernel.TrainBag(s, hidden, move)
		default:
			w.kernel.Train(s)
		}
		if w.positions != nil {
			w.positions.giveBack(&w.kernel)
		}
	}
	s.In = words
	done.pairs, done.loss = int64(len(w.batch.inputs)), s.TakeLoss()
	if w.cfg.isCBOW() {
		done.pairs = int64(w.batch.len())
	}
}

// trainSplit trains the step in two kernel calls, with the sampler's loss between them.
func (w *worker) trainSplit() {
	s := &w.step
	scores := w.scoreStep()
	s.Loss += w.negatives.Gradients(scores, s.Targets, s.Rate)
	if w.cfg.isCBOW() {
		hidden, move := w.cfg.bagScale(len(s.Inputs))
		w.kernel.UpdateBag(s, scores, hidden, move)
		return
	}
	w.kernel.Update(s, scores)
}

// scoreStep returns the scores of the step: of each input with each target, or, with CBOW, of the window. The next
// call overwrites them.
func (w *worker) scoreStep() []float32 {
	s := &w.step
	if w.cfg.isCBOW() {
		w.scores = slices.Grow(w.scores[:0], len(s.Targets))[:len(s.Targets)]
		w.kernel.SumScores(w.scores, s)
		hidden, _ := w.cfg.bagScale(len(s.Inputs))
		for i := range w.scores {
			w.scores[i] *= hidden
		}
		return w.scores
	}
	n := len(s.Inputs) * len(s.Targets)
	w.scores = slices.Grow(w.scores[:0], n)[:n]
	w.kernel.Scores(w.scores, s)
	return w.scores
}

// scoreCandidates writes the product of the sum of the step's inputs with each candidate to dst.
func (w *worker) scoreCandidates(dst []float32, candidates []int32) {
	s := &w.step
	s.NextInputs, s.NextTargets = nil, nil
	targets := s.Targets
	s.Targets = candidates
	w.kernel.SumScores(dst, s)
	s.Targets = targets
}
