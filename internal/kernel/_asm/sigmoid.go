package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// sigmoidConstants are the registers and memory operands that the sigmoid
// uses; the numbers are those of sigmoidSoftplus in package kernel.
type sigmoidConstants struct {
	form
	one, log2e, limit, magic VecVirtual
	magnitude, ln2Hi, ln2Lo  Mem
	poly                     [6]Mem
}

func (f form) sigmoidConstants() sigmoidConstants {
	// VSCALEFPS multiplies by a power of two, so these forms compute with the negated integer.
	sign, prefix := float32(1), ""
	if f.evex {
		sign, prefix = -1, "minus_"
	}
	number := func(name string, value float32) Mem { return f.constant(name, math.Float32bits(value)) }
	k := sigmoidConstants{
		form:      f,
		magnitude: f.constant("magnitude", 1<<31-1),
		ln2Hi:     number(prefix+"ln2Hi", sign*0.693359375),
		ln2Lo:     number(prefix+"ln2Lo", sign*-2.12194440e-4),
		poly: [6]Mem{
			number("poly0", 5.0000001201e-1),
			number("poly1", 1.6666665459e-1),
			number("poly2", 4.1665795894e-2),
			number("poly3", 8.3334519073e-3),
			number("poly4", 1.3981999507e-3),
			number("poly5", 1.9875691500e-4),
		},
	}
	k.one = f.load(number("one", 1))
	k.log2e = f.load(number(prefix+"log2e", sign*math.Log2E))
	k.limit = f.load(number("limit", 87))
	k.magic = f.load(number("magic", 3<<22)) // adding it rounds to an integer, held in the low bits
	return k
}

// sigmoid generates σ(z) of the values in a register, and 1 + e^-|z|, whose logarithm is
// what the softplus has beyond max(z, 0).
func (k *sigmoidConstants) sigmoid(z VecVirtual) (sigma, softplusFactor VecVirtual) {
	Comment("a = min(|z|, 87)")
	a := k.vector()
	VANDPS(k.magnitude, z, a)
	VMINPS(a, k.limit, a) // this order keeps a NaN

	if k.evex {
		Comment("n = -a / ln 2, rounded; r = -n ln 2 - a")
	} else {
		Comment("n = a / ln 2, rounded; r = n ln 2 - a; scale = 2^-n")
	}
	scale, n := k.vector(), k.vector()
	VMOVAPS(k.magic, scale)
	VFMADD231PS(k.log2e, a, scale)
	VSUBPS(k.magic, scale, n)
	r := k.load(k.ln2Hi)
	VFMSUB213PS(a, n, r)
	VFMADD231PS(k.ln2Lo, n, r)
	if !k.evex {
		VPSLLD(U8(23), scale, scale)
		VPSUBD(scale, k.one, scale) // the exponent of one, less n
	}

	Comment("t = e^-a = 2^-n * (1 + r + r² p(r)), p by Estrin's scheme: its chain is shorter than Horner's")
	r2 := k.vector()
	VMULPS(r, r, r2)
	t := k.load(k.poly[5])
	VFMADD213PS(k.poly[4], r, t)
	mid := k.load(k.poly[3])
	VFMADD213PS(k.poly[2], r, mid)
	low := k.load(k.poly[1])
	VFMADD213PS(k.poly[0], r, low)
	VFMADD213PS(mid, r2, t)
	VFMADD213PS(low, r2, t)
	VADDPS(k.one, r, r)
	VFMADD213PS(r, r2, t)
	if k.evex {
		VSCALEFPS(n, t, t)
	} else {
		VMULPS(scale, t, t)
	}

	Comment("σ = (z < 0 ? t : 1) / (1 + t)")
	softplusFactor, sigma = k.vector(), k.vector()
	VADDPS(k.one, t, softplusFactor)
	if k.evex {
		negative := K()
		VPMOVD2M(z, negative)
		VMOVAPS(k.one, sigma)
		VMOVAPS(t, negative, sigma)
	} else {
		VBLENDVPS(z, t, k.one, sigma)
	}
	VDIVPS(softplusFactor, sigma, sigma)
	return sigma, softplusFactor
}
