package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// weigh generates weighAVX2 and its like.
func (f form) weigh() {
	f.text("weigh", "func(matrix, weights, weighted *float32, stride int, rows *int32, n int)",
		"multiplies n rows of matrix, at least one, with weights:",
		"",
		"\tfor i := range n {",
		"\t\tfor c := range stride {",
		"\t\t\tweighted[i*stride+c] = weights[i*stride+c] * matrix[rows[i]*stride+c]",
		"\t\t}",
		"\t}",
	)
	f.eachWeighted("weigh_row", func(x, d, y Mem) {
		r := f.load(d)
		VMULPS(x, r, r)
		VMOVUPS(r, y)
	})
	VZEROUPPER()
	RET()
}

// unweigh generates unweighAVX2 and its like.
func (f form) unweigh() {
	f.text("unweigh", "func(matrix, weights, weighted *float32, stride int, rows *int32, n int)",
		"moves n weights and rows of matrix, at least one, by how weighted has moved:",
		"",
		"\tfor i := range n {",
		"\t\tfor c := range stride {",
		"\t\t\tx, d := matrix[rows[i]*stride+c], weights[i*stride+c]",
		"\t\t\tmove := weighted[i*stride+c] - d*x",
		"\t\t\tweighted[i*stride+c] = move * d",
		"\t\t\tweights[i*stride+c] += move * x",
		"\t\t}",
		"\t}",
		"\tfor i := range n {",
		"\t\tfor c := range stride {",
		"\t\t\tmatrix[rows[i]*stride+c] += weighted[i*stride+c]",
		"\t\t}",
		"\t}",
	)
	f.eachWeighted("unweigh_weights", func(x, d, y Mem) {
		row, weight, move, product := f.load(x), f.load(d), f.load(y), f.vector()
		VMULPS(row, weight, product)
		VSUBPS(product, move, move)
		VMULPS(move, weight, product)
		VMOVUPS(product, y)
		VMULPS(move, row, product)
		VADDPS(product, weight, product)
		VMOVUPS(product, d)
	})
	f.eachWeighted("unweigh_rows", func(x, _, y Mem) {
		r := f.load(x)
		VADDPS(y, r, r)
		VMOVUPS(r, x)
	})
	VZEROUPPER()
	RET()
}

// eachWeighted generates a loop over the registers of all rows.
func (f form) eachWeighted(name string, do func(x, d, y Mem)) {
	matrix, d, y := Load(Param("matrix"), GP64()), Load(Param("weights"), GP64()), Load(Param("weighted"), GP64())
	rowBytes, row, n := Load(Param("stride"), GP64()), Load(Param("rows"), GP64()), Load(Param("n"), GP64())
	SHLQ(U8(2), rowBytes)
	Label(name)
	x, offset := rowAddress(row, matrix, rowBytes), GP64()
	XORQ(offset, offset)
	Label(name + "_line")
	for part := range lineBytes / f.bytes {
		line := func(base Register) Mem { return at(base, offset).Offset(part * f.bytes) }
		do(line(x), line(d), line(y))
	}
	ADDQ(U8(lineBytes), offset)
	CMPQ(offset, rowBytes)
	JL(LabelRef(name + "_line"))
	ADDQ(rowBytes, d)
	ADDQ(rowBytes, y)
	ADDQ(U8(4), row)
	DECQ(n)
	JNZ(LabelRef(name))
}
