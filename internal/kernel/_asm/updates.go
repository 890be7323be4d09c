package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// unrolledInputs is the largest number of inputs that has code of its own: that
// of a window of five words to either side.
const unrolledInputs = 10

// prefetchGroup is the number of rows that are prefetched in one turn of the
// loop over them; scratch has room for one group more than there are rows.
const prefetchGroup = 4

// updates generates pass 4, which has three forms: for targets that fit in one
// tile and several inputs, for such targets and one input, and for any number of both.
func (s *step) updates() {
	Comment("Pass 4: updates.")
	s.firstTile()
	width := GP64()
	MOVQ(s.left, width)
	CMPQ(width, U8(tileWidth))
	JG(LabelRef("tiles"))
	CMPQ(s.inputs, I8(-8))
	JE(LabelRef("pair"))

	byWidth("window", width, s.window)
	JMP(LabelRef("updated"))

	Label("pair")
	byWidth("pair", width, s.pair)
	JMP(LabelRef("updated"))

	s.tiles()
	Label("updated")
}

// window generates the update of w targets and any number of inputs. The numbers of
// inputs of usual windows with a full tile have code of their own: the loop's
// number of turns would change from window to window, and be mispredicted at
// most columns.
func (s *step) window(name string, w int) {
	if w == tileWidth {
		for m := 2; m <= unrolledInputs; m++ {
			other := fmt.Sprintf("%s_not%d", name, m)
			CMPQ(s.inputs, I8(-8*m))
			JNE(LabelRef(other))
			s.unrolledWindow(fmt.Sprintf("%s_%d", name, m), w, m)
			JMP(LabelRef("updated"))
			Label(other)
		}
	}
	targets := s.targetEnds(w)
	inputs := s.inputArrays()
	column := s.firstColumn()

	Label(name)
	s.prefetchLine(name, targets[0], column)
	old := make([]VecVirtual, w)
	for j := range old {
		old[j] = YMM()
		VMOVUPS(at(targets[j], column), old[j])
	}
	sums := zeros(w)
	inputs.pass(name+"_inputs", s.inputs, column, old, sums, false)
	for j, sum := range sums {
		addTo(at(targets[j], column), sum)
	}
	i, row, delta := GP64(), GP64(), YMM()
	MOVQ(s.inputs, i)
	Label(name + "_apply")
	MOVQ(Mem{Base: inputs.rows, Index: i, Scale: 1}, row)
	VMOVUPS(Mem{Base: inputs.deltas, Index: i, Scale: 4}, delta)
	addTo(at(row, column), delta)
	ADDQ(U8(8), i)
	JNZ(LabelRef(name + "_apply"))
	nextColumn(name, column)
}

// unrolledWindow generates the update of w targets and m inputs.
func (s *step) unrolledWindow(name string, w, m int) {
	targets := s.targetEnds(w)
	rows, deltas, gradientTiles := s.load(s.scratch("addresses").Base()), s.buffer("deltas"), s.buffer("gradients")
	column := s.firstColumn()

	Label(name)
	s.prefetchLine(name, targets[0], column)
	old := make([]VecVirtual, w)
	for j := range old {
		old[j] = YMM()
		VMOVUPS(at(targets[j], column), old[j])
	}
	sums := zeros(w)
	for i := range m {
		input{
			row:          Mem{Base: rows, Disp: 8 * i},
			gradientTile: Mem{Base: gradientTiles, Disp: gradientTileBytes * i},
			delta:        Mem{Base: deltas, Disp: columnBytes * i},
		}.pass(column, old, sums, false)
	}
	for j, sum := range sums {
		addTo(at(targets[j], column), sum)
	}
	for i := range m {
		row, delta := GP64(), YMM()
		MOVQ(Mem{Base: rows, Disp: 8 * i}, row)
		VMOVUPS(Mem{Base: deltas, Disp: columnBytes * i}, delta)
		addTo(at(row, column), delta)
	}
	nextColumn(name, column)
}

// pair generates the update of w targets and one input. The gradients stay in
// registers, and the input's sum is taken before the first target is written.
func (s *step) pair(name string, w int) {
	targets := s.targetEnds(w)
	input, gradientTile := s.load(s.scratch("addresses").Base()), s.buffer("gradients")
	MOVQ(Mem{Base: input}, input)
	g := make([]VecVirtual, w)
	for j := range g {
		g[j] = YMM()
		VBROADCASTSS(Mem{Base: gradientTile, Disp: 4 * j}, g[j])
	}
	column := s.firstColumn()

	Label(name)
	s.prefetchLine(name, input, column)
	x, sum := YMM(), YMM()
	VMOVUPS(at(input, column), x)
	VMULPS(at(targets[0], column), g[0], sum)
	for j := 1; j < w; j++ {
		VFMADD231PS(at(targets[j], column), g[j], sum)
	}
	VADDPS(x, sum, sum)
	VMOVUPS(sum, at(input, column))
	for j, target := range targets {
		updated := YMM()
		VMOVAPS(x, updated)
		VFMADD213PS(at(target, column), g[j], updated)
		VMOVUPS(updated, at(target, column))
	}
	nextColumn(name, column)
}

