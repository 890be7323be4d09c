package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// correlatedScores draws normal human scores and scores of two models with given correlations.
type correlatedScores struct {
	random                 *rand.Rand
	first, second, between float64
}

func newCorrelatedScores(seed uint64, first, second, between float64) *correlatedScores {
	return &correlatedScores{rand.New(rand.NewPCG(seed, 99)), first, second, between}
}

// draw returns n items.
func (w *correlatedScores) draw(n int) (human, first, second []float64) {
	spread := math.Sqrt(1 - w.first*w.first)
	slope := (w.between - w.first*w.second) / spread
	rest := math.Sqrt(1 - w.second*w.second - slope*slope)
	for range n {
		a, b, c := w.random.NormFloat64(), w.random.NormFloat64(), w.random.NormFloat64()
		human = append(human, a)
		first = append(first, w.first*a+spread*b)
		second = append(second, w.second*a+slope*b+rest*c)
	}
	return human, first, second
}

// rejections returns how often p is below 0.05 in that many trials.
func rejections(t *testing.T, trials int, p func() (float64, error)) int {
	t.Helper()
	n := 0
	for range trials {
		v, err := p()
		if err != nil {
			t.Fatal(err)
		}
		if v < 0.05 {
			n++
		}
	}
	return n
}

// checkLevel fails if the rejections cannot be those of a test with a level between low and high: the
// binomial probability of as few or as many is below 0.001.
func checkLevel(t *testing.T, rejected, trials int, low, high float64) {
	t.Helper()
	n := float64(trials)
	few := distuv.Binomial{N: n, P: low}.CDF(float64(rejected))
	many := 1 - distuv.Binomial{N: n, P: high}.CDF(float64(rejected)-1)
	if few < 0.001 || many < 0.001 {
		t.Errorf("%d of %d rejected, which is no level of %v to %v", rejected, trials, low, high)
	}
	t.Logf("%d of %d rejected", rejected, trials)
}

func TestDependentCorrelationsSimulated(t *testing.T) {
	tests := map[string]func(DependentCorrelations) (Test, error){
		"Williams": DependentCorrelations.Williams, "DunnClark": DependentCorrelations.DunnClark, "Steiger": DependentCorrelations.Steiger,
	}
	correlations := map[string]func(x, y []float64) (float64, error){"Pearson": Pearson, "Spearman": Spearman}
	for name, test := range tests {
		for kind, correlate := range correlations {
			p := func(w *correlatedScores, n int) func() (float64, error) {
				return func() (float64, error) {
					human, first, second := w.draw(n)
					d, err := Dependent(human, first, second, correlate)
					if err != nil {
						return 0, err
					}
					r, err := test(d)
					return r.P, err
				}
			}
			t.Run(name+" of "+kind, func(t *testing.T) {
				const trials = 1500
				// The variance of rank correlations is a little larger.
				high := map[string]float64{"Pearson": 0.05, "Spearman": 0.06}[kind]
				checkLevel(t, rejections(t, trials, p(newCorrelatedScores(1, 0.6, 0.6, 0.8), 100)), trials, 0.05, high)
				checkLevel(t, rejections(t, trials, p(newCorrelatedScores(2, 0.3, 0.3, 0.2), 100)), trials, 0.05, high)
				if n := rejections(t, 200, p(newCorrelatedScores(3, 0.7, 0.6, 0.8), 350)); n < 180 {
					t.Errorf("a difference of 0.1 over 350 pairs was seen %d times in 200", n)
				}
			})
		}
	}
}

