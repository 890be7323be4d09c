package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// peakChains is the number of independent accumulators: latency times FMA units
// is at most 10 on the processors of the last ten years.
const peakChains = 12

// peak generates fmaPeakAVX2 and its like, the yardstick of the benchmarks.
func (f form) peak() {
	f.text("fmaPeak", "func(n int)",
		"does 12 n independent multiply-adds on registers and nothing else:",
		"its rate is the limit of any kernel of this instruction set.",
	)
	n := Load(Param("n"), GP64())
	acc, x := f.zeros(peakChains), f.zeros(1)[0]
	Label("peak")
	for _, a := range acc {
		VFMADD231PS(x, x, a)
	}
	DECQ(n)
	JNZ(LabelRef("peak"))
	VZEROUPPER()
	RET()
}
