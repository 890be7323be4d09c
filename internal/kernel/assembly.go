//go:build !noasm && (amd64 || arm64)

package kernel

import "math"

// What the kernels in assembly have in common. They cut the targets of a step into tiles of equal
// width, but for the last one. For each tile and each input there is a gradient tile: the scores of
// the input with the targets of the tile, later their gradients, one in each lane.
const (
	tileWidth = 6 // targets in a tile, at most
	lanes     = 8 // floats in a gradient tile, and in a column of a matrix
)

// pack copies gradients, m rows of n, to gradient tiles for tiles of the given width, which have rows
// gradient tiles each. The lanes that hold no gradient become zero.
func (b *buffers) pack(gradients []float32, m, n, width, rows int) {
	clear(b.gradients)
	tile := 0
	for first := 0; first < n; first += width {
		w := min(width, n-first)
		for i := range m {
			copy(b.gradients[tile+i*lanes:][:w], gradients[i*n+first:])
		}
		tile += rows * lanes
	}
}

// pendingLoss is the loss of some steps that was not added yet, lane by lane. The generators of the assembly refer
// to its arrays by name.
type pendingLoss struct {
	above     [16]float32 // sum of max(z, 0)
	product   [16]float32 // product of 1 + e^-|z|, whose logarithm is the rest
	exponents [16]int32   // powers of two that were taken from it
	factors   int         // that a product has
	padding   int         // lanes without a score, each of which had a factor of 2
}

// mostFactors is how many factors of at most two a product may have. The product over all
// lanes is then a finite float64. The assembly puts exponents aside after as many in one step.
const mostFactors = 60

// begin prepares for a step that multiplies a product by a number of factors.
func (p *pendingLoss) begin(s *Step, factors int) {
	if p.factors+factors > mostFactors || !s.WithLoss {
		p.addLoss(&s.Loss)
	}
	if p.factors == 0 {
		*p = pendingLoss{}
		for i := range p.product {
			p.product[i] = 1
		}
	}
}

// end notes what a step left.
func (p *pendingLoss) end(s *Step, factors, padding int) {
	if s.WithLoss {
		p.factors += min(factors, mostFactors)
		p.padding += padding
	}
}

// addLoss adds the loss that is pending.
func (p *pendingLoss) addLoss(loss *float64) {
	if p.factors == 0 {
		return
	}
	above, product, exponents := 0.0, 1.0, 0
	for i, a := range p.above {
		above += float64(a)
		product *= float64(p.product[i])
		exponents += int(p.exponents[i])
	}
	*loss += above + math.Log(product) + math.Ln2*float64(exponents-p.padding)
	p.factors = 0
}
