package train

import (
	"slices"

	"kindred/internal/kernel"
)

// A selector is what a worker has to choose negatives with. The default leaves all of it empty but
// the inspector: noise goes to the kernel as it was drawn.
type selector struct {
	chooser   *chooser  // nil where all candidates are trained
	objective objective // nil where it is that of the kernels
	rejecter  *rejecter // nil where only the target is rejected
	inspector inspector
	inspected int // the first step of the block that is inspected
	names     names

	kernel  kernel.Kernel
	counts  counts
	targets []int32
	scores  []float32
}

// newSelector gives a worker what the settings ask for.
func (r *run) newSelector(w *worker) {
	s := &w.selector
	s.kernel, s.rejecter = r.kernel, r.rejecter
	s.inspector.kernel = r.kernel
	if r.noise == nil {
		return
	}
	if r.cfg.Sampler == InBatch || r.cfg.Sampler == InBatchLogQ {
		w.noise = inBatch{func() []int32 { return w.passage.words[w.passage.first:w.passage.last] }, r.noise}
	}
	s.objective = newObjective(r.cfg, r.weights, r.reference, &s.counts)
	if hard := r.cfg.Sampler == Hard || r.cfg.Sampler == Curriculum; hard || !r.cfg.whole() && r.cfg.Sampler != HardPair {
		s.chooser = &chooser{counts: &s.counts, hard: hard, kernel: r.kernel}
	}
}

// train does a step with an objective of its own.
func (c *selector) train(s *kernel.Step) {
	n := len(s.Inputs) * len(s.Targets)
	c.scores = slices.Grow(c.scores[:0], n)[:n]
	c.kernel.Scores(c.scores, s)
	s.Loss += c.objective.gradients(c.scores, c.targetWords(s), s.Rate)
	c.kernel.Update(s, c.scores)
}

// targetWords returns the words of the targets of a step.
func (c *selector) targetWords(s *kernel.Step) []int32 {
	if c.names.out == nil {
		return s.Targets
	}
	c.targets = c.targets[:0]
	for _, row := range s.Targets {
		c.targets = append(c.targets, c.names.out.name(row))
	}
	return c.targets
}
