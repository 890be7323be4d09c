package eval

import (
	"errors"

	"kindred/eval/sets"
	"kindred/eval/stats"
	"kindred/model"
)

// A PairScore is the score of a [sets.Pair].
type PairScore struct {
	Pair sets.Pair
	// Covered tells whether both words have vectors, and Unseen whether they do without both being
	// stored.
	Covered, Unseen bool
	// Cosine is the cosine of the two vectors, 0 if one of them is missing or zero.
	Cosine float64
}

// A SimilarityResult tells how well cosines agree with human judgments.
type SimilarityResult struct {
	sets.Source
	// Pairs is the number of pairs in the set, and Missing the number of those with a missing word. Used
	// is the number of pairs that the correlations are taken over: the covered ones, or all with
	// [Options.ZeroMissing].
	Pairs   int `json:"pairs"`
	Used    int `json:"used"`
	Missing int `json:"missing"`
	WordsFound
	// Repeated, ScoreColumn and Header are copies of the fields of [sets.SimilaritySet].
	Repeated    int    `json:"repeated"`
	ScoreColumn string `json:"score_column,omitempty"`
	Header      string `json:"header,omitempty"`
	// Columns are the columns of words and scores, nil if the file has no others.
	Columns *sets.Columns `json:"columns,omitempty"`
	// Spearman is the rank correlation, the figure usually reported, Pearson the linear one.
	Spearman stats.Score `json:"spearman"`
	Pearson  stats.Score `json:"pearson"`
	// Items are the pairs in the order of the file.
	Items []PairScore `json:"-"`
}

// similarity scores a similarity set.
func (c *evalContext) similarity(s *sets.SimilaritySet) SimilarityResult {
	result := SimilarityResult{
		Source: s.Source, Pairs: len(s.Pairs),
		Repeated: s.Repeated, ScoreColumn: s.ScoreColumn, Header: s.Header, Columns: s.Columns,
	}
	words := c.wordsOf(func(yield func(string) bool) {
		for _, p := range s.Pairs {
			if !yield(p.First) || !yield(p.Second) {
				return
			}
		}
	})
	for _, p := range s.Pairs {
		u, form1, ok1 := words.vector(p.First)
		v, form2, ok2 := words.vector(p.Second)
		form := form1.and(form2)
		item := PairScore{Pair: p, Covered: ok1 && ok2}
		words.count(item.Covered, form)
		if item.Covered {
			item.Cosine = model.Cosine(u, v)
			item.Unseen = form.unseen
		} else {
			result.Missing++
		}
		result.Items = append(result.Items, item)
	}
	result.WordsFound = words.found()
	result.correlate(c.options.ZeroMissing, c.intervals)
	return result
}

// correlate sets the correlations over the covered items, or over all.
func (r *SimilarityResult) correlate(all bool, b intervals) {
	var human, cosines []float64
	for _, item := range r.Items {
		if item.Covered || all {
			human = append(human, item.Pair.Score)
			cosines = append(cosines, item.Cosine)
		}
	}
	r.Used = len(human)
	r.Spearman = CorrelationScore(human, cosines, stats.Spearman)
	r.Pearson = CorrelationScore(human, cosines, stats.Pearson)
	b.add(&r.Spearman, r.Used, stats.SpearmanStatistic(human, cosines))
	b.add(&r.Pearson, r.Used, stats.PearsonStatistic(human, cosines))
}

// CorrelationScore returns the correlation of human scores and cosines of the same pairs, by
// [stats.Spearman] or [stats.Pearson], or why there is none.
func CorrelationScore(human, cosines []float64, correlate func(x, y []float64) (float64, error)) stats.Score {
	if len(human) == 0 {
		return stats.Score{Undefined: "no covered pair"}
	}
	value, err := correlate(human, cosines)
	switch {
	case err == nil:
		return stats.Score{Value: value}
	case errors.Is(err, stats.TooFew):
		return stats.Score{Undefined: "only one covered pair"}
	case errors.Is(err, stats.ConstantX):
		return stats.Score{Undefined: "all human scores are equal"}
	case errors.Is(err, stats.ConstantY):
		return stats.Score{Undefined: "all cosines are equal"}
	}
	return stats.Score{Undefined: err.Error()}
}
