package eval

import (
	"cmp"
	"errors"

	"kindred/eval/stats"
)

// intervals adds confidence intervals to scores; with a nil bootstrap it leaves them as they are.
type intervals struct{ bootstrap *stats.Bootstrap }

func (o Options) intervals() intervals {
	if o.Resamples == NoIntervals {
		return intervals{}
	}
	return intervals{&stats.Bootstrap{Resamples: cmp.Or(o.Resamples, stats.DefaultResamples), Level: cmp.Or(o.Confidence, stats.DefaultLevel), Seed: o.Seed}}
}

// add adds to a score the interval of its statistic of n units.
func (b intervals) add(s *stats.Score, n int, statistic stats.Statistic) {
	if b.bootstrap != nil && s.Defined() {
		s.SetInterval(b.bootstrap.Interval(n, statistic))
	}
}

// addToProportion is add for a statistic between 0 and 1.
func (b intervals) addToProportion(s *stats.Score, n int, statistic stats.Statistic) {
	if b.bootstrap != nil && s.Defined() {
		s.SetInterval(b.bootstrap.ProportionInterval(n, statistic))
	}
}

// addToRatio is addToProportion for a ratio of sums over units.
func (b intervals) addToRatio(s *stats.Score, numerators, denominators []float64) {
	b.addToProportion(s, len(numerators), stats.RatioStatistic(numerators, denominators))
}

// partitionScore returns the score of a measure of partitions, given its value and error.
func partitionScore(value float64, err error) stats.Score {
	var undefined stats.Undefined
	if errors.As(err, &undefined) {
		return stats.Score{Undefined: string(undefined)}
	}
	return stats.Score{Value: value}
}
