// Package kernel holds the inner loops: the training step on a block of inputs and targets, and
// products, copies and merges of rows.
//
// A [Step] is what one window of text does to the model. The m rows of the input matrix (the context
// words) meet n rows of the output matrix (the center word, which is the positive target, and k = n-1
// negatives). With the inner product s(i,j) of input i and target j, and y(j) = 1 for the positive
// target and 0 for a negative, the loss of the block is
//
//	L = sum over i, j of softplus(z(i,j)),   z = -s for the positive, s for a negative
//
// (Mikolov et al. 2013, equation 4, as log σ(x) = -softplus(-x)), and its gradients are
//
//	dL/d in(i)  = sum over j of (σ(s(i,j)) - y(j)) out(j)
//	dL/d out(j) = sum over i of (σ(s(i,j)) - y(j)) in(i)
//
// All gradients are taken at the values before the update, and both matrices move by -rate times
// their gradient (HogBatch; Ji et al. 2016, arXiv 1604.04661). A row that occurs twice in a step moves
// by both gradients. With one input and its own negatives this is the update of word2vec.c.
//
// A loss other than this one uses the split step: Scores, the gradients of the loss, Update.
//
// # Kernels
//
// There are five kernels, which do the same:
//
//   - avx512, in assembly for amd64 processors with AVX-512 (F, DQ and VL), with registers of 512 bits;
//   - avx512vl, for the same processors, with 32 registers of 256 bits;
//   - avx2, in assembly for amd64 processors with AVX2 and FMA, with 16 registers of 256 bits;
//   - neon, in assembly for arm64;
//   - portable, in Go for all processors. Its results are the same bytes everywhere.
//
// [Select], [Auto] and [Available] choose among those that the build and the processor have. The build tag
// noasm leaves the assembly out. It is generated: see the package comments of _asm (amd64) and
// _asm/neon. The tests compare all kernels with exact arithmetic.
package kernel

//go:generate go run -C _asm ./neon -out ../step_arm64.s

import (
	"fmt"
	"slices"
	"strings"
)

// A Step is one update of the model by a block of inputs and targets. A worker makes one and refills
// it for each block, so that its scratch memory is reused. The zero value is ready to be filled. A Step
// stays with one kernel.
type Step struct {
	// In and Out are the two matrices: rows of Stride values, with Dim in use.
	// Stride is a multiple of 16, Dim at most Stride, and the values between are zero.
	In, Out     []float32
	Stride, Dim int
	// Inputs are row numbers of In, Targets of Out; Targets[0] is the
	// positive target and the others are negatives. Neither is empty.
	Inputs, Targets []int32
	// Rate is the learning rate.
	Rate float32
	// NextInputs and NextTargets are rows that the next step will use, which
	// a kernel may fetch into the cache meanwhile.
	NextInputs, NextTargets []int32
	// WithLoss asks for the loss of the block at the values before the update, which TakeLoss
	// returns. A loss that is not finite means that the scores were not.
	WithLoss bool
	// Loss is the loss of earlier blocks. Kernels may add to it later than they train.
	Loss float64

	scratch scratch
}

// TakeLoss returns the loss of all blocks since the last call, and sets Loss to 0.
func (s *Step) TakeLoss() float64 {
	s.scratch.addLoss(&s.Loss)
	loss := s.Loss
	s.Loss = 0
	return loss
}

