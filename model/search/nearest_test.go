package search

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kindred/internal/modeltest"
)

func TestRankingKeepsTheBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(0, 12).Draw(t, "size")
		scores := rapid.SliceOf(rapid.Map(rapid.IntRange(0, 9), func(i int) float32 { return float32(i) })).Draw(t, "scores")
		r := newRankings(1, size)[0]
		var all []candidate
		for id, s := range scores {
			all = append(all, candidate{id, s})
			if r.admits(s) {
				r.add(candidate{id, s})
			}
		}
		descending := func(a, b candidate) int { return compareCandidates(b, a) }
		slices.SortFunc(all, descending)
		slices.SortFunc(r.heap, descending)
		if want := all[:min(size, len(all))]; !slices.Equal(r.heap, want) {
			t.Fatalf("kept %v, want %v", r.heap, want)
		}
	})
}

func TestEditDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"king", "king", 0}, {"king", "kin", 1}, {"king", "kings", 1}, {"king", "ring", 1}, {"king", "ikng", 2}, {"naive", "naïve", 1}, {"", "ab", 2},
	} {
		if got := editDistance([]rune(test.a), test.b, 2); got != test.want {
			t.Errorf("editDistance(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
	}
	for _, pair := range [][2]string{{"king", "queen"}, {"a", "abcd"}, {"abcdef", "fedcba"}} {
		if got := editDistance([]rune(pair[0]), pair[1], 2); got <= 2 {
			t.Errorf("editDistance(%q, %q) = %d, want more than 2", pair[0], pair[1], got)
		}
	}
}

// An index of the first candidates shares what the whole one computes, whichever searches first.
func TestFirstShares(t *testing.T) {
	e := modeltest.Random(300, 7, 5)
	query := e.Reader().Stored(250)
	for _, n := range []int{1, 63, 64, 65, 100, 130, 299} {
		x, fresh := NewIndex(e, 0), NewIndex(e, 0)
		first := x.First(n).Nearest(query, 300)
		if len(first) != n || !slices.Equal(first, NewIndex(e, n).Nearest(query, 300)) {
			t.Errorf("the first %d: %v", n, first)
		}
		if got, want := x.Nearest(query, 300), fresh.Nearest(query, 300); !slices.Equal(got, want) {
			t.Errorf("all, after the first %d: %v, want %v", n, got[:5], want[:5])
		}
	}
}
