// Package lines makes vectors of lines from those of their words: the mean, or a weighted mean without the
// component that all lines share.
package lines

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"kindred/model"
)

// A Pooling is a way to make one vector of several.
type Pooling string

// The poolings.
const (
	// Mean is the mean of the vectors of the words.
	Mean Pooling = "mean"
	// SIF is smooth inverse frequency (Arora, Liang and Ma, "A simple but tough-to-beat baseline for sentence
	// embeddings", 2017): the mean of the vectors, each times
	//
	//	a / (a + p(w)),   a = 10⁻³
	//
	// where p(w) is the share of the word in the text of the model. [Common] and [Remove] are its second
	// step.
	SIF Pooling = "sif"
)

// Poolings are the names of all poolings.
func Poolings() []string { return []string{string(Mean), string(SIF)} }

// smoothing is a, in the middle of the range for which the paper finds hardly a difference.
const smoothing = 1e-3

// A Pooler makes vectors of lines. It belongs to one goroutine.
type Pooler struct {
	e       *model.Embeddings
	reader  *model.Reader
	weights []float64 // by word; nil for equal ones
	sum     []float64
}

// NewPooler returns a pooler of the vectors of a model. SIF needs the counts of its words, and is an error
// without them.
func NewPooler(e *model.Embeddings, p Pooling) (*Pooler, error) {
	c := &Pooler{e: e, reader: e.Reader(), sum: make([]float64, e.Dim())}
	switch p {
	case Mean:
		return c, nil
	case SIF:
	default:
		return nil, fmt.Errorf("pooling is %q, want %s or %s", p, Mean, SIF)
	}
	total := 0.0
	for id := range e.Vocabulary.Len() {
		total += float64(e.Vocabulary.Count(id))
	}
	if total == 0 {
		return nil, fmt.Errorf("the pooling %s needs the counts of words, which these vectors lack; .safetensors files have them", SIF)
	}
	for id := range e.Vocabulary.Len() {
		c.weights = append(c.weights, smoothing/(smoothing+float64(e.Vocabulary.Count(id))/total))
	}
	return c, nil
}

// Vector sets dst, which has the dimension of the model, to the vector of a line with these words. It returns how
// many of them have a vector; the others don't count. Without any, dst is zero. A word that the model does
// not store and makes of n-grams has the weight of a word that never occurs, 1.
func (c *Pooler) Vector(dst []float32, words []string) (known int) {
	clear(c.sum)
	for _, w := range words {
		weight := 1.0
		id, stored := c.e.Vocabulary.ID(w)
		var v []float32
		if stored {
			v = c.reader.Stored(id)
			if c.weights != nil {
				weight = c.weights[id]
			}
		} else if made, ok := c.reader.Unseen(w); ok {
			v = made
		} else {
			continue
		}
		known++
		for k, x := range v {
			c.sum[k] += float64(weight * float64(x))
		}
	}
	for k, x := range c.sum {
		dst[k] = float32(x / float64(max(1, known)))
	}
	return known
}

// Common returns the unit vector with which the rows of m have the greatest inner products, squared and summed:
// the first right singular vector, without centering. Its first value that is not zero is positive. It is nil if all
// rows are zero.
func Common(m *model.Matrix) []float64 {
	products := mat.NewSymDense(m.Dim, nil)
	row := make([]float64, m.Dim)
	zero := true
	for i := range m.Rows {
		for k, x := range m.Row(i) {
			row[k] = float64(x)
			zero = zero && x == 0
		}
		products.SymRankOne(products, 1, mat.NewVecDense(m.Dim, row))
	}
	var eigen mat.EigenSym
	if zero || !eigen.Factorize(products, true) {
		return nil
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors) // in ascending order of the values
	common := mat.Col(nil, m.Dim-1, &vectors)
	if i := slices.IndexFunc(common, func(x float64) bool { return math.Abs(x) > 1e-9 }); i >= 0 && common[i] < 0 {
		for k := range common {
			common[k] = -common[k]
		}
	}
	return common
}

// Remove subtracts from a vector its projection on a unit vector. It does nothing if that is nil.
func Remove(v []float32, common []float64) {
	product := 0.0
	for k, x := range common {
		product += float64(x * float64(v[k]))
	}
	for k, x := range common {
		v[k] -= float32(product * x)
	}
}
