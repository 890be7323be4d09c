package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// tileWidth is the number of rows on the wide side of a tile. Two times six
// accumulators, a row and two values of the other side fill sixteen registers.
const tileWidth = 6

// byWidth generates a variant of the code for each width of a tile and the
// comparisons that choose among them.
func byWidth(name string, width Register, variant func(name string, width int)) {
	for w := tileWidth; w >= 1; w-- {
		next := fmt.Sprintf("%s_not%d", name, w)
		if w > 1 {
			CMPQ(width, U8(w))
			JNE(LabelRef(next))
		}
		variant(fmt.Sprintf("%s%d", name, w), w)
		if w > 1 {
			JMP(LabelRef(name + "_end"))
			Label(next)
		}
	}
	Label(name + "_end")
}

// tileScores generates the loop over count rows, two at a time and then the
// odd one, that multiplies them with the rows whose ends are in wide. Calling row
// must generate the code that yields the end of the next row; calling store, the
// code that stores the gradient tiles of one row or two. If they share a register, that is
// the only one; its other lanes are zero.
func (f form) tileScores(name string, wide []Register, count Register, start Mem, row func() Register, store func(tiles []VecVirtual, rows int)) {
	w := len(wide)
	two, one := f.sumsMask(w, 2), f.sumsMask(w, 1)
	Label(name + "_pairs")
	CMPQ(count, U8(2))
	JL(LabelRef(name + "_odd"))
	store(f.gradientTiles(f.innerProducts(name+"_pair", []Register{row(), row()}, wide, start), two), 2)
	SUBQ(U8(2), count)
	JMP(LabelRef(name + "_pairs"))

	Label(name + "_odd")
	TESTQ(count, count)
	JZ(LabelRef(name + "_done"))
	store(f.gradientTiles(f.innerProducts(name+"_single", []Register{row()}, wide, start), one), 1)
	Label(name + "_done")
}

// sumsMask generates the mask that gradientTiles needs, if any.
func (f form) sumsMask(w, rows int) Register {
	if !f.evex {
		return nil
	}
	return f.tileMask(w, min(rows, f.tiles()))
}

// innerProducts generates the loop over columns that accumulates the products of
// each of the rows with each of the wide rows, lane by lane. start is the
// offset of the first column from the end of a row.
func (f form) innerProducts(name string, rows, wide []Register, start Mem) [][]VecVirtual {
	acc := make([][]VecVirtual, len(rows))
	for i := range rows {
		acc[i] = f.zeros(len(wide))
	}
	column := GP64()
	MOVQ(start, column)

	Label(name)
	x := make([]VecVirtual, len(rows))
	for i, row := range rows {
		x[i] = f.load(at(row, column))
	}
	for j, row := range wide {
		w := f.load(at(row, column))
		for i := range rows {
			VFMADD231PS(w, x[i], acc[i][j])
		}
	}
	f.nextColumn(name, column)
	return acc
}

// gradientTiles generates the sums over the lanes of the accumulators of one input or two. A
// gradient tile has the sum of accumulator j in lane j and zeros behind the sums.
func (f form) gradientTiles(acc [][]VecVirtual, mask Register) []VecVirtual {
	switch {
	case f.bytes == 64:
		return []VecVirtual{f.laneSumsOfPair(acc, mask)}
	case f.evex:
		var tiles []VecVirtual
		for _, a := range acc {
			tiles = append(tiles, f.maskedLaneSums(a, mask))
		}
		return tiles
	}
	var tiles []VecVirtual
	for _, a := range acc {
		tiles = append(tiles, f.laneSums(a))
	}
	return tiles
}

// addShuffled generates the sum of two shuffles of a and b. A shuffle takes half of its parts from either.
func addShuffled(f form, shuffle func(...Op), first, second int, a, b VecVirtual) VecVirtual {
	x, y := f.vector(), f.vector()
	shuffle(U8(first), b, a, x)
	shuffle(U8(second), b, a, y)
	VADDPS(x, y, y)
	return y
}

