package stats

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// experiment draws the scores of models of two systems on items: the sum of random effects of the item,
// of the item for a system and for a model, and of the seed of a model.
type experiment struct {
	items, models             int
	system, seed, interaction float64
	lead                      float64
}

func (l experiment) draw(random *rand.Rand) [2][]Statistic {
	difficulty := make([]float64, l.items)
	for i := range difficulty {
		difficulty[i] = random.NormFloat64()
	}
	var systems [2][]Statistic
	for s := range systems {
		own := make([]float64, l.items)
		for i := range own {
			own[i] = difficulty[i] + l.system*random.NormFloat64() + l.lead*float64(1-s)
		}
		for range l.models {
			luck := l.seed * random.NormFloat64()
			scores := make([]float64, l.items)
			for i := range scores {
				scores[i] = own[i] + luck + l.interaction*random.NormFloat64()
			}
			systems[s] = append(systems[s], RatioStatistic(scores, ones(l.items)))
		}
	}
	return systems
}

// difference returns a trial: the p-value of the difference of two systems.
func (l experiment) difference(seed uint64) func() (float64, error) {
	random := rand.New(rand.NewPCG(11, seed))
	b := Bootstrap{Resamples: 200}
	return func() (float64, error) {
		s := l.draw(random)
		b.Seed++
		d, _, err := b.SeedTest(l.items, s[0], s[1])
		return d.P, err
	}
}

func TestSeedTestSimulated(t *testing.T) {
	const trials = 400
	for _, l := range []experiment{
		{items: 100, models: 3, interaction: 1},
		{items: 100, models: 3, interaction: 1, seed: 0.3},
		{items: 100, models: 3, interaction: 1, system: 0.5, seed: 0.1},
		{items: 100, models: 3, interaction: 0.5, system: 1},
		{items: 100, models: 5, interaction: 0.5, system: 0.5, seed: 0.1},
		{items: 100, models: 2, interaction: 1, seed: 0.05},
	} {
		t.Run(fmt.Sprintf("%+v", l), func(t *testing.T) {
			checkLevel(t, rejections(t, trials, l.difference(1)), trials, 0.035, 0.065)
			// A lead of five times the standard error that the components have.
			seedVariance := 2 / float64(l.models) * (l.seed*l.seed + l.interaction*l.interaction/float64(l.items))
			l.lead = 5 * math.Sqrt(seedVariance+2*l.system*l.system/float64(l.items))
			if n := rejections(t, 100, l.difference(2)); n < 80 && l.models > 2 || n < 50 {
				t.Errorf("a difference of five standard errors was seen %d times in 100", n)
			}
		})
	}
}

// TestSeedTestOfCorrelationsSimulated tests rank correlations, which are not means over items. The score
// of a model is that of people plus errors of all models, of the system, and of the model.
func TestSeedTestOfCorrelationsSimulated(t *testing.T) {
	const items, models, trials = 120, 3, 300
	p := func(seed uint64, ownError [2]float64) func() (float64, error) {
		random := rand.New(rand.NewPCG(15, seed))
		b := Bootstrap{Resamples: 200}
		return func() (float64, error) {
			human, common := make([]float64, items), make([]float64, items)
			for i := range human {
				human[i], common[i] = random.NormFloat64(), random.NormFloat64()
			}
			var systems [2][]Statistic
			for s := range systems {
				system := make([]float64, items)
				for i := range system {
					system[i] = human[i] + 0.7*common[i] + ownError[s]*random.NormFloat64()
				}
				for range models {
					cosines := make([]float64, items)
					for i := range cosines {
						cosines[i] = system[i] + 0.5*random.NormFloat64()
					}
					systems[s] = append(systems[s], SpearmanStatistic(human, cosines))
				}
			}
			b.Seed++
			d, _, err := b.SeedTest(items, systems[0], systems[1])
			return d.P, err
		}
	}
	checkLevel(t, rejections(t, trials, p(1, [2]float64{0, 0})), trials, 0.03, 0.065)
	checkLevel(t, rejections(t, trials, p(2, [2]float64{0.4, 0.4})), trials, 0.035, 0.065)
	if n := rejections(t, 100, p(3, [2]float64{0.2, 1.4})); n < 90 {
		t.Errorf("a system with seven times the error of the other was told apart %d times in 100", n)
	}
}

