package compare

import (
	"encoding/json"

	"kindred/eval"
	"kindred/eval/sets"
	"kindred/eval/stats"
)

// A Comparison is the result of [Compare]. docs/evaluation.md describes its JSON form, whose field names
// are stable. Scores and cosines by system are in the order of Systems. First and Second are numbers of
// systems in that order, from 0.
type Comparison struct {
	Systems []SystemRecord `json:"systems"`
	// Settings are the conditions of the comparison.
	Settings Settings `json:"terms"`
	// Measures are the scores on each set, and the tests of their differences.
	Measures []MetricResult `json:"measures"`
	// Similarity and Analogies are the details of the sets of these kinds.
	Similarity []SimilarityDetails `json:"similarity"`
	Analogies  []AnalogyDetails    `json:"analogies"`
	// Vocabularies tell how many words any two systems share.
	Vocabularies []VocabularyOverlap `json:"vocabularies"`
	// Neighbors tell how many of the nearest neighbors they share.
	Neighbors []NeighborOverlap `json:"neighbours"`
}

// A SystemRecord describes a system.
type SystemRecord struct {
	Name string `json:"name"`
	// Words is the number of words that all its models have.
	Words  int           `json:"words"`
	Models []ModelRecord `json:"models"`
}

// A ModelRecord describes a model and, if it has a manifest, its training.
type ModelRecord struct {
	File  string `json:"file"`
	Words int    `json:"words"`
	Dim   int    `json:"dim"`
	// Tool and Version, the times in seconds and the speed are from the manifest, empty or 0 if there is
	// none.
	Tool            string  `json:"tool,omitempty"`
	Version         string  `json:"version,omitempty"`
	Wall            float64 `json:"wall_seconds,omitempty"`
	CPU             float64 `json:"cpu_seconds,omitempty"`
	TokensPerSecond float64 `json:"tokens_per_second,omitempty"`
	// Settings are the training settings, a JSON object.
	Settings json.RawMessage `json:"settings,omitempty"`
	// Remarks are sentences about the training from the manifest.
	Remarks []string `json:"remarks,omitempty"`
}

// Settings are the conditions of a comparison, the same for all systems.
type Settings struct {
	// SharedVocabulary tells whether the models were cut down to the words that all of them have.
	// SharedWords is the number of these words, in either case.
	SharedVocabulary bool `json:"shared_vocabulary"`
	SharedWords      int  `json:"shared_words"`
	// Methods are the ways to answer analogies.
	Methods []string `json:"methods"`
	// Tests is the number of tested differences on headline measures. P-values are corrected for it.
	Tests int `json:"tests"`
	eval.Settings
}

// A SystemScore is the score of a system, the mean of its models' scores.
type SystemScore struct {
	// Score is the mean, with its interval over items for these models.
	Score stats.Score `json:"score"`
	// Models are the scores of the models, nil if one of them has none. SeedSpread is their standard
	// deviation, 0 if there is one model.
	Models     []float64 `json:"models,omitempty"`
	SeedSpread float64   `json:"seed_spread,omitempty"`
}

// A MetricResult holds the scores of all systems by one measure on the items of a set.
type MetricResult struct {
	sets.Source
	Kind sets.Kind `json:"kind"`
	// Measure is the name of the measure, such as "Spearman".
	Measure string `json:"measure"`
	// Headline tells whether differences are tested by this measure, which is one of each set.
	Headline bool `json:"headline"`
	// Items is the number of items in the set, and Used the number of items that all scores are taken
	// over. Units is the number of units that are resampled: items, or groups of dependent items.
	Items int `json:"items"`
	Used  int `json:"used"`
	Units int `json:"units"`
	// Unseen is the number of used items that some model answered with a word it has not stored.
	Unseen int `json:"unseen,omitempty"`
	// Scores are by system.
	Scores []SystemScore `json:"scores"`
	// Differences are those between any two systems, if the measure is a headline.
	Differences []PairedDifference `json:"differences,omitempty"`
}

// A Verdict says whether a difference is significant.
type Verdict string

// The verdicts. A difference is significant if its corrected p-value is below 1 less the confidence.
const (
	Significant Verdict = "significant"
	WithinNoise Verdict = "within noise"
	NotTested   Verdict = "not tested"
)

