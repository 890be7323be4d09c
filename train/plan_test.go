package train

import (
	"math"
	"testing"

	"kindred/internal/random"
)

// TestPositionsBeyond32Bits checks the learning rate and the random numbers of a text of more than
// 2^32 tokens.
func TestPositionsBeyond32Bits(t *testing.T) {
	const total = 5 << 40
	s := schedule{initial: 0.05, total: total}
	for _, c := range []struct {
		processed int64
		want      float64
	}{
		{0, 0.05}, {total / 2, 0.025}, {total / 4 * 3, 0.0125}, {total, 0.05 * minRateShare},
	} {
		if got := s.rate(c.processed); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("after %d tokens the rate is %v, want %v", c.processed, got, c.want)
		}
	}
	keep := random.New(1, random.Subsampling, 0)
	seen := map[uint64]uint64{}
	for _, at := range []uint64{0, 1, 1 << 31, 1<<31 + 1, 1 << 32, 1<<32 + 1, 1 << 33, 1 << 40} {
		n := keep.At(at)
		if before, ok := seen[n]; ok {
			t.Errorf("positions %d and %d share a random number", before, at)
		}
		seen[n] = at
	}
}

func TestRateFallsLinearly(t *testing.T) {
	s := schedule{initial: 0.05, total: 1000}
	for processed, want := range map[int64]float64{0: 0.05, 250: 0.0375, 500: 0.025, 990: 0.0005, 1000: 0.05 * minRateShare} {
		if got := s.rate(processed); math.Abs(got-want) > 1e-12 {
			t.Errorf("after %d of 1000 tokens the rate is %v, want %v", processed, got, want)
		}
	}
}
