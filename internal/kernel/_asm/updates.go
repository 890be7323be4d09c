package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// prefetchGroup is the number of rows that are prefetched in one turn of the
// loop over them; scratch has room for one group more than there are rows.
const prefetchGroup = 4

// updates generates pass 4, which has three forms: for targets that fit in one
// tile and several inputs, for such targets and one input, and for any number of both.
func (s *step) updates() {
	Comment("Pass 4: updates.")
	s.firstTile()
	CMPQ(s.left, U8(tileWidth))
	JG(LabelRef("tiles"))
	CMPQ(s.inputs, I8(-8))
	JE(LabelRef("pair"))

	s.repeatedInputs()
	byWidth("window", s.width(), s.window)
	JMP(LabelRef("updated"))

	Label("pair")
	byWidth("pair", s.width(), s.pair)
	JMP(LabelRef("updated"))

	s.tiles()
	Label("updated")
}

// width generates the load of the number of targets that are left.
func (s *step) width() GPVirtual {
	width := GP64()
	MOVQ(s.left, width)
	return width
}

// repeatedInputs generates the search for inputs that are listed more than once. The first of them gets
// the sum of their gradients and the others get zeros: then an input can be written as soon as
// its sum is known.
func (s *step) repeatedInputs() {
	list, count := s.value(s.Field("Inputs").Base()), s.value(s.Field("Inputs").Len())
	one := YMM()
	VMOVUPS(table("ones", 8, func(int) uint32 { return 1 }), one)
	base, left := GP64(), GP64()
	MOVQ(list, base)
	MOVQ(count, left)

	Comment("Eight inputs at a time are compared with all.")
	Label("search")
	tooFew, masks := GP64(), GP64()
	MOVQ(U32(8), tooFew)
	SUBQ(left, tooFew)
	zero := GP64()
	XORQ(zero, zero)
	TESTQ(tooFew, tooFew)
	CMOVQLT(zero, tooFew)
	LEAQ(table("firstLanes", 16, func(k int) uint32 {
		if k < 8 {
			return 1<<32 - 1
		}
		return 0
	}), masks)
	ids, mask, seen := YMM(), YMM(), YMM()
	VMOVUPS(Mem{Base: masks, Index: tooFew, Scale: 4}, mask)
	VPMASKMOVD(Mem{Base: base}, mask, ids)
	VXORPS(seen, seen, seen)
	i := GP64()
	XORQ(i, i)
	Label("compare")
	same := YMM()
	VPBROADCASTD(Mem{Base: list, Index: i, Scale: 4}, same)
	VPCMPEQD(ids, same, same)
	VPSUBD(same, seen, seen)
	INCQ(i)
	CMPQ(i, count)
	JL(LabelRef("compare"))
	VPAND(mask, seen, seen)
	VPCMPGTD(one, seen, seen)
	VPTEST(seen, seen)
	JNZ(LabelRef("repeated"))
	ADDQ(U8(32), base)
	SUBQ(U8(8), left)
	JG(LabelRef("search"))
	JMP(LabelRef("distinct"))

	Comment("Each input is compared with those before it.")
	Label("repeated")
	gradients := s.buffer("gradients")
	last := GP64()
	LEAQ(Mem{Base: count, Disp: -1}, last)
	Label("repeated_input")
	earlier, id := GP64(), GP32()
	XORQ(earlier, earlier)
	MOVL(Mem{Base: list, Index: last, Scale: 4}, id)
	Label("earlier_input")
	CMPL(id, Mem{Base: list, Index: earlier, Scale: 4})
	JE(LabelRef("same_input"))
	INCQ(earlier)
	CMPQ(earlier, last)
	JL(LabelRef("earlier_input"))
	JMP(LabelRef("next_input"))
	Label("same_input")
	from, to, sum, nothing := GP64(), GP64(), YMM(), YMM()
	MOVQ(last, from)
	SHLQ(U8(5), from)
	ADDQ(gradients, from)
	MOVQ(earlier, to)
	SHLQ(U8(5), to)
	ADDQ(gradients, to)
	VMOVUPS(Mem{Base: from}, sum)
	VADDPS(Mem{Base: to}, sum, sum)
	VMOVUPS(sum, Mem{Base: to})
	VXORPS(nothing, nothing, nothing)
	VMOVUPS(nothing, Mem{Base: from})
	Label("next_input")
	DECQ(last)
	JNZ(LabelRef("repeated_input"))
	Label("distinct")
}

