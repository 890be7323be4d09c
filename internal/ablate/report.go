package ablate

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"sync"

	"gonum.org/v1/gonum/stat"

	"kindred/corpus"
	"kindred/corpus/vocab"
	"kindred/eval"
	"kindred/eval/compare"
	"kindred/eval/sets"
	"kindred/eval/stats"
	"kindred/internal/version"
	"kindred/model"
)

// A Report compares the variants of a plan. Variants are numbered in their order from 0, the baseline.
type Report struct {
	Tool    string `json:"tool"`
	Version string `json:"version"`
	Kernel  string `json:"kernel"`
	// Corpus is the training text, and Words the size of its vocabulary.
	Corpus vocab.Record `json:"corpus"`
	Words  int          `json:"vocabulary"`
	// Resamples is the number of bootstrap resamples, and Confidence the level of intervals and tests.
	Resamples  int     `json:"resamples"`
	Confidence float64 `json:"confidence"`
	// Summary says in sentences what the tests found.
	Summary  []string        `json:"summary"`
	Variants []VariantReport `json:"variants"`
	Measures []Measure       `json:"measures"`
	// Series are variants that differ in one setting only.
	Series []Series `json:"series"`
}

// A VariantReport describes a variant and its cost.
type VariantReport struct {
	Variant
	// Failure says which run failed. The variant has no scores then.
	Failure string `json:"failure,omitempty"`
	// WordsPerSecond is the mean speed of the runs, SpeedSpread their standard deviation, and Cost the
	// time per word, divided by the baseline's.
	WordsPerSecond float64 `json:"words_per_second,omitempty"`
	SpeedSpread    float64 `json:"speed_spread,omitempty"`
	Cost           float64 `json:"cost,omitempty"`
	// Trainings are the records of the runs, by seed.
	Trainings []*model.TrainingRecord `json:"trainings"`
	// HeldOut has the scores of the first run on held-out pairs, without intervals.
	HeldOut *eval.HeldOutReport `json:"held_out,omitempty"`
}

// A MeasureKind says what a measure scores.
type MeasureKind string

// The kinds of measures.
const (
	HeldOutPairs MeasureKind = "held-out pairs"
	Similarity   MeasureKind = "word similarity"
	Analogies    MeasureKind = "analogies"
)

// A Measure has the scores of all variants by one statistic, and the tests of their differences.
type Measure struct {
	Kind MeasureKind `json:"kind"`
	// Name is the name of the statistic, and On of the evaluation set, or of the noise distribution of
	// held-out pairs.
	Name string `json:"name"`
	On   string `json:"on"`
	// Headline reports whether the summary uses the measure.
	Headline       bool `json:"headline"`
	HigherIsBetter bool `json:"higher_is_better"`
	// Units is the number of resampled units: sentences, pairs, or groups of questions.
	Units int `json:"units"`
	// Scores are by variant.
	Scores []compare.SystemScore `json:"scores"`
	// Differences are those of each variant from the baseline and from its Against. Their p-values are
	// corrected for the number of differences of this measure.
	Differences []compare.PairedDifference `json:"differences"`
}

// String returns the name of the measure in the report.
func (m Measure) String() string {
	if m.Kind == HeldOutPairs {
		return fmt.Sprintf("%s against %s", m.Name, m.On)
	}
	return m.On
}

// Difference returns that of a variant from another, nil if it was not tested.
func (m Measure) Difference(variant, other int) *compare.PairedDifference {
	for i := range m.Differences {
		if d := &m.Differences[i]; d.First == variant && d.Second == other {
			return d
		}
	}
	return nil
}

// Effect returns 1 if the variant of a difference is significantly better, -1 if it is significantly
// worse, and 0 otherwise.
func (m Measure) Effect(d *compare.PairedDifference) int {
	switch {
	case d == nil || d.Verdict != compare.Significant:
		return 0
	case d.Difference.Value > 0 == m.HigherIsBetter:
		return 1
	}
	return -1
}

