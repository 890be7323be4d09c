package negative

import (
	"math"
	"slices"
	"testing"

	"kindred/internal/kernel"
	"kindred/internal/random"
)

// TestHighest compares with sorting, with many scores that are equal, with infinities and NaN.
func TestHighest(t *testing.T) {
	rng := random.New(8)
	var s selection
	for range 2000 {
		n := 1 + int(rng.Uint32n(100))
		k := int(rng.Uint32n(uint32(n))) + 1
		scores := make([]float32, n)
		for j := range scores {
			scores[j] = float32(int(rng.Uint32n(9))-4) / 2
			if rng.Uint32n(40) == 0 {
				scores[j] = float32(math.Inf(1 - 2*int(rng.Uint32n(2))))
			}
		}
		order := make([]int, n)
		for j := range order {
			order[j] = j
		}
		slices.SortStableFunc(order, func(a, b int) int {
			switch {
			case scores[a] > scores[b]:
				return -1
			case scores[a] < scores[b]:
				return 1
			}
			return 0
		})
		want := make([]uint64, n)
		for _, j := range order[:k] {
			want[j] = 1
		}
		if got := s.highest(scores, k); !slices.Equal(got, want) {
			t.Fatalf("the %d highest of %v are marked %v, want %v", k, scores, got, want)
		}
	}
	marked := uint64(0)
	for _, mark := range s.highest([]float32{float32(math.NaN()), 1, float32(math.NaN()), 2}, 2) {
		marked += mark
	}
	if marked != 2 {
		t.Errorf("%d of 4 scores with NaN are marked, want 2", marked)
	}
}

// TestMinerKeepsTheHardest compares the choice for a step with brute force over all subsets of the
// candidates.
func TestMinerKeepsTheHardest(t *testing.T) {
	const dim, rows, m = 7, 30, 9
	for _, k := range kernel.Available() {
		for seed := range uint64(50) {
			rng := random.New(seed)
			s := randomStep(&rng, rows, dim, 1+int(rng.Uint32n(6)), 1+m)
			n := 1 + int(rng.Uint32n(m-1))
			counter := newCounter(float64(n), rng)
			want := hardest(s, n)
			positive := s.Targets[0]
			m := miner{counter: &counter, hard: true}
			s.Targets = m.mine(s.Targets, func(dst []float32, candidates []int32) {
				of := *s
				of.Targets = candidates
				k.SumScores(dst, &of)
			})
			if s.Targets[0] != positive || !slices.Equal(s.Targets[1:], want) {
				t.Fatalf("%s, seed %d: chose %v for %d, want %v", k.Name, seed, s.Targets[1:], positive, want)
			}
		}
	}
}

// hardest returns those n negatives of a step, in order, whose scores with all inputs have the largest
// sum.
func hardest(s *kernel.Step, n int) []int32 {
	negatives := s.Targets[1:]
	best, highest := []int32(nil), math.Inf(-1)
	for subset := range 1 << len(negatives) {
		var chosen []int32
		sum := 0.0
		for j, negative := range negatives {
			if subset>>j&1 == 1 {
				chosen = append(chosen, negative)
				for _, input := range s.Inputs {
					sum += scoreOf(s, input, negative)
				}
			}
		}
		if len(chosen) == n && sum > highest {
			best, highest = chosen, sum
		}
	}
	return best
}

func scoreOf(s *kernel.Step, input, target int32) float64 {
	score := 0.0
	for c := range s.Dim {
		score += float64(s.In[int(input)*s.Stride+c]) * float64(s.Out[int(target)*s.Stride+c])
	}
	return score
}

// randomStep returns a step of m inputs and n targets, all targets distinct.
func randomStep(rng *random.Stream, rows, dim, m, n int) *kernel.Step {
	stride := (dim + 15) / 16 * 16
	s := &kernel.Step{In: make([]float32, rows*stride), Out: make([]float32, rows*stride), Stride: stride, Dim: dim, Rate: 1}
	for r := range rows {
		for c := range dim {
			s.In[r*stride+c], s.Out[r*stride+c] = float32(rng.Float64()*2-1), float32(rng.Float64()*2-1)
		}
	}
	for range m {
		s.Inputs = append(s.Inputs, int32(rng.Uint32n(uint32(rows))))
	}
	for len(s.Targets) < n {
		if target := int32(rng.Uint32n(uint32(rows))); !slices.Contains(s.Targets, target) {
			s.Targets = append(s.Targets, target)
		}
	}
	return s
}
