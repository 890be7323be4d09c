package model_test

import (
	"math"
	"slices"
	"testing"

	"kindred/corpus/vocab"
	"kindred/internal/modeltest"
	"kindred/model"
)

// A quantized value is wrong by half a step at most, and the largest of a row hardly at all.
func TestQuantize(t *testing.T) {
	e := modeltest.Random(40, 37, 1)
	m := e.Input.(*model.Matrix)
	clear(m.Row(3))
	m.Row(4)[0] = 3e38
	clear(m.Row(5))
	m.Row(5)[7] = math.SmallestNonzeroFloat32
	m.Row(6)[1] = float32(math.Copysign(0, -1))
	e.Output = m
	q := model.Quantize(e)
	if q.Output != nil || q.Check() != nil {
		t.Errorf("output %v, %v", q.Output, q.Check())
	}
	for id := range 40 {
		want, got := m.Row(id), q.Reader().Stored(id)
		step := 0.0
		for _, v := range want {
			step = max(step, math.Abs(float64(v))/127)
		}
		for k := range want {
			if d := math.Abs(float64(want[k]) - float64(got[k])); d > step*0.5000001+1e-45 {
				t.Errorf("row %d, column %d: %v, want %v ± %v", id, k, got[k], want[k], step/2)
			}
		}
		if id != 3 && model.Cosine(want, got) < 0.999 {
			t.Errorf("row %d points elsewhere: %v", id, model.Cosine(want, got))
		}
	}
	rows := q.Input.(model.BlockStorage)
	values, stride := rows.ReadRows(nil, 2, 30)
	for i := range 30 {
		if !slices.Equal(values[i*stride:][:37], q.Input.ReadRow(nil, 2+i)) || slices.Max(values[i*stride+37:(i+1)*stride]) != 0 {
			t.Errorf("row %d of a block differs", 2+i)
		}
	}
	dense := model.Dense(q)
	if _, ok := dense.Input.(*model.Matrix); !ok || !slices.Equal(dense.Input.ReadRow(nil, 7), q.Input.ReadRow(nil, 7)) || model.Dense(e) != e {
		t.Error("the dense matrix differs")
	}
	again := model.Quantize(dense).Input.(*model.Quantized)
	if !slices.Equal(again.Values, q.Input.(*model.Quantized).Values) {
		t.Error("quantizing again gives other integers")
	}
}

// Words made of several rows are quantized as they are.
func TestQuantizeComposed(t *testing.T) {
	v, err := vocab.New([]string{"ab", "cd", "ef"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	pairs := modeltest.Pairs{Vocabulary: v}
	e := &model.Embeddings{Vocabulary: pairs, Input: modeltest.Random(pairs.Rows(), 9, 2).Input}
	q := model.Quantize(e)
	if _, composed := q.Vocabulary.(model.Composer); composed {
		t.Error("the words are still composed")
	}
	for id := range 3 {
		if c := model.Cosine(slices.Clone(e.Reader().Stored(id)), q.Reader().Stored(id)); c < 0.999 {
			t.Errorf("word %d: cosine %v", id, c)
		}
	}
}
