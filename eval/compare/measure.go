package compare

import (
	"math"
	"slices"

	"kindred/eval/sets"
	"kindred/eval/stats"
)

// A Scale says what the values of a measure are. It decides about the effect size and the interval.
type Scale int

const (
	// OtherScale has no usual effect size.
	OtherScale Scale = iota
	// CorrelationScale is for correlations, between -1 and 1: [stats.CohenQ].
	CorrelationScale
	// ProportionScale is for proportions, between 0 and 1: [stats.CohenH]. Proportions that are 0
	// or 1 in all resamples have Wilson's interval.
	ProportionScale
)

// A Measure scores several models on the same units. Nothing else is known about the models: their
// statistics may be correlations of cosines, the F1 of classifiers on lines, or anything that can be
// computed from a sample of units.
type Measure struct {
	// Set and Kind tell where the items come from and what they are, for the report.
	Set  sets.Source
	Kind sets.Kind
	// Name is the name of the measure, such as "Spearman".
	Name string
	// Headline tells whether differences are tested by this measure. Take one measure a set: a
	// correction for several tests of the same answers costs power.
	Headline bool
	// Items is the number of items in the set, and Used the number of those that the scores are taken
	// over. Unseen is the number of used items that some model answered with a word it has not stored.
	// All are for the report.
	Items, Used, Unseen int
	// Units is the number of units: items, or groups of dependent items, that are resampled.
	Units int
	Scale Scale
	// Statistics are functions of a sample of the units, one a model.
	Statistics []stats.Statistic
	// Undefined says why a model has no score, by model; "" if it has one. It may be nil. A model
	// whose statistic is NaN has no score either.
	Undefined []string
	// Tests returns further tests of two models, which have no part in the verdict. It may be nil.
	Tests func(first, second int) []stats.Test
}

// Measures compares systems by measures. groups[i] are the numbers of the models of system i, which
// differ in their seeds. Scores have confidence intervals. The differences between any two systems
// are tested by all headline measures, and their p-values corrected together.
//
// Differences between systems of one model each are tested by the paired bootstrap
// ([stats.Bootstrap.Difference]), others by a test over seeds and items ([stats.Bootstrap.SeedTest]).
// It returns the number of tests, too.
func Measures(measures []Measure, groups [][]int, b stats.Bootstrap) (results []MetricResult, tests int) {
	results = []MetricResult{}
	for _, m := range measures {
		p := m.Resample(b, groups)
		r := MetricResult{
			Source: m.Set, Kind: m.Kind, Measure: m.Name, Headline: m.Headline,
			Items: m.Items, Used: m.Used, Unseen: m.Unseen, Units: m.Units, Scores: p.Scores(),
		}
		if m.Headline {
			r.Differences = p.Differences()
		}
		results = append(results, r)
	}
	var all []*PairedDifference
	for i := range results {
		for j := range results[i].Differences {
			all = append(all, &results[i].Differences[j])
		}
	}
	return results, Correct(all, b.Level)
}

// A PairedComparison holds the scores of systems by one measure on the same resamples.
type PairedComparison struct {
	measure   Measure
	groups    [][]int
	resampled *stats.Resampled
	undefined []string // by model
}

// Resample computes the measure on resamples of its units, for systems that are groups of models.
func (m Measure) Resample(b stats.Bootstrap, groups [][]int) *PairedComparison {
	p := &PairedComparison{measure: m, groups: groups, resampled: b.Resample(m.Units, m.Statistics...)}
	for i := range m.Statistics {
		reason := ""
		if m.Undefined != nil {
			reason = m.Undefined[i]
		}
		if reason == "" && math.IsNaN(p.resampled.Estimate(i)) {
			reason = stats.NoValue.Error()
		}
		p.undefined = append(p.undefined, reason)
	}
	return p
}

// Scores returns the scores of the systems.
func (p *PairedComparison) Scores() []SystemScore {
	scores := make([]SystemScore, len(p.groups))
	for i, group := range p.groups {
		scores[i] = p.score(group)
	}
	return scores
}

