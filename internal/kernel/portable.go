package kernel

import "unsafe"

// Portable is the kernel in plain Go. Its results are the same bytes on all processors: it rounds
// after each multiplication and adds in a fixed order. The explicit float32 conversions prevent the
// compiler from fusing a multiplication and an addition.
//
// Its functions are hidden from the race detector. In Hogwild training (Niu et al. 2011) several
// goroutines read and write the same rows without locks, by design and only in kernels. The detector
// sees everything else that workers share.
var Portable = Kernel{
	Name:           "portable",
	Train:          trainPortable,
	Scores:         scoresPortable,
	SumScores:      sumScoresPortable,
	Update:         updatePortable,
	TrainBag:       trainBagPortable,
	UpdateBag:      updateBagPortable,
	Products:       productsPortable,
	PackedProducts: packedProductsPortable,
	Widen:          widenPortable,
	Gather:         gatherPortable,
	Accumulate:     accumulatePortable,
	Merge:          mergePortable,
	Combine:        combinePortable,
	Distribute:     distributePortable,
	Weigh:          weighPortable,
	Unweigh:        unweighPortable,
	usable:         true,
}

// buffers is the memory that the portable kernel needs besides the matrices. The kernels in assembly
// use it too, with layouts of their own, so a step must not be passed from one kernel to another.
type buffers struct {
	gradients []float32 // m x n: -rate * dL/ds
	deltas    []float32 // (m + n) x dim: what is added to inputs, then targets
}

//go:norace
func trainPortable(s *Step) {
	s.scratch.gradients = grown(s.scratch.gradients, len(s.Inputs)*len(s.Targets))
	g := s.scratch.gradients
	scoresPortable(g, s)
	scoresToGradients(g, len(s.Targets), s)
	updatePortable(s, g)
}

// scoresPortable does Kernel.Scores, three targets at a time.
//
//go:norace
func scoresPortable(dst []float32, s *Step) {
	checkScores(dst, s, len(s.Inputs))
	for i, input := range s.Inputs {
		productsOfTargets(dst[i*len(s.Targets):], row(s.In, input, s), s)
	}
}

// sumScoresPortable does Kernel.SumScores.
//
//go:norace
func sumScoresPortable(dst []float32, s *Step) {
	checkScores(dst, s, 1)
	s.scratch.deltas = grown(s.scratch.deltas, s.Dim)
	sum := s.scratch.deltas
	clear(sum)
	for _, input := range s.Inputs {
		add(sum, row(s.In, input, s))
	}
	productsOfTargets(dst, sum, s)
}

// productsOfTargets writes to dst the inner products of x with all targets.
//
//go:norace
func productsOfTargets(dst, x []float32, s *Step) {
	j, n := 0, len(s.Targets)
	for ; j+3 <= n; j += 3 {
		dst[j], dst[j+1], dst[j+2] = dot3(x,
			row(s.Out, s.Targets[j], s), row(s.Out, s.Targets[j+1], s), row(s.Out, s.Targets[j+2], s))
	}
	for ; j < n; j++ {
		dst[j], _, _ = dot3(x, row(s.Out, s.Targets[j], s), x, x)
	}
}

// updatePortable does Kernel.Update.
//
//go:norace
func updatePortable(s *Step, g []float32) {
	checkScores(g, s, len(s.Inputs))
	m, n, dim := len(s.Inputs), len(s.Targets), s.Dim
	s.scratch.deltas = grown(s.scratch.deltas, (m+n)*dim)
	deltas := s.scratch.deltas
	clear(deltas)
	for i := range s.Inputs {
		accumulate(deltas[i*dim:][:dim], g[i*n:], 1, s.Out, s.Targets, s)
	}
	for j := range s.Targets {
		accumulate(deltas[(m+j)*dim:][:dim], g[j:], n, s.In, s.Inputs, s)
	}
	for i, input := range s.Inputs {
		add(row(s.In, input, s), deltas[i*dim:])
	}
	for j, target := range s.Targets {
		add(row(s.Out, target, s), deltas[(m+j)*dim:])
	}
}