func TestPairedBootstrapSimulated(t *testing.T) {
	b := Bootstrap{Resamples: 400}
	p := func(w *correlatedScores, n int, statistic func(x, y []float64) Statistic) func() (float64, error) {
		return func() (float64, error) {
			human, first, second := w.draw(n)
			b.Seed++
			d, err := b.Difference(n, statistic(human, first), statistic(human, second))
			return d.P, err
		}
	}
	const trials = 500
	// The bootstrap is known to be somewhat liberal at this size.
	checkLevel(t, rejections(t, trials, p(newCorrelatedScores(4, 0.6, 0.6, 0.8), 100, SpearmanStatistic)), trials, 0.045, 0.07)
	checkLevel(t, rejections(t, trials, p(newCorrelatedScores(5, 0.5, 0.5, 0.3), 100, PearsonStatistic)), trials, 0.045, 0.07)
	if n := rejections(t, 100, p(newCorrelatedScores(6, 0.7, 0.6, 0.8), 350, SpearmanStatistic)); n < 90 {
		t.Errorf("a difference of 0.1 over 350 pairs was seen %d times in 100", n)
	}
}

// quiz draws the answers of two models to n independent questions. Both are correct with probability
// 0.4, and only the first or only the second with the given probabilities.
func quiz(random *rand.Rand, n int, onlyFirst, onlySecond float64) (first, second []float64, b, c int) {
	first, second = make([]float64, n), make([]float64, n)
	for i := range n {
		switch u := random.Float64(); {
		case u < onlyFirst:
			first[i] = 1
			b++
		case u < onlyFirst+onlySecond:
			second[i] = 1
			c++
		case u < onlyFirst+onlySecond+0.4:
			first[i], second[i] = 1, 1
		}
	}
	return first, second, b, c
}

func TestMcNemarSimulated(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	p := func(test func(b, c int) Test, n int, onlyFirst, onlySecond float64) func() (float64, error) {
		return func() (float64, error) {
			_, _, b, c := quiz(random, n, onlyFirst, onlySecond)
			return test(b, c).P, nil
		}
	}
	const trials = 2000
	checkLevel(t, rejections(t, trials, p(McNemar, 1000, 0.1, 0.1)), trials, 0.045, 0.05)
	checkLevel(t, rejections(t, trials, p(McNemarChiSquare, 1000, 0.1, 0.1)), trials, 0.045, 0.055)
	checkLevel(t, rejections(t, trials, p(mcnemarExact, 1000, 0.1, 0.1)), trials, 0.035, 0.05)
	checkLevel(t, rejections(t, trials, p(mcnemarExact, 60, 0.1, 0.1)), trials, 0.005, 0.05) // discrete, so far below
	if n := rejections(t, 200, p(McNemar, 1000, 0.15, 0.08)); n < 190 {
		t.Errorf("a difference of 7 points over 1000 questions was seen %d times in 200", n)
	}
}

// TestGroupsOfQuestionsSimulated has groups of ten questions; one model or the other is better at a
// group. The paired bootstrap over groups keeps its level. McNemar's test, which assumes independent
// questions, does not.
func TestGroupsOfQuestionsSimulated(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 8))
	b := Bootstrap{Resamples: 400}
	const trials, groups, size = 400, 40, 10
	var mcnemar int
	bootstrap := rejections(t, trials, func() (float64, error) {
		var first, second []float64
		onlyFirst, onlySecond := 0, 0
		for range groups {
			lead := 0.05 + 0.3*random.Float64()
			x, y, b, c := quiz(random, size, lead, 0.4-lead)
			first, second = append(first, sum(x)), append(second, sum(y))
			onlyFirst, onlySecond = onlyFirst+b, onlySecond+c
		}
		if McNemar(onlyFirst, onlySecond).P < 0.05 {
			mcnemar++
		}
		of := slices.Repeat([]float64{size}, groups)
		b.Seed++
		d, err := b.Difference(groups, RatioStatistic(first, of), RatioStatistic(second, of))
		return d.P, err
	})
	checkLevel(t, bootstrap, trials, 0.045, 0.075)
	if mcnemar < trials/10 {
		t.Errorf("McNemar's test rejected %d of %d, want more than one in ten: are the questions independent?", mcnemar, trials)
	}
}

