package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// rowsAhead is how many rows ahead of the one at work rows are fetched into the
// cache: about as many accesses to memory as a core has under way.
const rowsAhead = 8

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

// merge generates mergeAVX2 and its like.
func (f form) merge() {
	f.text("merge", "func(matrix *float32, stride int, rows, ends *int32, n int, replicas, weight *float32, weightDistance int)",
		"merges the replicas of n rows, at least one:",
		"",
		"\tstart := 0",
		"\tfor i := range n {",
		"\t\trow := matrix[rows[i]*stride:][:stride]",
		"\t\tfor c, base := range row {",
		"\t\t\tfor k := start; k < ends[i]; k++ {",
		"\t\t\t\trow[c] += weight * (replicas[k*stride:][c] - base)",
		"\t\t\t}",
		"\t\t}",
		"\t\tstart = ends[i]",
		"\t\tweight += weightDistance (in bytes)",
		"\t}",
	)
	matrix, rowBytes := Load(Param("matrix"), GP64()), Load(Param("stride"), GP64())
	row, end, n := Load(Param("rows"), GP64()), Load(Param("ends"), GP64()), Load(Param("n"), GP64())
	replica, weights := Load(Param("replicas"), GP64()), Load(Param("weight"), GP64())
	SHLQ(U8(2), rowBytes)
	last := GP64()
	LEAQ(Mem{Base: row, Index: n, Scale: 4, Disp: -4}, last)
	start := GP64()
	XORQ(start, start)

	Label("merge_row")
	prefetchRow("merge_prefetch", row, last, matrix, rowBytes)
	to, count, offset, from := rowAddress(row, matrix, rowBytes), GP64(), GP64(), GP64()
	MOVLQSX(Mem{Base: end}, count)
	SUBQ(start, count)
	ADDQ(count, start)
	XORQ(offset, offset)
	weight := f.vector()
	VBROADCASTSS(Mem{Base: weights}, weight)
	Label("merge_line")
	base, sum := f.vectors(lineBytes/f.bytes), f.vectors(lineBytes/f.bytes)
	for part := range base {
		VMOVUPS(at(to, offset).Offset(part*f.bytes), base[part])
		VMOVAPS(base[part], sum[part])
	}
	k := GP64()
	MOVQ(count, k)
	MOVQ(replica, from)
	Label("merge_replica")
	for part := range base {
		moved := f.load(at(from, offset).Offset(part * f.bytes))
		VSUBPS(base[part], moved, moved)
		VMULPS(weight, moved, moved)
		VADDPS(moved, sum[part], sum[part])
	}
	ADDQ(rowBytes, from)
	DECQ(k)
	JNZ(LabelRef("merge_replica"))
	for part := range sum {
		VMOVUPS(sum[part], at(to, offset).Offset(part*f.bytes))
	}
	ADDQ(U8(lineBytes), offset)
	CMPQ(offset, rowBytes)
	JL(LabelRef("merge_line"))

	MOVQ(from, replica)
	ADDQ(U8(4), row)
	ADDQ(U8(4), end)
	distance := Load(Param("weightDistance"), GP64())
	ADDQ(distance, weights)
	DECQ(n)
	JNZ(LabelRef("merge_row"))
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