// quads generates the last two levels of sums over lanes: v[e] has in each part of four lanes four
// parts of a sum, which becomes lane e there. v has one to four registers; lanes without a register are
// of no use. The mask says which lanes of the result are kept.
func (f form) quads(v []VecVirtual, mask Register) VecVirtual {
	get := func(k int) VecVirtual { return v[min(k, len(v)-1)] }
	x := addShuffled(f, VSHUFPS, 0x88, 0xDD, get(0), get(1))
	y := x
	if len(v) > 2 {
		y = addShuffled(f, VSHUFPS, 0x88, 0xDD, get(2), get(3))
	}
	even, odd, sums := f.vector(), f.vector(), f.vector()
	VSHUFPS(U8(0x88), y, x, even)
	VSHUFPS(U8(0xDD), y, x, odd)
	VADDPS_Z(even, odd, mask, sums)
	return sums
}

// maskedLaneSums generates the sums over eight lanes of up to eight registers.
func (f form) maskedLaneSums(acc []VecVirtual, mask Register) VecVirtual {
	var v []VecVirtual
	for e := range min(len(acc), 4) {
		low, high := acc[e], acc[e]
		if e+4 < len(acc) {
			high = acc[e+4]
		}
		v = append(v, addShuffled(f, VSHUFF32X4, 0x0, 0x3, low, high))
	}
	return f.quads(v, mask)
}

// laneSumsOfPair generates the sums over 16 lanes of up to eight registers each of one row or two, the
// second of which has the upper half of the result.
func (f form) laneSumsOfPair(acc [][]VecVirtual, mask Register) VecVirtual {
	a, b := acc[0], acc[len(acc)-1]
	var v []VecVirtual
	for e := range min(len(a), 4) {
		// A part of four lanes is for each of a[e], a[e+4], b[e], b[e+4].
		if e+4 < len(a) {
			first := addShuffled(f, VSHUFF32X4, 0x44, 0xEE, a[e], a[e+4])
			second := first
			if len(acc) > 1 {
				second = addShuffled(f, VSHUFF32X4, 0x44, 0xEE, b[e], b[e+4])
			}
			v = append(v, addShuffled(f, VSHUFF32X4, 0x88, 0xDD, first, second))
			continue
		}
		halves, swapped := addShuffled(f, VSHUFF32X4, 0x44, 0xEE, a[e], b[e]), f.vector()
		VSHUFF32X4(U8(0xB1), halves, halves, swapped)
		VADDPS(swapped, halves, halves)
		v = append(v, halves)
	}
	return f.quads(v, mask)
}

// laneSums generates the tree that sums the lanes of up to eight registers:
// lane k of the result is the sum of register k, and zero if there is none. Each
// level adds one half of two registers to the other half of both.
func (f form) laneSums(acc []VecVirtual) VecVirtual {
	zero := f.zeros(1)[0]
	register := func(k int) VecVirtual {
		if k < len(acc) {
			return acc[k]
		}
		return zero
	}
	// After the first level, the low half of halves[k] holds four parts of
	// sum k and the high half those of sum k+4.
	halves := make([]VecVirtual, 4)
	for k := range halves {
		if k >= len(acc) {
			halves[k] = zero
			continue
		}
		a, b := register(k), register(k+4)
		crossed, kept := YMM(), YMM()
		VPERM2F128(U8(0x21), b, a, crossed) // high half of a, low half of b
		VBLENDPS(U8(0xF0), b, a, kept)      // low half of a, high half of b
		VADDPS(crossed, kept, kept)
		halves[k] = kept
	}
	// Now two parts of sum k and two of sum k+1 in each half.
	quarters := make([]VecVirtual, 2)
	for k := range quarters {
		a, b := halves[2*k], halves[2*k+1]
		crossed, kept := YMM(), YMM()
		VSHUFPS(U8(0x4E), b, a, crossed)
		VBLENDPS(U8(0xCC), b, a, kept)
		VADDPS(crossed, kept, kept)
		quarters[k] = kept
	}
	even, odd := YMM(), YMM()
	VSHUFPS(U8(0x88), quarters[1], quarters[0], even)
	VSHUFPS(U8(0xDD), quarters[1], quarters[0], odd)
	VADDPS(even, odd, odd)
	return odd
}

// nextColumn generates the end of a loop over columns.
func (f form) nextColumn(loop string, column Register) {
	ADDQ(U8(f.bytes), column)
	JNZ(LabelRef(loop))
}

// at is the memory at the sum of two registers.
func at(base, offset Register) Mem { return Mem{Base: base, Index: offset, Scale: 1} }