// TestFewGroupsSimulated: with as few groups as the outlier set 8-8-8 has, plain quantiles would
// reject 11 % of true hypotheses.
func TestFewGroupsSimulated(t *testing.T) {
	random := rand.New(rand.NewPCG(31, 31))
	b := Bootstrap{Resamples: 400}
	const trials, groups, size = 500, 8, 8
	of := slices.Repeat([]float64{size}, groups)
	rejected := rejections(t, trials, func() (float64, error) {
		var first, second []float64
		for range groups {
			x, y, _, _ := quiz(random, size, 0.2, 0.2)
			first, second = append(first, sum(x)), append(second, sum(y))
		}
		b.Seed++
		d, err := b.Difference(groups, RatioStatistic(first, of), RatioStatistic(second, of))
		return d.P, err
	})
	checkLevel(t, rejected, trials, 0.035, 0.07)
}

func sum(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v
	}
	return s
}

// TestIntervalsCover: about 95 % of the intervals hold the true value. Of
// normal variables it is (6/π) asin(r/2) for Spearman's correlation.
func TestIntervalsCover(t *testing.T) {
	const trials, n = 500, 80
	random := rand.New(rand.NewPCG(9, 9))
	for _, r := range []float64{0, 0.7} {
		b := Bootstrap{Resamples: 500}
		missed := map[string]int{}
		for trial := range trials {
			b.Seed++
			x, y := normals(uint64(trial), n, r)
			answers, _, _, _ := quiz(random, n, 0.3, 0.1) // 0.3 + 0.4 right
			for name, c := range map[string]struct {
				s    Statistic
				true float64
			}{
				"Pearson": {PearsonStatistic(x, y), r}, "Spearman": {SpearmanStatistic(x, y), 6 / math.Pi * math.Asin(r/2)},
				"accuracy": {RatioStatistic(answers, slices.Repeat([]float64{1}, n)), 0.7},
			} {
				i, err := b.Interval(n, c.s)
				if err != nil {
					t.Fatal(err)
				}
				if c.true < i.Low || c.true > i.High {
					missed[name]++
				}
			}
		}
		for name, m := range missed {
			t.Run(fmt.Sprint(name, " ", r), func(t *testing.T) { checkLevel(t, m, trials, 0.045, 0.07) })
		}
	}
}

// TestPartitionIntervalsCover draws words of known categories into known clusters. The true value is the
// mean score of sets of that size, since purity and V-measure are higher the fewer words there are.
func TestPartitionIntervalsCover(t *testing.T) {
	const words, labels, trials = 120, 7, 300
	random := rand.New(rand.NewPCG(10, 10))
	draw := func() (clusters, categories []int) {
		for range words {
			c := random.IntN(labels)
			clusters = append(clusters, c)
			if random.Float64() < 0.4 {
				c = random.IntN(labels)
			}
			categories = append(categories, c)
		}
		return clusters, categories
	}
	measures := map[string]struct {
		score     func(clusters, categories []int) (float64, error)
		statistic func(clusters, categories []int) Statistic
	}{
		"purity": {Purity[int, int], PurityStatistic[int, int]}, "adjusted Rand": {AdjustedRand[int, int], AdjustedRandStatistic[int, int]},
		"V-measure": {VMeasure[int, int], VMeasureStatistic[int, int]},
	}
	mean := make(map[string]float64)
	for range 4000 {
		clusters, categories := draw()
		for name, m := range measures {
			score, err := m.score(clusters, categories)
			if err != nil {
				t.Fatal(err)
			}
			mean[name] += score / 4000
		}
	}
	missed := make(map[string]int)
	b := Bootstrap{Resamples: 500}
	for range trials {
		clusters, categories := draw()
		b.Seed++
		for name, m := range measures {
			i, err := b.Interval(words, m.statistic(clusters, categories))
			if err != nil {
				t.Fatal(name, err)
			}
			if mean[name] < i.Low || mean[name] > i.High {
				missed[name]++
			}
		}
	}
	for name, m := range missed {
		t.Run(name, func(t *testing.T) { checkLevel(t, m, trials, 0.04, 0.08) })
	}
}
