package eval

import "math"

// A scale says what a measure is, by which an effect size is chosen.
type scale int

const (
	otherScale scale = iota
	correlated       // a correlation
	shareScale       // a share of answers
)

// A measurement is what all models are scored by on the same items, by one measure.
type measurement struct {
	name               string
	items, used, units int
	scale              scale
	statistics         []Statistic // by model
	// reasons say why a model has no score, by model; empty where it has one.
	reasons []string
	// others returns further tests of two models, nil where there are none.
	others func(first, second int) []Test
}

// scores returns the scores of the systems.
func (c *comparer) scores(m measurement, p *sampling) []SystemScore {
	scores := make([]SystemScore, len(c.systems))
	for i, group := range c.groups {
		scores[i] = c.score(m, p, group)
	}
	return scores
}

// score returns that of a group of models.
func (c *comparer) score(m measurement, p *sampling, group []int) SystemScore {
	for _, model := range group {
		if m.reasons[model] != "" {
			return SystemScore{Score: Score{Undefined: m.reasons[model]}}
		}
	}
	mean := meanOf(group, len(c.models))
	s := SystemScore{Score: Score{Value: p.estimate(mean)}}
	squared := 0.0
	for _, model := range group {
		s.Models = append(s.Models, significant(p.estimates[model]))
		d := p.estimates[model] - s.Score.Value
		squared += float64(d * d)
	}
	if len(group) > 1 {
		s.SeedSpread = significant(math.Sqrt(squared / float64(len(group)-1)))
	}
	d, err := p.distribution(mean)
	switch {
	case err == nil:
		s.Score.Interval = d.interval(c.bootstrap.Level)
	case err == NoSpread && m.scale == shareScale && (s.Score.Value == 0 || s.Score.Value == 1):
		s.Score.Interval = WilsonInterval(int(s.Score.Value)*m.units, m.units, c.bootstrap.Level)
	default:
		s.Score.NoInterval = err.Error()
	}
	return s
}

// differences returns those between any two systems.
func (c *comparer) differences(m measurement, p *sampling) []PairedDifference {
	var list []PairedDifference
	for j := range c.systems {
		for i := range j {
			list = append(list, c.difference(m, p, i, j))
		}
	}
	return list
}

// difference returns that between systems i and j, before its p-value is corrected.
func (c *comparer) difference(m measurement, p *sampling, i, j int) PairedDifference {
	first, second := c.groups[i], c.groups[j]
	d := PairedDifference{First: i, Second: j, Verdict: NotTested}
	for _, model := range append(append([]int{}, first...), second...) {
		if d.Reason = m.reasons[model]; d.Reason != "" {
			d.Difference.Undefined = d.Reason
			return d
		}
	}
	a, b := meanOf(first, len(c.models)), meanOf(second, len(c.models))
	d.Difference.Value = p.estimate(less(a, b))
	d.Effect = m.effect(p.estimate(a), p.estimate(b))
	single := len(first) == 1 && len(second) == 1
	var found Difference
	test := Test{Name: "paired bootstrap"}
	var err error
	if single {
		found, err = p.paired(less(a, b), c.bootstrap.Level)
		test.Statistic, test.P = found.Estimate, found.P
	} else {
		found, test, err = p.seedTest(m.units, first, second, c.bootstrap.Level)
	}
	if err != nil {
		d.Reason = err.Error()
		d.Difference.NoInterval = d.Reason
		return d
	}
	d.Difference.Interval, d.Test = found.Interval, &test
	if found.Interval.Method == "" {
		d.Difference.NoInterval = "the same answers"
	}
	switch {
	case single && m.others != nil:
		d.Others = m.others(first[0], second[0])
	case !single:
		if these, err := p.paired(less(a, b), c.bootstrap.Level); err == nil {
			d.Others = []Test{{Name: "paired bootstrap, these models", Statistic: these.Estimate, P: these.P}}
		}
	}
	return d
}

// paired compares by the paired bootstrap; models with the same score in each resample have no interval, and 1
// as the p-value.
func (p *sampling) paired(weights []float64, level float64) (Difference, error) {
	d, err := p.distribution(weights)
	if err == NoSpread && math.Abs(p.estimate(weights)) < 1e-12 {
		return Difference{P: 1}, nil
	}
	if err != nil {
		return Difference{}, err
	}
	return d.difference(level), nil
}

// effect returns the size of the difference of two scores.
func (m measurement) effect(a, b float64) Effect {
	switch {
	case m.scale == correlated && math.Abs(a) < 1 && math.Abs(b) < 1:
		return Effect{"Cohen's q", significant(CohenQ(a, b))}
	case m.scale == shareScale:
		return Effect{"Cohen's h", significant(CohenH(a, b))}
	}
	return Effect{}
}

// correctAll corrects the p-values of the differences together, sets the verdicts, and returns the number of tests.
func (c *comparer) correctAll(differences []*PairedDifference) int {
	var tested []*PairedDifference
	var p []float64
	for _, d := range differences {
		if d.Test != nil {
			tested = append(tested, d)
			p = append(p, d.Test.P)
		}
	}
	for i, corrected := range Holm(p) {
		shown := significant(corrected)
		tested[i].Corrected = &shown
		tested[i].Test.round()
		for j := range tested[i].Others {
			tested[i].Others[j].round()
		}
		tested[i].Verdict = WithinNoise
		if corrected < 1-c.bootstrap.Level {
			tested[i].Verdict = Significant
		}
	}
	return len(tested)
}

// correct corrects all tests of headline measures together.
func (c *comparer) correct(result *Comparison) int {
	var all []*PairedDifference
	for i := range result.Measures {
		for j := range result.Measures[i].Differences {
			all = append(all, &result.Measures[i].Differences[j])
		}
	}
	return c.correctAll(all)
}
