package eval

import (
	"fmt"
	"math"

	"kindred/eval/stats"
)

// A HeldOutMetric names a figure taken on held-out pairs.
type HeldOutMetric string

// The figures on held-out pairs. Each true pair has one negative, but for MRR and Hits@10, which rank the true
// centre among 99 random ones.
const (
	// ROCAUC is the probability that a true pair scores higher than a negative: [stats.ROCAUCStatistic].
	ROCAUC HeldOutMetric = "roc_auc"
	// PRAUC is the area under precision against recall: [stats.AveragePrecisionStatistic].
	PRAUC HeldOutMetric = "pr_auc"
	// Precision, Recall and F1 are those of calling a pair true from the threshold on: [stats.Confusion].
	Precision HeldOutMetric = "precision"
	Recall    HeldOutMetric = "recall"
	F1        HeldOutMetric = "f1"
	// MRR is the mean of 1/rank of the true centre, and HitsAt10 the share of ranks up to 10.
	MRR      HeldOutMetric = "mrr"
	HitsAt10 HeldOutMetric = "hits_at_10"
	// LogLoss and Brier judge the probability of the model as it was trained, which depends on k, as more negatives make
	// every pair less probable. FittedLogLoss and FittedBrier judge the one after a [stats.FitCalibration] on the half
	// for validation: how much the scores tell, whatever their scale.
	LogLoss       HeldOutMetric = "log_loss"
	Brier         HeldOutMetric = "brier"
	FittedLogLoss HeldOutMetric = "fitted_log_loss"
	FittedBrier   HeldOutMetric = "fitted_brier"
)

// HeldOutMetrics are all figures, in the order in which they are shown.
var HeldOutMetrics = []HeldOutMetric{ROCAUC, PRAUC, Precision, Recall, F1, MRR, HitsAt10, LogLoss, FittedLogLoss, Brier, FittedBrier}

// HigherIsBetter tells whether a model is the better the higher the figure.
func (m HeldOutMetric) HigherIsBetter() bool {
	switch m {
	case LogLoss, Brier, FittedLogLoss, FittedBrier:
		return false
	}
	return true
}

// Statistic returns a figure as a statistic of samples of the sentences that the pairs are from. Sentences and not
// pairs are the units, because pairs of a sentence share words and a subject, and
// because it is sentences that were sampled when they were held out.
func (r *NoiseScores) Statistic(m HeldOutMetric) stats.Statistic {
	p := r.predictions()
	switch m {
	case ROCAUC:
		return stats.ROCAUCStatistic(p)
	case PRAUC:
		return stats.AveragePrecisionStatistic(p)
	case Precision:
		return stats.Confuse(p, r.Threshold).Precision()
	case Recall:
		return stats.Confuse(p, r.Threshold).Recall()
	case F1:
		return stats.Confuse(p, r.Threshold).F1()
	case LogLoss:
		return stats.LogLossStatistic(p, stats.AsTrained)
	case FittedLogLoss:
		return stats.LogLossStatistic(p, r.Fitted)
	case Brier:
		return stats.BrierStatistic(p, stats.AsTrained)
	case FittedBrier:
		return stats.BrierStatistic(p, r.Fitted)
	case MRR:
		return r.meanOfRanks(func(rank float64) float64 { return 1 / rank })
	case HitsAt10:
		return r.meanOfRanks(func(rank float64) float64 {
			if rank > 10 {
				return 0
			}
			return 1
		})
	}
	panic(fmt.Sprintf("eval: no held-out metric %q", m))
}

// meanOfRanks returns the mean of a function of the ranks.
func (r *NoiseScores) meanOfRanks(f func(rank float64) float64) stats.Statistic {
	ranks := make([]stats.Prediction, len(r.Rank))
	for i, rank := range r.Rank {
		ranks[i] = stats.Prediction{Score: float64(rank), Unit: r.Sentence[i]}
	}
	return stats.MeanStatistic(ranks, func(p stats.Prediction) float64 { return f(p.Score) })
}

// A HeldOutReport holds the figures of a model on held-out pairs.
type HeldOutReport struct {
	// Sentences and Pairs are those of the half that was tested.
	Sentences int           `json:"sentences"`
	Pairs     int           `json:"pairs"`
	Noises    []NoiseReport `json:"references"`
	// Resamples and Confidence tell how intervals were found; 0 where there are none.
	Resamples  int     `json:"resamples,omitempty"`
	Confidence float64 `json:"confidence,omitempty"`
}

// A NoiseReport holds the figures against negatives from one reference.
type NoiseReport struct {
	Name   string                        `json:"name"`
	Scores map[HeldOutMetric]stats.Score `json:"scores"`
	// Threshold is the score from which on a pair is called true; Fitted makes probabilities of scores.
	Threshold float64           `json:"threshold"`
	Fitted    stats.Calibration `json:"fitted"`
	// Reliability and FittedReliability are the curves of the probabilities as trained, and as fitted.
	Reliability       []stats.ReliabilityBin `json:"reliability"`
	FittedReliability []stats.ReliabilityBin `json:"fitted_reliability"`
}

// reliabilityBins is the number of points of a reliability curve.
const reliabilityBins = 10

// Report returns the figures with confidence intervals by resampling sentences, or without where resamples is
// [NoIntervals]; 0 stands for [HeldOutResamples].
func (s *HeldOutScores) Report(resamples int) *HeldOutReport {
	if resamples == 0 {
		resamples = HeldOutResamples
	}
	sure := Options{Resamples: resamples, Seed: heldOutSeed}.intervals()
	report := &HeldOutReport{Sentences: s.Sentences}
	if sure.bootstrap != nil {
		report.Resamples, report.Confidence = sure.bootstrap.Resamples, sure.bootstrap.Level
	}
	for i := range s.Noises {
		r := &s.Noises[i]
		report.Pairs = len(r.True)
		figures := NoiseReport{Name: r.Name, Scores: map[HeldOutMetric]stats.Score{}, Threshold: r.Threshold, Fitted: r.Fitted}
		for _, m := range HeldOutMetrics {
			statistic := r.Statistic(m)
			score := stats.Score{Value: statistic.Value(s.Sentences)}
			if math.IsNaN(score.Value) {
				score = stats.Score{Undefined: string(stats.NoValue)}
			}
			sure.add(&score, s.Sentences, statistic)
			figures.Scores[m] = score
		}
		p := r.predictions()
		figures.Reliability = stats.Reliability(p, stats.AsTrained, reliabilityBins)
		figures.FittedReliability = stats.Reliability(p, r.Fitted, reliabilityBins)
		report.Noises = append(report.Noises, figures)
	}
	return report
}

// HeldOutResamples is the number of resamples for held-out figures where none is given: as many as BCa needs at
// least, since the areas under curves look at all pairs in each.
const HeldOutResamples = 1000