// A Kernel is one implementation of the inner loops. Kernels differ by
// rounding only. With ε = 2^-24:
//
//   - an inner product is within (Dim/2+8)ε of the exact one, relative to the
//     sum of the magnitudes of its terms;
//   - a gradient by a score is within MaxSigmoidError+ε of that of the rounded
//     score, relatively;
//   - what is added to a row is within (r+2)ε of the exact sum, relative to the
//     sum of the magnitudes of its r terms, and rounded once more when it is
//     added;
//   - the loss is within 4ε for each score and MaxSoftplusError+(m n+8)ε
//     relatively, and 60ε more if it is the sum of several steps.
type Kernel struct {
	// Name is what selects the kernel and what manifests record.
	Name string
	// Train does the update that the step describes. The row numbers must be within the matrices:
	// assembly does not check them. Only the listed rows are written, and their padding remains zero
	// as long as the scores are finite.
	Train func(*Step)
	// Scores writes the inner product of each input of the step with each target to dst: with n
	// targets, dst[i*n+j] is that of input i and target j. Scores, SumScores and Update panic if the
	// slice does not have the length of the values; they ignore Rate and the loss.
	Scores func(dst []float32, s *Step)
	// SumScores writes the inner product of the sum of all inputs of the step with each target to
	// dst. The sum is rounded once for each input but one.
	SumScores func(dst []float32, s *Step)
	// Update adds to the rows of the step what Train adds once it has the gradients:
	// gradients[i*n+j] is -Rate times the derivative of the loss by the score of input i and target j.
	// It prefetches, as Train does.
	Update func(s *Step, gradients []float32)
	// TrainBag does what Train does with one input h, the hidden vector, in place of the inputs of the
	// step: h = scale (x(1) + x(2) + …). An input that is listed twice counts twice. Each of
	// the inputs moves by factor times what would move h. CBOW is a bag with the scale 1/m for m
	// inputs, and the factor 1/m as well if it is to follow its gradient.
	TrainBag func(s *Step, scale, factor float32)
	// UpdateBag adds to the rows of the step what TrainBag adds once it has the gradients: gradients[j] is
	// -Rate times the derivative of the loss by the score of h and target j. These scores are scale times
	// those of SumScores. It panics if the lengths do not fit.
	UpdateBag func(s *Step, gradients []float32, scale, factor float32)
	// Products writes the inner product of each row with each query to dst: with n rows, dst[k*n+r]
	// is that of query k and row r. Each is summed in the same order, however many there are. Both
	// matrices have the given stride, a multiple of 16, and dim values in use in a row, followed by
	// zeros. It panics if the lengths do not fit: those of rows and queries must be multiples of
	// stride, and dst must have the length of the products. It is fastest if the queries and six rows
	// fit in the first-level cache.
	Products func(dst, rows, queries []float32, stride, dim int)
	// PackedProducts does what Products does for rows that lie closer together, as in a file: at the distance
	// rowStride, at least dim, with anything finite between them. Rows must end with the last value of the
	// last row, rounded up to a multiple of 16 from its first, all of which is read: with n rows it has
	// (n-1)*rowStride values, and those of a row with its padding. It gives the same bytes as Products.
	PackedProducts func(dst, rows, queries []float32, rowStride, stride, dim int)
	// Widen multiplies rows of dim 8-bit integers, one after the other, with the scale of each: row i of dst, at
	// the distance stride, becomes scales[i] times row i of rows. Stride is a multiple of 16, at least dim. It
	// panics if the lengths do not fit. It leaves the values between the rows of dst as they are. All kernels give
	// the same bytes.
	Widen func(dst []float32, stride int, rows []int8, dim int, scales []float32)
	// Gather copies rows: row i of dst becomes row rows[i] of src. Both have the given stride, a
	// multiple of 16. It panics if dst does not have len(rows) rows; row numbers must be within src.
	Gather func(dst, src []float32, stride int, rows []int32)
	// Accumulate adds rows of values to rows of sums in fixed point: row i of values to row rows[i] of
	// sums. If rows[i] is negative, it sets row ^rows[i] instead. All have the given stride, a multiple
	// of 16. It panics if values does not have len(rows) rows; row numbers must be within sums.
	//
	// A value x becomes the integer x*2^24, rounded towards zero, after it was cut to ±127; what is not a
	// number becomes 127. Integers add up to the same sum in any order, which floats do not. A sum
	// that exceeds 32 bits wraps around. All kernels give the same bytes.
	Accumulate func(sums []int32, stride int, rows []int32, values []float32)
	// Merge does the merge. All kernels give the same bytes.
	Merge func(*Merge)
	// Combine does the combination. All kernels give the same bytes.
	Combine func(*Combination)
	// Distribute does the distribution. All kernels give the same bytes.
	Distribute func(*Distribution)
	// Weigh and Unweigh do the two halves of the weighting. All kernels give the same bytes.
	Weigh, Unweigh func(*Weighting)

	usable bool
	peak   func(n int) // n times 12 multiply-adds of lanes values; nil if there is none
	lanes  int         // values in a register
}

// A Merge moves rows of a matrix by what was done to copies of them: a row b with n copies a(1), a(2),
// … and the weight w becomes
//
//	b + w ((a(1) - b) + (a(2) - b) + …)
//
// where the sum is that of fixed-point numbers; see [Kernel.Accumulate]. It is exact, and so in any order, up to
// moves of ±128, where it wraps around.
type Merge struct {
	// Matrix has rows of Stride values, a multiple of 16.
	Matrix []float32
	Stride int
	// Rows are row numbers, each of them once. Row Rows[i] has Counts[i] copies and the weight
	// Weights[i].
	Rows, Counts []int32
	Weights      []float32
	// Sums are the first elements of rows of sums, to which the copies were added. Those of Rows[i]
	// are the next Parts[i] ones, at least one.
	Sums  []*int32
	Parts []int32
}

// check panics if the lengths do not fit.
func (m *Merge) check() {
	n := len(m.Rows)
	if m.Stride < 1 || m.Stride%16 != 0 || len(m.Matrix)%m.Stride != 0 || len(m.Counts) != n || len(m.Weights) != n || len(m.Parts) != n {
		panic(fmt.Sprintf("kernel: merging %d rows with %d counts, %d weights and %d parts into %d values of stride %d",
			n, len(m.Counts), len(m.Weights), len(m.Parts), len(m.Matrix), m.Stride))
	}
	sums := 0
	for _, parts := range m.Parts {
		if parts < 1 {
			panic(fmt.Sprintf("kernel: merging a row of %d sums", parts))
		}
		sums += int(parts)
	}
	if sums != len(m.Sums) {
		panic(fmt.Sprintf("kernel: merging %d rows of %d sums, and there are %d", n, sums, len(m.Sums)))
	}
}