// score returns the score of a group of models.
func (p *PairedComparison) score(group []int) SystemScore {
	for _, model := range group {
		if reason := p.undefined[model]; reason != "" {
			return SystemScore{Score: stats.Score{Undefined: reason}}
		}
	}
	s := SystemScore{Score: stats.Score{Value: p.resampled.Estimate(group...)}}
	squared := 0.0
	for _, model := range group {
		estimate := p.resampled.Estimate(model)
		s.Models = append(s.Models, stats.SixDigits(estimate))
		d := estimate - s.Score.Value
		squared += float64(d * d)
	}
	if len(group) > 1 {
		s.SeedSpread = stats.SixDigits(math.Sqrt(squared / float64(len(group)-1)))
	}
	interval := p.resampled.Interval
	if p.measure.Scale == ProportionScale {
		interval = p.resampled.ProportionInterval
	}
	s.Score.SetInterval(interval(group...))
	return s
}

// Differences returns the differences between any two systems, before their p-values are corrected.
func (p *PairedComparison) Differences() []PairedDifference {
	var list []PairedDifference
	for second := range p.groups {
		for first := range second {
			list = append(list, p.Difference(first, second))
		}
	}
	return list
}

// Difference returns the score of one system less that of another, before its p-value is corrected:
// see [Correct].
func (p *PairedComparison) Difference(first, second int) PairedDifference {
	a, b := p.groups[first], p.groups[second]
	d := PairedDifference{First: first, Second: second, Verdict: NotTested}
	for _, model := range slices.Concat(a, b) {
		if d.Reason = p.undefined[model]; d.Reason != "" {
			d.Difference.Undefined = d.Reason
			return d
		}
	}
	d.Difference.Value = p.resampled.EstimateDifference(a, b)
	d.Effect = effect(p.measure.Scale, p.resampled.Estimate(a...), p.resampled.Estimate(b...))
	single := len(a) == 1 && len(b) == 1
	var found stats.Difference
	test := stats.Test{Name: "paired bootstrap"}
	var err error
	if single {
		found, err = p.paired(a, b)
		test.Statistic, test.P = found.Estimate, found.P
	} else {
		found, test, err = p.resampled.SeedTest(a, b)
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
	case single && p.measure.Tests != nil:
		d.Others = p.measure.Tests(a[0], b[0])
	case !single:
		if these, err := p.paired(a, b); err == nil {
			d.Others = []stats.Test{{Name: "paired bootstrap, these models", Statistic: these.Estimate, P: these.P}}
		}
	}
	return d
}

// paired compares by the paired bootstrap. Groups with the same score in each resample have no
// interval, and the p-value 1.
func (p *PairedComparison) paired(a, b []int) (stats.Difference, error) {
	d, err := p.resampled.Difference(a, b)
	if err == stats.NoSpread && math.Abs(p.resampled.EstimateDifference(a, b)) < 1e-12 {
		return stats.Difference{P: 1}, nil
	}
	return d, err
}

// effect returns the size of the difference of two scores.
func effect(s Scale, a, b float64) Effect {
	switch {
	case s == CorrelationScale && math.Abs(a) < 1 && math.Abs(b) < 1:
		return Effect{"Cohen's q", stats.SixDigits(stats.CohenQ(a, b))}
	case s == ProportionScale:
		return Effect{"Cohen's h", stats.SixDigits(stats.CohenH(a, b))}
	}
	return Effect{}
}

// Correct corrects the p-values of differences for their number by [stats.Holm], sets their verdicts
// at a confidence level, 0 for [stats.DefaultLevel], and returns the number of tests.
func Correct(differences []*PairedDifference, level float64) int {
	if level == 0 {
		level = stats.DefaultLevel
	}
	var tested []*PairedDifference
	var p []float64
	for _, d := range differences {
		if d.Test != nil {
			tested = append(tested, d)
			p = append(p, d.Test.P)
		}
	}
	for i, corrected := range stats.Holm(p) {
		shown := stats.SixDigits(corrected)
		tested[i].Corrected = &shown
		round(tested[i].Test)
		for j := range tested[i].Others {
			round(&tested[i].Others[j])
		}
		tested[i].Verdict = WithinNoise
		if corrected < 1-level {
			tested[i].Verdict = Significant
		}
	}
	return len(tested)
}

// round leaves six significant digits of each figure.
func round(t *stats.Test) {
	t.Statistic, t.DF, t.P = stats.SixDigits(t.Statistic), stats.SixDigits(t.DF), stats.SixDigits(t.P)
}