// tiles generates the update of any number of targets: at each column, tile by
// tile, what will be added to inputs and targets is collected in deltas, which
// start and end as zeros, and then added to the rows.
func (s *step) tiles() {
	Label("tiles")
	column := s.firstColumn()

	Label("columns")
	s.firstTile()
	first := GP64()
	MOVQ(s.target, first)
	MOVQ(Mem{Base: first}, first)
	s.prefetchLine("columns", first, column)
	inputs := s.inputArrays()
	sums := GP64()
	MOVQ(inputs.deltas, sums) // those of the targets follow those of the inputs

	Label("tile")
	width := s.tileWidth()
	byWidth("tile", width, func(name string, w int) {
		target, row := GP64(), GP64()
		MOVQ(s.target, target)
		old := make([]VecVirtual, w)
		for j := range old {
			old[j] = YMM()
			MOVQ(Mem{Base: target, Disp: 8 * j}, row)
			VMOVUPS(at(row, column), old[j])
		}
		sum := zeros(w)
		inputs.pass(name, s.inputs, column, old, sum, true)
		for j := range sum {
			VMOVUPS(sum[j], Mem{Base: sums, Disp: columnBytes * j})
		}
	})
	Comment("The gradient tiles of the next tile follow, m of them.")
	gradientTileBytes := GP64()
	MOVQ(s.inputs, gradientTileBytes)
	SHLQ(U8(2), gradientTileBytes)
	SUBQ(gradientTileBytes, inputs.gradientTiles)
	sumBytes := GP64()
	MOVQ(width, sumBytes)
	SHLQ(U8(5), sumBytes)
	ADDQ(sumBytes, sums)
	s.nextTile(width, "tile")

	Comment("Rows and deltas are both in the order inputs, targets.")
	rows, deltas, row, end := s.load(s.scratch("addresses").Base()), s.buffer("deltas"), GP64(), GP64()
	delta, zero := YMM(), zeros(1)[0]
	MOVQ(s.target, end)
	Label("apply")
	MOVQ(Mem{Base: rows}, row)
	VMOVUPS(Mem{Base: deltas}, delta)
	VMOVUPS(zero, Mem{Base: deltas})
	addTo(at(row, column), delta)
	ADDQ(U8(columnBytes), deltas)
	ADDQ(U8(8), rows)
	CMPQ(rows, end)
	JNE(LabelRef("apply"))
	nextColumn("columns", column)
}

// inputArrays are the ends of three arrays with an element for each input: addresses,
// deltas, and the gradient tiles of a tile.
type inputArrays struct{ rows, deltas, gradientTiles GPVirtual }

func (s *step) inputArrays() inputArrays {
	a := inputArrays{rows: s.load(s.scratch("addresses").Base()), deltas: s.buffer("deltas"), gradientTiles: s.buffer("gradients")}
	bytes := GP64()
	MOVQ(s.inputs, bytes)
	SUBQ(bytes, a.rows)
	SHLQ(U8(2), bytes)
	SUBQ(bytes, a.deltas)
	SUBQ(bytes, a.gradientTiles)
	return a
}

// pass generates the loop over inputs at one column; see input.pass.
func (a inputArrays) pass(name string, start Mem, column Register, old, sums []VecVirtual, accumulate bool) {
	i := GP64()
	MOVQ(start, i)
	Label(name)
	input{
		row:          Mem{Base: a.rows, Index: i, Scale: 1},
		gradientTile: Mem{Base: a.gradientTiles, Index: i, Scale: 4},
		delta:        Mem{Base: a.deltas, Index: i, Scale: 4},
	}.pass(column, old, sums, accumulate)
	ADDQ(U8(8), i)
	JNZ(LabelRef(name))
}

// An input has the places of what belongs to one input: its address, its gradient tile, and what is to
// be added to it at a column.
type input struct{ row, gradientTile, delta Mem }

// pass generates what one input does at one column: it adds to the sums of the
// targets, and what is to be added to itself is stored, or added to what is stored.
func (in input) pass(column Register, old, sums []VecVirtual, accumulate bool) {
	row, x, delta := GP64(), YMM(), YMM()
	MOVQ(in.row, row)
	VMOVUPS(at(row, column), x)
	if accumulate {
		VMOVUPS(in.delta, delta)
	}
	for j := range old {
		g := YMM()
		VBROADCASTSS(in.gradientTile.Offset(4*j), g)
		if j == 0 && !accumulate {
			VMULPS(g, old[j], delta)
		} else {
			VFMADD231PS(g, old[j], delta)
		}
		VFMADD231PS(g, x, sums[j])
	}
	VMOVUPS(delta, in.delta)
}

// addTo generates the addition of a register, which it overwrites, to memory.
func addTo(memory Mem, delta VecVirtual) {
	VADDPS(memory, delta, delta)
	VMOVUPS(delta, memory)
}

// firstColumn and nextColumn generate the two ends of a loop over columns.
func (s *step) firstColumn() GPVirtual {
	column := GP64()
	MOVQ(s.start, column)
	return column
}

func nextColumn(loop string, column Register) {
	ADDQ(U8(columnBytes), column)
	JNZ(LabelRef(loop))
}

// prefetchLine generates the prefetch of one cache line of each row to come, where
// the column is the first of two in a line of the given row: rows are
// aligned alike. Rows are fetched by the group, the last of which is filled up.
func (s *step) prefetchLine(name string, row, column Register) {
	i, next, rows := GP64(), GP64(), GP64()
	LEAQ(at(row, column), next)
	TESTQ(U32(columnBytes), next)
	JNZ(LabelRef(name + "_fetched"))
	MOVQ(s.prefetch, i)
	TESTQ(i, i)
	JZ(LabelRef(name + "_fetched"))
	MOVQ(s.prefetchEnd, rows)
	Label(name + "_fetch")
	for k := range prefetchGroup {
		MOVQ(Mem{Base: rows, Disp: 8 * k, Index: i, Scale: 1}, next)
		PREFETCHT0(at(next, column))
	}
	ADDQ(U8(8*prefetchGroup), i)
	JL(LabelRef(name + "_fetch"))
	Label(name + "_fetched")
}
