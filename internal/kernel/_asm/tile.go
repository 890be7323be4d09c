package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

const (
	// columnBytes is the size of a column: eight floats, one register.
	columnBytes = 32
	// tileWidth is the number of rows on the wide side of a tile. Two times six
	// accumulators, a row and two values of the other side fill the sixteen registers.
	tileWidth = 6
)

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
// code that stores the sums for one row.
func tileScores(name string, wide []Register, count Register, start Mem, row func() Register, store func(sums VecVirtual)) {
	Label(name + "_pairs")
	CMPQ(count, U8(2))
	JL(LabelRef(name + "_odd"))
	for _, acc := range innerProducts(name+"_pair", []Register{row(), row()}, wide, start) {
		store(laneSums(acc))
	}
	SUBQ(U8(2), count)
	JMP(LabelRef(name + "_pairs"))

	Label(name + "_odd")
	TESTQ(count, count)
	JZ(LabelRef(name + "_done"))
	for _, acc := range innerProducts(name+"_single", []Register{row()}, wide, start) {
		store(laneSums(acc))
	}
	Label(name + "_done")
}

// innerProducts generates the loop over columns that accumulates the products of
// each of the rows with each of the wide rows, lane by lane. start is the
// offset of the first column from the end of a row.
func innerProducts(name string, rows, wide []Register, start Mem) [][]VecVirtual {
	acc := make([][]VecVirtual, len(rows))
	for i := range rows {
		acc[i] = zeros(len(wide))
	}
	column := GP64()
	MOVQ(start, column)

	Label(name)
	x := make([]VecVirtual, len(rows))
	for i, row := range rows {
		x[i] = YMM()
		VMOVUPS(at(row, column), x[i])
	}
	for j, row := range wide {
		w := YMM()
		VMOVUPS(at(row, column), w)
		for i := range rows {
			VFMADD231PS(w, x[i], acc[i][j])
		}
	}
	nextColumn(name, column)
	return acc
}

// laneSums generates the tree that sums the lanes of up to eight registers:
// lane k of the result is the sum of register k, and zero if there is none. Each
// level adds one half of two registers to the other half of both.
func laneSums(acc []VecVirtual) VecVirtual {
	zero := zeros(1)[0]
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

// zeros generates n registers of zeros.
func zeros(n int) []VecVirtual {
	registers := make([]VecVirtual, n)
	for k := range registers {
		registers[k] = YMM()
		VXORPS(registers[k], registers[k], registers[k])
	}
	return registers
}

// at is the memory at the sum of two registers.
func at(base, offset Register) Mem { return Mem{Base: base, Index: offset, Scale: 1} }
