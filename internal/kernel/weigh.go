package kernel

import "fmt"

// A Weighting makes weighted copies of rows, one weight for each value, and later gives the moves of the copies back:
// with row Rows[i] of Matrix as x(i), row i of Weights as d(i) and row i of Weighted as y(i), the products ⊙ being those of
// values,
//
//	Kernel.Weigh:    y(i) = d(i) ⊙ x(i)
//	Kernel.Unweigh:  d(i) = d(i) + m(i) ⊙ x(i),  x(i) = x(i) + m(i) ⊙ d(i),  m(i) = y(i) - d(i) ⊙ x(i)
//
// The moves m(i) are those of y(i) between the two calls. All values on the right are those before Unweigh, so
// the moves are along the gradient for what y(i) did: dL/dd = dL/dy ⊙ x and dL/dx = dL/dy ⊙ d. A row that is
// listed twice moves by both. Each operation is rounded.
type Weighting struct {
	// Matrix has rows of Stride values, a multiple of 16. Weights and Weighted have such rows too, at least as many as
	// there are Rows. Unweigh overwrites Weighted.
	Matrix, Weights, Weighted []float32
	Stride                    int
	// Rows are row numbers of Matrix.
	Rows []int32
}

// check panics if the lengths do not fit.
func (w *Weighting) check() {
	if n := len(w.Rows) * w.Stride; w.Stride < 1 || w.Stride%16 != 0 || len(w.Matrix)%w.Stride != 0 || len(w.Weights) < n || len(w.Weighted) < n {
		panic(fmt.Sprintf("kernel: weighing %d of %d values of stride %d with %d weights into %d", len(w.Rows), len(w.Matrix), w.Stride, len(w.Weights), len(w.Weighted)))
	}
}

// weighPortable does Kernel.Weigh. The race detector skips it; see Portable.
//
//go:norace
func weighPortable(w *Weighting) {
	w.check()
	for i, r := range w.Rows {
		x, d, y := w.lines(i, r)
		for c := range y {
			y[c] = d[c] * x[c]
		}
	}
}

// unweighPortable does Kernel.Unweigh. The race detector skips it; see Portable.
//
//go:norace
func unweighPortable(w *Weighting) {
	w.check()
	for i, r := range w.Rows {
		x, d, y := w.lines(i, r)
		for c := range y {
			move := y[c] - float32(d[c]*x[c])
			y[c] = move * d[c]
			d[c] += float32(move * x[c])
		}
	}
	for i, r := range w.Rows {
		x, _, y := w.lines(i, r)
		for c := range y {
			x[c] += y[c]
		}
	}
}

// lines returns the row of the matrix that is listed as number i, and the rows of that number of the others.
func (w *Weighting) lines(i int, row int32) (x, d, y []float32) {
	y = w.Weighted[i*w.Stride:][:w.Stride]
	return w.Matrix[int(row)*w.Stride:][:len(y)], w.Weights[i*w.Stride:][:len(y)], y
}
