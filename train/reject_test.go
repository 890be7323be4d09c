package train

import (
	"context"
	"math"
	"slices"
	"testing"

	"kindred/internal/random"
	"kindred/model"
)

// TestPairSketch compares with exact counts: none is too large, and none too small by more than is stated.
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

// TestRelated compares with mutual information counted by hand: x and y are neighbours and meet nobody else.
func TestRelated(t *testing.T) {
	const x, y, a, b = 0, 1, 2, 3
	c := newPairCounter(4, 1, 64)
	for range 10 {
		c.add([]int32{x, y}, 0, 2) // N(x,y) = N(x) = N(y) = 10
	}
	for range 25 {
		c.add([]int32{a, b, a}, 0, 3) // N(a,b) = N(a) = N(b) = 50
	}
	for range 4 {
		c.add([]int32{x, x}, 0, 2) // too few to be called related
	}
	// N = 2*10 + 2*50 + 2*4 = 128; PMI(x,y) = log(10*128/(18*10)), PMI(a,b) = log(50*128/(50*50)).
	of := func(r *related) (all [][]int32) {
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
		r := c.related(bound.value)
		if got := of(r); !slices.EqualFunc(got, bound.want, slices.Equal) {
			t.Errorf("bound %v: %v are related, want %v", bound.value, got, bound.want)
		}
		if r.has(x, y) != slices.Contains(r.of(x), y) || r.has(x, a) {
			t.Errorf("bound %v: has disagrees with of", bound.value)
		}
	}
}

// TestRejectedNegatives checks what is left after rejection, where rows are words and where those of targets are others.
func TestRejectedNegatives(t *testing.T) {
	c := newPairCounter(10, 1, 64)
	for range 10 {
		c.add([]int32{5, 8}, 0, 2)
	}
	spare := newSpare(model.NewMatrix(0, 1), 10)
	copy(spare.names, []int32{9, 8, 7, 6, 5, 4, 3, 2, 1, 0})
	for _, names := range []names{{}, {out: spare}} {
		row := func(word int32) int32 { return word }
		if names.out != nil {
			row = func(word int32) int32 { return 9 - word }
		}
		centre := row(5)
		rng := random.New(4)
		b := batch{width: 1 + 4}
		for range 500 {
			b.inputs = append(b.inputs, 0, 2)
			b.close(centre, 2)
			b.inputs = append(b.inputs, 3)
			b.close(9, 1) // another word's window between
		}
		b.addNegatives(uniform{10}, 1, &rng)
		var done negativesTally
		r := rejecter{window: true, related: c.related(0)}
		r.apply(&b, names, func(dst []int32) { uniform{10}.draw(dst, &rng) }, &done)
		var kept []int32
		for i := 0; i < b.len(); i += 2 {
			_, targets := b.step(i)
			kept = append(kept, targets[1:]...)
		}
		weights := uniformWeights(10)
		for _, id := range []int32{row(0), row(2), centre, row(8)} {
			weights[id] = 0
			if slices.Contains(kept, id) {
				t.Errorf("names %v: %d is among the negatives", names, id)
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
			t.Errorf("names %v: the other words are not drawn alike, p = %.2g", names, p)
		}
		if done.Rejected[inWindow] == 0 || done.Rejected[isRelated] == 0 || done.Unavoidable != 0 {
			t.Errorf("names %v: counted %+v", names, done)
		}
	}
}

// TestRejectionEnds trains in a vocabulary that fits in a window.
func TestRejectionEnds(t *testing.T) {
	text := read(t, "a b c\na c b\nb a c\n")
	cfg := small()
	cfg.Reject, cfg.PMIBound = RejectBoth, -10
	vectors, err := Run(context.Background(), text, cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := vectors.Manifest.Training.Negatives
	if n.Unavoidable <= 0 || n.RejectedWindow <= 0 || n.RejectedTarget <= 0 {
		t.Errorf("the manifest has %+v", *n)
	}
}

// TestWindowOfPairs checks that the window of a pair is found among the steps next to it.
func TestWindowOfPairs(t *testing.T) {
	b := batch{width: 1}
	for _, pair := range [][2]int32{{1, 7}, {2, 7}, {3, 7}, {7, 8}, {4, 8}, {8, 9}} {
		b.inputs = append(b.inputs, pair[0])
		b.close(pair[1], 1)
	}
	for i, want := range [][]int32{{1, 2, 3}, {1, 2, 3}, {1, 2, 3}, {7, 4}, {7, 4}, {8}} {
		if got := b.window(i); !slices.Equal(got, want) {
			t.Errorf("the window of step %d is %v, want %v", i, got, want)
		}
	}
}