//go:norace
func trainBagPortable(s *Step, scale, factor float32) {
	if len(s.Inputs) == 0 || len(s.Targets) == 0 {
		return
	}
	h := hiddenPortable(s, scale)
	s.scratch.gradients = grown(s.scratch.gradients, len(s.Targets))
	g := s.scratch.gradients
	productsOfTargets(g, h, s)
	scoresToGradients(g, len(s.Targets), s)
	updateByHidden(s, g, h, factor)
}

//go:norace
func updateBagPortable(s *Step, g []float32, scale, factor float32) {
	if checkScores(g, s, 1) {
		updateByHidden(s, g, hiddenPortable(s, scale), factor)
	}
}

// hiddenPortable returns the hidden vector of a bag. It makes room for its move behind it.
//
//go:norace
func hiddenPortable(s *Step, scale float32) []float32 {
	s.scratch.deltas = grown(s.scratch.deltas, 2*s.Dim)
	h := s.scratch.deltas[:s.Dim]
	clear(h)
	for _, input := range s.Inputs {
		add(h, row(s.In, input, s))
	}
	for c := range h {
		h[c] *= scale
	}
	return h
}

// updateByHidden moves the rows of a bag with the hidden vector h.
//
//go:norace
func updateByHidden(s *Step, g, h []float32, factor float32) {
	move := s.scratch.deltas[s.Dim:][:s.Dim]
	clear(move)
	accumulate(move, g, 1, s.Out, s.Targets, s)
	for c := range move {
		move[c] *= factor
	}
	for _, input := range s.Inputs {
		add(row(s.In, input, s), move)
	}
	for j, target := range s.Targets {
		y := row(s.Out, target, s)[:len(h)]
		for c, x := range h {
			y[c] += float32(g[j] * x)
		}
	}
}

// scoresToGradients replaces each score in g, m rows of n, by -rate times the derivative of the loss
// by that score, and adds the loss if s.WithLoss is set. With z as in the package documentation, that
// is rate*σ(z) for the positive target and -rate*σ(z) for a negative. There is no difference 1-σ,
// which would lose the precision of large scores.
//
//go:norace
func scoresToGradients(g []float32, n int, s *Step) {
	loss := float32(0)
	for start := 0; start < len(g); start += n {
		block := g[start : start+n]
		for j, score := range block {
			z, rate := score, -s.Rate
			if j == 0 {
				z, rate = -score, s.Rate
			}
			sigmoid, softplus := sigmoidSoftplus(z, s.WithLoss)
			block[j] = rate * sigmoid
			loss += softplus
		}
	}
	if s.WithLoss {
		s.Loss += float64(loss)
	}
}

// accumulate adds the listed rows to delta, each times its weight: rows[k] has weights[k*step].
//
//go:norace
func accumulate(delta, weights []float32, step int, matrix []float32, rows []int32, s *Step) {
	k := 0
	for ; k+3 <= len(rows); k += 3 {
		w0, w1, w2 := weights[k*step], weights[(k+1)*step], weights[(k+2)*step]
		r0, r1, r2 := row(matrix, rows[k], s)[:len(delta)], row(matrix, rows[k+1], s)[:len(delta)], row(matrix, rows[k+2], s)[:len(delta)]
		for c := range delta {
			delta[c] += float32(w0*r0[c]) + float32(w1*r1[c]) + float32(w2*r2[c])
		}
	}
	for ; k < len(rows); k++ {
		w0, r0 := weights[k*step], row(matrix, rows[k], s)[:len(delta)]
		for c := range delta {
			delta[c] += float32(w0 * r0[c])
		}
	}
}

