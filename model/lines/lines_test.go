package lines

import (
	"math"
	"testing"

	"kindred/corpus/vocab"
	"kindred/internal/random"
	"kindred/model"
)

func toy(t *testing.T, counts []int64) *model.Embeddings {
	t.Helper()
	v, err := vocab.New([]string{"the", "cat", "sat"}, counts)
	if err != nil {
		t.Fatal(err)
	}
	m := model.NewMatrix(3, 2)
	copy(m.Row(0), []float32{1, 2})
	copy(m.Row(1), []float32{3, -2})
	copy(m.Row(2), []float32{0, 8})
	return &model.Embeddings{Vocabulary: v, Input: m}
}

func TestMean(t *testing.T) {
	p, err := NewPooler(toy(t, nil), Mean)
	if err != nil {
		t.Fatal(err)
	}
	dst := []float32{7, 7}
	if known := p.Vector(dst, []string{"the", "cat", "nope", "the"}); known != 3 || dst[0] != float32(5./3) || dst[1] != float32(2./3) {
		t.Errorf("mean is %v of %d words", dst, known)
	}
	if known := p.Vector(dst, []string{"nope"}); known != 0 || dst[0] != 0 || dst[1] != 0 {
		t.Errorf("without a word it is %v of %d words", dst, known)
	}
}

// TestSIF compares with the formula, worked by hand: p is 0.9, 0.09 and 0.01.
func TestSIF(t *testing.T) {
	p, err := NewPooler(toy(t, []int64{90, 9, 1}), SIF)
	if err != nil {
		t.Fatal(err)
	}
	dst := make([]float32, 2)
	p.Vector(dst, []string{"the", "sat"})
	the, sat := 0.001/0.901, 0.001/0.011
	if want := []float64{the * 1 / 2, (the*2 + sat*8) / 2}; math.Abs(float64(dst[0])-want[0]) > 1e-7 || math.Abs(float64(dst[1])-want[1]) > 1e-7 {
		t.Errorf("vector is %v, want %v", dst, want)
	}
	if _, err := NewPooler(toy(t, nil), SIF); err == nil {
		t.Error("SIF works without counts")
	}
	if _, err := NewPooler(toy(t, nil), "max"); err == nil {
		t.Error("an unknown pooling works")
	}
}

// TestCommon plants a direction in noise and finds it.
func TestCommon(t *testing.T) {
	const dim = 5
	planted := []float64{0.5, -0.5, 0.5, 0, 0.5}
	m := model.NewMatrix(500, dim)
	draw := random.New(3)
	for i := range m.Rows {
		along := 3 * (draw.Float64() - 0.3)
		for k := range m.Row(i) {
			m.Row(i)[k] = float32(along*planted[k] + 0.1*(draw.Float64()-0.5))
		}
	}
	common := Common(m)
	product := 0.0
	for k, x := range common {
		product += x * planted[k]
	}
	if product < 0.999 {
		t.Errorf("the component is %v, want %v", common, planted)
	}
	v := []float32{1, 2, 3, 4, 5}
	Remove(v, common)
	product = 0
	for k, x := range v {
		product += float64(x) * common[k]
	}
	if math.Abs(product) > 1e-6 {
		t.Errorf("after its removal the product is %v", product)
	}
	if Common(model.NewMatrix(3, 2)) != nil {
		t.Error("zeros have a common component")
	}
	Remove(v, nil)
}