// A PairedDifference is the difference of two systems' scores on the same items.
type PairedDifference struct {
	// First and Second are the numbers of the systems.
	First  int `json:"first"`
	Second int `json:"second"`
	// Difference is the first score less the second.
	Difference stats.Score `json:"difference"`
	// Effect is the effect size of the difference.
	Effect Effect `json:"effect"`
	// Test is the test of the verdict, nil if there is none. Corrected is its p-value, corrected for the
	// number of tests by [stats.Holm].
	Test      *stats.Test `json:"test,omitempty"`
	Corrected *float64    `json:"p_corrected,omitempty"`
	Verdict   Verdict     `json:"verdict"`
	// Reason says why there is no test.
	Reason string `json:"reason,omitempty"`
	// Others are other tests of the same difference. They have no part in the verdict.
	Others []stats.Test `json:"others,omitempty"`
}

// An Effect is an effect size of Cohen (1988).
type Effect struct {
	// Name is "Cohen's q" for correlations, "Cohen's h" for proportions, empty for other measures.
	Name  string  `json:"name,omitempty"`
	Value float64 `json:"value,omitempty"`
}

// SimilarityDetails are the details of a similarity set.
type SimilarityDetails struct {
	sets.Source
	// Pairs are the pairs that the scores are taken over, in the order of the file.
	Pairs []PairComparison `json:"pairs"`
	// Bins are Spearman correlations by the frequency of the rarer word.
	Bins []BinScores `json:"bands"`
	// Disagreements are the pairs on which any two systems differ most.
	Disagreements []Disagreements `json:"disagreements"`
}

// A PairComparison is a pair of words with the scores of people and of the systems.
type PairComparison struct {
	First  string  `json:"first"`
	Second string  `json:"second"`
	Human  float64 `json:"human"`
	// Cosines are by system, the means over its models.
	Cosines []float64 `json:"cosines"`
}

// Disagreements are the pairs of a set whose ranks by two systems differ most.
type Disagreements struct {
	First  int            `json:"first"`
	Second int            `json:"second"`
	Pairs  []Disagreement `json:"pairs"`
}

// A Disagreement is a pair that two systems rank differently. Ranks run from 1, the least similar pair,
// to the number of pairs.
type Disagreement struct {
	// Pair is the number of the pair in [SimilarityDetails.Pairs].
	Pair       int     `json:"pair"`
	HumanRank  float64 `json:"human_rank"`
	FirstRank  float64 `json:"first_rank"`
	SecondRank float64 `json:"second_rank"`
}

// AnalogyDetails are the details of an analogy set, as answered by one method.
type AnalogyDetails struct {
	sets.Source
	Method string `json:"method"`
	// Sections are the accuracies by section, in the order of the set, without sections with no question
	// used.
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
	// Scores are by system. Differences are those between any two systems. Their p-values are corrected
	// for all sections, or all categories, of this set and method.
	Scores      []SystemScore      `json:"scores"`
	Differences []PairedDifference `json:"differences,omitempty"`
}

// A FrequencyBin is a range of frequency ranks, from 1, the most frequent word. To is 0 if it has no end.
type FrequencyBin struct {
	From int `json:"from"`
	To   int `json:"to,omitempty"`
}

// BinScores are the scores over the items of a frequency bin.
type BinScores struct {
	FrequencyBin
	Used   int           `json:"used"`
	Units  int           `json:"units"`
	Scores []SystemScore `json:"scores"`
}

// A VocabularyOverlap tells how many words two systems have in common.
type VocabularyOverlap struct {
	First  int `json:"first"`
	Second int `json:"second"`
	// Shared is the number of words that both have. Jaccard is its ratio to the number of words that
	// either has.
	Shared  int     `json:"shared"`
	Jaccard float64 `json:"jaccard"`
}

// A NeighborOverlap tells how similar the neighbors of words are in two systems: the mean Jaccard
// coefficient of the sets of [OverlapNeighbors] nearest neighbors, over all pairs of a model of the first
// and a model of the second. If First and Second are equal, it is over the pairs of models of one
// system, which differ in their seeds.
type NeighborOverlap struct {
	First  int          `json:"first"`
	Second int          `json:"second"`
	Bins   []BinOverlap `json:"bands"`
}

// A BinOverlap is the mean overlap over some words of a frequency bin.
type BinOverlap struct {
	FrequencyBin
	// Words is the number of words whose neighbors were compared.
	Words   int     `json:"words"`
	Jaccard float64 `json:"jaccard"`
}
