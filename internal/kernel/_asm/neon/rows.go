package main

// gather generates gatherNEON.
func gather(a *assembler) {
	a.function("func gatherNEON(dst, src *float32, stride int, rows *int32, n int)", "gatherNEON", 40)
	dst, src, rowBytes := a.load("dst+0(FP)"), a.load("src+8(FP)"), a.load("stride+16(FP)")
	row, n := a.load("rows+24(FP)"), a.load("n+32(FP)")
	a.op("LSL $2, %s", rowBytes)
	a.label("gather_row")
	a.copyRow("gather_copy", dst, a.rowAddress(row, src, rowBytes), rowBytes)
	a.op("SUBS $1, %s", n)
	a.op("BNE gather_row")
	a.op("RET")
}

// merge generates mergeNEON.
func merge(a *assembler) {
	a.function("func mergeNEON(matrix *float32, stride int, rows, ends *int32, n int, replicas, weight *float32, weightDistance int)", "mergeNEON", 64)
	matrix, rowBytes, row := a.load("matrix+0(FP)"), a.load("stride+8(FP)"), a.load("rows+16(FP)")
	end, n, replica := a.load("ends+24(FP)"), a.load("n+32(FP)"), a.load("replicas+40(FP)")
	weights, distance, weight := a.load("weight+48(FP)"), a.load("weightDistance+56(FP)"), a.vec()
	start, count := a.load("$0"), a.reg()
	a.op("LSL $2, %s", rowBytes)

	a.label("merge_row")
	to := a.rowAddress(row, matrix, rowBytes)
	a.op("MOVW.P 4(%s), %s", end, count)
	a.op("SUB %s, %s", start, count)
	a.op("ADD %s, %s", count, start)
	offset, k, from, next := a.load("$0"), a.reg(), a.reg(), a.reg()
	base, sum, moved := a.column(), a.column(), a.column()
	a.op("VLD1R (%s), [%s.S4]", weights, weight)
	a.op("ADD %s, %s", distance, weights)
	a.label("merge_column")
	a.loadColumn(base, to)
	for h := range base {
		a.move(sum[h], base[h])
	}
	a.op("MOVD %s, %s", count, k)
	a.op("MOVD %s, %s", replica, next)
	a.label("merge_replica")
	a.op("ADD %s, %s, %s", offset, next, from)
	a.loadColumn(moved, from)
	for h := range moved {
		a.three(fsub, moved[h], moved[h], base[h])
		a.three(fmul, moved[h], moved[h], weight)
		a.three(fadd, sum[h], sum[h], moved[h])
	}
	a.op("ADD %s, %s", rowBytes, next)
	a.op("SUBS $1, %s", k)
	a.op("BNE merge_replica")
	a.storeNext(sum, to)
	a.op("ADD $%d, %s", columnBytes, offset)
	a.op("CMP %s, %s", rowBytes, offset)
	a.op("BNE merge_column")

	a.op("MOVD %s, %s", next, replica)
	a.op("SUBS $1, %s", n)
	a.op("BNE merge_row")
	a.op("RET")
}

// rowAddress generates the address of the row whose number is at list, which
// moves on to the next one.
func (a *assembler) rowAddress(list, matrix, rowBytes reg) reg {
	address := a.reg()
	a.op("MOVW.P 4(%s), %s", list, address)
	a.op("MADD %s, %s, %s, %s", rowBytes, matrix, address, address)
	return address
}

// copyRow generates the copy of a row and leaves to behind it.
func (a *assembler) copyRow(name string, to, from, rowBytes reg) {
	defer a.scope()()
	left, c := a.copy(rowBytes), a.column()
	a.label(name)
	a.loadNext(c, from)
	a.storeNext(c, to)
	a.op("SUBS $%d, %s", columnBytes, left)
	a.op("BNE %s", name)
}