// eachColumn generates a loop over columns around body, which gets how many it has at once, and the
// last one alone if the number of columns is odd.
func (s *step) eachColumn(name string, row Register, body func(name string, column Register, columns int)) {
	column := s.firstColumn()
	if s.columns == 1 {
		Label(name)
		s.prefetchLine(name, row, column, 1)
		body(name, column, 1)
		s.nextColumn(name, column)
		return
	}
	last := AllocLocal(8)
	odd := GP64()
	MOVQ(s.start, odd)
	ANDQ(I32(s.bytes), odd) // the bit of the negated length is that of the length
	NEGQ(odd)
	MOVQ(odd, last)
	CMPQ(column, last)
	JGE(LabelRef(name + "_last"))
	Label(name)
	s.prefetchLine(name, row, column, 2)
	body(name, column, 2)
	ADDQ(I32(2*s.bytes), column)
	CMPQ(column, last)
	JL(LabelRef(name))
	Label(name + "_last")
	TESTQ(column, column)
	JZ(LabelRef(name + "_columns_done"))
	s.prefetchLine(name+"_last", row, column, 1)
	body(name+"_last", column, 1)
	Label(name + "_columns_done")
}

// rowColumns is the memory of some columns of a row.
func (s *step) rowColumns(row, column Register, columns int) []Mem {
	m := make([]Mem, columns)
	for c := range m {
		m[c] = at(row, column).Offset(c * s.bytes)
	}
	return m
}

func (s *step) loadAll(memory []Mem) []VecVirtual {
	loaded := make([]VecVirtual, len(memory))
	for c, m := range memory {
		loaded[c] = s.load(m)
	}
	return loaded
}

// window generates the update of w targets and several inputs.
func (s *step) window(name string, w int) {
	targets := s.targetEnds(w)
	s.eachColumn(name, targets[0], func(name string, column Register, columns int) {
		inputs := s.inputArrays(columns)
		old, sums := make([][]VecVirtual, w), make([][]VecVirtual, w)
		for j := range old {
			old[j], sums[j] = s.loadAll(s.rowColumns(targets[j], column, columns)), s.zeros(columns)
		}
		inputs.pass(name+"_inputs", column, old, sums, false)
		for j, sum := range sums {
			for c, m := range s.rowColumns(targets[j], column, columns) {
				addTo(m, sum[c])
			}
		}
	})
}

// pair generates the update of w targets and one input. The gradients stay in
// registers, and the input's sum is taken before the first target is written.
func (s *step) pair(name string, w int) {
	targets := s.targetEnds(w)
	input, gradientTile := s.value(s.scratch("addresses").Base()), s.buffer("gradients")
	MOVQ(Mem{Base: input}, input)
	g := s.vectors(w)
	for j := range g {
		VBROADCASTSS(Mem{Base: gradientTile, Disp: 4 * j}, g[j])
	}
	s.eachColumn(name, input, func(_ string, column Register, columns int) {
		x, sum := s.loadAll(s.rowColumns(input, column, columns)), s.vectors(columns)
		for j, target := range targets {
			for c, m := range s.rowColumns(target, column, columns) {
				if j == 0 {
					VMULPS(m, g[0], sum[c])
				} else {
					VFMADD231PS(m, g[j], sum[c])
				}
			}
		}
		for c, m := range s.rowColumns(input, column, columns) {
			VADDPS(x[c], sum[c], sum[c])
			VMOVUPS(sum[c], m)
		}
		for j, target := range targets {
			s.addToTarget(target, column, g[j], x)
		}
	})
}

