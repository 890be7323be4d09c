package model_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kindred/corpus/vocab"
	"kindred/internal/modeltest"
	"kindred/model"
)

// embeddings returns embeddings of words with the given values.
func embeddings(words string, dim int, values ...float32) *model.Embeddings {
	list := strings.Fields(words)
	m := model.NewMatrix(len(list), dim)
	for i := range list {
		copy(m.Row(i), values[i*dim:])
	}
	return modeltest.Embeddings(list, m)
}

// table returns all words with their vectors.
func table(e *model.Embeddings) map[string][]float32 {
	t := map[string][]float32{}
	for id := range e.Vocabulary.Len() {
		t[e.Vocabulary.Word(id)] = append([]float32(nil), e.Reader().Stored(id)...)
	}
	return t
}

func TestUnion(t *testing.T) {
	j, err := model.Union(embeddings("a b c", 1, 1, 2, 3), embeddings("d b c", 1, 4, 5, 3), embeddings("c e", 1, 6, 7))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string][]float32{"a": {1}, "b": {2}, "c": {3}, "d": {4}, "e": {7}}, table(j.Embeddings)); diff != "" {
		t.Error(diff)
	}
	if j.Shared != 2 || j.Conflicts != 2 || j.Vocabulary.Word(3) != "d" {
		t.Errorf("%d shared words, %d conflicts, want 2 and 2", j.Shared, j.Conflicts)
	}
	if _, err := model.Union(embeddings("a", 1, 1), embeddings("b", 2, 1, 2)); err == nil || !strings.Contains(err.Error(), "model 2 has 2 dimensions, the first has 1") {
		t.Errorf("error %v", err)
	}
}

func TestSideBySide(t *testing.T) {
	j, err := model.SideBySide(embeddings("a b c", 1, 1, 2, 3), embeddings("c d a", 2, 4, 5, 6, 7, 8, 9))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string][]float32{"a": {1, 8, 9}, "c": {3, 4, 5}}, table(j.Embeddings)); diff != "" {
		t.Error(diff)
	}
	if j.Shared != 2 || j.Dropped != 2 {
		t.Errorf("%d shared words, %d dropped, want 2 and 2", j.Shared, j.Dropped)
	}
	if _, err := model.SideBySide(embeddings("a", 1, 1), embeddings("b", 1, 2)); err == nil {
		t.Error("models without a shared word were joined")
	}
}

// Words made of several rows keep their vectors when they are selected, normalized and joined.
func TestSelectComposed(t *testing.T) {
	v, err := vocab.New([]string{"one", "two", "three"}, []int64{30, 20, 10})
	if err != nil {
		t.Fatal(err)
	}
	pairs := modeltest.Pairs{Vocabulary: v}
	e := &model.Embeddings{Vocabulary: pairs, Input: modeltest.Quantize(modeltest.Random(pairs.Rows(), 5, 1).Input.(*model.Matrix)),
		Output: modeltest.Random(3, 5, 2).Input, Checkpoint: []byte("{}")}
	s, err := model.Select(e, []int{2, 0})
	if err != nil {
		t.Fatal(err)
	}
	all := table(e)
	if diff := cmp.Diff(map[string][]float32{"one": all["one"], "three": all["three"]}, table(s)); diff != "" {
		t.Error(diff)
	}
	if s.Vocabulary.Count(0) != 10 || s.Checkpoint != nil || !cmp.Equal(s.Output.ReadRow(nil, 0), e.Output.ReadRow(nil, 2)) {
		t.Error("the count, the output matrix or the checkpoint is not that of the words")
	}
	if err := s.Check(); err != nil {
		t.Error(err)
	}
	unit, without := model.Normalize(e)
	if err := unit.Check(); err != nil || len(without) > 0 {
		t.Error(err, without)
	}
	for w, u := range table(unit) {
		length := 0.0
		for _, x := range u {
			length += float64(x) * float64(x)
		}
		if math.Abs(length-1) > 1e-6 || model.Cosine(u, all[w]) < 0.99999 {
			t.Errorf("%s: squared length %v", w, length)
		}
	}
	if j, err := model.Union(s, e); err != nil || j.Conflicts != 0 || j.Shared != 2 || j.Vocabulary.Len() != 3 {
		t.Errorf("%+v, %v", j, err)
	}
}

func TestNormalizeZero(t *testing.T) {
	e, without := model.Normalize(embeddings("a zero", 2, 3, 4, 0, 0))
	if diff := cmp.Diff(map[string][]float32{"a": {0.6, 0.8}, "zero": {0, 0}}, table(e)); diff != "" || len(without) != 1 || without[0] != "zero" {
		t.Error(diff, without)
	}
}
