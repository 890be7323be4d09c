package kernel

import "fmt"

// A Distribution adds how far rows have moved to rows of another matrix. If row Rows[i] of Now was row i of
// Before, each row r among its terms becomes
//
//	r + Weights[r] (now - before)
//
// once for each time that it is a term, rounded after each operation, in the order of the terms. It does what the
// transpose of a [Combination] does.
type Distribution struct {
	// Matrix, Now and Before have rows of Stride values, a multiple of 16. They do not overlap.
	Matrix, Now, Before []float32
	Stride              int
	// Rows are row numbers of Now. The terms of Rows[i], row numbers of Matrix, are Terms[Ends[i-1]:Ends[i]], none or more.
	Rows, Ends []int32
	Terms      []int32
	// Weights has a weight for each row of Matrix.
	Weights []float32
}

// check panics if the lengths do not fit.
func (d *Distribution) check() {
	if d.Stride < 1 || d.Stride%16 != 0 || len(d.Matrix) != len(d.Weights)*d.Stride || len(d.Now)%d.Stride != 0 ||
		len(d.Before) < len(d.Rows)*d.Stride || len(d.Rows) != len(d.Ends) || len(d.Ends) > 0 && int(d.Ends[len(d.Ends)-1]) != len(d.Terms) {
		panic(fmt.Sprintf("kernel: distributing %d terms of %d rows with %d ends from %d and %d values to %d values of stride %d with %d weights",
			len(d.Terms), len(d.Rows), len(d.Ends), len(d.Now), len(d.Before), len(d.Matrix), d.Stride, len(d.Weights)))
	}
}

// distributePortable does Kernel.Distribute. The race detector skips it; see Portable.
//
//go:norace
func distributePortable(d *Distribution) {
	d.check()
	start := int32(0)
	for i, end := range d.Ends {
		now := d.Now[int(d.Rows[i])*d.Stride:][:d.Stride]
		before := d.Before[i*d.Stride:][:d.Stride]
		for _, term := range d.Terms[start:end] {
			weight, to := d.Weights[term], d.Matrix[int(term)*d.Stride:][:d.Stride]
			for j, x := range now {
				move := x - before[j]
				to[j] += float32(weight * move)
			}
		}
		start = end
	}
}
