package negative

import (
	"math"
	"slices"
	"testing"

	"kindred/internal/random"
)

// TestPairSketch compares with exact counts: none is too large, and none too small by more than is
// stated.
func TestPairSketch(t *testing.T) {
	for _, slots := range []int{64, 1024, 1 << 16} {
		s := newPairSketch(slots)
		exact := map[uint64]int64{}
		rng := random.New(5)
		for range 200_000 {
			key := 1 + uint64(math.Exp(rng.Float64()*math.Log(20_000)))
			exact[key]++
			s.add(key)
		}
		counted := map[uint64]int64{}
		s.each(func(key uint64, count int64) { counted[key] = count })
		for key, want := range exact {
			if got := counted[key]; got > want || got < want-s.undercount {
				t.Errorf("%d slots: key %d is counted %d times, want %d or at most %d less", slots, key, got, want, s.undercount)
			}
		}
		if fits := slots > 2*len(exact); fits != (s.undercount == 0) {
			t.Errorf("%d slots for %d keys: undercount %d", slots, len(exact), s.undercount)
		}
		if len(counted) > slots/4*3 {
			t.Errorf("%d slots hold %d keys", slots, len(counted))
		}
	}
}

// TestPMIPairs compares with mutual information counted by hand: x and y are neighbors and meet nobody
// else.
func TestPMIPairs(t *testing.T) {
	const x, y, a, b = 0, 1, 2, 3
	c := newPairCounter(4, 1, 64)
	for range 10 {
		c.Add([]int32{x, y}, 0, 2) // N(x,y) = N(x) = N(y) = 10
	}
	for range 25 {
		c.Add([]int32{a, b, a}, 0, 3) // N(a,b) = N(a) = N(b) = 50
	}
	for range 4 {
		c.Add([]int32{x, x}, 0, 2) // too few to be a pair
	}
	// N = 2*10 + 2*50 + 2*4 = 128; PMI(x,y) = log(10*128/(18*10)), PMI(a,b) = log(50*128/(50*50)).
	of := func(r *PMIPairs) (all [][]int32) {
		for word := range int32(4) {
			all = append(all, r.of(word))
		}
		return all
	}
	for _, bound := range []struct {
		value float64
		want  [][]int32
	}{
		{math.Log(128.0/18) + 1e-9, [][]int32{{}, {}, {}, {}}},
		{math.Log(128.0/18) - 1e-9, [][]int32{{y}, {x}, {}, {}}},
		{math.Log(128.0/50) - 1e-9, [][]int32{{y}, {x}, {b}, {a}}},
	} {
		r := c.Pairs(bound.value)
		if got := of(r); !slices.EqualFunc(got, bound.want, slices.Equal) {
			t.Errorf("bound %v: the pairs are %v, want %v", bound.value, got, bound.want)
		}
		if r.has(x, y) != slices.Contains(r.of(x), y) || r.has(x, a) {
			t.Errorf("bound %v: has disagrees with of", bound.value)
		}
	}
}

// TestRejectedNegatives checks what the filter leaves, with rows that are words and with replicas.
func TestRejectedNegatives(t *testing.T) {
	c := newPairCounter(10, 1, 64)
	for range 10 {
		c.Add([]int32{5, 8}, 0, 2)
	}
	replicas := RowWords{Replicas: []int32{9, 8, 7, 6, 5, 4, 3, 2, 1, 0}}
	for _, rows := range []Rows{{}, {Output: replicas}} {
		row := func(word int32) int32 { return word }
		if rows.Output.Replicas != nil {
			row = func(word int32) int32 { return 9 - word }
		}
		center := row(5)
		rng := random.New(4)
		const width = 1 + 4
		steps := make([]int32, 1000*width)
		for i := range 500 {
			steps[2*i*width] = center
			steps[(2*i+1)*width] = 9 // another word's window between
		}
		var done Tally
		newWorker(uniformNoise{10}, 1).Draw(steps, width, 64, nil, (*uint64)(&rng), &done)
		draw := func(dst []int32) { uniformNoise{10}.Draw(dst, nil, (*uint64)(&rng)) }
		f := filter{window: true, pairs: c.Pairs(0)}
		for i := range 1000 {
			window := []int32{0, 2}
			if i%2 == 1 {
				window = []int32{3}
			}
			f.redraw(steps[i*width:][:width], window, rows, draw, &done)
		}
		var kept []int32
		for i := 0; i < 1000; i += 2 {
			kept = append(kept, steps[i*width+1:(i+1)*width]...)
		}
		weights := uniformWeights(10)
		for _, id := range []int32{row(0), row(2), center, row(8)} {
			weights[id] = 0
			if slices.Contains(kept, id) {
				t.Errorf("rows %v: %d is among the negatives", rows, id)
			}
		}
		allowed := []float64{}
		index := make([]int32, 10)
		for id, weight := range weights {
			index[id] = int32(len(allowed))
			if weight > 0 {
				allowed = append(allowed, weight)
			}
		}
		for i, id := range kept {
			kept[i] = index[id]
		}
		if p := fits(kept, allowed); p < 1e-4 {
			t.Errorf("rows %v: the other words are not drawn alike, p = %.2g", rows, p)
		}
		if done.Rejected[inWindow] == 0 || done.Rejected[isPMIPair] == 0 || done.Unavoidable != 0 {
			t.Errorf("rows %v: counted %+v", rows, done)
		}
	}
}
