// Command _asm generates the assembly of package kernel for amd64 processors, with AVX2 and FMA or with AVX-512.
// "go generate" in package kernel runs it. It is a module of its own, so programs that import kindred do
// not depend on the generator. It takes the offsets of fields from the types of package kernel, which
// must compile first: write new functions into step_amd64.go by hand before the first run.
//
// Each function is generated for three forms of registers: 16 of 256 bits (AVX2), 32 of 256 bits (AVX512VL)
// and 32 of 512 bits (AVX512). A column is as many values as a register has lanes.
//
// # The training step
//
// A step is three matrix products. With the m input rows X, the n target rows W, and the m x n matrix
// G of -rate times the derivatives of the loss by the scores, they are
//
//	scores  S  = X Wᵀ
//	inputs  X += G W
//	targets W += Gᵀ X
//
// Each costs a multiplication and an addition for each input, target and column. At m = n = 6 and 100
// columns that is 10800 multiply-adds on 12 rows of 400 bytes. The rows fit in the first-level cache;
// the task is to keep both FMA units busy from there, with two loads a cycle.
//
// The targets are cut into tiles of at most six, of equal width but for the last. Each loop over a
// tile is generated for each width from one to six, and the width is tested outside of the loop. There
// are four passes:
//
//  1. Addresses. Row numbers become addresses, of the rows of this step and of those to prefetch. They
//     point to the end of the columns in use, so that one register, which runs from minus the length
//     of a row to zero, is both offset and loop counter.
//  2. Scores. Two inputs by six targets accumulate in twelve registers, one column at a time: eight loads
//     for twelve FMAs. A tree of shuffles sums the lanes of the accumulators into gradient tiles: eight
//     floats for a tile of targets and an input, two tiles in a register of 512 bits. Those beyond the
//     width of the tile are zero.
//  3. Gradients. Each register of scores goes through the sigmoid. The loss is the
//     sum of max(z, 0) + log(1 + e^-|z|). The sigmoid has the factors 1 + e^-|z| at hand. Their
//     products and the sums of max(z, 0) stay in scratch from one step to the next, and package kernel takes
//     one logarithm for many steps. A factor is at most 2. After 60 of them, exponents are put aside.
//  4. Updates, one or two columns at a time through all rows. The targets of the tile and the
//     sums of their gradients stay in twelve registers a column. With 32 registers two columns fit, and
//     a broadcast of a gradient serves four FMAs instead of two. What moves an input is summed in two chains and
//     added to it at once. For that, inputs that are listed twice are found first: the first of
//     them gets the sum of the gradients and the others get zeros. Each target in memory is
//     updated by adding: a row that is listed twice gets both updates.
//
// More targets than a tile has are updated tile by tile at each column. What is to be added waits in a buffer.
//
// A step of one input, which negatives drawn for each pair lead to, would leave most registers of pass
// 4 idle. It keeps the gradients in registers instead, and reads the targets once for the input's sum
// and once more to update them. The step of a bag does the same with a hidden row, the scaled sum of the inputs, in
// the place of the input, and then adds what moves it to each of them.
//
// Rows are padded with zeros to a multiple of 16 values, so whole columns can be read and
// written: zero times anything finite, added to zero, stays zero.
//
// Rows to come are prefetched during pass 4, line by line as the columns advance, which spreads the
// requests to memory over the pass.
//
// # Traps
//
// Operands are in the order of the Go assembler: the destination comes last. If one of the two values
// is NaN, VMINPS and VMAXPS return their second source, the first operand here. Float constants are
// given by their bits, since avo v0.5.0 writes F32(1) as an integer.
//
// avo gives any of 32 registers to an instruction, also if only AVX-512 has the registers from the 17th. The
// Go assembler then encodes AVX-512 without a word, so a test of package kernel reads what was generated. avo says "failed to
// allocate registers" where VPXORD is to make zeros, or where an instruction with a mask writes a register
// that nothing was written to before, since it counts as read: write it first, or use the form with zeros (_Z).
package main

import . "github.com/mmcloughlin/avo/build"

func main() {
	Package("kindred/internal/kernel")
	ConstraintExpr("!noasm")
	for _, f := range forms {
		f.trainingStep()
		f.products()
		f.widen()
		f.scores()
		f.sumScores()
		f.update()
		f.bagStep()
		f.bagUpdate()
		f.gather()
		f.accumulate()
		f.merge()
		f.combine()
		f.distribute()
		f.weigh()
		f.unweigh()
		f.peak()
	}
	Generate()
}
