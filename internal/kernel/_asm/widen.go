package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// widen generates widenAVX2 and its like. The last columns of a row overlap those before them, so that nothing is
// read or written beyond the row.
func (f form) widen() {
	f.text("widen", "func(dst *float32, stride int, rows *int8, n, dim int, scales *float32)",
		"multiplies n rows of 8-bit integers, at least one, with their scales; dim is at least the lanes of a register:",
		"",
		"\tfor i := range n {",
		"\t\tfor c := range dim {",
		"\t\t\tdst[i*stride+c] = float32(rows[i*dim+c]) * scales[i]",
		"\t\t}",
		"\t}",
	)
	dst, rowBytes := Load(Param("dst"), GP64()), Load(Param("stride"), GP64())
	row, n := Load(Param("rows"), GP64()), Load(Param("n"), GP64())
	dim, scale := Load(Param("dim"), GP64()), Load(Param("scales"), GP64())
	SHLQ(U8(2), rowBytes)
	last, column, factor := GP64(), GP64(), f.vector()
	LEAQ(Mem{Base: dim, Disp: -f.lanes()}, last)

	Label("widen_row")
	VBROADCASTSS(Mem{Base: scale}, factor)
	XORQ(column, column)
	Label("widen_column")
	values := f.vector()
	VPMOVSXBD(at(row, column), values)
	VCVTDQ2PS(values, values)
	VMULPS(factor, values, values)
	VMOVUPS(values, Mem{Base: dst, Index: column, Scale: 4})
	CMPQ(column, last)
	JE(LabelRef("widen_next"))
	ADDQ(U8(f.lanes()), column)
	CMPQ(column, last)
	CMOVQGT(last, column)
	JMP(LabelRef("widen_column"))
	Label("widen_next")
	ADDQ(dim, row)
	ADDQ(rowBytes, dst)
	ADDQ(U8(4), scale)
	DECQ(n)
	JNZ(LabelRef("widen_row"))
	VZEROUPPER()
	RET()
}