// NewReport compares the results of all runs of a plan. resamples is the number of bootstrap resamples,
// 0 for [eval.HeldOutResamples]. The error says that the baseline has no scores.
func NewReport(p *Plan, results Results, text *corpus.Corpus, list []sets.Set, resamples int) (*Report, error) {
	if resamples == 0 {
		resamples = eval.HeldOutResamples
	}
	if resamples < 1 {
		return nil, fmt.Errorf("ablation: %d resamples, want 1 or more", resamples)
	}
	r := &Report{
		Tool: version.Tool, Version: version.String(), Kernel: results[0][0].Conditions.Kernel,
		Corpus: text.Record(), Words: text.Vocabulary().Len(),
		Resamples: resamples, Confidence: stats.DefaultLevel,
	}
	for i := range p.Variants {
		r.Variants = append(r.Variants, newVariantReport(p.Variants[i], results[i]))
	}
	if failure := r.Variants[0].Failure; failure != "" {
		return nil, errors.New("ablation: there is no baseline to compare with: " + failure)
	}
	for i := range r.Variants {
		if v := &r.Variants[i]; v.WordsPerSecond > 0 {
			v.Cost = r.Variants[0].WordsPerSecond / v.WordsPerSecond
		}
	}
	r.measure(results, list)
	r.Series = series(p)
	r.Summary = r.summarize()
	return r, nil
}

func newVariantReport(v Variant, results []*Result) VariantReport {
	report := VariantReport{Variant: v}
	var speeds []float64
	for i, result := range results {
		if result.Failure != "" {
			report.Failure = fmt.Sprintf("%s, seed %d: %s", v.Name, v.Seeds[i], result.Failure)
			return report
		}
		report.Trainings = append(report.Trainings, result.Training)
		speeds = append(speeds, result.Training.TokensPerSecond)
	}
	report.WordsPerSecond = stat.Mean(speeds, nil)
	if len(speeds) > 1 {
		report.SpeedSpread = stat.StdDev(speeds, nil)
	}
	report.HeldOut = results[0].HeldOut.Report(eval.NoIntervals)
	return report
}

// A scoredMeasure is a measure to be computed from the statistics of each run.
type scoredMeasure struct {
	Measure
	scale     compare.Scale
	statistic func(*Result) stats.Statistic
}

// scoredVariants are the variants that have scores.
type scoredVariants struct {
	// variants are their numbers.
	variants []int
	// results are the results of all runs, and groups has the numbers of the results of each variant.
	results []*Result
	groups  [][]int
	// pairs are the differences to be tested, by indices of variants: from the baseline and from Against.
	pairs [][2]int
}

func (r *Report) scored(results Results) scoredVariants {
	var s scoredVariants
	index := map[string]int{}
	for i, v := range r.Variants {
		if v.Failure != "" {
			continue
		}
		var group []int
		for _, result := range results[i] {
			group = append(group, len(s.results))
			s.results = append(s.results, result)
		}
		index[v.Name] = len(s.variants)
		s.variants, s.groups = append(s.variants, i), append(s.groups, group)
	}
	for i, variant := range s.variants {
		if i > 0 {
			s.pairs = append(s.pairs, [2]int{i, 0})
		}
		if against, ok := index[r.Variants[variant].Against]; ok && against != 0 {
			s.pairs = append(s.pairs, [2]int{i, against})
		}
	}
	return s
}

// measure computes all measures, in parallel.
func (r *Report) measure(results Results, list []sets.Set) {
	like := results[0][0]
	all := heldOutMeasures(like.HeldOut)
	for _, set := range list {
		all = append(all, setMeasure(set, like))
	}
	scored := r.scored(results)
	r.Measures = make([]Measure, len(all))
	room := make(chan struct{}, runtime.GOMAXPROCS(0))
	var running sync.WaitGroup
	for i, m := range all {
		running.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			r.Measures[i] = r.compute(m, scored)
		})
	}
	running.Wait()
}

