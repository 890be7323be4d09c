package train

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"kindred/corpus"
	"kindred/corpus/sampling"
	"kindred/corpus/vocab"
	"kindred/internal/kernel"
	"kindred/internal/random"
)

// unigramNoise returns the noise of the original.
func unigramNoise(v *vocab.Vocabulary, power float64) (noise, error) {
	weights, err := sampling.NoiseWeights(v.Counts(), power)
	if err != nil {
		return nil, err
	}
	return newTabulated(weights)
}

// skewedText has words whose counts run over three orders of magnitude.
func skewedText() string {
	var b strings.Builder
	for w := range 12 {
		for range 2000 >> w {
			fmt.Fprintf(&b, "w%d ", w)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// TestNoiseDistributions draws from the noise of every sampler and compares with the formulas that
// their files state, written down once more.
func TestNoiseDistributions(t *testing.T) {
	text := read(t, skewedText())
	v := text.Vocabulary()
	count := func(id int) float64 { return float64(v.Count(id)) }
	const threshold = 0.01
	subsampled := func(id int) float64 {
		f := count(id) / float64(text.Len())
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
			cfg := small()
			cfg.Sampler, cfg.NoisePower, cfg.Subsample = c.sampler, c.power, threshold
			r := newRunOf(t, text, cfg)
			if err := r.newNoise(); err != nil { // sets the weights again
				t.Fatal(err)
			}
			draws := make([]int32, 200_000)
			rng := random.New(4)
			r.noise.draw(draws, &rng)
			weights := make([]float64, v.Len())
			for id := range weights {
				weights[id] = c.weight(id)
			}
			if p := fits(draws, weights); p < 1e-4 {
				t.Errorf("p = %.2g under the documented distribution", p)
			}
			for id, weight := range weights {
				want := weight / r.weights[id] * r.weights[0] / weights[0]
				if math.Abs(want-1) > 1e-6 {
					t.Errorf("the recorded weight of word %d is off by %v", id, want)
				}
			}
		})
	}
}

func newRunOf(t testing.TB, text *corpus.Corpus, cfg Config) *run {
	t.Helper()
	r, err := newRun(text, cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
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
		newZipf(n).draw(draws, &rng)
		if lowest, highest := slices.Min(draws), slices.Max(draws); lowest < 0 || int(highest) >= n {
			t.Errorf("%d words: draws from %d to %d", n, lowest, highest)
		} else if p := fits(draws, zipfWeights(n)); p < 1e-4 {
			t.Errorf("%d words: p = %.2g under the documented distribution", n, p)
		}
	}
	// Ranks that need all 31 bits.
	draws := make([]int32, 100_000)
	rng := random.New(3)
	newZipf(math.MaxInt32).draw(draws, &rng)
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

// TestInBatchDraws trains blocks and compares what is drawn for each batch with its centres.
func TestInBatchDraws(t *testing.T) {
	text := read(t, zipfText(300, 30))
	for _, sampler := range []Sampler{InBatch, InBatchLogQ} {
		cfg := small()
		cfg.Sampler, cfg.Subsample = sampler, 0.05
		w := newRunOf(t, text, cfg).newWorker()
		checked := &checkedNoise{noise: w.noise, t: t, centres: func() []int32 { return w.passage.words[w.passage.first:w.passage.last] }}
		w.noise = checked
		if _, err := w.trainShared(block{0, 0}, 0.01); err != nil {
			t.Fatal(err)
		}
		if checked.draws == 0 {
			t.Errorf("%s: nothing was drawn", sampler)
		}
	}
}

// checkedNoise compares each set of draws with the words that it is to come from.
type checkedNoise struct {
	noise
	t       *testing.T
	centres func() []int32
	draws   int
}

func (c *checkedNoise) draw(dst []int32, rng *random.Stream) {
	c.noise.draw(dst, rng)
	c.draws += len(dst)
	weights := make([]float64, 30)
	for _, word := range c.centres() {
		weights[word]++
	}
	many := make([]int32, 20_000)
	c.noise.draw(many, rng)
	if p := fits(many, weights); p < 1e-5 {
		c.t.Errorf("p = %.2g for the distribution of the centres", p)
	}
}

// TestInBatchOfOneWord checks that negatives are found where all centres are the same word.
func TestInBatchOfOneWord(t *testing.T) {
	rng := random.New(1)
	b := inBatch{func() []int32 { return []int32{3, 3, 3} }, uniform{10}}
	draws := make([]int32, 1000)
	b.draw(draws, &rng)
	if p := fits(draws, uniformWeights(10)); p < 1e-4 {
		t.Errorf("the draws are not those of the other noise, p = %.2g", p)
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

// TestChooserKeepsTheHardest compares the choice for a step with brute force over all subsets of the candidates.
func TestChooserKeepsTheHardest(t *testing.T) {
	const dim, rows, m = 7, 30, 9
	for _, k := range kernel.Available() {
		for seed := range uint64(50) {
			rng := random.New(seed)
			s := randomStep(&rng, rows, dim, 1+int(rng.Uint32n(6)), 1+m)
			n := 1 + int(rng.Uint32n(m-1))
			counts := newCounts(float64(n), rng)
			want := hardest(s, n)
			centre := s.Targets[0]
			c := chooser{counts: &counts, hard: true, kernel: k}
			c.choose(s)
			if s.Targets[0] != centre || !slices.Equal(s.Targets[1:], want) {
				t.Fatalf("%s, seed %d: chose %v for %d, want %v", k.Name, seed, s.Targets[1:], centre, want)
			}
		}
	}
}

// hardest returns those n negatives of a step, in order, whose scores with all inputs have the largest sum.
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

// TestFractionsOfNegatives checks mean and range of the number of negatives of a step.
func TestFractionsOfNegatives(t *testing.T) {
	for _, k := range []float64{0, 0.25, 1, 2.5, 7.9} {
		counts := newCounts(k, random.New(6))
		const n = 100_000
		sum := 0
		for range n {
			one := counts.next()
			if one < int(math.Floor(k)) || one > int(math.Ceil(k)) {
				t.Fatalf("k = %v: a step has %d negatives", k, one)
			}
			sum += one
		}
		if mean := float64(sum) / n; math.Abs(mean-k) > 0.01 {
			t.Errorf("k = %v: the mean is %v", k, mean)
		}
	}
}

func TestNegativesSchedule(t *testing.T) {
	cfg := Defaults()
	cfg.Negatives, cfg.NegativesLast = 2, 10
	for _, c := range []struct {
		sampler        Sampler
		candidates     int
		share, wantK   float64
		wantCandidates int
	}{
		{Unigram, 0, 0, 2, 2}, {Unigram, 0, 0.1, 2.8, 3}, {Unigram, 0, 1, 10, 10},
		{Hard, 0, 0, 2, 4}, {Hard, 0, 1, 10, 20}, {Hard, 12, 0, 2, 12},
		{Curriculum, 12, 0, 2, 2}, {Curriculum, 12, 0.5, 6, 9}, {Curriculum, 12, 1, 10, 12},
	} {
		cfg.Sampler, cfg.Candidates = c.sampler, c.candidates
		if got := cfg.negativesAt(c.share); math.Abs(got-c.wantK) > 1e-12 {
			t.Errorf("%s at %v: k = %v, want %v", c.sampler, c.share, got, c.wantK)
		}
		if got := cfg.candidatesAt(c.share); got != c.wantCandidates {
			t.Errorf("%s at %v: %d candidates, want %d", c.sampler, c.share, got, c.wantCandidates)
		}
	}
}

func TestNegativeSettings(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"negatives":    {func(c *Config) { c.Negatives = -1 }, "negatives is -1, want 0 to 4096"},
		"not a number": {func(c *Config) { c.Negatives = math.NaN() }, "negatives is NaN, want 0 to 4096"},
		"last":         {func(c *Config) { c.NegativesLast = -2 }, "last negatives is -2, want 0 to 4096"},
		"power":        {func(c *Config) { c.NoisePower = math.NaN() }, "noise power is NaN, want a finite number"},
		"sampler":      {func(c *Config) { c.Sampler = "best" }, `sampler is "best", want one of: unigram, uniform`},
		"few":          {func(c *Config) { c.Sampler, c.Candidates = Hard, 4 }, "candidates is 4, want 5, the number of negatives, to 4096"},
		"needless":     {func(c *Config) { c.Candidates = 10 }, "the sampler unigram trains all that it draws; use hard"},
		"temperature":  {func(c *Config) { c.Temperature = 0 }, "temperature is 0, want a number above 0"},
		"tau plus":     {func(c *Config) { c.TauPlus = 1 }, "tau plus is 1, want 0 or more and below 1"},
		"beta":         {func(c *Config) { c.Beta = math.Inf(1) }, "beta is +Inf, want a number of 0 or more"},
		"reject":       {func(c *Config) { c.Reject = "all" }, `reject is "all", want one of: target; window`},
		"bound":        {func(c *Config) { c.PMIBound = math.NaN() }, "PMI bound is NaN, want a finite number"},
	} {
		cfg := Defaults()
		c.change(&cfg)
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	for _, sampler := range Samplers {
		cfg := Defaults()
		cfg.Sampler = sampler
		if err := cfg.Validate(); err != nil {
			t.Errorf("%s: %v", sampler, err)
		}
	}
}