// addToTarget generates the addition of g times an input, of which x has some columns, to a target.
func (s *step) addToTarget(target, column Register, g VecVirtual, x []VecVirtual) {
	for c, m := range s.rowColumns(target, column, len(x)) {
		updated := s.vector()
		VMOVAPS(x[c], updated)
		VFMADD213PS(m, g, updated)
		VMOVUPS(updated, m)
	}
}

// tiles generates the update of any number of targets: at some columns, tile by
// tile, what will be added to inputs and targets is collected in deltas, which
// start and end as zeros, and then added to the rows.
func (s *step) tiles() {
	Label("tiles")
	s.firstTile()
	first := GP64()
	MOVQ(s.target, first)
	MOVQ(Mem{Base: first}, first)
	s.eachColumn("columns", first, func(prefix string, column Register, columns int) {
		s.firstTile()
		inputs := s.inputArrays(columns)
		sums := GP64()
		MOVQ(inputs.deltas, sums) // those of the targets follow those of the inputs

		Label(prefix + "_tile")
		width := s.tileWidth()
		byWidth(prefix+"_tile", width, func(name string, w int) {
			target, row := GP64(), GP64()
			MOVQ(s.target, target)
			old, sum := make([][]VecVirtual, w), make([][]VecVirtual, w)
			for j := range old {
				MOVQ(Mem{Base: target, Disp: 8 * j}, row)
				old[j], sum[j] = s.loadAll(s.rowColumns(row, column, columns)), s.zeros(columns)
			}
			inputs.pass(name, column, old, sum, true)
			for j := range sum {
				for c := range columns {
					VMOVUPS(sum[j][c], Mem{Base: sums, Disp: s.bytes * (columns*j + c)})
				}
			}
		})
		Comment("The gradient tiles of the next tile follow.")
		rows := s.value(s.scratch("rows"))
		SHLQ(U8(5), rows)
		ADDQ(rows, inputs.gradientTiles)
		sumBytes := GP64()
		MOVQ(width, sumBytes)
		SHLQ(U8(s.shift()+columns-1), sumBytes)
		ADDQ(sumBytes, sums)
		s.nextTile(width, prefix+"_tile")

		Comment("Rows and deltas are both in the order inputs, targets.")
		list, deltas, row, end := s.value(s.scratch("addresses").Base()), s.buffer("deltas"), GP64(), GP64()
		zero := s.zeros(1)[0]
		MOVQ(s.target, end)
		Label(prefix + "_apply")
		MOVQ(Mem{Base: list}, row)
		for c, m := range s.rowColumns(row, column, columns) {
			delta := s.load(Mem{Base: deltas, Disp: c * s.bytes})
			VMOVUPS(zero, Mem{Base: deltas, Disp: c * s.bytes})
			addTo(m, delta)
		}
		ADDQ(I32(columns*s.bytes), deltas)
		ADDQ(U8(8), list)
		CMPQ(list, end)
		JNE(LabelRef(prefix + "_apply"))
	})
}

// inputArrays are the ends of three arrays with an element for each input: addresses,
// deltas, and the gradient tiles of a tile.
type inputArrays struct {
	*step
	columns                     int
	rows, deltas, gradientTiles GPVirtual
}

func (s *step) inputArrays(columns int) inputArrays {
	a := inputArrays{s, columns, s.value(s.scratch("addresses").Base()), s.buffer("deltas"), s.buffer("gradients")}
	bytes := GP64()
	MOVQ(s.inputs, bytes)
	SUBQ(bytes, a.rows)
	SHLQ(U8(2), bytes)
	SUBQ(bytes, a.gradientTiles)
	if scale := columns * s.bytes / gradientTileBytes; scale > 1 {
		SHLQ(U8(scale/2), bytes) // 2 or 4 times
	}
	SUBQ(bytes, a.deltas)
	return a
}

