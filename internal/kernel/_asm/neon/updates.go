package main

// updates generates the last pass, which has three forms: for targets that fit in one tile
// and several inputs, for such targets and one input, and for any number of both.
func (s *step) updates() {
	s.op("CMP $%d, %s", tileWidth, s.n)
	s.op("BGT update")
	s.op("CMP $1, %s", s.m)
	s.op("BEQ update_pair")
	s.comment("Updates of several inputs and one tile.")
	s.repeatedInputs()
	s.byWidth("window", s.n, s.window)
	s.op("RET")

	s.label("update_pair")
	s.comment("Updates of one input and one tile.")
	s.byWidth("pair", s.n, s.pair)
	s.op("RET")

	s.label("update")
	s.comment("Updates of any number of inputs and tiles.")
	s.manyTiles()
}

// eachColumn generates the loop over columns around body; In and Out advance with it, and rows to
// come are prefetched.
func (s *step) eachColumn(name string, body func()) {
	s.label(name)
	s.prefetch(name)
	free := s.scope()
	body()
	free()
	s.op("ADD $%d, %s", columnBytes, s.in)
	s.op("ADD $%d, %s", columnBytes, s.out)
	s.op("SUBS $%d, %s", columnBytes, s.length)
	s.op("BNE %s", name)
}

// prefetch generates the prefetch of a cache line of each row to come, where the column is
// the first of the two in a line: rows are aligned alike.
func (s *step) prefetch(name string) {
	defer s.scope()()
	s.op("TBNZ $5, %s, %s_fetched", s.in, name)
	rows, count, address := s.reg(), s.reg(), s.reg()
	for _, next := range []struct {
		field string
		base  reg
	}{{"Step_NextInputs", s.in}, {"Step_NextTargets", s.out}} {
		loop, done := name+"_"+next.field, name+"_no_"+next.field
		s.op("MOVD %s(%s), %s", next.field, s.s, rows)
		s.op("MOVD (%s+8)(%s), %s", next.field, s.s, count)
		s.op("CBZ %s, %s", count, done)
		s.label(loop)
		s.row(rows, next.base, address)
		s.op("PRFM (%s), PLDL1KEEP", address)
		s.op("SUBS $1, %s", count)
		s.op("BNE %s", loop)
		s.label(done)
	}
	s.label(name + "_fetched")
}

// window generates the update of w targets and any number of inputs.
func (s *step) window(name string, w int) {
	targets := s.addresses(s.field("Step_Targets"), w)
	s.eachColumn(name, func() {
		old, sums := s.columns(w), s.columns(w)
		for j, target := range targets {
			s.loadColumn(old[j], target)
		}
		s.zero(sums...)
		s.pass(name, s.field(gradients), old, sums, false)
		for j, target := range targets {
			s.loadColumn(old[j], target)
			s.addColumn(old[j], sums[j])
			s.storeNext(old[j], target)
		}
	})
}

// pair generates the update of w targets and one input. The input's sum is taken before the
// first target is written.
func (s *step) pair(name string, w int) {
	targets := s.addresses(s.field("Step_Targets"), w)
	input, g := s.reg(), s.column()
	s.row(s.field("Step_Inputs"), s.in, input)
	s.loadColumn(g, s.field(gradients))
	s.eachColumn(name, func() {
		x, sum, w := s.column(), s.column(), s.column()
		s.loadColumn(x, input)
		for j, target := range targets {
			s.loadColumn(w, target)
			if j == 0 {
				s.scale(sum, g, 0, w)
			} else {
				s.addScaled(sum, g, j, w)
			}
		}
		s.addColumn(sum, x)
		s.storeNext(sum, input)
		for j, target := range targets {
			s.loadColumn(w, target)
			s.addScaled(w, g, j, x)
			s.storeNext(w, target)
		}
	})
}

