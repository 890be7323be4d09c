package sampling

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"kindred/internal/random"
)

// chiSquareP returns the probability that counts drawn with the given probabilities deviate from
// them at least as much as observed does: Pearson's chi-square test. Ids expected less than 5 times
// are pooled.
func chiSquareP(observed []int64, p []float64) float64 {
	n := 0.0
	for _, o := range observed {
		n += float64(o)
	}
	statistic, cells := 0.0, 0
	pooledObserved, pooledExpected := 0.0, 0.0
	add := func(o, e float64) {
		statistic += (o - e) * (o - e) / e
		cells++
	}
	for i, o := range observed {
		if e := n * p[i]; e < 5 {
			pooledObserved += float64(o)
			pooledExpected += e
		} else {
			add(float64(o), e)
		}
	}
	if pooledExpected > 0 {
		add(pooledObserved, pooledExpected)
	} else if pooledObserved > 0 {
		return 0
	}
	return distuv.ChiSquared{K: float64(cells - 1)}.Survival(statistic)
}

// zipfCounts returns n counts that fall as 1/rank.
func zipfCounts(n int) []int64 {
	counts := make([]int64, n)
	for i := range counts {
		counts[i] = int64(1e6 / float64(i+1))
	}
	return counts
}

func TestNoiseDrawsFollowTheDistribution(t *testing.T) {
	counts := zipfCounts(500)
	for _, power := range []float64{0, 0.75, 1, -0.5, -1, 2.5} {
		table, err := NewNoiseTable(counts, power)
		if err != nil {
			t.Fatal(err)
		}
		want := make([]float64, len(counts))
		sum := 0.0
		for i, c := range counts {
			want[i] = math.Pow(float64(c), power)
			sum += want[i]
		}
		for i := range want {
			want[i] /= sum
		}
		rng := random.New(1, math.Float64bits(power))
		observed := make([]int64, len(counts))
		for range 2_000_000 {
			observed[table.Draw(rng.Uint64())]++
		}
		if p := chiSquareP(observed, want); p < 1e-4 {
			t.Errorf("power %v: the draws deviate from count^power, p = %.2g", power, p)
		}
		// The same test must detect a wrong power, here one that is off by 0.05.
		for i, c := range counts {
			want[i] = math.Pow(float64(c), power+0.05)
		}
		sum = 0
		for _, w := range want {
			sum += w
		}
		for i := range want {
			want[i] /= sum
		}
		if p := chiSquareP(observed, want); p > 1e-4 {
			t.Errorf("power %v: the test does not tell it from %v, p = %.2g", power, power+0.05, p)
		}
	}
}

// TestAliasTableIsExact checks the probabilities in the table, without drawing.
func TestAliasTableIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.OneOf(rapid.Just(0.0), rapid.Float64Range(0, 1), rapid.Float64Range(0, 1e12)), 1, 300).Draw(t, "weights")
		sum := 0.0
		for _, w := range weights {
			sum += w
		}
		table, err := NewAliasTable(weights)
		if sum == 0 {
			if err == nil {
				t.Fatal("weights without a sum are accepted")
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range table.probabilities() {
			if want := weights[i] / sum; math.Abs(p-want) > 1e-9 {
				t.Fatalf("id %d is drawn with probability %v, want %v", i, p, want)
			}
			if weights[i] == 0 && table.columns[i].own != 0 {
				t.Fatalf("id %d has weight 0 and is drawn", i)
			}
		}
	})
}

func TestAliasTableRejects(t *testing.T) {
	for name, weights := range map[string][]float64{
		"none": nil, "negative": {1, -1}, "NaN": {math.NaN()}, "infinite": {math.Inf(1)},
		"zero sum": {0, 0}, "infinite sum": {math.MaxFloat64, math.MaxFloat64},
	} {
		if _, err := NewAliasTable(weights); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for _, power := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if _, err := NewNoiseTable([]int64{1, 2}, power); err == nil {
			t.Errorf("power %v: no error", power)
		}
	}
}

func TestNoiseTableAtExtremePowers(t *testing.T) {
	counts := []int64{math.MaxInt64, 1000, 1, 0}
	for power, want := range map[float64]int32{400: 0, -400: 2} {
		table, err := NewNoiseTable(counts, power)
		if err != nil {
			t.Fatalf("power %v: %v", power, err)
		}
		if id, p := table.Heaviest(); id != want || p < 0.999 {
			t.Errorf("power %v: id %d has probability %v, want id %d to have all", power, id, p, want)
		}
	}
}

func TestSubsamplingFollowsTheFormula(t *testing.T) {
	counts := zipfCounts(2000)
	total := 0.0
	for _, c := range counts {
		total += float64(c)
	}
	for _, threshold := range []float64{1e-3, 1e-4, 1e-5} {
		s, err := NewSubsampler(counts, threshold)
		if err != nil {
			t.Fatal(err)
		}
		for id, c := range counts {
			f := float64(c) / total
			want := min(1, math.Sqrt(threshold/f)+threshold/f)
			if got := s.P(int32(id)); math.Abs(got-want) > 1e-9 {
				t.Fatalf("t = %v: word %d is kept with probability %v, want %v", threshold, id, got, want)
			}
		}
		// Keep must agree with P: a z-test of draws for frequent, middling and rare words.
		rng := random.New(7, math.Float64bits(threshold))
		const draws = 200_000
		for _, id := range []int32{0, 1, 10, 100, 1999} {
			kept := 0
			for range draws {
				if s.Keep(id, uint32(rng.Uint64())) {
					kept++
				}
			}
			p := s.P(id)
			deviation := math.Abs(float64(kept) - draws*p)
			if deviation > 5*math.Sqrt(draws*p*(1-p)) {
				t.Errorf("t = %v: word %d was kept %d times of %d, want about %.0f", threshold, id, kept, draws, draws*p)
			}
		}
	}
}

func TestSubsamplingOff(t *testing.T) {
	s, err := NewSubsampler([]int64{1 << 40, 1}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, bits := range []uint32{0, 1 << 31, math.MaxUint32} {
		if !s.Keep(0, bits) || !s.Keep(1, bits) {
			t.Errorf("a threshold of 0 dropped a token at %d", bits)
		}
	}
	for _, threshold := range []float64{-1, math.NaN(), math.Inf(1)} {
		if _, err := NewSubsampler([]int64{1}, threshold); err == nil {
			t.Errorf("threshold %v: no error", threshold)
		}
	}
}

func BenchmarkNoiseDraw(b *testing.B) {
	table, err := NewNoiseTable(zipfCounts(80_000), 0.75)
	if err != nil {
		b.Fatal(err)
	}
	rng := random.New(1)
	sum := int32(0)
	for b.Loop() {
		sum += table.Draw(rng.Uint64())
	}
	_ = sum
}