// pass generates the loop over inputs at some columns. An input adds to the sums of the targets. What is
// to be added to itself is added at once, or to what is stored in deltas.
func (a inputArrays) pass(name string, column Register, old, sums [][]VecVirtual, collect bool) {
	i, delta := GP64(), GP64()
	MOVQ(a.inputs, i)
	if collect {
		MOVQ(i, delta)
		SHLQ(U8(2+(a.columns*a.bytes/gradientTileBytes)/2), delta)
		ADDQ(a.deltas, delta)
	}
	Label(name)
	row := GP64()
	MOVQ(Mem{Base: a.rows, Index: i, Scale: 1}, row)
	memory := a.rowColumns(row, column, a.columns)
	x := a.loadAll(memory)
	moves, second := a.vectors(a.columns), make([]VecVirtual, a.columns)
	if collect {
		for c := range moves {
			VMOVUPS(Mem{Base: delta, Disp: c * a.bytes}, moves[c])
		}
	}
	for j := range old {
		g := a.vector()
		VBROADCASTSS(Mem{Base: a.gradientTiles, Index: i, Scale: 4, Disp: 4 * j}, g)
		for c := range moves {
			switch {
			case j == 0 && !collect:
				VMULPS(g, old[j][c], moves[c])
			case j == 1 && !collect:
				second[c] = a.vector()
				VMULPS(g, old[j][c], second[c])
			case j%2 == 1 && !collect:
				VFMADD231PS(g, old[j][c], second[c])
			default:
				VFMADD231PS(g, old[j][c], moves[c])
			}
		}
		for c := range moves {
			VFMADD231PS(g, x[c], sums[j][c])
		}
	}
	for c := range moves {
		if collect {
			VMOVUPS(moves[c], Mem{Base: delta, Disp: c * a.bytes})
		} else {
			if len(old) > 1 {
				VADDPS(second[c], moves[c], moves[c])
			}
			VADDPS(x[c], moves[c], moves[c])
			VMOVUPS(moves[c], memory[c])
		}
	}
	if collect {
		ADDQ(I32(a.columns*a.bytes), delta)
	}
	ADDQ(U8(8), i)
	JNZ(LabelRef(name))
}

// addTo generates the addition of a register, which it overwrites, to memory.
func addTo(memory Mem, delta VecVirtual) {
	VADDPS(memory, delta, delta)
	VMOVUPS(delta, memory)
}

// firstColumn generates the start of a loop over columns.
func (s *step) firstColumn() GPVirtual {
	column := GP64()
	MOVQ(s.start, column)
	return column
}

// prefetchLine generates the prefetch of the cache lines of each row to come that begin in some
// columns of the given row: rows are aligned alike. Rows are fetched by the group, the last of which is
// filled up.
func (s *step) prefetchLine(name string, row, column Register, columns int) {
	i, next, rows := GP64(), GP64(), GP64()
	if s.bytes*columns < lineBytes {
		LEAQ(at(row, column), next)
		TESTQ(U32(s.bytes), next)
		JNZ(LabelRef(name + "_fetched"))
	}
	MOVQ(s.prefetch, i)
	TESTQ(i, i)
	JZ(LabelRef(name + "_fetched"))
	MOVQ(s.prefetchEnd, rows)
	Label(name + "_fetch")
	for k := range prefetchGroup {
		MOVQ(Mem{Base: rows, Disp: 8 * k, Index: i, Scale: 1}, next)
		for line := 0; line < max(s.bytes*columns, lineBytes); line += lineBytes {
			PREFETCHT0(at(next, column).Offset(line))
		}
	}
	ADDQ(U8(8*prefetchGroup), i)
	JL(LabelRef(name + "_fetch"))
	Label(name + "_fetched")
}
