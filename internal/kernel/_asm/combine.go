package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// termsAhead is how many terms ahead of the one at work the row of a term is fetched into the cache.
const termsAhead = 10

// combine generates combineAVX2 and its like. It takes some lines of a row at a time, which stay in
// registers while the terms are added. Each pass fetches its own lines of the terms to come.
func (f form) combine() {
	f.text("combine", "func(matrix *float32, stride int, rows, ends *int32, n int, source *float32, terms *int32, weights *float32, last *int32)",
		"adds multiples of the rows of source to n rows of matrix, at least one; last is the address of the last term:",
		"",
		"\tstart := 0",
		"\tfor i := range n {",
		"\t\tfor c := range stride {",
		"\t\t\tfor k := start; k < ends[i]; k++ {",
		"\t\t\t\tmatrix[rows[i]*stride+c] += weights[k] * source[terms[k]*stride+c]",
		"\t\t\t}",
		"\t\t}",
		"\t\tstart = ends[i]",
		"\t}",
	)
	rowBytes, row, end := Load(Param("stride"), GP64()), Load(Param("rows"), GP64()), Load(Param("ends"), GP64())
	source, term, weight := Load(Param("source"), GP64()), Load(Param("terms"), GP64()), Load(Param("weights"), GP64())
	n := Load(Param("n"), GP64())
	SHLQ(U8(2), rowBytes)
	lastRow := GP64()
	LEAQ(Mem{Base: row, Index: n, Scale: 4, Disp: -4}, lastRow)
	start := GP64()
	XORQ(start, start)

	Label("combine_row")
	matrix := Load(Param("matrix"), GP64())
	prefetchRow("combine_prefetch", row, lastRow, matrix, rowBytes)
	to, count, offset := rowAddress(row, matrix, rowBytes), GP64(), GP64()
	MOVLQSX(Mem{Base: end}, count)
	SUBQ(start, count)
	ADDQ(count, start)
	TESTQ(count, count)
	JZ(LabelRef("combine_next"))
	XORQ(offset, offset)
	for _, lines := range passLines {
		f.combineLines(lines, to, offset, count, term, weight, source, rowBytes)
	}
	LEAQ(Mem{Base: term, Index: count, Scale: 4}, term)
	LEAQ(Mem{Base: weight, Index: count, Scale: 4}, weight)
	Label("combine_next")
	ADDQ(U8(4), row)
	ADDQ(U8(4), end)
	CMPQ(row, lastRow)
	JLE(LabelRef("combine_row"))
	VZEROUPPER()
	RET()
}

// combineLines generates the passes over as many lines at a time, as long as the row has them.
func (f form) combineLines(lines int, to, offset, count, term, weight, source, rowBytes Register) {
	name := "combine_" + string(rune('0'+lines))
	f.eachPass(name, lines, offset, rowBytes, func() {
		sum := f.vectors(lines * lineBytes / f.bytes)
		for part, r := range sum {
			VMOVUPS(at(to, offset).Offset(part*f.bytes), r)
		}
		k := GP64()
		XORQ(k, k)
		from := GP64()
		LEAQ(Mem{Base: source, Index: offset, Scale: 1}, from)
		Label(name + "_term")
		f.prefetchTerm(lines, term, k, from, rowBytes)
		address := GP64()
		MOVLQSX(Mem{Base: term, Index: k, Scale: 4}, address)
		IMULQ(rowBytes, address)
		ADDQ(from, address)
		factor := f.vector()
		VBROADCASTSS(Mem{Base: weight, Index: k, Scale: 4}, factor)
		for part, r := range sum {
			product := f.vector()
			VMULPS(Mem{Base: address, Disp: part * f.bytes}, factor, product)
			VADDPS(product, r, r)
		}
		INCQ(k)
		CMPQ(k, count)
		JL(LabelRef(name + "_term"))
		for part, r := range sum {
			VMOVUPS(r, at(to, offset).Offset(part*f.bytes))
		}
	})
}
