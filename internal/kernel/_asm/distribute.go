package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// distribute generates distributeAVX2 and its like. Some lines of a move stay in registers while they are added to the
// rows of all terms, as in combine.
func (f form) distribute() {
	f.text("distribute", "func(matrix *float32, stride int, now *float32, rows, ends *int32, n int, before *float32, terms *int32, weights *float32, last *int32)",
		"adds multiples of the moves of n rows of now, at least one, to rows of matrix; last is the address of the last term:",
		"",
		"\tstart := 0",
		"\tfor i := range n {",
		"\t\tfor c := range stride {",
		"\t\t\tmove := now[rows[i]*stride+c] - before[i*stride+c]",
		"\t\t\tfor _, term := range terms[start:ends[i]] {",
		"\t\t\t\tmatrix[term*stride+c] += weights[term] * move",
		"\t\t\t}",
		"\t\t}",
		"\t\tstart = ends[i]",
		"\t}",
	)
	rowBytes, row, end := Load(Param("stride"), GP64()), Load(Param("rows"), GP64()), Load(Param("ends"), GP64())
	before, term := Load(Param("before"), GP64()), Load(Param("terms"), GP64())
	n := Load(Param("n"), GP64())
	SHLQ(U8(2), rowBytes)
	lastRow := GP64()
	LEAQ(Mem{Base: row, Index: n, Scale: 4, Disp: -4}, lastRow)
	start := GP64()
	XORQ(start, start)

	Label("distribute_row")
	now := Load(Param("now"), GP64())
	prefetchRow("distribute_prefetch", row, lastRow, now, rowBytes)
	from, count, offset := rowAddress(row, now, rowBytes), GP64(), GP64()
	MOVLQSX(Mem{Base: end}, count)
	SUBQ(start, count)
	ADDQ(count, start)
	TESTQ(count, count)
	JZ(LabelRef("distribute_next"))
	XORQ(offset, offset)
	for _, lines := range passLines {
		f.distributeLines(lines, from, before, offset, count, term, rowBytes)
	}
	LEAQ(Mem{Base: term, Index: count, Scale: 4}, term)
	Label("distribute_next")
	ADDQ(rowBytes, before)
	ADDQ(U8(4), row)
	ADDQ(U8(4), end)
	CMPQ(row, lastRow)
	JLE(LabelRef("distribute_row"))
	VZEROUPPER()
	RET()
}

// distributeLines generates the passes over as many lines at a time, as long as the row has them.
func (f form) distributeLines(lines int, now, before, offset, count, term, rowBytes Register) {
	name := "distribute_" + string(rune('0'+lines))
	f.eachPass(name, lines, offset, rowBytes, func() {
		move := f.vectors(lines * lineBytes / f.bytes)
		for part, r := range move {
			VMOVUPS(at(now, offset).Offset(part*f.bytes), r)
			VSUBPS(at(before, offset).Offset(part*f.bytes), r, r)
		}
		k := GP64()
		XORQ(k, k)
		to := Load(Param("matrix"), GP64())
		ADDQ(offset, to)
		Label(name + "_term")
		f.prefetchTerm(lines, term, k, to, rowBytes)
		address, weights := GP64(), Load(Param("weights"), GP64())
		MOVLQSX(Mem{Base: term, Index: k, Scale: 4}, address)
		factor := f.vector()
		VBROADCASTSS(Mem{Base: weights, Index: address, Scale: 4}, factor)
		IMULQ(rowBytes, address)
		ADDQ(to, address)
		for part, r := range move {
			product := f.vector()
			VMULPS(r, factor, product)
			VADDPS(Mem{Base: address, Disp: part * f.bytes}, product, product)
			VMOVUPS(product, Mem{Base: address, Disp: part * f.bytes})
		}
		INCQ(k)
		CMPQ(k, count)
		JL(LabelRef(name + "_term"))
	})
}

// passLines are the numbers of lines that are taken at a time: those of a row of 100 values in one pass, as many as 16
// registers of 256 bits hold.
var passLines = []int{7, 4, 2, 1}

// eachPass generates passes over so many lines of a row at a time, from offset on, as long as the row has them.
func (f form) eachPass(name string, lines int, offset, rowBytes Register, pass func()) {
	Label(name + "_pass")
	rest := GP64()
	MOVQ(rowBytes, rest)
	SUBQ(offset, rest)
	CMPQ(rest, U32(uint32(lines*lineBytes)))
	JL(LabelRef(name + "_done"))
	pass()
	ADDQ(U32(uint32(lines*lineBytes)), offset)
	JMP(LabelRef(name + "_pass"))
	Label(name + "_done")
}

// prefetchTerm generates the prefetch of so many lines of the row of a later term.
func (f form) prefetchTerm(lines int, term, k, matrix, rowBytes Register) {
	ahead, last := GP64(), Load(Param("last"), GP64())
	LEAQ(Mem{Base: term, Index: k, Scale: 4, Disp: 4 * termsAhead}, ahead)
	CMPQ(ahead, last)
	CMOVQGT(last, ahead)
	address := rowAddress(ahead, matrix, rowBytes)
	for line := range lines {
		PREFETCHT0(Mem{Base: address, Disp: line * lineBytes})
	}
}
