package eval

import (
	"math"

	"kindred/model"
)

// A Contest holds the scores of several systems by one measure on the same units, for who has the statistics of the
// models and not the models; see [Compare], which makes the same of models.
type Contest struct {
	comparer *comparer
	measure  measurement
	sampling *sampling
}

// NewContest draws the resamples for a measure of n units, given the statistics of all models. groups[i] are the
// numbers of the models of system i, which differ in their seeds. share tells whether the measure is a share of
// answers between 0 and 1.
func (b Bootstrap) NewContest(n int, statistics []Statistic, groups [][]int, share bool) *Contest {
	c := &Contest{
		comparer: &comparer{systems: make([]System, len(groups)), models: make([]*model.Embeddings, len(statistics)), groups: groups, bootstrap: b.withDefaults()},
		measure:  measurement{units: n, statistics: statistics, scale: otherScale},
		sampling: b.sample(n, statistics),
	}
	if share {
		c.measure.scale = shareScale
	}
	for _, estimate := range c.sampling.estimates {
		reason := ""
		if math.IsNaN(estimate) {
			reason = NoValue.Error()
		}
		c.measure.reasons = append(c.measure.reasons, reason)
	}
	return c
}

// Scores returns the scores of all systems.
func (c *Contest) Scores() []SystemScore { return c.comparer.scores(c.measure, c.sampling) }

// Difference returns that of the score of one system less that of another, before its p-value is corrected: see
// [CorrectTogether].
func (c *Contest) Difference(first, second int) PairedDifference {
	return c.comparer.difference(c.measure, c.sampling, first, second)
}

// CorrectTogether corrects the p-values of differences for their number by [Holm] and sets their verdicts at the
// default confidence level.
func CorrectTogether(differences []*PairedDifference) {
	c := &comparer{bootstrap: Bootstrap{}.withDefaults()}
	c.correctAll(differences)
}
