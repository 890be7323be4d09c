package negative

import "kindred/internal/kernel"

// weighted is the loss with weights of the negatives and with a correction for those that are true contexts. With
// s+ the score of the positive target, s(j) those of the k negatives and τ+ the assumed share of true contexts among the
// noise, the loss of one input is
//
//	L    = softplus(-s+) + max(0, N)
//	N    = (sum over j of w(j) softplus(s(j)) - k τ+ softplus(s+)) / (1 - τ+)
//	w(j) = k e^(β s(j)) / sum over l of e^(β s(l))
//
// where no gradient goes through the weights, whose mean is 1. That is
//
//   - with τ+ = 0, self-adversarial sampling at temperature 1/β (Sun, Deng, Nie and Tang 2019, equation 5), with k times their
//     weights, so that a high temperature gives the plain loss;
//   - with β = 0, debiased sampling (Chuang, Robinson, Lin, Torralba and Jegelka 2020): noise is a mixture of true contexts, τ+ of
//     it, and true negatives, whose loss is therefore that of the noise less that of the true ones;
//   - with both, the sampler of Robinson, Chuang, Sra and Jegelka (2021), which prefers hard negatives among the true ones.
//
// The two papers on images apply the estimate within a softmax; here it is applied to the logistic loss of skip-gram. The estimate
// may fall below what is possible, and is then kept at its smallest value, 0, as they do (for a loss of this form: Kiryo, Niu,
// du Plessis and Sugiyama 2017).
//
// It costs the split step and about 2k more exponentials for each input. When to use it: self-adversarial where k is large
// and few negatives matter; debiased where the vocabulary is small or the text on one subject, so that noise is often true.
type weighted struct {
	beta, tauPlus float32

	weights []float32
}

func (w *weighted) Gradients(scores []float32, targets []int32, rate float32) float64 {
	loss := float32(0)
	for n := len(targets); len(scores) > 0; scores = scores[n:] {
		loss += w.row(scores[:n], rate)
	}
	return float64(loss)
}

// row does the gradients of one input.
func (w *weighted) row(scores []float32, rate float32) float32 {
	positive, negatives := scores[0], scores[1:]
	weights := w.softmax(negatives)
	sum := float32(0)
	for j, score := range negatives {
		g, loss := negativeGradient(score, rate)
		negatives[j] = float32(g * weights[j])
		sum += float32(loss * weights[j])
	}
	g, loss := positiveGradient(positive, rate)
	if w.tauPlus > 0 {
		kTau, scale := float32(len(negatives))*w.tauPlus, 1/(1-w.tauPlus)
		trueGradient, trueLoss := negativeGradient(positive, rate)
		sum = scale * (sum - float32(kTau*trueLoss))
		if sum < 0 {
			sum, scale = 0, 0
		}
		for j := range negatives {
			negatives[j] *= scale
		}
		g -= float32(float32(kTau*scale) * trueGradient)
	}
	scores[0] = g
	return loss + sum
}

// softmax returns the weights of scores, whose mean is 1.
func (w *weighted) softmax(scores []float32) []float32 {
	w.weights = append(w.weights[:0], scores...)
	weights := w.weights
	highest := float32(0)
	for j, score := range scores {
		if j == 0 || score > highest {
			highest = score
		}
	}
	sum := float32(0)
	for j, score := range scores {
		weights[j] = kernel.Exp(float32(w.beta * (score - highest)))
		sum += weights[j]
	}
	for j := range weights {
		weights[j] *= float32(len(weights)) / sum
	}
	return weights
}