// compute scores all variants by a measure and tests their differences.
func (r *Report) compute(m scoredMeasure, scored scoredVariants) Measure {
	measure := compare.Measure{Units: m.Units, Scale: m.scale}
	for _, result := range scored.results {
		measure.Statistics = append(measure.Statistics, m.statistic(result))
	}
	paired := measure.Resample(stats.Bootstrap{Resamples: r.Resamples}, scored.groups)
	m.Scores = make([]compare.SystemScore, len(r.Variants))
	for i, v := range r.Variants {
		m.Scores[i].Score.Undefined = v.Failure
	}
	for i, score := range paired.Scores() {
		m.Scores[scored.variants[i]] = score
	}
	for _, pair := range scored.pairs {
		d := paired.Difference(pair[0], pair[1])
		d.First, d.Second = scored.variants[pair[0]], scored.variants[pair[1]]
		m.Differences = append(m.Differences, d)
	}
	var tested []*compare.PairedDifference
	for i := range m.Differences {
		tested = append(tested, &m.Differences[i])
	}
	compare.Correct(tested, 0)
	return m.Measure
}

// heldOutMeasures returns the measures of held-out pairs. The area under the ROC curve against the noise
// of word2vec is the headline.
func heldOutMeasures(like *eval.HeldOutScores) []scoredMeasure {
	var all []scoredMeasure
	for i := len(like.Noises) - 1; i >= 0; i-- { // the harder one first
		for _, metric := range eval.HeldOutMetrics {
			m := scoredMeasure{
				Measure: Measure{Kind: HeldOutPairs, Name: metric.Title(), On: like.Noises[i].Name, HigherIsBetter: metric.HigherIsBetter(),
					Units: like.Sentences, Headline: metric == eval.ROCAUC && i == len(like.Noises)-1},
				statistic: func(r *Result) stats.Statistic { return r.HeldOut.Noises[i].Statistic(metric) },
			}
			all = append(all, m)
		}
	}
	return all
}

// setMeasure returns the measure of an evaluation set. All runs cover the same items, as they have the
// same words.
func setMeasure(set sets.Set, like *Result) scoredMeasure {
	name := set.Origin().Name
	m := scoredMeasure{Measure: Measure{On: name, HigherIsBetter: true, Headline: true}}
	switch s := set.(type) {
	case *sets.SimilaritySet:
		m.Kind, m.Name = Similarity, "Spearman"
		var human []float64
		for i, cosine := range like.Answers[name].Cosines {
			if cosine != nil {
				human = append(human, s.Pairs[i].Score)
			}
		}
		m.Units = len(human)
		m.statistic = func(r *Result) stats.Statistic {
			var cosines []float64
			for _, cosine := range r.Answers[name].Cosines {
				if cosine != nil {
					cosines = append(cosines, *cosine)
				}
			}
			return stats.SpearmanStatistic(human, cosines)
		}
	case *sets.AnalogySet:
		m.Kind, m.Name, m.scale = Analogies, "accuracy", compare.ProportionScale
		var covered []sets.Question
		for i, q := range s.Questions() {
			if like.Answers[name].Correct[i] != '-' {
				covered = append(covered, q)
			}
		}
		targets := eval.ByTarget(covered)
		m.Units = targets.Groups
		m.statistic = func(r *Result) stats.Statistic {
			correct := strings.ReplaceAll(r.Answers[name].Correct, "-", "")
			return stats.RatioStatistic(targets.Count(func(i int) bool { return correct[i] == 'y' }), targets.Sizes())
		}
	default:
		panic(fmt.Sprintf("ablate: a measure of %s", set.Kind()))
	}
	return m
}

// headlines returns the measures that the summary uses.
func (r *Report) headlines() []Measure {
	var list []Measure
	for _, m := range r.Measures {
		if m.Headline && !math.IsNaN(m.Scores[0].Score.Value) && m.Scores[0].Score.Defined() {
			list = append(list, m)
		}
	}
	return list
}
