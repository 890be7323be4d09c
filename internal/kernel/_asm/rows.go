package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// rowsAhead is how many rows ahead of the one at work rows are fetched into the
// cache: about as many accesses to memory as a core has under way.
const rowsAhead = 16

// lineBytes is the size of a line of the cache, and of the pieces in which rows are copied.
const lineBytes = 64

// gather generates gatherAVX2 and its like.
func (f form) gather() {
	f.text("gather", "func(dst, src *float32, stride int, rows *int32, n int)",
		"copies n rows, at least one:",
		"",
		"\tfor i := range n {",
		"\t\tcopy(dst[i*stride:][:stride], src[rows[i]*stride:][:stride])",
		"\t}",
	)
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	rowBytes, row, n := Load(Param("stride"), GP64()), Load(Param("rows"), GP64()), Load(Param("n"), GP64())
	SHLQ(U8(2), rowBytes)
	last := GP64()
	LEAQ(Mem{Base: row, Index: n, Scale: 4, Disp: -4}, last)

	Label("gather_row")
	prefetchRow("gather_prefetch", row, last, src, rowBytes)
	from, offset := rowAddress(row, src, rowBytes), GP64()
	XORQ(offset, offset)
	Label("gather_line")
	line := f.vectors(lineBytes / f.bytes)
	for part, r := range line {
		VMOVUPS(at(from, offset).Offset(part*f.bytes), r)
	}
	for part, r := range line {
		VMOVUPS(r, at(dst, offset).Offset(part*f.bytes))
	}
	ADDQ(U8(lineBytes), offset)
	CMPQ(offset, rowBytes)
	JL(LabelRef("gather_line"))
	ADDQ(rowBytes, dst)
	ADDQ(U8(4), row)
	DECQ(n)
	JNZ(LabelRef("gather_row"))
	VZEROUPPER()
	RET()
}

// Values are accumulated in fixed point, in units of 2^-24, and cut to ±127 before; see
// kernel.Kernel.Accumulate.
const (
	fixedUnits = 0x4b800000 // 2^24
	fixedUnit  = 0x33800000 // 2^-24
	mostFixed  = 0x42fe0000 // 127
	leastFixed = 0xc2fe0000 // -127
)

// fixedPoint generates the conversion of a register of floats.
func (f form) fixedPoint(r VecVirtual) {
	VMINPS(f.constant("most_fixed", mostFixed), r, r) // the constant if r is not a number
	VMAXPS(f.constant("least_fixed", leastFixed), r, r)
	VMULPS(f.constant("fixed_units", fixedUnits), r, r)
	VCVTTPS2DQ(r, r)
}

// accumulate generates accumulateAVX2 and its like.
func (f form) accumulate() {
	f.text("accumulate", "func(sums *int32, stride int, rows *int32, n int, values *float32)",
		"adds n rows of values, at least one, to sums, or sets these:",
		"",
		"\tfor i := range n {",
		"\t\tfor c := range stride {",
		"\t\t\tif rows[i] < 0 {",
		"\t\t\t\tsums[^rows[i]*stride+c] = fixed(values[i*stride+c])",
		"\t\t\t} else {",
		"\t\t\t\tsums[rows[i]*stride+c] += fixed(values[i*stride+c])",
		"\t\t\t}",
		"\t\t}",
		"\t}",
	)
	sums, rowBytes := Load(Param("sums"), GP64()), Load(Param("stride"), GP64())
	row, n, from := Load(Param("rows"), GP64()), Load(Param("n"), GP64()), Load(Param("values"), GP64())
	SHLQ(U8(2), rowBytes)
	last := GP64()
	LEAQ(Mem{Base: row, Index: n, Scale: 4, Disp: -4}, last)

	Label("accumulate_row")
	ahead, next := GP64(), GP64()
	LEAQ(Mem{Base: row, Disp: 4 * rowsAhead}, ahead)
	CMPQ(ahead, last)
	CMOVQGT(last, ahead)
	f.sumAddress(ahead, next, sums, rowBytes)
	offset := GP64()
	XORQ(offset, offset)
	Label("accumulate_prefetch")
	PREFETCHT0(at(next, offset))
	ADDQ(U8(lineBytes), offset)
	CMPQ(offset, rowBytes)
	JL(LabelRef("accumulate_prefetch"))

	to := GP64()
	f.sumAddress(row, to, sums, rowBytes)
	XORQ(offset, offset)
	CMPL(Mem{Base: row}, U8(0))
	JL(LabelRef("accumulate_set"))
	f.accumulateRow("accumulate_add", to, from, offset, rowBytes, true)
	JMP(LabelRef("accumulate_next"))
	Label("accumulate_set")
	f.accumulateRow("accumulate_set_line", to, from, offset, rowBytes, false)
	Label("accumulate_next")
	ADDQ(rowBytes, from)
	ADDQ(U8(4), row)
	DECQ(n)
	JNZ(LabelRef("accumulate_row"))
	VZEROUPPER()
	RET()
}

// sumAddress generates the address of the sums whose number, or its complement if it is negative, is at
// list.
func (f form) sumAddress(list, address, sums, rowBytes Register) {
	sign := GP64()
	MOVLQSX(Mem{Base: list}, address)
	MOVQ(address, sign)
	SARQ(U8(63), sign)
	XORQ(sign, address)
	IMULQ(rowBytes, address)
	ADDQ(sums, address)
}

