package main

// The split step: passes of a training step as functions of their own, for a loss that sees the
// scores before it decides on the gradients.

// scores generates scoresNEON.
func scores(a *assembler) {
	a.function("func scoresNEON(dst *float32, s *Step, width int)", "scoresNEON", 24)
	s := newStep(a, "s+8(FP)", "width+16(FP)")
	s.scoreTiles("row_scores", func() (next func() reg, count reg) {
		inputs := s.field("Step_Inputs")
		return func() reg {
			address := s.reg()
			s.row(inputs, s.in, address)
			return address
		}, s.copy(s.m)
	})
}

// sumScores generates sumScoresNEON, which is scoresNEON of one input: the sum of all.
func sumScores(a *assembler) {
	a.function("func sumScoresNEON(dst *float32, s *Step, width int)", "sumScoresNEON", 24)
	s := newStep(a, "s+8(FP)", "width+16(FP)")
	s.sumInputs()
	s.scoreTiles("sum_scores", func() (next func() reg, count reg) {
		return func() reg { return s.field(deltas) }, s.load("$1")
	})
}

// sumInputs generates the sum of the inputs, in deltas.
func (s *step) sumInputs() {
	s.comment("The sum of the inputs.")
	defer s.scope()()
	sums, in, left := s.field(deltas), s.copy(s.in), s.copy(s.length)
	inputs, count, address := s.reg(), s.reg(), s.reg()
	sum, x := s.column(), s.column()
	s.label("sum_columns")
	s.zero(sum)
	s.op("MOVD Step_Inputs(%s), %s", s.s, inputs)
	s.op("MOVD %s, %s", s.m, count)
	s.label("sum_inputs")
	s.row(inputs, in, address)
	s.loadColumn(x, address)
	s.addColumn(sum, x)
	s.op("SUBS $1, %s", count)
	s.op("BNE sum_inputs")
	s.storeNext(sum, sums)
	s.op("ADD $%d, %s", columnBytes, in)
	s.op("SUBS $%d, %s", columnBytes, left)
	s.op("BNE sum_columns")
}

// scoreTiles generates the end of the function: scores, row by row at dst. Calling rows must
// generate the code that yields the number of rows; calling what it returns, that for the
// address of the next one.
func (s *step) scoreTiles(name string, rows func() (next func() reg, count reg)) {
	dst := s.load("dst+0(FP)")
	s.tiles(name, func(targets, width reg) {
		s.byWidth(name, width, func(name string, w int) {
			wide, out := s.addresses(targets, w), s.copy(dst)
			next, count := rows()
			s.tileScores(name, wide, count, s.length, next, func(sums column) {
				s.storeLanes(sums, out, w)
				s.op("ADD %s<<2, %s", s.n, out)
			})
			s.op("ADD $%d, %s", 4*w, dst)
		})
	})
	s.op("RET")
}

// update generates updateNEON.
func update(a *assembler) {
	a.function("func updateNEON(s *Step, width int)", "updateNEON", 16)
	s := newStep(a, "s+0(FP)", "width+8(FP)")
	s.updates()
	a.op("RET")
}
