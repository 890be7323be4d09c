package eval

import (
	"fmt"
	"math"

	"kindred/eval/stats"
)

// A HeldOutMetric is the name of a metric of held-out pairs.
type HeldOutMetric string

// The metrics of held-out pairs. Each true pair has one negative. MRR and Hits@10 instead rank the true
// center among 99 random ones.
const (
	// ROCAUC is the probability that a true pair scores higher than a negative: [stats.ROCAUCStatistic].
	ROCAUC HeldOutMetric = "roc_auc"
	// PRAUC is the area under precision against recall: [stats.AveragePrecisionStatistic].
	PRAUC HeldOutMetric = "pr_auc"
	// Precision, Recall and F1 are those of calling a pair true if its score is at least the threshold:
	// [stats.Confusion].
	Precision HeldOutMetric = "precision"
	Recall    HeldOutMetric = "recall"
	F1        HeldOutMetric = "f1"
	// MRR is the mean of 1/rank of the true center, and HitsAt10 the proportion of ranks up to 10.
	MRR      HeldOutMetric = "mrr"
	HitsAt10 HeldOutMetric = "hits_at_10"
	// LogLoss and Brier score the probability of the model as it was trained. It depends on k: more
	// negatives make every pair less probable. FittedLogLoss and FittedBrier score the probability
	// after a [stats.FitCalibration] on the validation pairs: how much the scores tell, whatever their
	// scale.
	LogLoss       HeldOutMetric = "log_loss"
	Brier         HeldOutMetric = "brier"
	FittedLogLoss HeldOutMetric = "fitted_log_loss"
	FittedBrier   HeldOutMetric = "fitted_brier"
)

// HeldOutMetrics are all metrics, in the order of reports.
var HeldOutMetrics = []HeldOutMetric{ROCAUC, PRAUC, Precision, Recall, F1, MRR, HitsAt10, LogLoss, FittedLogLoss, Brier, FittedBrier}

// heldOutTitles are the names of the metrics in reports.
var heldOutTitles = map[HeldOutMetric]string{
	ROCAUC: "ROC-AUC", PRAUC: "PR-AUC", Precision: "precision", Recall: "recall", F1: "F1", MRR: "MRR", HitsAt10: "hits@10",
	LogLoss: "log-loss", FittedLogLoss: "fitted log-loss", Brier: "Brier", FittedBrier: "fitted Brier",
}

// Title returns the name of the metric as a report prints it, such as "ROC-AUC".
func (m HeldOutMetric) Title() string { return heldOutTitles[m] }

// HigherIsBetter reports whether a higher value means a better model.
func (m HeldOutMetric) HigherIsBetter() bool {
	switch m {
	case LogLoss, Brier, FittedLogLoss, FittedBrier:
		return false
	}
	return true
}

// Statistic returns a metric as a statistic of samples of the sentences. Sentences are the units, not
// pairs: pairs of a sentence share words and a subject, and sentences were sampled when the text was
// held out.
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

// predictions returns the test pairs, each with one negative.
func (r *NoiseScores) predictions() []stats.Prediction {
	p := make([]stats.Prediction, 0, 2*len(r.True))
	for i := range r.True {
		p = appendPair(p, r.True[i], r.False[i], r.Sentence[i])
	}
	return p
}

// meanOfRanks returns the mean of a function of the ranks.
func (r *NoiseScores) meanOfRanks(f func(rank float64) float64) stats.Statistic {
	ranks := make([]stats.Prediction, len(r.Rank))
	for i, rank := range r.Rank {
		ranks[i] = stats.Prediction{Score: float64(rank), Unit: r.Sentence[i]}
	}
	return stats.MeanStatistic(ranks, func(p stats.Prediction) float64 { return f(p.Score) })
}

// HeldOutResamples is the default number of resamples for held-out metrics. It is the least that BCa
// needs, since the areas under curves look at all pairs in each resample.
const HeldOutResamples = 1000

// A HeldOutReport holds the metrics of a model on held-out pairs.
type HeldOutReport struct {
	// Sentences and Pairs are the numbers of test sentences and test pairs.
	Sentences int           `json:"sentences"`
	Pairs     int           `json:"pairs"`
	Noises    []NoiseReport `json:"references"`
	// Resamples is the number of bootstrap resamples and Confidence the level of the intervals; 0 if
	// there are none.
	Resamples  int     `json:"resamples,omitempty"`
	Confidence float64 `json:"confidence,omitempty"`
}

// A NoiseReport holds the metrics against negatives from one noise distribution.
type NoiseReport struct {
	Name   string                        `json:"name"`
	Scores map[HeldOutMetric]stats.Score `json:"scores"`
	// Threshold is the score from which a pair is called true. Fitted turns scores into probabilities.
	Threshold float64           `json:"threshold"`
	Fitted    stats.Calibration `json:"fitted"`
	// Reliability and FittedReliability are the curves of the probabilities as trained and as fitted.
	Reliability       []stats.ReliabilityBin `json:"reliability"`
	FittedReliability []stats.ReliabilityBin `json:"fitted_reliability"`
}

// reliabilityBins is the number of points of a reliability curve.
const reliabilityBins = 10

// Report returns the metrics with confidence intervals by resampling sentences. resamples is the number
// of resamples, 0 for [HeldOutResamples], [NoIntervals] for no intervals.
func (s *HeldOutScores) Report(resamples int) *HeldOutReport {
	if resamples == 0 {
		resamples = HeldOutResamples
	}
	intervals := Options{Resamples: resamples, Seed: heldOutSeed}.intervals()
	report := &HeldOutReport{Sentences: s.Sentences}
	if intervals.bootstrap != nil {
		report.Resamples, report.Confidence = intervals.bootstrap.Resamples, intervals.bootstrap.Level
	}
	for i := range s.Noises {
		r := &s.Noises[i]
		report.Pairs = len(r.True)
		n := NoiseReport{Name: r.Name, Scores: map[HeldOutMetric]stats.Score{}, Threshold: r.Threshold, Fitted: r.Fitted}
		for _, m := range HeldOutMetrics {
			statistic := r.Statistic(m)
			score := stats.Score{Value: statistic.Value(s.Sentences)}
			if math.IsNaN(score.Value) {
				score = stats.Score{Undefined: string(stats.NoValue)}
			}
			intervals.add(&score, s.Sentences, statistic)
			n.Scores[m] = score
		}
		p := r.predictions()
		n.Reliability = stats.Reliability(p, stats.AsTrained, reliabilityBins)
		n.FittedReliability = stats.Reliability(p, r.Fitted, reliabilityBins)
		report.Noises = append(report.Noises, n)
	}
	return report
}
