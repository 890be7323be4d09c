package main

import (
	"fmt"
	"math"
)

// softplusRun is the number of gradient tiles after which the exponents of the products of
// 1 + e^-|z| are put aside: a gradient tile has two such
// factors of at most 2 in a lane, so a product stays below 2^61.
const softplusRun = 30

// gradients generates the pass that turns scores into gradients. The
// first lane of the first gradient tiles belongs to the positive target, whose sign differs from the others'.
func (s *step) gradients() {
	s.comment("Gradients.")
	defer s.scope()()
	gradientTile, group := s.field(gradients), s.copy(s.m)
	others, withLoss, count, budget := s.reg(), s.reg(), s.reg(), s.reg()
	s.otherGradientTiles(others)
	s.op("MOVD $%d, %s", softplusRun, budget)
	k := s.sigmoidConstants()
	loss, factors := s.vec(), s.vec()
	s.pending(above, loss, true)
	s.pending(product, factors, true)
	signs, rates, minusRate := s.signsAndRates()

	s.label("run")
	s.minimum(count, group, budget)
	s.op("SUB %s, %s", count, group)
	s.op("SUB %s, %s", count, budget)
	s.label("gradient_tile")
	free := s.scope()
	z := s.column()
	s.loadColumn(z, gradientTile)
	s.op("VEOR %s.B16, %s.B16, %s.B16", signs, z[0], z[0])
	for h, rate := range []vec{rates, minusRate} {
		s.half(&k, z[h], rate, loss, factors)
	}
	s.storeNext(z, gradientTile)
	free()
	s.op("SUBS $1, %s", count)
	s.op("BNE gradient_tile")
	s.op("CBNZ %s, next_run", group)
	s.op("CBZ %s, gradients_done", others)

	s.comment("The gradient tiles of the other tiles, where all are negative.")
	s.move(rates, minusRate)
	s.op("VMOVI $0, %s.B16", signs)
	s.op("MOVD %s, %s", others, group)
	s.op("MOVD $0, %s", others)
	s.label("next_run")
	s.op("CBNZ %s, run", budget)
	s.putExponentsAside(factors, k.one)
	s.op("MOVD $%d, %s", softplusRun, budget)
	s.op("B run")

	s.label("gradients_done")
	s.op("MOVBU Step_WithLoss(%s), %s", s.s, withLoss)
	s.op("CBZ %s, without_loss", withLoss)
	s.pending(above, loss, false)
	s.pending(product, factors, false)
	s.label("without_loss")
}

// pending generates the load or the store of the lanes in use of an array of the loss that is pending.
func (s *step) pending(array string, v vec, load bool) {
	defer s.scope()()
	address := s.load(fmt.Sprintf("$%s(%s)", array, s.s))
	if load {
		s.op("FMOVQ (%s), F%d", address, int(v))
	} else {
		s.op("FMOVQ F%d, (%s)", int(v), address)
	}
}

// putExponentsAside generates the addition of the exponents of the products, which are finite and at least one, to
// those in scratch. It leaves the mantissas.
func (s *step) putExponentsAside(factors, one vec) {
	defer s.scope()()
	bits, bias, sum := s.vec(), s.vec(), s.vec()
	number := s.load("$127")
	s.op("VDUP %s, %s.S4", number, bias)
	s.op("VUSHR $23, %s.S4, %s.S4", factors, bits)
	s.op("VSUB %s.S4, %s.S4, %s.S4", bias, bits, bits)
	s.pending(exponents, sum, true)
	s.op("VADD %s.S4, %s.S4, %s.S4", bits, sum, sum)
	s.pending(exponents, sum, false)
	s.op("VSHL $9, %s.S4, %s.S4", factors, factors)
	s.op("VUSHR $9, %s.S4, %s.S4", factors, factors)
	s.op("VORR %s.B16, %s.B16, %s.B16", one, factors, factors)
}

// otherGradientTiles generates the number of gradient tiles beyond the first tile's.
func (s *step) otherGradientTiles(others reg) {
	s.op("SUB $1, %s, %s", s.n, others)
	s.op("UDIV %s, %s, %s", s.width, others, others)
	s.op("MUL %s, %s, %s", s.m, others, others)
}

