package layout

import (
	"context"
	"math"

	"kindred/internal/random"
	"kindred/model"
)

// rowsOfPart is the number of vectors whose covariance is summed at a time.
const rowsOfPart = 4096

// principal returns the first two principal components of the vectors: x and y for each of them.
func principal(unit *model.Matrix) []float32 {
	mean := make([]float64, unit.Dim)
	for i := range unit.Rows {
		for j, v := range unit.Row(i) {
			mean[j] += float64(v)
		}
	}
	for j := range mean {
		mean[j] /= float64(unit.Rows)
	}
	axes := largest(covariance(unit, mean))
	positions := make([]float32, 2*unit.Rows)
	for i := range unit.Rows {
		for a, axis := range axes {
			sum := 0.0
			for j, v := range unit.Row(i) {
				sum += float64((float64(v) - mean[j]) * axis[j])
			}
			positions[2*i+a] = float32(sum)
		}
	}
	return positions
}

// covariance returns the covariance matrix of the vectors, times their number.
func covariance(unit *model.Matrix, mean []float64) [][]float64 {
	dim := unit.Dim
	parts := make([][]float64, (unit.Rows+rowsOfPart-1)/rowsOfPart)
	inParallel(context.Background(), len(parts), func(p int) {
		sums, x := make([]float64, dim*dim), make([]float64, dim)
		for i := p * rowsOfPart; i < min((p+1)*rowsOfPart, unit.Rows); i++ {
			for j, v := range unit.Row(i) {
				x[j] = float64(v) - mean[j]
			}
			for j, a := range x {
				row := sums[j*dim : j*dim+j+1]
				for l := range row {
					row[l] += float64(a * x[l])
				}
			}
		}
		parts[p] = sums
	})
	c := make([][]float64, dim)
	for j := range c {
		c[j] = make([]float64, dim)
	}
	for j := range dim {
		for l := range j + 1 {
			for _, sums := range parts {
				c[j][l] += sums[j*dim+l]
			}
			c[l][j] = c[j][l]
		}
	}
	return c
}

// largest returns the two eigenvectors of a symmetric matrix, not negative definite, with the largest eigenvalues, by
// orthogonal iteration on a block of a few vectors, which converges with the ratio of the eigenvalues behind the
// block. The largest component of each is positive. A second one is zero if the matrix has one column.
func largest(c [][]float64) [2][]float64 {
	const block, steps = 6, 100
	r := random.New(seed, random.Layout, 1)
	basis := make([][]float64, min(block, len(c)))
	for b := range basis {
		basis[b] = make([]float64, len(c))
		for j := range basis[b] {
			basis[b][j] = r.Float64() - 0.5
		}
	}
	orthonormalize(basis)
	next := make([]float64, len(c))
	for range steps {
		for b := range basis {
			for j, row := range c {
				next[j] = dot(row, basis[b])
			}
			copy(basis[b], next)
		}
		orthonormalize(basis)
	}
	axes := [2][]float64{make([]float64, len(c)), make([]float64, len(c))}
	for a := range min(2, len(basis)) {
		top := 0
		for j, v := range basis[a] {
			if math.Abs(v) > math.Abs(basis[a][top]) {
				top = j
			}
		}
		for j, v := range basis[a] {
			axes[a][j] = math.Copysign(1, basis[a][top]) * v
		}
	}
	return axes
}

// orthonormalize makes vectors orthogonal and of unit length, in their order. Those that depend on the ones
// before become zero.
func orthonormalize(basis [][]float64) {
	for b, v := range basis {
		before := math.Sqrt(dot(v, v))
		for range 2 { // the second time removes what rounding left
			for _, u := range basis[:b] {
				p := dot(u, v)
				for j := range v {
					v[j] -= float64(p * u[j])
				}
			}
		}
		length := math.Sqrt(dot(v, v))
		for j := range v {
			if length <= 1e-12*before {
				v[j] = 0
			} else {
				v[j] /= length
			}
		}
	}
}

// dot returns the inner product, rounded after each operation.
func dot(a, b []float64) float64 {
	sum := 0.0
	for j, v := range a {
		sum += float64(v * b[j])
	}
	return sum
}
