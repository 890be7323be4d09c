package subword

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"kindred/model"
)

func TestClassesOfAFewWords(t *testing.T) {
	// Rows 1 and 3 belong to word 0 alone, 0 to both, 2 twice to word 1, 4 once to word 1, 5 and 6 to nobody.
	c := FindClasses([]int32{0, 3, 7}, []int32{0, 1, 3, 0, 2, 2, 4}, 7)
	want := Classes{Of: []int32{0, 1, 2, 1, 3, 4, 5}, Sizes: []int32{1, 2, 1, 1, 1, 1}}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("classes %+v, want %+v", c, want)
	}
}

// TestClassesHaveTheSameWords compares the classes of random words with what defines them.
func TestClassesHaveTheSameWords(t *testing.T) {
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 1))
		const n, words = 40, 8
		starts, rows := []int32{0}, []int32(nil)
		times := [n][words]int{}
		for word := range words {
			for range rng.IntN(20) {
				row := rng.IntN(n)
				times[row][word]++
				rows = append(rows, int32(row))
			}
			starts = append(starts, int32(len(rows)))
		}
		c := FindClasses(starts, rows, n)
		sizes := make([]int32, len(c.Sizes))
		for a := range n {
			sizes[c.Of[a]]++
			for b := range n {
				same := times[a] == times[b] && (a == b || times[a] != [words]int{})
				if same != (c.Of[a] == c.Of[b]) {
					t.Fatalf("seed %d: rows %d and %d are in the classes %d and %d, and belong to %v and %v", seed, a, b, c.Of[a], c.Of[b], times[a], times[b])
				}
			}
		}
		if !slices.Equal(sizes, c.Sizes) {
			t.Fatalf("seed %d: sizes %v, want %v", seed, c.Sizes, sizes)
		}
		last := int32(-1)
		for _, row := range rows {
			if c.Of[row] > last+1 {
				t.Fatalf("seed %d: class %d comes after %d", seed, c.Of[row], last)
			}
			last = max(last, c.Of[row])
		}
	}
}

func TestSharedRows(t *testing.T) {
	m := model.NewMatrix(2, 3)
	m.Row(1)[2] = 5
	s, err := NewShared(m, []int32{1, 0, 1})
	if err != nil {
		t.Fatal(err)
	}
	if rows, dim := s.Shape(); rows != 3 || dim != 3 {
		t.Errorf("shape %d x %d, want 3 x 3", rows, dim)
	}
	if got := s.ReadRow(make([]float32, 3), 2); got[2] != 5 {
		t.Errorf("row 2 is %v", got)
	}
	if _, err := NewShared(m, []int32{0, 2}); err == nil {
		t.Error("no error for a row that is not stored")
	}
}
