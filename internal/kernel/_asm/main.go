// Command _asm generates the assembly of package kernel for amd64 processors with AVX2 and FMA. "go
// generate" in package kernel runs it. It is a module of its own, so programs that import kindred do
// not depend on the generator. It takes the offsets of fields from the types of package kernel, which
// must compile first.
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
//  2. Scores. Two inputs by six targets accumulate in twelve registers, one column of eight values at a
//     time: eight loads for twelve FMAs. A tree of shuffles sums the lanes of six accumulators at once
//     into a gradient tile: eight floats for a tile of targets and an input. Those beyond the width of
//     the tile are zero.
//  3. Gradients. Each gradient tile goes through the sigmoid, eight scores at a time. The loss is the
//     sum of max(z, 0) + log(1 + e^-|z|). The sigmoid has the factors 1 + e^-|z| at hand, and their
//     product needs one logarithm in the end.
//  4. Updates, one column of eight values at a time through all rows. The targets of the tile and the
//     sums of their gradients stay in twelve registers. Each input then costs one load of its row, six
//     broadcasts of gradients and twelve FMAs. All gradients are taken before any update, so what is to
//     be added to the inputs waits in a buffer until the column is done. Then each row in memory is
//     updated by adding: a row that is listed twice gets both updates.
//
// A step of one input, which negatives drawn for each pair lead to, would leave most registers of pass
// 4 idle. It keeps the gradients in registers instead, and reads the targets once for the input's sum
// and once more to update them.
//
// Rows are padded with zeros to a multiple of 16 values, so whole columns of eight can be read and
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
package main

import . "github.com/mmcloughlin/avo/build"

func main() {
	Package("kindred/internal/kernel")
	ConstraintExpr("!noasm")
	for _, f := range forms {
		f.trainingStep()
		f.products()
		f.scores()
		f.sumScores()
		f.update()
		f.gather()
		f.merge()
		f.peak()
	}
	Generate()
}
