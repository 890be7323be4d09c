package evaltest

import (
	"math"
	"strings"
	"testing"

	"kindred/corpus/vocab"
	"kindred/model"
)

// letters is a vocabulary whose words are the means of the rows of their letters a to z, as subwords
// are. It answers any word of these letters.
type letters struct{ *vocab.Vocabulary }

func (l letters) rows(buf []int32, word string) (rows []int32, scale float32, ok bool) {
	for _, r := range word {
		if r < 'a' || r > 'z' {
			return nil, 0, false
		}
		buf = append(buf, r-'a')
	}
	return buf, 1 / float32(len(buf)), true
}

// Stored returns the rows of the letters of a stored word.
func (l letters) Stored(buf []int32, id int) ([]int32, float32) {
	rows, scale, _ := l.rows(buf, l.Word(id))
	return rows, scale
}

// Unseen returns the rows of the letters of a word.
func (l letters) Unseen(buf []int32, word string) ([]int32, float32, bool) { return l.rows(buf, word) }

// Quantized is a storage of bytes with a scale for each row.
type Quantized struct {
	scales []float32
	values []int8
	dim    int
}

// Quantize returns a matrix with about the same values in bytes.
func Quantize(m *model.Matrix) *Quantized {
	q := &Quantized{dim: m.Dim}
	for i := range m.Rows {
		largest := 0.0
		for _, v := range m.Row(i) {
			largest = max(largest, math.Abs(float64(v)))
		}
		scale := float32(largest / 127)
		q.scales = append(q.scales, scale)
		for _, v := range m.Row(i) {
			q.values = append(q.values, int8(math.Round(float64(v/scale))))
		}
	}
	return q
}

// Shape returns the number of rows and of values in a row.
func (q *Quantized) Shape() (rows, dim int) { return len(q.scales), q.dim }

// ReadRow returns row i in buf.
func (q *Quantized) ReadRow(buf []float32, i int) []float32 {
	if len(buf) < q.dim {
		buf = make([]float32, q.dim)
	}
	for j, v := range q.values[i*q.dim : (i+1)*q.dim] {
		buf[j] = q.scales[i] * float32(v)
	}
	return buf[:q.dim]
}

// Letters returns embeddings that store the words given, and answer any other word of the letters a
// to z: a word is the mean of its letters, whose vectors are random and depend on the seed.
func Letters(t testing.TB, seed uint64, words string) *model.Embeddings {
	t.Helper()
	v, err := vocab.New(strings.Fields(words), nil)
	if err != nil {
		t.Fatal(err)
	}
	g := NewVectorBuilder(seed, 24)
	m := model.NewMatrix(26, g.dim)
	for i := range m.Rows {
		copy(m.Row(i), g.gauss(1))
	}
	return &model.Embeddings{Vocabulary: letters{v}, Input: m}
}
