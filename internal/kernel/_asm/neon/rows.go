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