// MostFixed is the largest value that fixed-point numbers can have; larger ones are cut to it.
const MostFixed = 127

const fixedUnit = 1.0 / (1 << 24) // of fixed-point numbers

// fixed returns a value in fixed point.
func fixed(x float32) int32 {
	if !(x < MostFixed) {
		x = MostFixed
	}
	if x < -MostFixed {
		x = -MostFixed
	}
	return int32(x * (1 << 24))
}

// checkAccumulate panics if the lengths do not fit.
func checkAccumulate(sums []int32, stride int, rows []int32, values []float32) {
	if stride < 1 || stride%16 != 0 || len(sums)%stride != 0 || len(values) != len(rows)*stride {
		panic(fmt.Sprintf("kernel: adding %d values as %d rows of stride %d to %d sums", len(values), len(rows), stride, len(sums)))
	}
}

// checkGather panics if the lengths do not fit.
func checkGather(dst, src []float32, stride int, rows []int32) {
	if stride < 1 || stride%16 != 0 || len(src)%stride != 0 || len(dst) != len(rows)*stride {
		panic(fmt.Sprintf("kernel: gathering %d rows of stride %d from %d values into %d", len(rows), stride, len(src), len(dst)))
	}
}

// usable are the kernels that Available returns.
var usable = slices.DeleteFunc(append(slices.Clone(assembly), Portable), func(k Kernel) bool { return !k.usable })

// Available returns the kernels that this build has and this processor can run, in the order of the
// package documentation.
func Available() []Kernel { return slices.Clone(usable) }

// Auto returns the kernel for vectors of a dimension that is expected to be the fastest on this processor.
// The choice follows from a table of measurements and from nothing that is measured at the time, so it is
// always the same on one processor.
func Auto(dim int) Kernel {
	name := preferred(dim)
	for _, k := range usable {
		if k.Name == name {
			return k
		}
	}
	return usable[0]
}

// Select returns the kernel with the given name, or that of [Auto] if the name is "" or "auto". It
// returns an error if this build or processor has no such kernel.
func Select(name string, dim int) (Kernel, error) {
	if name == "" || name == "auto" {
		return Auto(dim), nil
	}
	var names []string
	for _, k := range usable {
		if k.Name == name {
			return k, nil
		}
		names = append(names, k.Name)
	}
	return Kernel{}, fmt.Errorf("kernel %q is not available here; choose auto or one of: %s", name, strings.Join(names, ", "))
}

// checkProducts returns the numbers of rows and queries. It panics if the lengths do not fit.
func checkProducts(dst, rows, queries []float32, stride, dim int) (n, q int) {
	if dim < 1 || dim > stride || stride%16 != 0 || len(rows)%stride != 0 || len(queries)%stride != 0 {
		panic(fmt.Sprintf("kernel: %d and %d values are not matrices of %d columns with stride %d", len(rows), len(queries), dim, stride))
	}
	n, q = len(rows)/stride, len(queries)/stride
	if len(dst) != n*q {
		panic(fmt.Sprintf("kernel: room for %d products of %d rows and %d queries", len(dst), n, q))
	}
	return n, q
}

// checkPackedProducts returns the numbers of rows and queries. It panics if the lengths do not fit.
func checkPackedProducts(dst, rows, queries []float32, rowStride, stride, dim int) (n, q int) {
	padded := (dim + 15) / 16 * 16
	if dim < 1 || dim > stride || stride%16 != 0 || rowStride < dim || len(rows) > 0 && (len(rows) < padded || (len(rows)-padded)%rowStride != 0) || len(queries)%stride != 0 {
		panic(fmt.Sprintf("kernel: %d and %d values are not matrices of %d columns with strides %d and %d", len(rows), len(queries), dim, rowStride, stride))
	}
	if q = len(queries) / stride; len(rows) > 0 {
		n = (len(rows)-padded)/rowStride + 1
	}
	if len(dst) != n*q {
		panic(fmt.Sprintf("kernel: room for %d products of %d rows and %d queries", len(dst), n, q))
	}
	return n, q
}

// checkWiden returns the number of rows. It panics if the lengths do not fit.
func checkWiden(dst []float32, stride int, rows []int8, dim int, scales []float32) int {
	n := len(scales)
	if dim < 1 || dim > stride || stride%16 != 0 || len(dst) != n*stride || len(rows) != n*dim {
		panic(fmt.Sprintf("kernel: widening %d values with %d scales to %d of stride %d, %d in use", len(rows), n, len(dst), stride, dim))
	}
	return n
}

// checkScores reports whether a step of m inputs has something to compute. It panics if values does
// not have the length for it.
func checkScores(values []float32, s *Step, m int) bool {
	if n := len(s.Targets); len(values) != m*n {
		panic(fmt.Sprintf("kernel: %d values for %d inputs and %d targets", len(values), m, n))
	}
	return len(s.Inputs) > 0 && len(s.Targets) > 0
}

// grown returns a slice of n values, which is buf if that is large enough.
func grown[T any](buf []T, n int) []T {
	if cap(buf) < n {
		return make([]T, n+n/2)[:n]
	}
	return buf[:n]
}
