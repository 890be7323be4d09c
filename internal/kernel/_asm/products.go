package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// products generates productsAVX2 and its like. Six rows are the wide side of a tile, two queries the other:
// with a single query, which reads memory as fast as it comes, nothing is gained by more.
func (f form) products() {
	f.text("products", "func(dst, rows *float32, n int, queries *float32, q, rowStride, stride, dim int)",
		"multiplies n rows with q queries, at least one of each:",
		"",
		"\tfor k := range q {",
		"\t\tfor r := range n {",
		"\t\t\tdst[k*n+r] = dot(rows[r*rowStride:][:dim], queries[k*stride:][:dim])",
		"\t\t}",
		"\t}",
	)
	start, left, width, firstQuery, queryBytes := AllocLocal(8), AllocLocal(8), AllocLocal(8), AllocLocal(8), AllocLocal(8)
	dst := Load(Param("dst"), GP64())
	row, query, rowBytes, length := Load(Param("rows"), GP64()), Load(Param("queries"), GP64()), Load(Param("rowStride"), GP64()), Load(Param("dim"), GP64())
	SHLQ(U8(2), rowBytes)
	bytes := Load(Param("stride"), GP64())
	SHLQ(U8(2), bytes)
	MOVQ(bytes, queryBytes)
	f.roundUp(length)
	ADDQ(length, row)
	ADDQ(length, query)
	MOVQ(query, firstQuery)
	NEGQ(length)
	MOVQ(length, start)
	n := Load(Param("n"), GP64())
	MOVQ(n, left)

	Label("rows")
	tile, most := GP64(), GP64()
	MOVQ(left, tile)
	MOVQ(U32(tileWidth), most)
	CMPQ(tile, most)
	CMOVQGT(most, tile)
	MOVQ(tile, width)
	byWidth("rows", tile, func(name string, w int) {
		wide := make([]Register, w)
		for j := range wide {
			wide[j] = GP64()
			MOVQ(row, wide[j])
			ADDQ(rowBytes, row)
		}
		query, count := GP64(), Load(Param("q"), GP64())
		MOVQ(firstQuery, query)
		next := func() Register {
			end := GP64()
			MOVQ(query, end)
			ADDQ(queryBytes, query)
			return end
		}
		out := GP64()
		MOVQ(dst, out)
		f.tileScores(name, wide, count, start, next, func(tiles []VecVirtual, rows int) {
			f.storeScores(tiles, rows, w, out, func() Register { return Load(Param("n"), GP64()) })
		})
		ADDQ(U8(4*w), dst)
	})
	tile = GP64()
	MOVQ(width, tile)
	SUBQ(tile, left)
	JNZ(LabelRef("rows"))
	VZEROUPPER()
	RET()
}

// storeScores generates the stores of the first w lanes of the gradient tiles of one row or two; n must
// generate how many scores a row has.
func (f form) storeScores(tiles []VecVirtual, rows, w int, out Register, n func() Register) {
	for i := range rows {
		tile := tiles[min(i, len(tiles)-1)]
		if f.bytes == 64 && i == 1 {
			high := YMM()
			VEXTRACTF64X4(U8(1), tile, high)
			tile = high
		}
		if f.evex {
			VMOVUPS(tile.AsY(), f.tileMask(w, 1), Mem{Base: out})
		} else {
			storeLanes(tile, out, w)
		}
		LEAQ(Mem{Base: out, Index: n(), Scale: 4}, out)
	}
}

// storeLanes generates the store of the first w of eight lanes, w <= 6.
func storeLanes(sums VecVirtual, out Register, w int) {
	x := sums.AsX()
	disp := 0
	if w >= 4 {
		VMOVUPS(x, Mem{Base: out})
		high := XMM()
		VEXTRACTF128(U8(1), sums, high)
		x, disp, w = high, 16, w-4
	}
	if w >= 2 {
		VMOVLPS(x, Mem{Base: out, Disp: disp})
	}
	if w%2 == 1 {
		VEXTRACTPS(U8(w-1), x, Mem{Base: out, Disp: disp + 4*(w-1)})
	}
}
