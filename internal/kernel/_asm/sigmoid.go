package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// softplusRun is the number of gradient tiles after which the running product of
// 1 + e^-|z| is turned into its logarithm and starts again at 1: each factor is at most 2, so it
// stays below 2^64.
const softplusRun = 64

// sigmoidConstants are the registers and memory operands that the sigmoid
// uses; the numbers are those of sigmoidSoftplus in package kernel.
type sigmoidConstants struct {
	one, log2e, limit, magic VecVirtual
	magnitude, ln2Hi, ln2Lo  Mem
	poly                     [6]Mem
}

func loadSigmoidConstants() sigmoidConstants {
	k := sigmoidConstants{
		magnitude: vector("magnitude", 1<<31-1),
		ln2Hi:     vector("ln2Hi", math.Float32bits(0.693359375)),
		ln2Lo:     vector("ln2Lo", math.Float32bits(-2.12194440e-4)),
		poly: [6]Mem{
			vector("poly0", math.Float32bits(5.0000001201e-1)),
			vector("poly1", math.Float32bits(1.6666665459e-1)),
			vector("poly2", math.Float32bits(4.1665795894e-2)),
			vector("poly3", math.Float32bits(8.3334519073e-3)),
			vector("poly4", math.Float32bits(1.3981999507e-3)),
			vector("poly5", math.Float32bits(1.9875691500e-4)),
		},
	}
	load := func(name string, value float32) VecVirtual {
		register := YMM()
		VMOVUPS(vector(name, math.Float32bits(value)), register)
		return register
	}
	k.one = load("one", 1)
	k.log2e = load("log2e", math.Log2E)
	k.limit = load("limit", 87)
	k.magic = load("magic", 3<<22) // adding it rounds to an integer, held in the low bits
	return k
}

// sigmoid generates σ(z) of eight values, and 1 + e^-|z|, whose logarithm is
// what the softplus has beyond max(z, 0).
func (k *sigmoidConstants) sigmoid(z VecVirtual) (sigma, softplusFactor VecVirtual) {
	Comment("a = min(|z|, 87)")
	a := YMM()
	VANDPS(k.magnitude, z, a)
	VMINPS(a, k.limit, a) // this order keeps a NaN

	Comment("n = a / ln 2, rounded; r = n ln 2 - a; scale = 2^-n")
	scale, n, r := YMM(), YMM(), YMM()
	VMOVAPS(k.magic, scale)
	VFMADD231PS(k.log2e, a, scale)
	VSUBPS(k.magic, scale, n)
	VMOVUPS(k.ln2Hi, r)
	VFMSUB213PS(a, n, r)
	VFMADD231PS(k.ln2Lo, n, r)
	VPSLLD(U8(23), scale, scale)
	VPSUBD(scale, k.one, scale) // the exponent of one, less n

	Comment("t = e^-a = scale * (1 + r + r² p(r)), p by Estrin's scheme: its chain is shorter than Horner's")
	r2, low, mid, t := YMM(), YMM(), YMM(), YMM()
	VMULPS(r, r, r2)
	VMOVUPS(k.poly[5], t)
	VFMADD213PS(k.poly[4], r, t)
	VMOVUPS(k.poly[3], mid)
	VFMADD213PS(k.poly[2], r, mid)
	VMOVUPS(k.poly[1], low)
	VFMADD213PS(k.poly[0], r, low)
	VFMADD213PS(mid, r2, t)
	VFMADD213PS(low, r2, t)
	VADDPS(k.one, r, r)
	VFMADD213PS(r, r2, t)
	VMULPS(scale, t, t)

	Comment("σ = (z < 0 ? t : 1) / (1 + t)")
	softplusFactor, sigma = YMM(), YMM()
	VADDPS(k.one, t, softplusFactor)
	VBLENDVPS(z, t, k.one, sigma)
	VDIVPS(softplusFactor, sigma, sigma)
	return sigma, softplusFactor
}

// logarithm generates log(x) of eight finite numbers x >= 1: with x = 2^e (1+f), it is
// e log 2 + log(1+f), and log(1+f) = 2 atanh(f/(2+f)) is summed to the power 13 as in
// sigmoidSoftplus. NaN is not kept.
func (k *sigmoidConstants) logarithm(x VecVirtual) VecVirtual {
	e, f, u, q := YMM(), YMM(), YMM(), YMM()
	VPSRLD(U8(23), x, e)
	VPSUBD(vector("bias", 127), e, e)
	VCVTDQ2PS(e, e)
	VANDPS(vector("mantissa", 1<<23-1), x, f)
	VORPS(k.one, f, f)
	VSUBPS(k.one, f, f)
	VADDPS(vector("two", math.Float32bits(2)), f, u)
	VDIVPS(u, f, u)

	u2 := YMM()
	VMULPS(u, u, u2)
	VMOVUPS(vector("atanh13", math.Float32bits(2.0/13)), q)
	for power := 11; power >= 1; power -= 2 {
		VFMADD213PS(vector(fmt.Sprintf("atanh%d", power), math.Float32bits(2/float32(power))), u2, q)
	}
	VMULPS(u, q, q)
	VFMADD231PS(vector("ln2", math.Float32bits(math.Ln2)), e, q)
	return q
}

// vector returns eight copies of a 32-bit value in memory.
func vector(name string, bits uint32) Mem {
	data := GLOBL(name, RODATA|NOPTR)
	for k := range 4 {
		DATA(8*k, U64(uint64(bits)<<32|uint64(bits)))
	}
	return data
}
