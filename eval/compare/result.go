package compare

import (
	"encoding/json"

	"kindred/eval"
	"kindred/eval/sets"
	"kindred/eval/stats"
)

// A Comparison holds what [Compare] found. Its JSON form, whose field names stay as they are, is described in
// docs/evaluation.md. Scores and cosines by system are in the order of Systems, and systems are numbered from 0
// in that order where a field says First and Second.
type Comparison struct {
	Systems []SystemRecord `json:"systems"`
	// Settings are the conditions of the comparison.
	Settings Settings `json:"terms"`
	// Measures are the scores of each set, and the tests of their differences.
	Measures []MetricResult `json:"measures"`
	// Similarity and Analogies have the details of the sets of these kinds.
	Similarity []SimilarityDetails `json:"similarity"`
	Analogies  []AnalogyDetails    `json:"analogies"`
	// Vocabularies tells how many words any two systems share.
	Vocabularies []VocabularyOverlap `json:"vocabularies"`
	// Neighbours tells how many of the nearest neighbours they share.
	Neighbors []NeighborOverlap `json:"neighbours"`
}

// A SystemRecord tells what a system is.
type SystemRecord struct {
	Name string `json:"name"`
	// Words is the number of words that all its models have.
	Words  int           `json:"words"`
	Models []ModelRecord `json:"models"`
}

// A ModelRecord tells what a model is and how it came to be, as far as its manifest says.
type ModelRecord struct {
	File  string `json:"file"`
	Words int    `json:"words"`
	Dim   int    `json:"dim"`
	// Tool and Version, the times in seconds and the speed are those of the manifest; empty or 0 where there is none.
	Tool            string  `json:"tool,omitempty"`
	Version         string  `json:"version,omitempty"`
	Wall            float64 `json:"wall_seconds,omitempty"`
	CPU             float64 `json:"cpu_seconds,omitempty"`
	TokensPerSecond float64 `json:"tokens_per_second,omitempty"`
	// Settings are those of the training, by their names.
	Settings json.RawMessage `json:"settings,omitempty"`
	// Remarks are sentences on what else made the training another one.
	Remarks []string `json:"remarks,omitempty"`
}

// Settings hold for all systems of a comparison.
type Settings struct {
	// SharedVocabulary tells whether the models were cut down to the words that all of them have. SharedWords is
	// the number of these, also where they weren't.
	SharedVocabulary bool `json:"shared_vocabulary"`
	SharedWords      int  `json:"shared_words"`
	// Methods are the ways in which analogies were answered.
	Methods []string `json:"methods"`
	// Tests is the number of differences between systems on a headline measure that were tested, for which
	// p-values are corrected.
	Tests int `json:"tests"`
	eval.Settings
}

// A SystemScore is the score of a system: the mean of its models' scores.
type SystemScore struct {
	// Score has the interval over items, for these models.
	Score stats.Score `json:"score"`
	// Models are the scores of the models, nil where one of them has none. SeedSpread is their standard
	// deviation, 0 where there is one model.
	Models     []float64 `json:"models,omitempty"`
	SeedSpread float64   `json:"seed_spread,omitempty"`
}

// A MetricResult is a measure of all systems on the items of a set.
type MetricResult struct {
	sets.Source
	Kind sets.Kind `json:"kind"`
	// Measure is the name of the measure, such as "Spearman".
	Measure string `json:"measure"`
	// Headline tells whether it is the measure of its set that differences are tested by, which one is only, as
	// tests of several measures of the same answers would be the less sharp for their number.
	Headline bool `json:"headline"`
	// Items is the number of items in the set, and Used that of the items that all scores are taken over. Units
	// is the number of groups of items that are resampled together, Used where each stands for itself.
	Items int `json:"items"`
	Used  int `json:"used"`
	Units int `json:"units"`
	// Unseen is the number of the items used that some model answered with a word it has not stored.
	Unseen int `json:"unseen,omitempty"`
	// Scores are those of the systems.
	Scores []SystemScore `json:"scores"`
	// Differences are those between any two systems, first to last, of the headline.
	Differences []PairedDifference `json:"differences,omitempty"`
}

// A Verdict says what to make of a difference.
type Verdict string

// The verdicts: a difference is significant where its corrected p-value is below 1 less the confidence.
const (
	Significant Verdict = "significant"
	WithinNoise Verdict = "within noise"
	NotTested   Verdict = "not tested"
)

