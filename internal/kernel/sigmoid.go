package kernel

import "math"

// Error bounds of sigmoidSoftplus, found by comparing it with float64 arithmetic on a fine grid of
// float32 arguments (see its test).
const (
	// MaxSigmoidError is the largest relative error of the sigmoid.
	MaxSigmoidError = 2.5e-7
	// MaxSoftplusError is the largest relative error of the softplus.
	MaxSoftplusError = 3e-7
)

// largestScore is where |z| is clamped before exponentiation: e^-87 is the last power that is a
// normal float32. Beyond it σ(z) stays 1.6e-38 or 1, a difference that no float32 parameter shows.
// The softplus stays exact, as its linear part is not clamped.
const largestScore = 87

// Logistic returns σ(z) = 1/(1+e^-z) and log(1+e^z) as the portable kernel computes them: the same
// bytes on all processors, within MaxSigmoidError and MaxSoftplusError.
func Logistic(z float32) (sigmoid, softplus float32) { return sigmoidSoftplus(z, true) }

// sigmoidSoftplus returns σ(z) = 1/(1+e^-z) and, if withSoftplus is set, log(1+e^z), both from
// t = e^-|z|, which is in (0, 1] and cannot overflow. NaN gives NaN.
//
// word2vec.c takes σ from a table of 1000 steps over ±6, and 0 or 1 outside it, where a pair is no
// longer trained. Here there is neither step nor edge.
//
// The exponential reduces its argument by the method of Cody and Waite and uses the polynomial of
// Cephes' expf (Moshier 1992). log(1+t) = 2 atanh(t/(2+t)) is summed to the power 13, with a remainder
// below 1e-8.
func sigmoidSoftplus(z float32, withSoftplus bool) (sigmoid, softplus float32) {
	a := z
	if z < 0 {
		a = -z
	}
	if a > largestScore {
		a = largestScore
	}
	if a != a {
		return a, a
	}
	t := power(a)
	sigmoid = 1 / (1 + t)
	if z < 0 {
		sigmoid *= t
	}
	if !withSoftplus {
		return sigmoid, 0
	}
	u := t / (2 + t)
	u2 := float32(u * u)
	q := float32(1.0 / 13)
	q = float32(q*u2) + 1.0/11
	q = float32(q*u2) + 1.0/9
	q = float32(q*u2) + 1.0/7
	q = float32(q*u2) + 1.0/5
	q = float32(q*u2) + 1.0/3
	q = float32(q*u2) + 1
	softplus = 2 * float32(u*q)
	if z > 0 {
		softplus += z
	}
	return sigmoid, softplus
}

// Exp returns e^x for x <= 0, the same bytes on all processors. Below -87 it stays at about 1e-38.
func Exp(x float32) float32 {
	switch {
	case x < -largestScore:
		x = -largestScore
	case x != x:
		return x
	}
	return power(-x)
}

// power returns e^-a for a from 0 to largestScore.
func power(a float32) float32 {
	const (
		log2e = 1.44269504088896341
		ln2Hi = 0.693359375 // few bits: times an integer it is exact
		ln2Lo = -2.12194440e-4
	)
	n := int32(float32(a*log2e) + 0.5)
	r := float32(float32(n)*ln2Hi) - a
	r += float32(float32(n) * ln2Lo)
	p := float32(1.9875691500e-4)
	p = float32(p*r) + 1.3981999507e-3
	p = float32(p*r) + 8.3334519073e-3
	p = float32(p*r) + 4.1665795894e-2
	p = float32(p*r) + 1.6666665459e-1
	p = float32(p*r) + 5.0000001201e-1
	t := float32(p*float32(r*r)) + r + 1
	return float32(t * math.Float32frombits(uint32(127-n)<<23))
}
