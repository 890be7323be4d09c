package eval

import (
	"slices"

	"kindred/eval/stats"
	"kindred/model"
)

// A Report holds the results of an evaluation. The field names of its JSON form are stable:
//
//	{
//	  "model": {"name": …, "words": …, "dim": …},
//	  "settings": {"exact_case": …, "restrict_similarity": …, "restrict_analogies": …, "zero_missing": …,
//	               "resamples": …, "confidence": 0.95, "seed": …},
//	  "similarity": [{"set": …, "file": …, "pairs": …, "used": …, "missing": …, "missing_words": […], "repeated": …,
//	                  "score_column": …, "header": …, "columns": columns, "spearman": score, "pearson": score}],
//	  "analogies": [{"set": …, "file": …, "questions": …, "covered": …, "skipped": …, "pairs": …, "missing_words": […], "candidates": …,
//	                 "methods": [{"method": "3CosAdd", "sections": [tally], "semantic": tally, "syntactic": tally, "total": tally}]}],
//	  "outliers": [{"set": …, "file": …, "groups": …, "cases": …, "covered": …, "skipped": …, "missing_words": […], "blank": …,
//	                "accuracy": score, "accuracy_of_all": score, "opp": score}],
//	  "categories": [{"set": …, "file": …, "words": …, "used": …, "missing": …, "missing_words": […], "blank": …,
//	                  "repeated": …, "ambiguous": […], "columns": columns, "categories": …, "purity": score, "adjusted_rand": score, "v_measure": score}],
//	  "hubness": {"words": …, "neighbours": …, "skewness": score, "orphans": score, "hubs": [{"word": …, "occurrences": …}]}
//	}
//
// A score is {"value": number, "low": number, "high": number, "interval": method} or another form of
// [stats.Score]. A tally is {"name": …, "category": …, "questions": …, "covered": …, "skipped": …,
// "correct": …, "accuracy": score, "accuracy_of_all": score}, see [Tally]. Accuracies and other
// proportions are between 0 and 1. "score_column" and "header" are absent if the file has no header,
// "category" is absent from the total, "hubness" is absent unless asked for, and "confidence" is absent
// if there are no intervals, and "resamples" 0. "columns" are [sets.Columns], absent if the file has no
// others, and "pairs" is absent unless questions were made from pairs. "normalized" and "untagged" are
// those of [Matched], absent if 0. A set has "unseen" and "unseen_words" if the model
// answered items with words that it has not stored.
type Report struct {
	Model    Model    `json:"model"`
	Settings Settings `json:"settings"`
	// The results of each kind are in the order of the sets.
	Similarity []SimilarityResult `json:"similarity"`
	Analogies  []AnalogyResult    `json:"analogies"`
	Outliers   []OutlierResult    `json:"outliers"`
	Categories []CategoryResult   `json:"categories"`
	// Hubness is nil unless [Options.Hubness] asks for it.
	Hubness *Hubness `json:"hubness,omitempty"`
}

// A Model describes the vectors.
type Model struct {
	// Name is [Options.Model].
	Name string `json:"name"`
	// Words is the size of the vocabulary and Dim the number of values in a vector.
	Words int `json:"words"`
	Dim   int `json:"dim"`
}

// Settings are the [Options] that determine the scores.
type Settings struct {
	ExactCase          bool `json:"exact_case"`
	RestrictSimilarity int  `json:"restrict_similarity"`
	RestrictAnalogies  int  `json:"restrict_analogies"`
	ZeroMissing        bool `json:"zero_missing"`
	// Resamples is the number of bootstrap resamples, 0 if there are no intervals. Confidence is the
	// level of the intervals.
	Resamples  int     `json:"resamples"`
	Confidence float64 `json:"confidence,omitempty"`
	Seed       uint64  `json:"seed"`
}

func newReport(e *model.Embeddings, o Options) *Report {
	return &Report{
		Model:      Model{Name: o.Model, Words: e.Vocabulary.Len(), Dim: e.Dim()},
		Settings:   o.Settings(),
		Similarity: []SimilarityResult{},
		Analogies:  []AnalogyResult{},
		Outliers:   []OutlierResult{},
		Categories: []CategoryResult{},
	}
}

// Settings returns the settings that decide about the figures.
func (o Options) Settings() Settings {
	s := Settings{
		ExactCase:          o.ExactCase,
		RestrictSimilarity: o.RestrictSimilarity,
		RestrictAnalogies:  o.RestrictAnalogies,
		ZeroMissing:        o.ZeroMissing,
		Seed:               o.Seed,
	}
	if b := o.intervals().bootstrap; b != nil {
		s.Resamples, s.Confidence = b.Resamples, b.Level
	}
	return s
}

// Scores returns all scores of the report that may have an interval.
func (r *Report) Scores() []stats.Score {
	var all []stats.Score
	for _, s := range r.Similarity {
		all = append(all, s.Spearman, s.Pearson)
	}
	for _, a := range r.Analogies {
		for _, m := range a.Methods {
			for _, t := range slices.Concat(m.Sections, []Tally{m.Semantic, m.Syntactic, m.Total}) {
				all = append(all, t.Accuracy, t.AccuracyOfAll)
			}
		}
	}
	for _, o := range r.Outliers {
		all = append(all, o.Accuracy, o.AccuracyOfAll, o.OPP)
	}
	for _, c := range r.Categories {
		all = append(all, c.Purity, c.AdjustedRand, c.VMeasure)
	}
	return all
}
