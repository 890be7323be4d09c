package negative

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"kindred/internal/kernel"
	"kindred/internal/random"
)

// A reference computes, in float64 arithmetic, the loss of one input whose scores are given, with
// weights that depend on the frozen scores only.
type reference func(scores, frozen []float64) float64

func softplus(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

func plainFormula(scores, _ []float64) float64 {
	loss := softplus(-scores[0])
	for _, s := range scores[1:] {
		loss += softplus(s)
	}
	return loss
}

func weightedFormula(beta, tauPlus float64) reference {
	return func(scores, frozen []float64) float64 {
		k, total := float64(len(scores)-1), 0.0
		for _, s := range frozen[1:] {
			total += math.Exp(beta * s)
		}
		negatives := -k * tauPlus * softplus(scores[0])
		for j, s := range scores[1:] {
			negatives += k * math.Exp(beta*frozen[1+j]) / total * softplus(s)
		}
		return softplus(-scores[0]) + math.Max(0, negatives/(1-tauPlus))
	}
}

func hardPairFormula(k int) reference {
	return func(scores, frozen []float64) float64 {
		sorted := slices.Sorted(slices.Values(frozen[1:]))
		loss := softplus(-scores[0])
		for j, s := range scores[1:] {
			if frozen[1+j] >= sorted[len(sorted)-k] {
				loss += softplus(s)
			}
		}
		return loss
	}
}

func logQFormula(corrections []float64) reference {
	return func(scores, frozen []float64) float64 {
		corrected := make([]float64, len(scores))
		for j := range scores {
			corrected[j] = scores[j] - corrections[j]
		}
		return plainFormula(corrected, nil)
	}
}

// TestGradientsDescendTheLoss differentiates each sampler's documented loss numerically.
func TestGradientsDescendTheLoss(t *testing.T) {
	const n, rate = 7, 0.5
	targets := []int32{3, 0, 5, 1, 2, 4, 6}
	q, r := []float64{9, 8, 7, 3, 2, 1, 1}, []float64{4, 3.5, 3, 2, 1.5, 1, 1}
	corrections := make([]float64, n)
	for j, target := range targets {
		corrections[j] = math.Log(q[target] / 31 / (r[target] / 16))
	}
	two := newCounter(2, random.New(1))
	for name, c := range map[string]struct {
		loss      loss
		reference reference
	}{
		"logistic":            {logistic{}, plainFormula},
		"self-adversarial":    {SelfAdversarial.row().loss.new(Settings{Temperature: 0.5}, distribution{})(nil), weightedFormula(2, 0)},
		"debiased":            {Debiased.row().loss.new(Settings{TauPlus: 0.1}, distribution{})(nil), weightedFormula(0, 0.1)},
		"debiased, all false": {Debiased.row().loss.new(Settings{TauPlus: 0.9}, distribution{})(nil), weightedFormula(0, 0.9)},
		"hardness-weighted":   {Debiased.row().loss.new(Settings{TauPlus: 0.05, Beta: 1.5}, distribution{})(nil), weightedFormula(1.5, 0.05)},
		"hard-pair":           {HardPair.row().loss.new(Settings{}, distribution{})(&two), hardPairFormula(2)},
		"in-batch-logq":       {InBatchLogQ.row().loss.new(Settings{}, distribution{weights: q, reference: r})(nil), logQFormula(corrections)},
	} {
		rng := random.New(7)
		for range 100 {
			scores := make([]float64, 3*n)
			gradients := make([]float32, len(scores))
			for i := range scores {
				gradients[i] = float32(rng.Float64()*8 - 4)
				scores[i] = float64(gradients[i])
			}
			got := c.loss.gradients(gradients, targets, rate)
			want := 0.0
			for i := range 3 {
				row := scores[i*n:][:n]
				want += c.reference(row, row)
				compareRow(t, name, c.reference, row, gradients[i*n:][:n], rate)
			}
			if math.Abs(got-want) > 1e-5*(1+want) {
				t.Errorf("%s: loss %v, want %v", name, got, want)
			}
		}
	}
}

func compareRow(t *testing.T, name string, loss reference, scores []float64, gradients []float32, rate float64) {
	t.Helper()
	const h = 1e-5
	for j := range scores {
		moved := slices.Clone(scores)
		moved[j] += h
		above := loss(moved, scores)
		moved[j] -= 2 * h
		below := loss(moved, scores)
		want := -rate * (above - below) / (2 * h)
		if got := float64(gradients[j]); math.Abs(got-want) > 1e-4*(1+math.Abs(want)) {
			t.Fatalf("%s: gradient by score %d of %v is %v, numerically %v", name, j, scores, got, want)
		}
	}
}

// TestWeightsHaveMeanOne checks the weights of negatives with their formula, and their limits: plain at a
// high temperature, the hardest alone at a low one.
func TestWeightsHaveMeanOne(t *testing.T) {
	scores := []float32{-2, 0.5, 3, 2.9, -7}
	for _, beta := range []float64{0, 1e-6, 0.3, 1, 4, 1000} {
		w := weighted{beta: float32(beta)}
		total, mean := 0.0, 0.0
		for _, s := range scores {
			total += math.Exp(beta * float64(s-3))
		}
		for j, got := range w.softmax(scores) {
			want := 5 * math.Exp(beta*float64(scores[j]-3)) / total
			if math.Abs(float64(got)-want) > 1e-5*(1+beta) {
				t.Errorf("beta %v: weight %d is %v, want %v", beta, j, got, want)
			}
			mean += float64(got) / 5
		}
		if math.Abs(mean-1) > 1e-6 {
			t.Errorf("beta %v: the mean weight is %v", beta, mean)
		}
	}
}

// TestLogQClosedForm descends the expected loss of one input over all words, with negatives from q, and
// compares the scores with the closed form, log(P(w) / (k r(w))).
func TestLogQClosedForm(t *testing.T) {
	const k = 5
	p := []float64{0.5, 0.2, 0.15, 0.1, 0.05} // of the context words
	q := []float64{0.1, 0.3, 0.2, 0.25, 0.15} // what negatives are drawn from
	r := []float64{0.3, 0.1, 0.1, 0.2, 0.3}   // what they stand for
	l := newLogQ(q, r)
	for word := range p {
		score := float32(0)
		for range 5000 {
			positive, negative := []float32{score}, []float32{0, score}
			l.gradients(positive, []int32{int32(word)}, 1)
			l.gradients(negative, []int32{0, int32(word)}, 1)
			score += float32(p[word])*positive[0] + float32(k*q[word])*negative[1]
		}
		if want := math.Log(p[word] / (k * r[word])); math.Abs(float64(score)-want) > 1e-3 {
			t.Errorf("the score of word %d becomes %v, want log(P/(k r)) = %v", word, score, want)
		}
	}
}

// TestLogisticIsTheKernels trains with the loss of the kernels by way of scores and gradients, and
// compares with the fused step.
func TestLogisticIsTheKernels(t *testing.T) {
	for _, k := range kernel.Available() {
		for seed := range uint64(20) {
			t.Run(fmt.Sprintf("%s/%d", k.Name, seed), func(t *testing.T) {
				rng := random.New(seed)
				s := randomStep(&rng, 40, 20, 1+int(rng.Uint32n(9)), 1+int(rng.Uint32n(12)))
				s.WithLoss = true
				fused := *s
				fused.In, fused.Out = slices.Clone(s.In), slices.Clone(s.Out)
				k.Train(&fused)
				scores := make([]float32, len(s.Inputs)*len(s.Targets))
				k.Scores(scores, s)
				s.Loss += logistic{}.gradients(scores, s.Targets, s.Rate)
				k.Update(s, scores)
				for i := range s.In {
					if math.Abs(float64(s.In[i]-fused.In[i])) > 1e-5 || math.Abs(float64(s.Out[i]-fused.Out[i])) > 1e-5 {
						t.Fatalf("value %d: %v and %v, fused %v and %v", i, s.In[i], s.Out[i], fused.In[i], fused.Out[i])
					}
				}
				if got, want := s.TakeLoss(), fused.TakeLoss(); math.Abs(got-want) > 1e-5*want {
					t.Errorf("loss %v, fused %v", got, want)
				}
			})
		}
	}
}