// TestSeedTestNeedsSeeds: the paired bootstrap over items, for given models, mistakes the effect of a
// seed for a difference of systems.
func TestSeedTestNeedsSeeds(t *testing.T) {
	l := experiment{items: 100, models: 3, interaction: 1, seed: 0.3}
	random := rand.New(rand.NewPCG(12, 12))
	const trials = 200
	n := rejections(t, trials, func() (float64, error) {
		s := l.draw(random)
		mean := func(of []Statistic) Statistic {
			return func(counts []int32) float64 { return (of[0](counts) + of[1](counts) + of[2](counts)) / 3 }
		}
		d, err := Bootstrap{Resamples: 200}.Difference(l.items, mean(s[0]), mean(s[1]))
		return d.P, err
	})
	if n < trials/3 {
		t.Errorf("the paired bootstrap rejects %d of %d where seeds differ and systems don't, want a third or more: does the simulation draw seeds?", n, trials)
	}
}

// TestSeedTestOfMeans compares with the analysis of variance of a table of scores, computed from its
// mean squares: Clark's quasi-F has (MS_systems)/(MS_models + MS_systems x items - MS_models x items).
func TestSeedTestOfMeans(t *testing.T) {
	l := experiment{items: 60, models: 3, interaction: 1, system: 0.7, seed: 0.2, lead: 0.5}
	s := l.draw(rand.New(rand.NewPCG(13, 13)))
	d, test, err := Bootstrap{Resamples: 20000}.SeedTest(l.items, s[0], s[1])
	if err != nil {
		t.Fatal(err)
	}
	f, df := quasiF(s, l.items)
	if got := test.Statistic * test.Statistic; math.Abs(got/f-1) > 0.03 || math.Abs(test.DF/df-1) > 0.05 {
		t.Errorf("t² is %v with %v degrees of freedom, the quasi-F %v with %v", got, test.DF, f, df)
	}
	if middle := (d.Interval.Low + d.Interval.High) / 2; math.Abs(middle-d.Estimate) > 1e-12 || d.P != test.P {
		t.Errorf("%+v, %+v", d, test)
	}
}

// quasiF returns the quasi-F and its second degrees of freedom of a table of scores: systems, models
// in them, items.
func quasiF(systems [2][]Statistic, items int) (f, df float64) {
	n, k := float64(items), float64(len(systems[0]))
	score := func(s, m, i int) float64 {
		counts := make([]int32, items)
		counts[i] = 1
		return systems[s][m](counts)
	}
	var grand float64
	var system [2]float64
	model := [2][]float64{make([]float64, int(k)), make([]float64, int(k))}
	cell := [2][]float64{make([]float64, items), make([]float64, items)} // of systems and items
	for s := range 2 {
		for m := range int(k) {
			for i := range items {
				v := score(s, m, i)
				grand += v / (2 * k * n)
				system[s] += v / (k * n)
				model[s][m] += v / n
				cell[s][i] += v / k
			}
		}
	}
	var msSystem, msModel, msSystemItem, msModelItem float64
	for s := range 2 {
		msSystem += n * k * (system[s] - grand) * (system[s] - grand)
		for m := range int(k) {
			d := model[s][m] - system[s]
			msModel += n * d * d / (2 * (k - 1))
			for i := range items {
				r := score(s, m, i) - cell[s][i] - model[s][m] + system[s]
				msModelItem += r * r / (2 * (k - 1) * (n - 1))
			}
		}
		for i := range items {
			r := cell[s][i] - system[s] - (cell[0][i]+cell[1][i])/2 + grand
			msSystemItem += k * r * r / (n - 1)
		}
	}
	below := msModel + msSystemItem - msModelItem
	df = below * below / (msModel*msModel/(2*(k-1)) + msSystemItem*msSystemItem/(n-1) + msModelItem*msModelItem/(2*(k-1)*(n-1)))
	return msSystem / below, df
}

func TestSeedTestAtTheEdge(t *testing.T) {
	same := RatioStatistic([]float64{1, 0, 1, 0, 1, 1, 0, 1}, ones(8))
	if _, _, err := (Bootstrap{}).SeedTest(8, []Statistic{same, same}, []Statistic{same}); !errors.Is(err, NoSpread) {
		t.Errorf("of the same model: %v, want %v", err, NoSpread)
	}
	if _, _, err := (Bootstrap{}).SeedTest(7, []Statistic{same, same}, []Statistic{same}); !errors.Is(err, TooFewUnits) {
		t.Errorf("of 7 items: %v, want %v", err, TooFewUnits)
	}
	// Of 8 items, with so much interaction that the items' own component is hardly there, the interval
	// stays finite.
	for seed := range uint64(50) {
		s := experiment{items: 8, models: 2, interaction: 1}.draw(rand.New(rand.NewPCG(seed, 14)))
		d, test, err := Bootstrap{Resamples: 200}.SeedTest(8, s[0], s[1])
		if err != nil || test.DF < 2 || d.Interval.High-d.Interval.Low > 50 {
			t.Fatalf("%+v, %+v, %v", d, test, err)
		}
	}
}
