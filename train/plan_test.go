package train

import (
	"math"
	"testing"

	"kindred/corpus/sampling"
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

// TestRoundPlan checks plans of several texts and settings: their load is bounded, they fit in the
// replica rows, and memory is announced for them before the text is known.
func TestRoundPlan(t *testing.T) {
	full, cut := false, false
	for _, words := range []int{5, 200, 20_000} {
		text := read(t, zipfText(2000, words))
		v := text.Vocabulary()
		for _, rate := range []float64{0.01, 0.05, 1} {
			for _, subsample := range []float64{0, 1e-4} {
				cfg := small()
				cfg.LearningRate, cfg.Subsample = rate, subsample
				s, err := sampling.NewSubsampler(v.Counts(), subsample)
				if err != nil {
					t.Fatal(err)
				}
				tokens := max(text.Len(), 1<<26) // as if the text were repeated
				p := newRoundPlan(v, tokens, s, 0.1, cfg)
				keepRate, _ := keptShares(v, s)
				kept := float64(p.blockTokens) * keepRate
				load := kept * float64(p.blocks) * rate * maxRowLoad(v, s, 0.1, cfg.Negatives)
				if load > maxRoundLoad && kept*float64(p.blocks) > 1 {
					t.Errorf("%d words, rate %v, sub-sampling %v: %+v has the load %v", words, rate, subsample, p, load)
				}
				if p.blocks < 1 || p.blocks > maxBlocks || p.blockTokens < 1 || p.pool < 2*cfg.MaxCandidates() {
					t.Errorf("%+v", p)
				}
				full = full || p.blocks == maxBlocks && p.pool == maxBlockWords
				cut = cut || p.blocks == 1
			}
		}
	}
	if !full || !cut {
		t.Errorf("full rounds: %v, rounds of one block: %v; the test needs both", full, cut)
	}
	cfg := small()
	cfg.Hogwild = true
	if p := newRoundPlan(nil, 0, nil, 0, cfg); p.replicaRows(cfg.Window) != 0 || p.blocks != 0 {
		t.Errorf("Hogwild training has the plan %+v", p)
	}
}
