package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/gotypes"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// gradientTileBytes is the size of a gradient tile: eight floats, the scores of one input with the
// targets of one tile, and then their gradients.
const gradientTileBytes = 32

// softplusRun is the number of registers of scores after which the exponents of the products of
// 1 + e^-|z| are put aside: each factor is at most 2, so a product stays below 2^61.
const softplusRun = 60

// step is the code of one training step: what its passes share. Locals hold
// what has no register of its own.
type step struct {
	form
	Component       // the *Step
	start       Mem // minus the bytes of the columns in use: the offset of a row's start from its end
	inputs      Mem // minus 8 times the number of inputs
	prefetch    Mem // minus 8 times the number of rows to prefetch
	prefetchEnd Mem // end of their addresses
	target      Mem // place of the address of the tile's first target
	left        Mem // targets from there on
}

// trainingStep generates stepAVX2 and its like; see the package documentation.
func (f form) trainingStep() {
	f.text("step", "func(s *Step)",
		"does one training step, except that parts of the loss are left in",
		"s.scratch for later. With m inputs and n targets it is:",
		"",
		"\tfor i, input := range s.Inputs {",
		"\t\tfor j, target := range s.Targets {",
		"\t\t\tg[i][j] = dot(row(s.In, input), row(s.Out, target))",
		"\t\t}",
		"\t}",
		"\tfor i := range s.Inputs {",
		"\t\tg[i][0] = s.Rate * σ(-g[i][0])",
		"\t\tfor j := 1; j < len(s.Targets); j++ {",
		"\t\t\tg[i][j] = -s.Rate * σ(g[i][j])",
		"\t\t}",
		"\t}",
		"\tfor c := range s.Dim {",
		"\t\tdeltas := make([]float32, m+n)",
		"\t\tfor i, input := range s.Inputs {",
		"\t\t\tfor j, target := range s.Targets {",
		"\t\t\t\tdeltas[i] += g[i][j] * row(s.Out, target)[c]",
		"\t\t\t\tdeltas[m+j] += g[i][j] * row(s.In, input)[c]",
		"\t\t\t}",
		"\t\t}",
		"\t\tfor i, input := range s.Inputs {",
		"\t\t\trow(s.In, input)[c] += deltas[i]",
		"\t\t}",
		"\t\tfor j, target := range s.Targets {",
		"\t\t\trow(s.Out, target)[c] += deltas[m+j]",
		"\t\t}",
		"\t}",
	)
	s := f.newStep()
	s.addresses()
	s.scores()
	s.gradients()
	s.updates()
	VZEROUPPER()
	RET()
}

// newStep allocates the locals of a function whose parameter s is the *Step.
func (f form) newStep() *step {
	s := &step{form: f, Component: Dereference(Param("s"))}
	for _, local := range []*Mem{&s.start, &s.inputs, &s.prefetch, &s.prefetchEnd, &s.target, &s.left} {
		*local = AllocLocal(8)
	}
	return s
}

// value loads a value of eight bytes.
func (s *step) value(field Component) GPVirtual { return Load(field, GP64()).(GPVirtual) }

// buffer loads the start of a slice that all kernels have in scratch.
func (s *step) buffer(name string) GPVirtual {
	return s.value(s.Field("scratch").Field("buffers").Field(name).Base())
}

// scratch is a field of scratch that only this kernel has.
func (s *step) scratch(name string) Component { return s.Field("scratch").Field(name) }

// pending is an array of the loss that is pending.
func (s *step) pending(name string) Component { return s.scratch("pendingLoss").Field(name) }

// roundUp generates the size in bytes of the registers that hold a number of floats.
func (f form) roundUp(floats Register) {
	ADDQ(U8(f.lanes()-1), floats)
	SHRQ(U8(f.shift()-2), floats)
	SHLQ(U8(f.shift()), floats)
}

