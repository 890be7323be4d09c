package kernel

import "fmt"

// A Combination adds multiples of the rows of one matrix to rows of another: a row b of Matrix whose
// terms are the rows x(1), x(2), … of Source with the weights w(1), w(2), … becomes
//
//	b + w(1) x(1) + w(2) x(2) + …
//
// rounded after each operation, from left to right. It is a product of a sparse matrix with a dense
// one.
type Combination struct {
	// Matrix and Source have rows of Stride values, a multiple of 16. They do not overlap.
	Matrix, Source []float32
	Stride         int
	// Rows are row numbers of Matrix. Those of the terms of Rows[i] are Terms[Ends[i-1]:Ends[i]], none
	// or more; Weights has a weight for each term.
	Rows, Ends []int32
	Terms      []int32
	Weights    []float32
}

// Reset removes all rows and terms.
func (c *Combination) Reset() {
	c.Rows, c.Ends, c.Terms, c.Weights = c.Rows[:0], c.Ends[:0], c.Terms[:0], c.Weights[:0]
}

// check panics if the lengths do not fit.
func (c *Combination) check() {
	if c.Stride < 1 || c.Stride%16 != 0 || len(c.Matrix)%c.Stride != 0 || len(c.Source)%c.Stride != 0 || len(c.Rows) != len(c.Ends) ||
		len(c.Weights) != len(c.Terms) || len(c.Ends) > 0 && int(c.Ends[len(c.Ends)-1]) != len(c.Terms) {
		panic(fmt.Sprintf("kernel: combining %d terms with %d weights from %d values to %d rows with %d ends of %d values of stride %d",
			len(c.Terms), len(c.Weights), len(c.Source), len(c.Rows), len(c.Ends), len(c.Matrix), c.Stride))
	}
}

// combinePortable does Kernel.Combine. The race detector skips it; see Portable.
//
//go:norace
func combinePortable(c *Combination) {
	c.check()
	start := int32(0)
	for i, end := range c.Ends {
		to := c.Matrix[int(c.Rows[i])*c.Stride:][:c.Stride]
		for k := start; k < end; k++ {
			weight, from := c.Weights[k], c.Source[int(c.Terms[k])*c.Stride:][:len(to)]
			for j, x := range from {
				to[j] += float32(weight * x)
			}
		}
		start = end
	}
}