// dot3 returns the inner products of x with a, b and c, each summed in two lanes.
//
//go:norace
func dot3(x, a, b, c []float32) (float32, float32, float32) {
	a, b, c = a[:len(x)], b[:len(x)], c[:len(x)]
	var a0, a1, b0, b1, c0, c1 float32
	i := 0
	for ; i+2 <= len(x); i += 2 {
		x0, x1 := x[i], x[i+1]
		a0 += float32(x0 * a[i])
		a1 += float32(x1 * a[i+1])
		b0 += float32(x0 * b[i])
		b1 += float32(x1 * b[i+1])
		c0 += float32(x0 * c[i])
		c1 += float32(x1 * c[i+1])
	}
	if i < len(x) {
		a0 += float32(x[i] * a[i])
		b0 += float32(x[i] * b[i])
		c0 += float32(x[i] * c[i])
	}
	return a0 + a1, b0 + b1, c0 + c1
}

//go:norace
func add(dst, delta []float32) {
	delta = delta[:len(dst)]
	for c := range dst {
		dst[c] += delta[c]
	}
}

// productsPortable does Kernel.Products, three rows at a time.
func productsPortable(dst, rows, queries []float32, stride, dim int) {
	n, q := checkProducts(dst, rows, queries, stride, dim)
	multiply(dst, rows, queries, n, q, stride, stride, dim)
}

// packedProductsPortable does Kernel.PackedProducts.
func packedProductsPortable(dst, rows, queries []float32, rowStride, stride, dim int) {
	n, q := checkPackedProducts(dst, rows, queries, rowStride, stride, dim)
	multiply(dst, rows, queries, n, q, rowStride, stride, dim)
}

func multiply(dst, rows, queries []float32, n, q, rowStride, stride, dim int) {
	for k := range q {
		query, out := queries[k*stride:][:dim], dst[k*n:][:n]
		r := 0
		for ; r+3 <= n; r += 3 {
			out[r], out[r+1], out[r+2] = dot3(query, rows[r*rowStride:], rows[(r+1)*rowStride:], rows[(r+2)*rowStride:])
		}
		for ; r < n; r++ {
			out[r], _, _ = dot3(query, rows[r*rowStride:], query, query)
		}
	}
}

// widenPortable does Kernel.Widen.
func widenPortable(dst []float32, stride int, rows []int8, dim int, scales []float32) {
	n := checkWiden(dst, stride, rows, dim, scales)
	for i := range n {
		to, scale := dst[i*stride:][:stride], scales[i]
		for k, x := range rows[i*dim:][:dim] {
			to[k] = float32(x) * scale
		}
	}
}

// gatherPortable does Kernel.Gather.
func gatherPortable(dst, src []float32, stride int, rows []int32) {
	checkGather(dst, src, stride, rows)
	for i, r := range rows {
		copy(dst[i*stride:][:stride], src[int(r)*stride:])
	}
}

// accumulatePortable does Kernel.Accumulate.
func accumulatePortable(sums []int32, stride int, rows []int32, values []float32) {
	checkAccumulate(sums, stride, rows, values)
	for i, r := range rows {
		from := values[i*stride:][:stride]
		if r < 0 {
			for c, to := 0, sums[int(^r)*stride:][:stride]; c < stride; c++ {
				to[c] = fixed(from[c])
			}
			continue
		}
		for c, to := 0, sums[int(r)*stride:][:stride]; c < stride; c++ {
			to[c] += fixed(from[c])
		}
	}
}

// mergePortable does Kernel.Merge.
func mergePortable(m *Merge) {
	m.check()
	next := 0
	for i, r := range m.Rows {
		row, sums := m.Matrix[int(r)*m.Stride:][:m.Stride], m.Sums[next:][:m.Parts[i]]
		next += len(sums)
		weight := m.Weights[i] * fixedUnit
		for c, base := range row {
			sum := -m.Counts[i] * fixed(base)
			for _, first := range sums {
				sum += unsafe.Slice(first, m.Stride)[c]
			}
			row[c] = base + float32(weight*float32(sum))
		}
	}
}

func row(matrix []float32, i int32, s *Step) []float32 {
	start := int(i) * s.Stride
	return matrix[start : start+s.Dim]
}
