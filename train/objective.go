package train

import "kindred/internal/kernel"

// An objective is a loss other than that of the kernels. It sees the scores before it decides on the gradients, which
// costs a step about a third more than the fused kernel.
type objective interface {
	// gradients replaces scores, a row for each input, by -rate times the derivatives of the loss by
	// them, and returns the loss. The row has a score for each target, the words of which the first is the positive one.
	gradients(scores []float32, targets []int32, rate float32) float64
}

// newObjective returns the objective of a sampler, or nil where it is that of the kernels. The weights are those of the noise.
func newObjective(cfg Config, weights, reference []float64, counts *counts) objective {
	switch cfg.Sampler {
	case InBatchLogQ:
		return newLogQ(weights, reference)
	case HardPair:
		return &hardPair{counts: counts}
	case SelfAdversarial:
		return &weighted{beta: float32(1 / cfg.Temperature)}
	case Debiased:
		return &weighted{beta: float32(cfg.Beta), tauPlus: float32(cfg.TauPlus)}
	}
	return nil
}

// logistic is the loss of the kernels, which do it faster: see package kernel.
type logistic struct{}

func (logistic) gradients(scores []float32, targets []int32, rate float32) float64 {
	total := float32(0)
	for i, score := range scores {
		gradient := repel
		if i%len(targets) == 0 {
			gradient = attract
		}
		g, loss := gradient(score, rate)
		scores[i] = g
		total += loss
	}
	return float64(total)
}

// attract returns what the loss softplus(-score) of the positive target does, and repel what softplus(score) of a negative
// does: the loss, and -rate times its derivative by the score.
func attract(score, rate float32) (gradient, loss float32) {
	sigmoid, softplus := kernel.Logistic(-score)
	return rate * sigmoid, softplus
}

func repel(score, rate float32) (gradient, loss float32) {
	sigmoid, softplus := kernel.Logistic(score)
	return -rate * sigmoid, softplus
}
