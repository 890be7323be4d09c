package main

// step is the code of one training step: the registers that its passes share.
type step struct {
	*assembler
	s        reg // *Step
	in, out  reg // the matrices, at the column of those passes that advance through columns
	rowBytes reg
	length   reg // bytes of the columns in use
	m, n     reg // numbers of inputs and targets
	width    reg // targets in a tile
}

// Operands of the fields of the Step.
const (
	gradients = "(Step_scratch+scratch_buffers+buffers_gradients)"
	deltas    = "(Step_scratch+scratch_buffers+buffers_deltas)"
	above     = "(Step_scratch+scratch_pendingLoss+pendingLoss_above)"
	product   = "(Step_scratch+scratch_pendingLoss+pendingLoss_product)"
	exponents = "(Step_scratch+scratch_pendingLoss+pendingLoss_exponents)"
)

// trainingStep generates stepNEON.
func trainingStep(a *assembler) {
	a.function("func stepNEON(s *Step, width int)", "stepNEON", 16)
	s := newStep(a, "s+0(FP)", "width+8(FP)")
	s.scores()
	s.gradients()
	s.updates()
	a.op("RET")
}

// newStep loads what the passes share, from the parameters that are named.
func newStep(a *assembler, stepParameter, widthParameter string) *step {
	s := &step{assembler: a}
	s.s = a.load(stepParameter)
	s.width = a.load(widthParameter)
	s.in, s.out = s.field("Step_In"), s.field("Step_Out")
	s.rowBytes, s.length = s.field("Step_Stride"), s.field("Step_Dim")
	s.m, s.n = s.field("(Step_Inputs+8)"), s.field("(Step_Targets+8)")
	a.op("LSL $2, %s", s.rowBytes)
	a.op("ADD $7, %s", s.length)
	a.op("LSR $3, %s", s.length)
	a.op("LSL $5, %s", s.length)
	return s
}

// field loads a field of the Step, of eight bytes.
func (s *step) field(name string) reg { return s.load(name + "(" + s.s.String() + ")") }

// tiles generates the loop over tiles around body, which finds in targets where the row
// numbers of the tile are, and leaves behind it those of the next tile.
func (s *step) tiles(name string, body func(targets, width reg)) {
	defer s.scope()()
	targets, left, width := s.field("Step_Targets"), s.copy(s.n), s.reg()
	s.label(name + "_tile")
	s.minimum(width, left, s.width)
	body(targets, width)
	s.op("SUBS %s, %s", width, left)
	s.op("BNE %s_tile", name)
}

// scores generates the pass that computes the gradient tiles.
func (s *step) scores() {
	s.comment("Scores: a gradient tile for each tile and input.")
	defer s.scope()()
	gradientTile := s.field(gradients)
	s.tiles("scores", func(targets, width reg) {
		s.byWidth("scores", width, func(name string, w int) {
			wide := s.addresses(targets, w)
			inputs, count := s.field("Step_Inputs"), s.copy(s.m)
			next := func() reg {
				address := s.reg()
				s.row(inputs, s.in, address)
				return address
			}
			s.tileScores(name, wide, count, s.length, next, func(sums column) { s.storeNext(sums, gradientTile) })
		})
	})
}

// row generates the address of the row whose number is next in a list, at the column that
// base has advanced to.
func (s *step) row(list, base, address reg) {
	s.op("MOVW.P 4(%s), %s", list, address)
	s.op("MADD %s, %s, %s, %s", s.rowBytes, base, address, address)
}

// addresses generates the addresses of the next n targets.
func (s *step) addresses(targets reg, n int) []reg {
	rows := make([]reg, n)
	for j := range rows {
		rows[j] = s.reg()
		s.row(targets, s.out, rows[j])
	}
	return rows
}
