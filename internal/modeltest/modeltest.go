// Package modeltest has embeddings for tests. Some have a vocabulary or a storage that is not that of
// word2vec: they show that code reads vectors by word, not by row.
package modeltest

import (
	"fmt"
	"math"
	"math/rand/v2"

	"kindred/corpus/vocab"
	"kindred/model"
)

// Letters is the number of rows of [Pairs] that words share.
const Letters = 26

// Pairs is a vocabulary whose words are the mean of two rows: that of the word, and that of its last
// letter, a to z. A word that is not stored is the mean of the rows of its first letter and its last
// letter.
type Pairs struct{ *vocab.Vocabulary }

// Rows returns the number of rows that the words need.
func (p Pairs) Rows() int { return p.Len() + Letters }

// Stored implements [model.Composer].
func (p Pairs) Stored(buf []int32, id int) ([]int32, float32) {
	word := p.Word(id)
	last, _ := p.letter(word[len(word)-1])
	return append(buf, int32(id), last), 0.5
}

// Unseen implements [model.Composer].
func (p Pairs) Unseen(buf []int32, word string) ([]int32, float32, bool) {
	if word == "" {
		return nil, 0, false
	}
	first, ok1 := p.letter(word[0])
	last, ok2 := p.letter(word[len(word)-1])
	return append(buf, first, last), 0.5, ok1 && ok2
}

// letter returns the row of a letter.
func (p Pairs) letter(c byte) (int32, bool) {
	return int32(p.Len()) + int32(c|0x20-'a')%Letters, 'a' <= c|0x20 && c|0x20 <= 'z'
}

// Int8 is a storage of 8-bit integers with a scale for each row.
type Int8 struct {
	values []int8
	scales []float32
	dim    int
}

// Quantize returns the matrix with each row scaled to -127..127 and rounded.
func Quantize(m *model.Matrix) *Int8 {
	q := &Int8{dim: m.Dim}
	for i := range m.Rows {
		largest := 0.0
		for _, v := range m.Row(i) {
			largest = max(largest, math.Abs(float64(v)))
		}
		scale := max(largest, math.SmallestNonzeroFloat32) / 127
		for _, v := range m.Row(i) {
			q.values = append(q.values, int8(math.Round(float64(v)/scale)))
		}
		q.scales = append(q.scales, float32(scale))
	}
	return q
}

// Shape implements [model.Storage].
func (q *Int8) Shape() (rows, dim int) { return len(q.scales), q.dim }

// ReadRow implements [model.Storage].
func (q *Int8) ReadRow(buf []float32, i int) []float32 {
	if cap(buf) < q.dim {
		buf = make([]float32, q.dim)
	}
	buf = buf[:q.dim]
	for k, v := range q.values[i*q.dim : (i+1)*q.dim] {
		buf[k] = float32(v) * q.scales[i]
	}
	return buf
}

// Embeddings returns dense embeddings of words without counts. It panics if the words are no vocabulary.
func Embeddings(words []string, m *model.Matrix) *model.Embeddings {
	v, err := vocab.New(words, nil)
	if err != nil {
		panic(err)
	}
	return &model.Embeddings{Vocabulary: v, Input: m}
}

// Random returns embeddings of the words w0, w1, … with normal values, which are the same for the same
// seed.
func Random(rows, dim int, seed uint64) *model.Embeddings {
	r := rand.New(rand.NewPCG(seed, 1))
	words := make([]string, rows)
	m := model.NewMatrix(rows, dim)
	for i := range words {
		words[i] = fmt.Sprintf("w%d", i)
		for k := range m.Row(i) {
			m.Row(i)[k] = float32(r.NormFloat64() / 4)
		}
	}
	return Embeddings(words, m)
}

// Numbered returns embeddings of the words with the vectors 1, 2, ….
func Numbered(words ...string) *model.Embeddings {
	m := model.NewMatrix(len(words), 1)
	for i := range words {
		m.Row(i)[0] = float32(i + 1)
	}
	return Embeddings(words, m)
}

// Dense returns the same vectors of the stored words, and output rows if there are any, as dense
// matrices with a row for each word.
func Dense(e *model.Embeddings) *model.Embeddings {
	n := e.Vocabulary.Len()
	words, counts := make([]string, n), make([]int64, n)
	in := model.NewMatrix(n, e.Dim())
	vectors := e.Reader()
	for id := range n {
		words[id], counts[id] = e.Vocabulary.Word(id), e.Vocabulary.Count(id)
		copy(in.Row(id), vectors.Stored(id))
	}
	v, err := vocab.New(words, counts)
	if err != nil {
		panic(err) // the words are those of a vocabulary
	}
	dense := &model.Embeddings{Vocabulary: v, Input: in, Positions: e.Positions}
	if e.Output != nil {
		out := model.NewMatrix(n, e.Dim())
		for id := range n {
			copy(out.Row(id), e.Output.ReadRow(out.Row(id), id))
		}
		dense.Output = out
	}
	return dense
}