// A PairedDifference is that between two systems' scores on the same items.
type PairedDifference struct {
	// First and Second are the numbers of the systems.
	First  int `json:"first"`
	Second int `json:"second"`
	// Difference is the first score less the second.
	Difference stats.Score `json:"difference"`
	// Effect is the size of the difference on a scale made for that.
	Effect Effect `json:"effect"`
	// Test is the one that the verdict goes by, nil where there was none, and Corrected its p-value corrected for
	// the number of tests by [stats.Holm].
	Test      *stats.Test `json:"test,omitempty"`
	Corrected *float64    `json:"p_corrected,omitempty"`
	Verdict   Verdict     `json:"verdict"`
	// Reason says why there is no test.
	Reason string `json:"reason,omitempty"`
	// Others are tests of the same difference by other means, which have no part in the verdict.
	Others []stats.Test `json:"others,omitempty"`
}

// An Effect is a difference on one of the scales of Cohen (1988).
type Effect struct {
	// Name is "Cohen's q" for correlations and "Cohen's h" for shares, and empty where no scale is usual.
	Name  string  `json:"name,omitempty"`
	Value float64 `json:"value,omitempty"`
}

// A SimilarityDetails has the details of a similarity set.
type SimilarityDetails struct {
	sets.Source
	// Pairs are the pairs that the scores are taken over, in the order of the file.
	Pairs []PairComparison `json:"pairs"`
	// Bins are Spearman's correlations by the frequency of the rarer word.
	Bins []BinScores `json:"bands"`
	// Disagreements are, for any two systems, the pairs on which they differ most.
	Disagreements []Disagreements `json:"disagreements"`
}

// A PairComparison is a pair of words as people and as the systems see it.
type PairComparison struct {
	First  string  `json:"first"`
	Second string  `json:"second"`
	Human  float64 `json:"human"`
	// Cosines are by system, the mean of its models'.
	Cosines []float64 `json:"cosines"`
}

// Disagreements are the pairs of a set whose ranks by two systems differ most.
type Disagreements struct {
	First  int            `json:"first"`
	Second int            `json:"second"`
	Pairs  []Disagreement `json:"pairs"`
}

// A Disagreement is a pair that two systems see differently. Ranks run from 1, the least similar pair, to the number of pairs.
type Disagreement struct {
	// Pair is the number of the pair in [SimilarityDetails.Pairs].
	Pair       int     `json:"pair"`
	HumanRank  float64 `json:"human_rank"`
	FirstRank  float64 `json:"first_rank"`
	SecondRank float64 `json:"second_rank"`
}

// An AnalogyDetails has the details of an analogy set, as answered by one method.
type AnalogyDetails struct {
	sets.Source
	Method string `json:"method"`
	// Sections are the accuracies by section, in the order of the set, those without a question left out.
	Sections []SectionScores `json:"sections"`
	// Categories are the accuracies over all semantic and all syntactic sections.
	Categories []SectionScores `json:"categories"`
	// Bins are the accuracies by the frequency of the rarest of a question's words.
	Bins []BinScores `json:"bands"`
}

// SectionScores are the accuracies in a section, or in all sections of a category.
type SectionScores struct {
	Name      string        `json:"name"`
	Category  sets.Category `json:"category"`
	Questions int           `json:"questions"`
	Used      int           `json:"used"`
	Units     int           `json:"units"`
	// Scores are those of the systems, and Differences those between any two of them, whose p-values are corrected for
	// the sections, or the categories, of this set and method.
	Scores      []SystemScore      `json:"scores"`
	Differences []PairedDifference `json:"differences,omitempty"`
}

// A FrequencyBin is a range of ranks by frequency, from 1, the most frequent word; To is 0 where it has no end.
type FrequencyBin struct {
	From int `json:"from"`
	To   int `json:"to,omitempty"`
}

// BinScores are the scores over the items of a band.
type BinScores struct {
	FrequencyBin
	Used   int           `json:"used"`
	Units  int           `json:"units"`
	Scores []SystemScore `json:"scores"`
}

// A VocabularyOverlap tells what words two systems have in common.
type VocabularyOverlap struct {
	First  int `json:"first"`
	Second int `json:"second"`
	// Shared is the number of words that both have, and Jaccard its share of the words that either has.
	Shared  int     `json:"shared"`
	Jaccard float64 `json:"jaccard"`
}

// A NeighborOverlap tells how alike the neighbours of words are in two systems: the Jaccard coefficient of the sets
// of 10 nearest neighbours, the mean over all pairs of a model of the first and a model of the second. First and
// Second are equal where it is that between the models of one system, which is what another seed changes.
type NeighborOverlap struct {
	First  int          `json:"first"`
	Second int          `json:"second"`
	Bins   []BinOverlap `json:"bands"`
}

// A BinOverlap is the mean overlap over some words of a band.
type BinOverlap struct {
	FrequencyBin
	// Words is the number of words whose neighbours were looked at.
	Words   int     `json:"words"`
	Jaccard float64 `json:"jaccard"`
}
