package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/gotypes"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// gradientTileBytes is the size of a gradient tile: eight floats, the scores of one input with the
// targets of one tile, and then their gradients.
const gradientTileBytes = 32

// step is the code of one training step: what its passes share. Locals hold
// what has no register of its own.
type step struct {
	Component       // the *Step
	start       Mem // minus the bytes of the columns in use: the offset of a row's start from its end
	inputs      Mem // minus 8 times the number of inputs
	prefetch    Mem // minus 8 times the number of rows to prefetch
	prefetchEnd Mem // end of their addresses
	target      Mem // place of the address of the tile's first target
	left        Mem // targets from there on
}

// trainingStep generates stepAVX2; see the package documentation.
func trainingStep() {
	TEXT("stepAVX2", NOSPLIT, "func(s *Step)")
	Doc(
		"stepAVX2 does one training step, except that the loss is left in",
		"s.scratch.loss for the caller to sum. With m inputs and n targets it is:",
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
	Pragma("noescape")
	s := newStep()
	s.addresses()
	s.scores()
	s.gradients()
	s.updates()
	VZEROUPPER()
	RET()
}

// newStep allocates the locals of a function whose parameter s is the *Step.
func newStep() *step {
	s := &step{Component: Dereference(Param("s"))}
	for _, local := range []*Mem{&s.start, &s.inputs, &s.prefetch, &s.prefetchEnd, &s.target, &s.left} {
		*local = AllocLocal(8)
	}
	return s
}

// load loads a value of eight bytes.
func (s *step) load(field Component) GPVirtual { return Load(field, GP64()).(GPVirtual) }

// buffer loads the start of a slice that all kernels have in scratch.
func (s *step) buffer(name string) GPVirtual {
	return s.load(s.Field("scratch").Field("buffers").Field(name).Base())
}

// scratch is a field of scratch that only this kernel has.
func (s *step) scratch(name string) Component { return s.Field("scratch").Field(name) }

// addresses generates pass 1: the ends of the rows, in the order inputs,
// targets, next inputs, next targets.
func (s *step) addresses() {
	Comment("Pass 1: addresses of the ends of rows.")
	rowBytes, length := s.load(s.Field("Stride")), s.load(s.Field("Dim"))
	SHLQ(U8(2), rowBytes)
	ADDQ(U8(7), length)
	SHRQ(U8(3), length)
	SHLQ(U8(5), length)
	negated := GP64()
	MOVQ(length, negated)
	NEGQ(negated)
	MOVQ(negated, s.start)

	dst := s.load(s.scratch("addresses").Base())
	ends := func(name, matrix string, rows Component) {
		base, list, count := s.load(s.Field(matrix).Base()), s.load(rows.Base()), s.load(rows.Len())
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
	own := s.load(s.scratch("addresses").Base())
	MOVQ(Mem{Base: own}, own)
	for k := range prefetchGroup - 1 {
		MOVQ(own, Mem{Base: dst, Disp: 8 * k})
	}

	times8 := func(local Mem, fields ...string) {
		sum := s.load(s.Field(fields[0]).Len())
		for _, field := range fields[1:] {
			ADDQ(s.load(s.Field(field).Len()), sum)
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
	target := s.load(s.scratch("addresses").Base())
	SUBQ(s.inputs, target)
	MOVQ(target, s.target)
	MOVQ(s.load(s.Field("Targets").Len()), s.left)
}

// tileWidth generates the head of the loop: the number of targets of this tile.
func (s *step) tileWidth() GPVirtual {
	width, left := s.load(s.scratch("width")), GP64()
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
		input, count := s.load(s.scratch("addresses").Base()), s.load(s.Field("Inputs").Len())
		next := func() Register {
			end := GP64()
			MOVQ(Mem{Base: input}, end)
			ADDQ(U8(8), input)
			return end
		}
		tileScores(name, wide, count, s.start, next, func(sums VecVirtual) {
			VMOVUPS(sums, Mem{Base: gradientTile})
			ADDQ(U8(gradientTileBytes), gradientTile)
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
	group, others := s.load(s.Field("Inputs").Len()), s.load(s.scratch("gradientTiles"))
	SUBQ(group, others)
	constants := loadSigmoidConstants()
	signs, rates := YMM(), YMM()
	VBROADCASTSS(s.address(s.Field("Rate")), rates)
	VXORPS(vector("minus", 1<<31), rates, rates)
	VMOVUPS(positiveSign(), signs)
	VXORPS(signs, rates, rates)
	loss, product := zeros(1)[0], YMM()

	Label("run")
	count, limit := GP64(), GP64()
	MOVQ(U32(softplusRun), limit)
	MOVQ(group, count)
	CMPQ(count, limit)
	CMOVQGT(limit, count)
	SUBQ(count, group)
	VMOVAPS(constants.one, product)

	Label("gradient_tile")
	z, above := YMM(), zeros(1)[0]
	VXORPS(Mem{Base: gradientTile}, signs, z)
	VMAXPS(z, above, above) // this order keeps a NaN
	VADDPS(above, loss, loss)
	sigma, factor := constants.sigmoid(z)
	VMULPS(factor, product, product)
	VMULPS(rates, sigma, sigma)
	VMOVUPS(sigma, Mem{Base: gradientTile})
	ADDQ(U8(gradientTileBytes), gradientTile)
	DECQ(count)
	JNZ(LabelRef("gradient_tile"))

	CMPB(s.address(s.Field("WithLoss")), U8(0))
	JE(LabelRef("without_loss"))
	VADDPS(constants.logarithm(product), loss, loss)
	Label("without_loss")
	TESTQ(group, group)
	JNZ(LabelRef("run"))

	Comment("Then the gradient tiles of the other tiles, where all are negative.")
	VXORPS(signs, rates, rates)
	VXORPS(signs, signs, signs)
	MOVQ(others, group)
	XORQ(others, others)
	TESTQ(group, group)
	JNZ(LabelRef("run"))
	VMOVUPS(loss, s.address(s.scratch("loss").Index(0)))
}

// address is the memory of a field.
func (s *step) address(field Component) Mem {
	basic, err := field.Resolve()
	if err != nil {
		panic(err)
	}
	return basic.Addr
}

// positiveSign returns eight floats: -0, whose bits are a sign only, and zeros.
func positiveSign() Mem {
	data := GLOBL("positive", RODATA|NOPTR)
	DATA(0, U64(1<<31))
	for k := 1; k < 4; k++ {
		DATA(8*k, U64(0))
	}
	return data
}
