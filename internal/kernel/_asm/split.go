package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The split step: passes of a training step as functions of their own, for a loss that sees the
// scores before it decides on the gradients. Scores are passes 1 and 2, the update passes 1 and 4.

// scores generates scoresAVX2 and its like.
func (f form) scores() {
	f.text("scores", "func(dst *float32, s *Step)",
		"multiplies each input with each target. With n targets it is:",
		"",
		"\tfor i, input := range s.Inputs {",
		"\t\tfor j, target := range s.Targets {",
		"\t\t\tdst[i*n+j] = dot(row(s.In, input), row(s.Out, target))",
		"\t\t}",
		"\t}",
	)
	s := f.newStep()
	s.addresses()
	s.scoreTiles(func() Register { return s.value(s.Field("Inputs").Len()) })
}

// sumScores generates sumScoresAVX2 and its like, which is scoresAVX2 of one input: the sum of all.
func (f form) sumScores() {
	f.text("sumScores", "func(dst *float32, s *Step)",
		"multiplies the sum of the inputs with each target:",
		"",
		"\tfor c := range s.Dim {",
		"\t\tfor _, input := range s.Inputs {",
		"\t\t\tsum[c] += row(s.In, input)[c]",
		"\t\t}",
		"\t}",
		"\tfor j, target := range s.Targets {",
		"\t\tdst[j] = dot(sum, row(s.Out, target))",
		"\t}",
		"",
		"The sum is left in s.scratch.deltas.",
	)
	s := f.newStep()
	s.addresses()
	s.sumInputs()
	s.scoreTiles(func() Register {
		one := GP64()
		MOVQ(U32(1), one)
		return one
	})
}

// sumInputs generates the sum of the inputs, and makes it the first input.
func (s *step) sumInputs() {
	Comment("The sum of the inputs.")
	rows, sums := s.value(s.scratch("addresses").Base()), s.buffer("deltas")
	SUBQ(s.inputs, rows)
	SUBQ(s.start, sums)
	column := s.firstColumn()
	Label("sum_columns")
	i, row, sum := GP64(), GP64(), s.zeros(1)[0]
	MOVQ(s.inputs, i)
	Label("sum_inputs")
	MOVQ(Mem{Base: rows, Index: i, Scale: 1}, row)
	VADDPS(at(row, column), sum, sum)
	ADDQ(U8(8), i)
	JNZ(LabelRef("sum_inputs"))
	VMOVUPS(sum, at(sums, column))
	s.nextColumn("sum_columns", column)
	first := s.value(s.scratch("addresses").Base())
	MOVQ(sums, Mem{Base: first})
}

// scoreTiles generates the end of the function: the scores of the first inputs, as many as
// inputs says, row by row at dst.
func (s *step) scoreTiles(inputs func() Register) {
	s.firstTile()
	dst := Load(Param("dst"), GP64())
	Label("scores")
	byWidth("scores", s.tileWidth(), func(name string, w int) {
		wide := s.targetEnds(w)
		input, out := s.value(s.scratch("addresses").Base()), GP64()
		MOVQ(dst, out)
		next := func() Register {
			end := GP64()
			MOVQ(Mem{Base: input}, end)
			ADDQ(U8(8), input)
			return end
		}
		s.tileScores(name, wide, inputs(), s.start, next, func(tiles []VecVirtual, rows int) {
			s.storeScores(tiles, rows, w, out, func() Register { return s.value(s.Field("Targets").Len()) })
		})
		ADDQ(U8(4*w), dst)
	})
	s.nextTile(s.tileWidth(), "scores")
	VZEROUPPER()
	RET()
}

// update generates updateAVX2 and its like.
func (f form) update() {
	f.text("update", "func(s *Step)",
		"is what a training step does once it has the gradients: g[i][j] is in lane j%width of",
		"gradient tile (j/width)*s.scratch.rows + i, and the other lanes are not used.",
	)
	s := f.newStep()
	s.addresses()
	s.updates()
	VZEROUPPER()
	RET()
}
