package negative

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"kindred/internal/kernel"
)

// A loss is one other than the logistic loss, which kernels compute in one pass. It sees the scores of
// a step before it decides on the gradients, which costs about a third more.
type loss interface {
	// gradients replaces scores by -rate times the derivatives of the loss by them, and returns the
	// loss. The scores have a row for each input with a score for each target, a word id; the first
	// target is the positive one.
	gradients(scores []float32, targets []int32, rate float32) float64
}

// A lossKind makes the loss of a training.
type lossKind struct {
	about string
	// new returns a function that makes the loss for each worker, whose counter has the number of
	// negatives of a step. It is nil if the kernels have the loss.
	new func(Settings, distribution) func(*counter) loss
}

var (
	logisticLoss = &lossKind{about: "logistic"}
	logQLoss     = &lossKind{"logistic at scores less log(q/r)", func(_ Settings, d distribution) func(*counter) loss {
		shared := newLogQ(d.weights, d.reference)
		return func(*counter) loss { return shared }
	}}
	hardPairLoss = &lossKind{"logistic of the selected pairs", func(Settings, distribution) func(*counter) loss {
		return func(k *counter) loss { return &hardPair{counter: k} }
	}}
	selfAdversarialLoss = &lossKind{"logistic with weights", func(s Settings, _ distribution) func(*counter) loss {
		return func(*counter) loss { return &weighted{beta: float32(1 / s.Temperature)} }
	}}
	debiasedLoss = &lossKind{"logistic with weights, less that of true contexts", func(s Settings, _ distribution) func(*counter) loss {
		return func(*counter) loss { return &weighted{beta: float32(s.Beta), tauPlus: float32(s.TauPlus)} }
	}}
)

// logistic is the loss of skip-gram with negative sampling (Mikolov et al. 2013, equation 4): with
// the score s+ of the positive target and s(j) of the negatives, that of an input is
//
//	L = softplus(-s+) + sum over j of softplus(s(j))
//
// The kernels do the same in one pass.
type logistic struct{}

func (logistic) gradients(scores []float32, targets []int32, rate float32) float64 {
	total := float32(0)
	for i, score := range scores {
		gradient := negativeGradient
		if i%len(targets) == 0 {
			gradient = positiveGradient
		}
		g, loss := gradient(score, rate)
		scores[i] = g
		total += loss
	}
	return float64(total)
}

// positiveGradient returns the loss softplus(-score) of the positive target, and -rate times its
// derivative by the score.
func positiveGradient(score, rate float32) (gradient, loss float32) {
	sigmoid, softplus := kernel.Logistic(-score)
	return rate * sigmoid, softplus
}

// negativeGradient returns the loss softplus(score) of a negative, and -rate times its derivative
// by the score.
func negativeGradient(score, rate float32) (gradient, loss float32) {
	sigmoid, softplus := kernel.Logistic(score)
	return -rate * sigmoid, softplus
}

// logQ is the logistic loss at corrected scores,
//
//	s'(w) = s(w) - log(q(w) / r(w))
//
// where q is the distribution that negatives are drawn from, and r the one they stand for,
// count^NoisePower. The expected loss with noise q is then least at
//
//	s(w) = log(P(w | input) / (k r(w)))
//
// as with noise r. At power 0 it is the correction by log q of Yi et al. (2019) up to a constant,
// and scores become log P(w | input) (noise-contrastive estimation: Gutmann and Hyvärinen 2012).
type logQ struct{ corrections []float32 }

// newLogQ returns the loss for the weights of q and those of r.
func newLogQ(q, r []float64) logQ {
	corrections := make([]float32, len(q))
	sumQ, sumR := floats.Sum(q), floats.Sum(r)
	for id := range corrections {
		corrections[id] = float32(math.Log(q[id] / sumQ / (r[id] / sumR)))
	}
	return logQ{corrections}
}

func (l logQ) gradients(scores []float32, targets []int32, rate float32) float64 {
	loss := float32(0)
	for n := len(targets); len(scores) > 0; scores = scores[n:] {
		for j, target := range targets {
			score, gradient := scores[j]-l.corrections[target], negativeGradient
			if j == 0 {
				gradient = positiveGradient
			}
			g, one := gradient(score, rate)
			scores[j] = g
			loss += one
		}
	}
	return float64(loss)
}

// hardPair draws m candidates for the window. Each input trains the k that score highest with it:
//
//	L(i) = softplus(-s(i,+)) + sum over the k largest s(i,j) of softplus(s(i,j)),   j = 1..m
//
// (dynamic negative sampling by pair: Zhang, Chen, Wang and Yu 2013). It shows what is lost by
// choosing once for the window, as the hard sampler does at less than half the cost.
type hardPair struct {
	counter   *counter
	selection selection
}

func (h *hardPair) gradients(scores []float32, targets []int32, rate float32) float64 {
	n := len(targets)
	k := min(h.counter.next(), n-1)
	loss := float32(0)
	for ; len(scores) > 0; scores = scores[n:] {
		g, l := positiveGradient(scores[0], rate)
		scores[0] = g
		loss += l
		negatives := scores[1:n]
		marks := h.selection.highest(negatives, k)
		for j, score := range negatives {
			negatives[j] = 0
			if marks[j] == 1 {
				negatives[j], l = negativeGradient(score, rate)
				loss += l
			}
		}
	}
	return float64(loss)
}

// weighted is the loss with weights of the negatives, and with a correction for those that are true
// contexts. With the score s+ of the positive target, s(j) of the k negatives, and the assumed share
// τ+ of true contexts among the noise, the loss of one input is
//
//	L    = softplus(-s+) + max(0, N)
//	N    = (sum over j of w(j) softplus(s(j)) - k τ+ softplus(s+)) / (1 - τ+)
//	w(j) = k e^(β s(j)) / sum over l of e^(β s(l))
//
// No gradient goes through the weights, whose mean is 1. This is
//
//   - with τ+ = 0, self-adversarial sampling at temperature 1/β (Sun, Deng, Nie and Tang 2019,
//     equation 5), with k times their weights: a high temperature gives the logistic loss;
//   - with β = 0, debiased sampling (Chuang, Robinson, Lin, Torralba and Jegelka 2020): noise is a
//     mixture of true contexts, τ+ of it, and true negatives, whose loss is that of the noise less
//     that of the true contexts;
//   - with both, the sampler of Robinson, Chuang, Sra and Jegelka (2021), which prefers hard
//     negatives among the true ones.
//
// The two papers on images apply the estimate within a softmax; here it is applied to the logistic
// loss. The estimate may fall below 0, which no loss can, and is then 0, as in the papers (for a loss
// of this form: Kiryo, Niu, du Plessis and Sugiyama 2017).
type weighted struct {
	beta, tauPlus float32

	weights []float32
}

func (w *weighted) gradients(scores []float32, targets []int32, rate float32) float64 {
	loss := float32(0)
	for n := len(targets); len(scores) > 0; scores = scores[n:] {
		loss += w.row(scores[:n], rate)
	}
	return float64(loss)
}

// row replaces the scores of one input by the gradients and returns the loss.
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

// softmax returns the weights w(j) of scores. They are valid until the next call.
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
