package model

import (
	"math"
	"slices"

	"kindred/internal/kernel"
)

// A Quantized is a matrix of 8-bit integers with a scale for each row: value k of row i is Scales[i] times
// Values[i*Dim+k]. It takes a quarter of the memory of a [Matrix]. It is a [BlockStorage].
type Quantized struct {
	// Rows and Dim are the numbers of rows and columns.
	Rows, Dim int
	// Values holds Rows*Dim values.
	Values []int8
	// Scales holds Rows values, from 0 to the largest float32 divided by 128.
	Scales []float32
}

var _ BlockStorage = (*Quantized)(nil)

// mostQuantized is the largest magnitude that a value is quantized to.
const mostQuantized = 127

// Quantize returns e with the vectors of its stored words as 8-bit integers, in a [Quantized]. The scale of a row makes its
// largest magnitude 127, so each value is wrong by 1/254 of that at most. The values must be finite. Words are no longer made of
// several rows, and there is neither an output matrix nor a checkpoint, as both belong to the vectors that e has.
func Quantize(e *Embeddings) *Embeddings {
	n, dim := e.Vocabulary.Len(), e.Dim()
	q := &Quantized{Rows: n, Dim: dim, Values: make([]int8, n*dim), Scales: make([]float32, n)}
	r := e.Reader()
	for id := range n {
		q.set(id, r.Stored(id))
	}
	return &Embeddings{Vocabulary: words(e.Vocabulary), Input: q, Manifest: e.Manifest, Warnings: slices.Clone(e.Warnings)}
}

// set sets row i to the quantized values of v.
func (q *Quantized) set(i int, v []float32) {
	most := float32(0)
	for _, x := range v {
		most = max(most, x, -x)
	}
	if most == 0 {
		return
	}
	scale := min(max(most/mostQuantized, math.SmallestNonzeroFloat32), math.MaxFloat32/128)
	q.Scales[i] = scale
	for k, x := range v {
		q.Values[i*q.Dim+k] = int8(max(-mostQuantized, min(mostQuantized, math.Round(float64(x)/float64(scale)))))
	}
}

// Shape implements [Storage].
func (q *Quantized) Shape() (rows, dim int) { return q.Rows, q.Dim }

// ReadRow implements [Storage].
func (q *Quantized) ReadRow(buf []float32, i int) []float32 {
	if len(buf) < q.Dim {
		buf = make([]float32, q.Dim)
	}
	buf = buf[:q.Dim]
	scale := q.Scales[i]
	for k, x := range q.Values[i*q.Dim : (i+1)*q.Dim] {
		buf[k] = float32(x) * scale
	}
	return buf
}

// ReadRows implements [BlockStorage].
func (q *Quantized) ReadRows(buf []float32, first, n int) (values []float32, stride int) {
	stride = paddedLen(q.Dim)
	if len(buf) < n*stride {
		buf = make([]float32, n*stride)
	}
	buf = buf[:n*stride]
	if q.Dim < stride { // the kernel leaves what is behind the rows as it is, which may not be finite
		for i := range n {
			clear(buf[i*stride+q.Dim : (i+1)*stride])
		}
	}
	kernel.Auto(q.Dim).Widen(buf, stride, q.Values[first*q.Dim:(first+n)*q.Dim], q.Dim, q.Scales[first:first+n])
	return buf, stride
}

// Dense returns e with a [Matrix] in the place of its input if that is quantized, and e itself otherwise.
func Dense(e *Embeddings) *Embeddings {
	if _, quantized := AsQuantized(e.Input); !quantized {
		return e
	}
	m := NewMatrix(e.Vocabulary.Len(), e.Dim())
	for id := range m.Rows {
		copy(m.Row(id), e.Input.ReadRow(nil, id))
	}
	dense := *e
	dense.Words, dense.Hash = nil, ""
	dense.Input = m
	return &dense
}

// AsQuantized returns the integers of a storage that has them. Those of a mapped file must be read within [Guard].
func AsQuantized(s Storage) (q *Quantized, ok bool) {
	switch s := s.(type) {
	case *Quantized:
		return s, true
	case interface{ AsQuantized() *Quantized }:
		return s.AsQuantized(), true
	}
	return nil, false
}
