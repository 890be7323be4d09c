package negative

import (
	"gonum.org/v1/gonum/floats"

	"kindred/corpus/sampling"
	"kindred/corpus/vocab"
	"kindred/internal/random"
)

// A Plan holds what the workers of a training share: noise, loss and false-negative filter.
type Plan struct {
	// Noise is what negatives are drawn from; nil if there are none.
	Noise Noise
	// MaxShare is the probability of the most likely word in the noise.
	MaxShare float64
	weights  []float64 // of words in the noise, nil without noise
	sum      float64
	// EffectiveWords is the inverse of the probability that two draws are the same word.
	EffectiveWords float64
	// Pairs are the PMI pairs that the filter rejects; nil if it rejects none.
	Pairs *PMIPairs

	settings      Settings
	newLoss       func(*counter) loss // nil for the logistic loss, which kernels compute
	sharedWindows int
}

// NewPlan returns the plan for training with valid settings over a vocabulary. It returns an error
// if nearly all of the noise would be one word. The caller sets Pairs if the settings ask for them.
func NewPlan(s Settings, v *vocab.Vocabulary, subsample *sampling.Subsampler) (*Plan, error) {
	p := &Plan{settings: s, sharedWindows: s.SharedWindows}
	if s.MaxNegatives() == 0 {
		return p, nil
	}
	d, err := newDistribution(s, v, subsample)
	if err != nil {
		return nil, err
	}
	p.Noise = d.noise
	if loss := s.Sampler.row().loss; loss.new != nil {
		p.newLoss = loss.new(s, d)
	}
	p.weights, p.sum = d.weights, floats.Sum(d.weights)
	p.MaxShare, p.EffectiveWords = floats.Max(d.weights)/p.sum, effectiveWords(d.weights)
	return p, nil
}

// Share returns the probability of a word in the noise.
func (p *Plan) Share(word int) float64 {
	if p.weights == nil {
		return 0
	}
	return p.weights[word] / p.sum
}

// A Worker chooses and weighs the negatives of one worker's steps.
type Worker struct {
	// Rows tells the words of the rows that steps refer to.
	Rows Rows

	plan    *Plan
	counter counter
	filter  *filter // nil if only the positive target is rejected
	miner   *miner  // nil if all candidates are trained
	loss    loss    // nil for the logistic loss, which kernels compute
	probed  int     // the first step of the block that is probed

	pool      []int32 // of Draw
	ring      []int32 // a pool and its beginning again
	targets   []int32
	gradients []float32
}

// NewWorker returns a worker for one goroutine. The caller sets its Rows if steps refer to replicas,
// and calls Begin before each block.
func (p *Plan) NewWorker() *Worker {
	w := &Worker{plan: p}
	if p.Noise == nil {
		return w
	}
	if p.settings.Reject != RejectTarget {
		w.filter = &filter{p.settings.Reject.window(), p.Pairs}
	}
	if p.newLoss != nil {
		w.loss = p.newLoss(&w.counter)
	}
	if keeps := p.settings.Sampler.row().keeps; keeps == keepsForWindow || keeps == keepsAll && !p.settings.fixed() {
		w.miner = &miner{counter: &w.counter, hard: keeps == keepsForWindow}
	}
	return w
}

// Begin prepares for a block at which steps have k negatives on average.
func (w *Worker) Begin(k float64, seed uint64, epoch int, block int64) {
	w.counter = newCounter(k, random.New(seed, random.NegativeCounts, uint64(epoch), uint64(block)))
	probes := random.New(seed, random.Probes, uint64(epoch), uint64(block))
	w.probed = int(probes.Uint32n(probeEvery))
}

// Filters reports whether negatives other than the positive target are rejected; see [Worker.Filter].
func (w *Worker) Filters() bool { return w.filter != nil }

// Filter draws those negatives of a step again that may be true contexts. Targets are rows of the
// output matrix, and window the input rows of the whole window; draw yields other rows.
func (w *Worker) Filter(targets, window []int32, draw func(dst []int32), done *Tally) {
	w.filter.redraw(targets, window, w.Rows, draw, done)
}

// Mine returns the targets of a step that are trained: the positive one and, of the candidates, those
// that the sampler selects. They are moved to the front of targets. Score writes the product of the
// sum of the step's inputs with each candidate to dst.
func (w *Worker) Mine(targets []int32, score func(dst []float32, candidates []int32)) []int32 {
	if w.miner == nil {
		return targets
	}
	return w.miner.mine(targets, score)
}

// HasLoss reports whether the sampler has a loss other than that of the kernels; see
// [Worker.Gradients].
func (w *Worker) HasLoss() bool { return w.loss != nil }

// Gradients replaces the scores of a step by -rate times the derivatives of the sampler's loss by
// them, and returns the loss; see the losses in loss.go. Targets are rows of the output matrix.
func (w *Worker) Gradients(scores []float32, targets []int32, rate float32) float64 {
	return w.loss.gradients(scores, w.words(targets), rate)
}

// words returns the words of output rows.
func (w *Worker) words(targets []int32) []int32 {
	if len(w.Rows.Output.Replicas) == 0 {
		return targets
	}
	w.targets = w.targets[:0]
	for _, row := range targets {
		w.targets = append(w.targets, w.Rows.Output.Word(row))
	}
	return w.targets
}