// accumulateRow generates the loop over a row.
func (f form) accumulateRow(name string, to, from, offset, rowBytes Register, add bool) {
	Label(name)
	for part := range lineBytes / f.bytes {
		value := f.load(at(from, offset).Offset(part * f.bytes))
		f.fixedPoint(value)
		if add {
			VPADDD(at(to, offset).Offset(part*f.bytes), value, value)
		}
		VMOVUPS(value, at(to, offset).Offset(part*f.bytes))
	}
	ADDQ(U8(lineBytes), offset)
	CMPQ(offset, rowBytes)
	JL(LabelRef(name))
}

// merge generates mergeAVX2 and its like.
func (f form) merge() {
	f.text("merge", "func(matrix *float32, stride int, rows *int32, n int, sums, lastSums **int32, parts, counts *int32, weights *float32)",
		"merges n rows, at least one:",
		"",
		"\tfor i := range n {",
		"\t\tfor c := range stride {",
		"\t\t\tbase := matrix[rows[i]*stride+c]",
		"\t\t\tsum := -counts[i] * fixed(base)",
		"\t\t\tfor k := range parts[i] {",
		"\t\t\t\tsum += sums[k][c]",
		"\t\t\t}",
		"\t\t\tmatrix[rows[i]*stride+c] = base + weights[i] * 2^-24 * sum",
		"\t\t}",
		"\t\tsums = sums[parts[i]:]",
		"\t}",
	)
	matrix, rowBytes := Load(Param("matrix"), GP64()), Load(Param("stride"), GP64())
	row, list, i := Load(Param("rows"), GP64()), Load(Param("sums"), GP64()), GP64()
	SHLQ(U8(2), rowBytes)
	XORQ(i, i)
	last := GP64()
	n := Load(Param("n"), GP64())
	LEAQ(Mem{Base: row, Index: n, Scale: 4, Disp: -4}, last)

	Label("merge_row")
	prefetchRow("merge_prefetch", row, last, matrix, rowBytes)
	sumsAhead, lastSums, ahead := GP64(), Load(Param("lastSums"), GP64()), GP64()
	LEAQ(Mem{Base: list, Disp: 8 * rowsAhead}, sumsAhead)
	CMPQ(sumsAhead, lastSums)
	CMOVQGT(lastSums, sumsAhead)
	MOVQ(Mem{Base: sumsAhead}, sumsAhead)
	XORQ(ahead, ahead)
	Label("merge_prefetch_sums")
	PREFETCHT0(at(sumsAhead, ahead))
	ADDQ(U8(lineBytes), ahead)
	CMPQ(ahead, rowBytes)
	JL(LabelRef("merge_prefetch_sums"))
	to := rowAddress(row, matrix, rowBytes)
	weights, counts, parts := Load(Param("weights"), GP64()), Load(Param("counts"), GP64()), Load(Param("parts"), GP64())
	weight, count := f.vector(), f.vector()
	VBROADCASTSS(Mem{Base: weights, Index: i, Scale: 4}, weight)
	VMULPS(f.constant("fixed_unit", fixedUnit), weight, weight)
	VPBROADCASTD(Mem{Base: counts, Index: i, Scale: 4}, count)
	part := GP64()
	MOVLQSX(Mem{Base: parts, Index: i, Scale: 4}, part)
	offset, from, k, sums := GP64(), GP64(), GP64(), GP64()
	XORQ(offset, offset)
	Label("merge_line")
	base, sum := f.vectors(lineBytes/f.bytes), f.vectors(lineBytes/f.bytes)
	for p := range base {
		VMOVUPS(at(to, offset).Offset(p*f.bytes), base[p])
		fixed := f.vector()
		VMOVAPS(base[p], fixed)
		f.fixedPoint(fixed)
		VPMULLD(count, fixed, fixed)
		VXORPS(sum[p], sum[p], sum[p])
		VPSUBD(fixed, sum[p], sum[p])
	}
	MOVQ(part, k)
	MOVQ(list, from)
	Label("merge_part")
	MOVQ(Mem{Base: from}, sums)
	for p := range sum {
		VPADDD(at(sums, offset).Offset(p*f.bytes), sum[p], sum[p])
	}
	ADDQ(U8(8), from)
	DECQ(k)
	JNZ(LabelRef("merge_part"))
	for p := range sum {
		VCVTDQ2PS(sum[p], sum[p])
		VMULPS(weight, sum[p], sum[p])
		VADDPS(base[p], sum[p], sum[p])
		VMOVUPS(sum[p], at(to, offset).Offset(p*f.bytes))
	}
	ADDQ(U8(lineBytes), offset)
	CMPQ(offset, rowBytes)
	JL(LabelRef("merge_line"))

	MOVQ(from, list)
	ADDQ(U8(4), row)
	INCQ(i)
	CMPQ(i, Load(Param("n"), GP64()))
	JL(LabelRef("merge_row"))
	VZEROUPPER()
	RET()
}

// rowAddress generates the address of the row whose number is at list.
func rowAddress(list, matrix, rowBytes Register) Register {
	address := GP64()
	MOVLQSX(Mem{Base: list}, address)
	IMULQ(rowBytes, address)
	ADDQ(matrix, address)
	return address
}

// prefetchRow generates the prefetch of a whole row, rowsAhead numbers behind list or the last one.
func prefetchRow(name string, list, last, matrix, rowBytes Register) {
	ahead := GP64()
	LEAQ(Mem{Base: list, Disp: 4 * rowsAhead}, ahead)
	CMPQ(ahead, last)
	CMOVQGT(last, ahead)
	address, offset := rowAddress(ahead, matrix, rowBytes), GP64()
	XORQ(offset, offset)
	Label(name)
	PREFETCHT0(at(address, offset))
	ADDQ(U8(lineBytes), offset)
	CMPQ(offset, rowBytes)
	JL(LabelRef(name))
}
