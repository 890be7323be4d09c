package negative

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"kindred/corpus/sampling"
	"kindred/corpus/vocab"
	"kindred/internal/random"
)

// newVocabulary returns a vocabulary of words with the given counts.
func newVocabulary(t testing.TB, counts ...int64) *vocab.Vocabulary {
	t.Helper()
	words := make([]string, len(counts))
	for i := range words {
		words[i] = fmt.Sprintf("w%d", i)
	}
	v, err := vocab.New(words, counts)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// newWorker returns a worker with the given noise, whose consecutive steps share negatives.
func newWorker(noise Noise, share int) *Worker {
	return (&Plan{Noise: noise, sharedWindows: share, settings: Defaults()}).NewWorker()
}

func unigramNoise(t testing.TB, v *vocab.Vocabulary) Noise {
	t.Helper()
	p, err := NewPlan(Defaults(), v, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p.Noise
}

// TestNoiseDistributions draws from the noise of every sampler and compares with the formulas that
// their files state, written down once more.
func TestNoiseDistributions(t *testing.T) {
	var counts []int64 // over three orders of magnitude
	for w := range 11 {
		counts = append(counts, 2000>>w)
	}
	v := newVocabulary(t, counts...)
	count := func(id int) float64 { return float64(v.Count(id)) }
	const threshold = 0.01
	subsampled := func(id int) float64 {
		f := count(id) / float64(v.Total())
		return count(id) * math.Min(1, math.Sqrt(threshold/f)+threshold/f)
	}
	power := func(p float64) func(int) float64 {
		return func(id int) float64 { return math.Pow(count(id), p) }
	}
	for _, c := range []struct {
		sampler Sampler
		power   float64
		weight  func(id int) float64
	}{
		{Unigram, 0.75, power(0.75)},
		{Unigram, -0.5, power(-0.5)},
		{Hard, 0.75, power(0.75)},
		{HardPair, 0.75, power(0.75)},
		{SelfAdversarial, 1, power(1)},
		{Debiased, 0.75, power(0.75)},
		{Curriculum, 0, power(0)},
		{Uniform, 0.75, power(0)},
		{Zipf, 0.75, func(id int) float64 { return math.Log(float64(id+2)) - math.Log(float64(id+1)) }},
		{Subsampled, 0.75, subsampled},
		{InBatch, 0.75, subsampled},
		{InBatchLogQ, 0.75, subsampled},
	} {
		t.Run(fmt.Sprintf("%s,%v", c.sampler, c.power), func(t *testing.T) {
			subsampler, err := sampling.NewSubsampler(v.Counts(), threshold)
			if err != nil {
				t.Fatal(err)
			}
			cfg := Defaults()
			cfg.Sampler, cfg.NoisePower = c.sampler, c.power
			d, err := newDistribution(cfg, v, subsampler)
			if err != nil {
				t.Fatal(err)
			}
			draws := make([]int32, 200_000)
			rng := random.New(4)
			d.noise.Draw(draws, []int32{0}, (*uint64)(&rng))
			weights := make([]float64, v.Len())
			for id := range weights {
				weights[id] = c.weight(id)
			}
			if p := fits(draws, weights); p < 1e-4 {
				t.Errorf("p = %.2g under the documented distribution", p)
			}
			for id, weight := range weights {
				want := weight / d.weights[id] * d.weights[0] / weights[0]
				if math.Abs(want-1) > 1e-6 {
					t.Errorf("the recorded weight of word %d is off by %v", id, want)
				}
			}
		})
	}
}

// fits returns the probability of draws that fit no better than these under the distribution
// with the given weights, by the chi-square test.
func fits(draws []int32, weights []float64) float64 {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	observed := make([]float64, len(weights))
	for _, id := range draws {
		observed[id]++
	}
	statistic, cells := 0.0, 0
	restObserved, restExpected := 0.0, 0.0
	for id, n := range observed {
		expected := weights[id] / total * float64(len(draws))
		if expected < 10 {
			restObserved, restExpected = restObserved+n, restExpected+expected
			continue
		}
		statistic += (n - expected) * (n - expected) / expected
		cells++
	}
	if restExpected > 1 {
		statistic += (restObserved - restExpected) * (restObserved - restExpected) / restExpected
		cells++
	}
	return distuv.ChiSquared{K: float64(cells - 1)}.Survival(statistic)
}

// TestZipfRanks covers vocabularies on both sides of powers of two, where octaves of ranks end.
func TestZipfRanks(t *testing.T) {
	for _, n := range []int{2, 3, 4, 5, 7, 8, 9, 100, 1023, 1024} {
		draws := make([]int32, 100_000)
		rng := random.New(uint64(n))
		newZipfNoise(n).Draw(draws, nil, (*uint64)(&rng))
		if lowest, highest := slices.Min(draws), slices.Max(draws); lowest < 0 || int(highest) >= n {
			t.Errorf("%d words: draws from %d to %d", n, lowest, highest)
		} else if p := fits(draws, zipfWeights(n)); p < 1e-4 {
			t.Errorf("%d words: p = %.2g under the documented distribution", n, p)
		}
	}
	// Ranks that need all 31 bits.
	draws := make([]int32, 100_000)
	rng := random.New(3)
	newZipfNoise(math.MaxInt32).Draw(draws, nil, (*uint64)(&rng))
	low := 0
	for _, id := range draws {
		if id < 1<<15 {
			low++
		}
	}
	if want := math.Log(1<<15+1) / math.Log(1<<31) * 1e5; math.Abs(float64(low)-want) > 800 {
		t.Errorf("%d of 100000 draws of 2^31 words are below 2^15, want about %.0f", low, want)
	}
}

// TestInBatchNoise draws from the centers of a block, and from the other noise if they are all the
// same word.
func TestInBatchNoise(t *testing.T) {
	for _, c := range []struct {
		centers []int32
		weights []float64
	}{
		{[]int32{3, 1, 3, 4, 3}, []float64{0, 1, 0, 3, 1, 0, 0, 0, 0, 0}},
		{[]int32{3, 3, 3}, uniformWeights(10)},
	} {
		rng := random.New(1)
		draws := make([]int32, 20_000)
		inBatchNoise{uniformNoise{10}}.Draw(draws, c.centers, (*uint64)(&rng))
		if p := fits(draws, c.weights); p < 1e-4 {
			t.Errorf("centers %v: p = %.2g for the documented distribution", c.centers, p)
		}
	}
}

func TestEffectiveWords(t *testing.T) {
	for _, c := range []struct {
		weights []float64
		want    float64
	}{{[]float64{5}, 1}, {[]float64{2, 2, 2, 2}, 4}, {[]float64{1, 0, 0}, 1}, {[]float64{3, 1}, 1.6}} {
		if got := effectiveWords(c.weights); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("weights %v have %v effective words, want %v", c.weights, got, c.want)
		}
	}
}

// zipfCounts returns the counts of n words by Zipf's law.
func zipfCounts(n int) (counts []int64) {
	for i := range n {
		counts = append(counts, int64(10_000/(i+1)))
	}
	return counts
}

func TestNegativesAreNeverTheTarget(t *testing.T) {
	const width = 11
	rng, done := random.New(2), Tally{}
	steps := make([]int32, 1000*width)
	newWorker(unigramNoise(t, newVocabulary(t, 600, 100, 100)), 1).Draw(steps, width, 64, nil, (*uint64)(&rng), &done)
	var drawn [3]float64
	for i := range len(steps) / width {
		targets := steps[i*width:][:width]
		if targets[0] != 0 {
			t.Fatalf("step %d has the target %d", i, targets[0])
		}
		for _, id := range targets[1:] {
			drawn[id]++
		}
	}
	// The others are drawn as often as each other, as their counts are equal.
	if drawn[0] != 0 || math.Abs(drawn[1]-5000) > 250 {
		t.Errorf("10000 negatives against word 0: %v", drawn)
	}
}

func TestWindowsShareNegatives(t *testing.T) {
	const share, width = 4, 6
	rng, done := random.New(2), Tally{}
	steps := make([]int32, 400*width)
	for i := range 400 {
		steps[i*width] = int32(i % 10)
	}
	newWorker(unigramNoise(t, newVocabulary(t, zipfCounts(100)...)), share).Draw(steps, width, 64, nil, (*uint64)(&rng), &done)
	same, skipped := 0, 0
	for i := range len(steps) / width {
		targets := steps[i*width:][:width]
		if slices.Contains(targets[1:], targets[0]) {
			t.Fatalf("step %d has its target among the negatives: %v", i, targets)
		}
		if i%share == 0 {
			continue
		}
		// Both have a run of the pool without their own target.
		before := steps[(i-1)*width:][:width]
		own := func(id int32) bool { return id == targets[0] || id == before[0] }
		a, b := slices.DeleteFunc(slices.Clone(targets[1:]), own), slices.DeleteFunc(slices.Clone(before[1:]), own)
		n := min(len(a), len(b))
		if !slices.Equal(a[:n], b[:n]) {
			t.Fatalf("step %d has the negatives %v after %v", i, targets, before)
		}
		same, skipped = same+n, skipped+width-1-n
	}
	if same < 1000 || skipped == 0 {
		t.Errorf("%d negatives are shared and %d skipped", same, skipped)
	}
}

// TestPooledNegatives holds the negatives that windows take from pools against the noise distribution.
func TestPooledNegatives(t *testing.T) {
	v := newVocabulary(t, zipfCounts(30)...)
	worker := newWorker(unigramNoise(t, v), 1)
	weights, sum := make([]float64, v.Len()), 0.0
	target := int32(0)
	for id, n := range v.Counts() {
		if int32(id) != target {
			weights[id] = math.Pow(float64(n), 0.75)
			sum += weights[id]
		}
	}
	// One negative from each of many pools, so that draws are independent.
	const draws = 20_000
	counts, rng, pool := make([]float64, v.Len()), random.New(4), make([]int32, 32)
	for range draws {
		worker.DrawPool(pool, nil, (*uint64)(&rng))
		targets := []int32{target, -1}
		worker.DrawFromPool(pool, targets, 2, (*uint64)(&rng), &Tally{})
		counts[targets[1]]++
	}
	statistic := 0.0
	for id, weight := range weights {
		if expected := draws * weight / sum; expected > 0 {
			statistic += (counts[id] - expected) * (counts[id] - expected) / expected
		}
	}
	if p := (distuv.ChiSquared{K: float64(v.Len() - 2)}).Survival(statistic); p < 1e-4 || counts[target] > 0 {
		t.Errorf("negatives %v, p = %.2g under the noise distribution; %v of them are the target", counts, p, counts[target])
	}
}

// TestPoolHasTwoWords draws pools from noise that is nearly always one word.
func TestPoolHasTwoWords(t *testing.T) {
	table, err := sampling.NewAliasTable([]float64{0.998, 0.001, 0.001})
	if err != nil {
		t.Fatal(err)
	}
	rng, pool := random.New(1), make([]int32, 32)
	for range 500 {
		newWorker(aliasNoise{table}, 1).DrawPool(pool, nil, (*uint64)(&rng))
		if slices.Max(pool) == slices.Min(pool) {
			t.Fatalf("the pool is %v", pool)
		}
	}
}