// addresses generates pass 1: the ends of the rows, in the order inputs,
// targets, next inputs, next targets.
func (s *step) addresses() {
	Comment("Pass 1: addresses of the ends of rows.")
	rowBytes, length := s.value(s.Field("Stride")), s.value(s.Field("Dim"))
	SHLQ(U8(2), rowBytes)
	s.roundUp(length)
	negated := GP64()
	MOVQ(length, negated)
	NEGQ(negated)
	MOVQ(negated, s.start)

	dst := s.value(s.scratch("addresses").Base())
	ends := func(name, matrix string, rows Component) {
		base, list, count := s.value(s.Field(matrix).Base()), s.value(rows.Base()), s.value(rows.Len())
		ADDQ(length, base)
		TESTQ(count, count)
		JZ(LabelRef(name + "_none"))
		Label(name)
		end := GP64()
		MOVLQSX(Mem{Base: list}, end)
		IMULQ(rowBytes, end)
		ADDQ(base, end)
		MOVQ(end, Mem{Base: dst})
		ADDQ(U8(4), list)
		ADDQ(U8(8), dst)
		DECQ(count)
		JNZ(LabelRef(name))
		Label(name + "_none")
	}
	ends("inputs", "In", s.Field("Inputs"))
	ends("targets", "Out", s.Field("Targets"))
	ends("next_inputs", "In", s.Field("NextInputs"))
	ends("next_targets", "Out", s.Field("NextTargets"))
	MOVQ(dst, s.prefetchEnd)
	Comment("What fills up the last group of rows to prefetch is in the cache already.")
	own := s.value(s.scratch("addresses").Base())
	MOVQ(Mem{Base: own}, own)
	for k := range prefetchGroup - 1 {
		MOVQ(own, Mem{Base: dst, Disp: 8 * k})
	}

	times8 := func(local Mem, fields ...string) {
		sum := s.value(s.Field(fields[0]).Len())
		for _, field := range fields[1:] {
			ADDQ(s.value(s.Field(field).Len()), sum)
		}
		SHLQ(U8(3), sum)
		NEGQ(sum)
		MOVQ(sum, local)
	}
	times8(s.inputs, "Inputs")
	times8(s.prefetch, "NextInputs", "NextTargets")
}

// firstTile generates the start of a loop over tiles.
func (s *step) firstTile() {
	target := s.value(s.scratch("addresses").Base())
	SUBQ(s.inputs, target)
	MOVQ(target, s.target)
	MOVQ(s.value(s.Field("Targets").Len()), s.left)
}

// tileWidth generates the head of the loop: the number of targets of this tile.
func (s *step) tileWidth() GPVirtual {
	width, left := s.value(s.scratch("width")), GP64()
	MOVQ(s.left, left)
	CMPQ(width, left)
	CMOVQGT(left, width)
	return width
}

// nextTile generates the end of the loop.
func (s *step) nextTile(width Register, loop string) {
	SUBQ(width, s.left)
	SHLQ(U8(3), width)
	ADDQ(width, s.target)
	CMPQ(s.left, U8(0))
	JNE(LabelRef(loop))
}

// scores generates pass 2.
func (s *step) scores() {
	Comment("Pass 2: scores.")
	s.firstTile()
	gradientTile := s.buffer("gradients")
	Label("scores")
	byWidth("scores", s.tileWidth(), func(name string, w int) {
		wide := s.targetEnds(w)
		input, count := s.value(s.scratch("addresses").Base()), s.value(s.Field("Inputs").Len())
		next := func() Register {
			end := GP64()
			MOVQ(Mem{Base: input}, end)
			ADDQ(U8(8), input)
			return end
		}
		s.tileScores(name, wide, count, s.start, next, func(tiles []VecVirtual, _ int) {
			for _, t := range tiles {
				VMOVUPS(t, Mem{Base: gradientTile})
				ADDQ(U8(s.bytes), gradientTile)
			}
		})
	})
	s.nextTile(s.tileWidth(), "scores")
}

