package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// peakChains is the number of independent accumulators: latency times FMA units
// is at most 10 on the processors of the last ten years.
const peakChains = 12

// peak generates fmaPeak, the yardstick of the benchmarks.
func peak() {
	TEXT("fmaPeak", NOSPLIT, "func(n int)")
	Doc(
		"fmaPeak does 12 n independent multiply-adds of eight floats on registers and",
		"nothing else: its rate is the limit of any kernel of this instruction set.",
	)
	n := Load(Param("n"), GP64())
	acc, x := zeros(peakChains), zeros(1)[0]
	Label("peak")
	for _, a := range acc {
		VFMADD231PS(x, x, a)
	}
	DECQ(n)
	JNZ(LabelRef("peak"))
	VZEROUPPER()
	RET()
}
