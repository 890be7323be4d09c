// Command _asm generates the assembly of package kernel for processors with
// AVX2 and FMA. It is a module of its own, so that programs that import
// kindred do not depend on the generator; "go generate" in package kernel runs
// it. The offsets of fields are taken from the types of package kernel, which must
// therefore compile first.
//
// # How the training step works
//
// A step is a matrix product seen three times. With the m input rows X, the n
// target rows W and the m x n matrix G of -rate times the gradients of the loss
// by the scores,
//
//	scores  S  = X Wᵀ
//	inputs  X += G W
//	targets W += Gᵀ X
//
// each of which costs a multiplication and an addition for each input, target
// and column. At m = n = 6 and 100 columns that is 10800 multiply-adds on 12
// rows of 400 bytes: the rows fit in the first-level cache, and the work is in
// keeping both FMA units busy from there, with two loads a cycle.
//
// The targets are cut into tiles of at most six, all but the last of the same
// width. Each loop over a tile is generated for each width from one to six, and
// which one runs is decided outside of it. There are four passes:
//
//  1. Addresses: row numbers become addresses, of the rows of this step and of
//     those to prefetch. They point behind the last column in use, so that one
//     register, which runs from minus the length of a row up to zero, is both
//     offset and loop counter.
//  2. Scores: two inputs by six targets accumulate in twelve registers, one
//     column of eight values at a time: eight loads for twelve FMAs. A tree of
//     shuffles sums the lanes of six accumulators at once into a gradient tile, eight
//     floats for each tile and input, of which those beyond the tile are zero.
//  3. Gradients: each gradient tile goes through the sigmoid, eight scores at a time.
//     The loss is the sum of max(z, 0) + log(1 + e^-|z|), where the sigmoid has the
//     factors 1 + e^-|z| at hand: their product needs one logarithm in the end.
//  4. Updates, one column of eight values at a time through all rows: the
//     targets of the tile and the sums of their gradients stay in twelve registers
//     while the inputs pass by, each of which costs one load of the row, six
//     broadcasts of gradients and twelve FMAs. What is to be added to the inputs
//     waits in a buffer until the column is done, as all gradients are taken
//     before any update. Then memory is updated row by row, by adding, so that a
//     row that is listed twice loses nothing.
//
// A step of one input, as negatives drawn for each pair give it, would leave
// most registers of pass 4 idle. It keeps the gradients in registers instead, and
// reads the targets once for the input's sum and once more to update them.
//
// Rows are padded with zeros to a multiple of 16 values, hence whole columns of
// eight can be read and written: zero times anything finite, added to zero, stays
// zero.
//
// Rows to come are prefetched during pass 4, line by line as the columns
// advance, so that requests to memory are spread over the pass.
//
// # Traps
//
// Operands are in the order of the Go assembler: the destination comes last.
// VMINPS and VMAXPS return their second source, the first operand here, where
// one of the two is NaN. Float constants are given by their bits, since avo
// v0.5.0 writes F32(1) as an integer.
package main

import . "github.com/mmcloughlin/avo/build"

func main() {
	Package("kindred/internal/kernel")
	ConstraintExpr("!noasm")
	trainingStep()
	products()
	scores()
	sumScores()
	update()
	gather()
	merge()
	peak()
	Generate()
}