// targetEnds generates the loads of the addresses of the next w targets.
func (s *step) targetEnds(w int) []Register {
	target := GP64()
	MOVQ(s.target, target)
	ends := make([]Register, w)
	for j := range ends {
		ends[j] = GP64()
		MOVQ(Mem{Base: target, Disp: 8 * j}, ends[j])
	}
	return ends
}

// gradients generates pass 3. The first score of each gradient tile of the first
// tile belongs to the positive target, whose sign differs from the others'.
func (s *step) gradients() {
	Comment("Pass 3: gradients.")
	gradientTile := s.buffer("gradients")
	group, others := s.value(s.scratch("firstRegisters")), s.value(s.scratch("otherRegisters"))
	constants := s.sigmoidConstants()
	rates := s.vector()
	VBROADCASTSS(s.address(s.Field("Rate")), rates)
	VXORPS(s.constant("minus", 1<<31), rates, rates)
	signs := s.load(table(fmt.Sprintf("positive%d", s.lanes()), s.lanes(), func(k int) uint32 {
		if k%8 == 0 {
			return 1 << 31
		}
		return 0
	}))
	VXORPS(signs, rates, rates)
	above, product := s.load(s.address(s.pending("above").Index(0))), s.load(s.address(s.pending("product").Index(0)))

	budget := GP64()
	MOVQ(U32(softplusRun), budget)

	Label("run")
	count := GP64()
	MOVQ(group, count)
	CMPQ(count, budget)
	CMOVQGT(budget, count)
	SUBQ(count, group)
	SUBQ(count, budget)

	Label("gradient_tile")
	z, positive := s.vector(), s.zeros(1)[0]
	VXORPS(Mem{Base: gradientTile}, signs, z)
	VMAXPS(z, positive, positive) // this order keeps a NaN
	VADDPS(positive, above, above)
	sigma, factor := constants.sigmoid(z)
	VMULPS(factor, product, product)
	VMULPS(rates, sigma, sigma)
	VMOVUPS(sigma, Mem{Base: gradientTile})
	ADDQ(U8(s.bytes), gradientTile)
	DECQ(count)
	JNZ(LabelRef("gradient_tile"))

	TESTQ(group, group)
	JNZ(LabelRef("next_run"))
	TESTQ(others, others)
	JZ(LabelRef("gradients_done"))

	Comment("Then the gradient tiles of the other tiles, where all are negative.")
	VXORPS(signs, rates, rates)
	VXORPS(signs, signs, signs)
	MOVQ(others, group)
	XORQ(others, others)
	Label("next_run")
	TESTQ(budget, budget)
	JNZ(LabelRef("run"))
	s.putExponentsAside(product, constants.one)
	MOVQ(U32(softplusRun), budget)
	JMP(LabelRef("run"))

	Label("gradients_done")
	CMPB(s.address(s.Field("WithLoss")), U8(0))
	JE(LabelRef("without_loss"))
	VMOVUPS(above, s.address(s.pending("above").Index(0)))
	VMOVUPS(product, s.address(s.pending("product").Index(0)))
	Label("without_loss")
}

// putExponentsAside generates the addition of the exponents of the products, which are finite and at least
// one, to those in scratch. It leaves the mantissas.
func (s *step) putExponentsAside(product, one VecVirtual) {
	exponents := s.vector()
	memory := s.address(s.pending("exponents").Index(0))
	VPSRLD(U8(23), product, exponents)
	VPSUBD(s.constant("bias", 127), exponents, exponents)
	VPADDD(memory, exponents, exponents)
	if s.evex {
		VMOVDQU32(exponents, memory)
	} else {
		VMOVDQU(exponents, memory)
	}
	VANDPS(s.constant("mantissa", 1<<23-1), product, product)
	VORPS(one, product, product)
}

// address is the memory of a field.
func (s *step) address(field Component) Mem {
	basic, err := field.Resolve()
	if err != nil {
		panic(err)
	}
	return basic.Addr
}
