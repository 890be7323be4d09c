// Package sampling has the random choices that depend on the counts of words alone: which words to
// draw as negatives, and which tokens to train on.
package sampling

import (
	"errors"
	"fmt"
	"math"
	"math/bits"

	"gonum.org/v1/gonum/floats"

	"kindred/internal/random"
)

// An AliasTable draws ids with fixed probabilities in constant time: Walker's alias method (1977), as
// constructed by Vose, "A linear algorithm for generating random numbers with a given distribution"
// (1991). It takes 8 bytes an id and never changes, so any number of goroutines can draw from one
// table, each with its own generator.
type AliasTable struct {
	columns []column
}

// A column is drawn with probability 1/n. It yields its own id if the next 32 random bits are below
// own, and otherwise its alias. A column that always yields its own id is its own alias.
type column struct {
	own   uint32
	alias int32
}

// NewNoiseTable returns the table that draws ids 0..len(counts)-1 by their [NoiseWeights].
func NewNoiseTable(counts []int64, power float64) (*AliasTable, error) {
	weights, err := NoiseWeights(counts, power)
	if err != nil {
		return nil, err
	}
	return NewAliasTable(weights)
}

// NoiseWeights returns weights proportional to count^power: the noise distribution of Mikolov et al.,
// "Distributed representations of words and phrases and their compositionality" (2013), who use the
// power 0.75. Any finite power is allowed: 0 is the uniform distribution, and a negative one prefers
// rare words (Caselles-Dupré et al. 2018). A count of 0 has weight 0 for every power.
func NoiseWeights(counts []int64, power float64) ([]float64, error) {
	if math.IsNaN(power) || math.IsInf(power, 0) {
		return nil, fmt.Errorf("noise distribution: power is %v, want a finite number", power)
	}
	// The power of count/reference is at most 1, and 1 for the reference. So powers far from 0
	// neither overflow nor make all weights 0.
	highest, lowest := int64(0), int64(math.MaxInt64)
	for _, c := range counts {
		if c > 0 {
			highest, lowest = max(highest, c), min(lowest, c)
		}
	}
	reference := float64(highest)
	if power < 0 {
		reference = float64(lowest)
	}
	weights := make([]float64, len(counts))
	for i, c := range counts {
		if c > 0 {
			weights[i] = rounded(math.Pow(float64(c)/reference, power))
		}
	}
	return weights, nil
}

// rounded returns x with the precision of a float32. Processors differ in the last bits of a power;
// the negatives of training must not.
func rounded(x float64) float64 {
	const dropped = 52 - 23 // bits of the mantissa
	return math.Float64frombits((math.Float64bits(x) + 1<<(dropped-1)) &^ (1<<dropped - 1))
}

// NewAliasTable returns the table that draws id i with probability weights[i] / sum(weights), exact
// to 2^-32 / len(weights). It is an error if a weight is negative or not finite, or their sum is not
// positive and finite.
func NewAliasTable(weights []float64) (*AliasTable, error) {
	n := len(weights)
	if n == 0 || n > math.MaxInt32 {
		return nil, fmt.Errorf("alias table: %d weights, want 1 to %d", n, math.MaxInt32)
	}
	sum := 0.0
	for i, w := range weights {
		if !(w >= 0) || math.IsInf(w, 0) {
			return nil, fmt.Errorf("alias table: weight %d is %v, want a finite number of 0 or more", i, w)
		}
		sum += w
	}
	if sum == 0 || math.IsInf(sum, 0) {
		return nil, errors.New("alias table: the weights must have a positive and finite sum")
	}
	// scaled[i] is the height of column i, 1 on average. Vose's two stacks share one slice: the low
	// columns grow from the left, the high ones from the right.
	scaled := make([]float64, n)
	stack := make([]int32, n)
	low, high := 0, n
	for i, w := range weights {
		scaled[i] = w / sum * float64(n)
		if scaled[i] < 1 {
			stack[low] = int32(i)
			low++
		} else {
			high--
			stack[high] = int32(i)
		}
	}
	t := &AliasTable{columns: make([]column, n)}
	for low > 0 && high < n {
		low--
		l, h := stack[low], stack[high]
		t.columns[l] = column{own: uint32(scaled[l] * (1 << 32)), alias: h}
		scaled[h] -= 1 - scaled[l]
		if scaled[h] < 1 {
			high++
			stack[low] = h
			low++
		}
	}
	// The columns left on either stack have height 1, except for rounding. Rounding must not give an
	// id of weight 0 a column of its own.
	for _, i := range stack[:low] {
		t.columns[i] = column{alias: i}
		if weights[i] == 0 {
			t.columns[i].alias = int32(floats.MaxIdx(weights))
		}
	}
	for _, i := range stack[high:] {
		t.columns[i] = column{alias: i}
	}
	return t, nil
}

// Len returns the number of ids.
func (t *AliasTable) Len() int { return len(t.columns) }

// Draw turns 64 uniformly random bits into an id. The product of the bits, as a fraction, and n has
// the column as its integer part. The rest, independent of it to 2^-32, chooses between id and alias.
func (t *AliasTable) Draw(random uint64) int32 {
	i, fraction := bits.Mul64(random, uint64(len(t.columns)))
	c := t.columns[i]
	id := c.alias
	if uint32(fraction>>32) < c.own { // compiles to a conditional move; a branch could not be predicted
		id = int32(i)
	}
	return id
}

// DrawAll fills dst with the ids that [AliasTable.Draw] returns for the next numbers of a SplitMix64
// generator, whose state it moves on.
//
// It finds all columns before it looks at one. So little stands between two accesses to the table that
// a processor has more of them under way at a time, which is what a table beyond the second-level cache
// needs.
func (t *AliasTable) DrawAll(dst []int32, state *uint64) {
	rng := (*random.Stream)(state)
	const batch = 64
	var places [batch]uint64 // the column and, in the lower half, the fraction
	for len(dst) > 0 {
		n := min(batch, len(dst))
		for i := range places[:n] {
			column, fraction := bits.Mul64(rng.Uint64(), uint64(len(t.columns)))
			places[i] = column<<32 | fraction>>32
		}
		for i, place := range places[:n] {
			id := int32(place >> 32)
			c := t.columns[id]
			if uint32(place) >= c.own {
				id = c.alias
			}
			dst[i] = id
		}
		dst = dst[n:]
	}
}

// Heaviest returns the most probable id, the lowest of several, and its probability.
func (t *AliasTable) Heaviest() (id int32, p float64) {
	for i, q := range t.probabilities() {
		if q > p {
			id, p = int32(i), q
		}
	}
	return id, p
}

// probabilities returns the probability of each id as the table draws it.
func (t *AliasTable) probabilities() []float64 {
	p := make([]float64, len(t.columns))
	for i, c := range t.columns {
		own := float64(c.own) / (1 << 32)
		p[i] += own
		p[c.alias] += 1 - own
	}
	for i := range p {
		p[i] /= float64(len(p))
	}
	return p
}
