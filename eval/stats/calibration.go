package stats

import (
	"math"
)

// A Calibration turns a score s into the probability σ(A s + B) that an item is positive (Platt, "Probabilistic
// outputs for support vector machines", 1999, with the sign of A turned). AsTrained is the model's own.
type Calibration struct {
	A float64 `json:"a"`
	B float64 `json:"b"`
}

// AsTrained is the probability that training by negative sampling gives to a pair, σ(s).
var AsTrained = Calibration{A: 1}

// Probability returns the probability that belongs to a score.
func (c Calibration) Probability(score float64) float64 { return sigmoid(c.A*score + c.B) }

// FitCalibration returns the calibration that makes the log-loss of the predictions least. Its targets are not 1 and
// 0 but (n+1)/(n+2) and 1/(m+2), with n positives and m negatives, as Platt has it, which keeps A finite where a
// threshold tells all items apart. The error is an [Undefined] where there are no positives or no negatives.
func FitCalibration(p []Prediction) (Calibration, error) {
	var positives, negatives float64
	for _, item := range p {
		if item.Positive {
			positives++
		} else {
			negatives++
		}
	}
	if positives == 0 || negatives == 0 {
		return Calibration{}, NoValue
	}
	target := map[bool]float64{true: (positives + 1) / (positives + 2), false: 1 / (negatives + 2)}
	loss := func(c Calibration) float64 {
		sum := 0.0
		for _, item := range p {
			z := c.A*item.Score + c.B
			sum += softplus(z) - target[item.Positive]*z
		}
		return sum
	}
	c := Calibration{B: math.Log((positives + 1) / (negatives + 1))}
	current := loss(c)
	const most, tolerance = 100, 1e-10
	for range most {
		step := newtonStep(p, c, target)
		next, reached := c, current
		for size := 1.0; size > tolerance; size /= 2 { // the loss is convex, but a whole step may overshoot
			next = Calibration{c.A + size*step.A, c.B + size*step.B}
			if reached = loss(next); reached < current {
				break
			}
		}
		if !(reached < current-tolerance*float64(len(p))) {
			break
		}
		c, current = next, reached
	}
	return c, nil
}

// newtonStep returns the step of Newton's method from c towards the least loss.
func newtonStep(p []Prediction, c Calibration, target map[bool]float64) Calibration {
	const ridge = 1e-12 // keeps the Hessian regular where all scores are equal
	aa, ab, bb := ridge, 0.0, ridge
	var a, b float64
	for _, item := range p {
		q := c.Probability(item.Score)
		gradient, weight := q-target[item.Positive], q*(1-q)
		a += gradient * item.Score
		b += gradient
		aa += weight * item.Score * item.Score
		ab += weight * item.Score
		bb += weight
	}
	determinant := aa*bb - ab*ab
	return Calibration{-(bb*a - ab*b) / determinant, -(aa*b - ab*a) / determinant}
}

// LogLossStatistic returns the mean of -log P(what is true of the item), in nats.
func LogLossStatistic(p []Prediction, c Calibration) Statistic {
	return MeanStatistic(p, func(item Prediction) float64 {
		z := c.A*item.Score + c.B
		if item.Positive {
			z = -z
		}
		return softplus(z)
	})
}

// BrierStatistic returns the mean squared difference between the probability and what is true, 1 or 0 (Brier,
// "Verification of forecasts expressed in terms of probability", 1950, in the form for two classes).
func BrierStatistic(p []Prediction, c Calibration) Statistic {
	return MeanStatistic(p, func(item Prediction) float64 {
		d := c.Probability(item.Score)
		if item.Positive {
			d--
		}
		return d * d
	})
}

// MeanStatistic returns the mean of a value over the items of a sample.
func MeanStatistic(p []Prediction, value func(Prediction) float64) Statistic {
	n := units(p)
	sum, items := make([]float64, n), make([]float64, n)
	for _, item := range p {
		sum[item.Unit] += value(item)
		items[item.Unit]++
	}
	return RatioStatistic(sum, items)
}

// A ReliabilityBin is a point of a reliability curve: the items to which the model gave a probability from Low up to,
// but not with, High (with 1 in the last bin).
type ReliabilityBin struct {
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	Items int     `json:"items"`
	// Predicted is the mean probability, Observed the share of positive items; both are 0 where there are no items.
	Predicted float64 `json:"predicted"`
	Observed  float64 `json:"observed"`
}

// Reliability returns the reliability curve of predictions in bins of equal width (Murphy and Winkler, "Reliability
// of subjective probability forecasts", 1977).
func Reliability(p []Prediction, c Calibration, bins int) []ReliabilityBin {
	curve := make([]ReliabilityBin, bins)
	for i := range curve {
		curve[i].Low, curve[i].High = float64(i)/float64(bins), float64(i+1)/float64(bins)
	}
	for _, item := range p {
		q := c.Probability(item.Score)
		b := &curve[min(int(q*float64(bins)), bins-1)]
		b.Items++
		b.Predicted += q
		if item.Positive {
			b.Observed++
		}
	}
	for i := range curve {
		if n := float64(curve[i].Items); n > 0 {
			curve[i].Predicted /= n
			curve[i].Observed /= n
		}
	}
	return curve
}

// sigmoid returns 1 / (1 + e^-x).
func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// softplus returns log(1 + e^x) = -log σ(-x).
func softplus(x float64) float64 {
	return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
}