// manyTiles generates the update of any number of targets: at each column, tile by tile, what
// will be added to inputs and targets is collected in deltas, which start and end as zeros,
// and then added to the rows.
func (s *step) manyTiles() {
	s.eachColumn("columns", func() {
		gradientTile, delta := s.field(gradients), s.field(deltas)
		sums := s.reg() // those of the targets follow those of the inputs
		s.op("ADD %s<<5, %s, %s", s.m, delta, sums)
		s.tiles("update", func(targets, width reg) {
			s.byWidth("update", width, func(name string, w int) {
				old, sum := s.columns(w), s.columns(w)
				address := s.reg()
				for j := range old {
					s.row(targets, s.out, address)
					s.loadColumn(old[j], address)
				}
				s.zero(sum...)
				s.pass(name, gradientTile, old, sum, true)
				for j := range sum {
					s.storeNext(sum[j], sums)
				}
			})
		})
		s.apply("apply_inputs", s.field("Step_Inputs"), s.m, s.in, delta)
		s.apply("apply_targets", s.field("Step_Targets"), s.n, s.out, delta)
	})
}

// repeatedInputs generates the search for inputs that are listed more than once. The first of them gets
// the sum of their gradients and the others get zeros: then an input can be written as soon as
// its sum is known.
func (s *step) repeatedInputs() {
	defer s.scope()()
	inputs, gradientTiles := s.field("Step_Inputs"), s.field(gradients)
	last, earlier, id, other, list, from, to := s.reg(), s.reg(), s.reg(), s.reg(), s.reg(), s.reg(), s.reg()
	s.op("SUB $1, %s, %s", s.m, last)
	s.label("repeated_input")
	s.op("ADD %s<<2, %s, %s", last, inputs, list)
	s.op("MOVW (%s), %s", list, id)
	s.op("MOVD %s, %s", inputs, list)
	s.op("MOVD $0, %s", earlier)
	s.label("earlier_input")
	s.op("MOVW.P 4(%s), %s", list, other)
	s.op("CMP %s, %s", id, other)
	s.op("BEQ same_input")
	s.op("ADD $1, %s", earlier)
	s.op("CMP %s, %s", last, earlier)
	s.op("BLT earlier_input")
	s.op("B next_input")
	s.label("same_input")
	sum, g := s.column(), s.column()
	s.op("ADD %s<<5, %s, %s", last, gradientTiles, from)
	s.op("ADD %s<<5, %s, %s", earlier, gradientTiles, to)
	s.loadColumn(sum, to)
	s.loadColumn(g, from)
	s.addColumn(sum, g)
	s.storeColumn(sum, to)
	s.zero(g)
	s.storeColumn(g, from)
	s.label("next_input")
	s.op("SUBS $1, %s", last)
	s.op("BNE repeated_input")
}

// pass generates the loop over inputs at one column: each adds to the sums of the targets. What is to be
// added to itself is added at once, or to what is stored in deltas. The register
// of gradient tiles is left behind those of the tile.
func (s *step) pass(name string, gradientTile reg, old, sums []column, collect bool) {
	defer s.scope()()
	inputs, count, delta, row := s.field("Step_Inputs"), s.copy(s.m), s.field(deltas), s.reg()
	x, g, d := s.column(), s.column(), s.column()
	s.label(name + "_inputs")
	s.row(inputs, s.in, row)
	s.loadColumn(x, row)
	s.loadNext(g, gradientTile)
	if collect {
		s.loadColumn(d, delta)
	}
	for j := range old {
		if j == 0 && !collect {
			s.scale(d, g, j, old[j])
		} else {
			s.addScaled(d, g, j, old[j])
		}
		s.addScaled(sums[j], g, j, x)
	}
	if collect {
		s.storeNext(d, delta)
	} else {
		s.addColumn(d, x)
		s.storeColumn(d, row)
	}
	s.op("SUBS $1, %s", count)
	s.op("BNE %s_inputs", name)
}

// apply generates the loop that adds to each row listed what deltas hold for it, and leaves
// zeros there. The register of deltas is left behind them.
func (s *step) apply(name string, rows, count, base, delta reg) {
	defer s.scope()()
	left, address, d, value, zero := s.copy(count), s.reg(), s.column(), s.column(), s.column()
	s.zero(zero)
	s.label(name)
	s.row(rows, base, address)
	s.loadColumn(value, address)
	s.loadColumn(d, delta)
	s.storeNext(zero, delta)
	s.addColumn(value, d)
	s.storeColumn(value, address)
	s.op("SUBS $1, %s", left)
	s.op("BNE %s", name)
}
