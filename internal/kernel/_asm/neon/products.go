package main

// products generates productsNEON. Rows are the wide side of a tile, queries the other.
func products(a *assembler) {
	a.function("func productsNEON(dst, rows *float32, n int, queries *float32, q, rowStride, stride, dim int)", "productsNEON", 64)
	dst, row, left := a.load("dst+0(FP)"), a.load("rows+8(FP)"), a.load("n+16(FP)")
	firstQuery, q := a.load("queries+24(FP)"), a.load("q+32(FP)")
	rowBytes, queryBytes, length := a.load("rowStride+40(FP)"), a.load("stride+48(FP)"), a.load("dim+56(FP)")
	a.op("LSL $2, %s", rowBytes)
	a.op("LSL $2, %s", queryBytes)
	a.op("ADD $7, %s", length)
	a.op("LSR $3, %s", length)
	a.op("LSL $5, %s", length)
	n, most, width := a.copy(left), a.load("$6"), a.reg()

	a.label("rows_tile")
	a.minimum(width, left, most)
	a.byWidth("rows", width, func(name string, w int) {
		wide := make([]reg, w)
		for j := range wide {
			wide[j] = a.copy(row)
			a.op("ADD %s, %s", rowBytes, row)
		}
		query, out := a.copy(firstQuery), a.copy(dst)
		next := func() reg {
			address := a.copy(query)
			a.op("ADD %s, %s", queryBytes, query)
			return address
		}
		a.tileScores(name, wide, a.copy(q), length, next, func(sums column) {
			a.storeLanes(sums, out, w)
			a.op("ADD %s<<2, %s", n, out)
		})
		a.op("ADD $%d, %s", 4*w, dst)
	})
	a.op("SUBS %s, %s", width, left)
	a.op("BNE rows_tile")
	a.op("RET")
}

// storeLanes generates the store of the first w of eight lanes, w <= 6.
func (a *assembler) storeLanes(sums column, out reg, w int) {
	defer a.scope()()
	half, disp := sums[0], 0
	if w >= 4 {
		a.op("FMOVQ F%d, (%s)", int(half), out)
		half, disp, w = sums[1], 16, w-4
	}
	switch {
	case w >= 2:
		a.op("FMOVD F%d, %d(%s)", int(half), disp, out)
	case w == 1:
		a.op("FMOVS F%d, %d(%s)", int(half), disp, out)
	}
	if w == 3 {
		third := a.reg()
		a.op("ADD $%d, %s, %s", disp+8, out, third)
		a.op("VST1 %s.S[2], (%s)", half, third)
	}
}