// signsAndRates loads what the first four lanes of the first gradient tiles are multiplied with: the
// sign as a mask before the sigmoid, the rate after it. The rate of all others is minusRate.
func (s *step) signsAndRates() (signs, rates, minusRate vec) {
	signs, rates, minusRate = s.vec(), s.vec(), s.vec()
	positive := s.table("positive", 1<<31, 0, 0, 0)
	s.op("FMOVQ (%s), F%d", positive, int(signs))
	s.op("FMOVS Step_Rate(%s), F%d", s.s, int(rates))
	s.op("VDUP %s.S[0], %s.S4", rates, rates)
	s.two(fneg, minusRate, rates)
	s.op("VEOR %s.B16, %s.B16, %s.B16", signs, minusRate, rates)
	return signs, rates, minusRate
}

// half generates what happens to four scores, whose sign is z's: they become rate times the
// sigmoid, and what belongs to the loss goes to loss and product.
func (s *step) half(k *sigmoidConstants, z, rate, loss, product vec) {
	defer s.scope()()
	above := s.vec()
	s.op("VMOVI $0, %s.B16", above)
	s.three(fmax, above, above, z)
	s.three(fadd, loss, loss, above)
	factor := s.sigmoid(k, z)
	s.three(fmul, product, product, factor)
	s.three(fmul, z, z, rate)
}

// sigmoidConstants are the registers that the sigmoid uses; the numbers are those of
// sigmoidSoftplus in package kernel.
type sigmoidConstants struct {
	one, log2e, limit, magic, ln2Hi, ln2Lo vec
	poly                                   []vec
}

func (s *step) sigmoidConstants() sigmoidConstants {
	const magic = 3 << 22 // adding it rounds to an integer, held in the low bits
	v := s.broadcasts("sigmoid", 1, math.Log2E, 87, magic, 0.693359375, -2.12194440e-4,
		5.0000001201e-1, 1.6666665459e-1, 4.1665795894e-2, 8.3334519073e-3, 1.3981999507e-3, 1.9875691500e-4)
	return sigmoidConstants{v[0], v[1], v[2], v[3], v[4], v[5], v[6:]}
}

// sigmoid generates z = σ(z), and returns 1 + e^-|z|, whose logarithm is what the softplus has
// beyond max(z, 0).
func (s *step) sigmoid(k *sigmoidConstants, z vec) (softplusFactor vec) {
	a, scale, n, r, r2, t := s.vec(), s.vec(), s.vec(), s.vec(), s.vec(), s.vec()
	s.comment("a = min(|z|, 87), n = a / ln 2, rounded; r = n ln 2 - a; scale = 2^-n")
	s.two(fabs, a, z)
	s.three(fmin, a, a, k.limit)
	s.move(scale, k.magic)
	s.fma(scale, a, k.log2e)
	s.three(fsub, n, scale, k.magic)
	s.two(fneg, r, a)
	s.fma(r, n, k.ln2Hi)
	s.fma(r, n, k.ln2Lo)
	s.op("VSHL $23, %s.S4, %s.S4", scale, scale)
	s.op("VSUB %s.S4, %s.S4, %s.S4", scale, k.one, scale) // the exponent of one, less n

	s.comment("t = e^-a = scale * (1 + r + r² p(r)), p by Estrin's scheme")
	s.three(fmul, r2, r, r)
	terms := []vec{a, n, t}
	for i, sum := range terms {
		s.move(sum, k.poly[2*i])
		s.fma(sum, r, k.poly[2*i+1])
	}
	s.fma(terms[1], r2, terms[2])
	s.fma(terms[0], r2, terms[1])
	s.three(fadd, t, k.one, r)
	s.fma(t, r2, terms[0])
	s.three(fmul, t, t, scale)

	s.comment("σ = (z < 0 ? t : 1) / (1 + t)")
	softplusFactor = a
	s.three(fadd, softplusFactor, k.one, t)
	s.two(negative, z, z)
	s.op("VBSL %s.B16, %s.B16, %s.B16", k.one, t, z)
	s.three(fdiv, z, z, softplusFactor)
	return softplusFactor
}
