package model

import (
	"encoding/json"
	"time"

	"kindred/corpus/vocab"
)

// A Manifest records how vectors came to be, so that two sets of them can be
// compared and one can be made again. It is stored as JSON: beside the
// vectors for a format that has no place for it (see [ManifestPath]), and
// inside them elsewhere.
type Manifest struct {
	// Tool and Version name the program, GoVersion and Platform (GOOS/GOARCH) what it was built with and for.
	Tool      string `json:"tool"`
	Version   string `json:"version"`
	GoVersion string `json:"go_version,omitempty"`
	Platform  string `json:"platform,omitempty"`
	// Kernel is the inner loop that was used.
	Kernel string `json:"kernel,omitempty"`
	// Settings are all settings of the training run, by their names.
	Settings json.RawMessage `json:"settings,omitempty"`
	Corpus   *vocab.Record   `json:"corpus,omitempty"`
	Training *TrainingRecord `json:"training,omitempty"`
	// HeldOut are the figures on pairs of words from sentences held out.
	HeldOut json.RawMessage `json:"held_out,omitempty"`
	// Init tells which vectors the training began from, nil where they were random.
	Init *InitRecord `json:"init,omitempty"`
	// Vectors is the number of vectors and Dim the number of values in each.
	Vectors int `json:"vectors"`
	Dim     int `json:"dim"`
	// Source is the file that the vectors were converted from.
	Source string `json:"source,omitempty"`
	// Remarks are sentences on what else made the training another one than its settings say.
	Remarks []string `json:"remarks,omitempty"`
}

// A TrainingRecord tells what a training run did. A figure that is 0 is not known, such as those of other people's tools.
type TrainingRecord struct {
	Started time.Time `json:"started"`
	// Wall and CPU are the times that training took, in seconds.
	Wall float64 `json:"wall_seconds"`
	CPU  float64 `json:"cpu_seconds"`
	// Tokens is the number of tokens processed over all epochs, before
	// sub-sampling, and TokensPerSecond their number per second of wall time.
	Tokens          int64   `json:"tokens,omitempty"`
	TokensPerSecond float64 `json:"tokens_per_second,omitempty"`
	Pairs           int64   `json:"pairs,omitempty"`
	// Loss is the mean negative-sampling loss per pair over the whole run, EpochLoss the same by epoch.
	Loss      float64   `json:"loss,omitempty"`
	EpochLoss []float64 `json:"epoch_loss,omitempty"`
	// Resumed is how often the training went on from a checkpoint. Its times are the sum of all its parts.
	Resumed int `json:"resumed,omitempty"`
	// Negatives tells what the negatives were worth.
	Negatives *NegativesRecord `json:"negatives,omitempty"`
	// Completed is false where the run was stopped early.
	Completed bool `json:"completed"`
}

// An InitRecord tells which vectors a training began from.
type InitRecord struct {
	// Source is their file.
	Source string `json:"source"`
	// Words is how many words began with their vectors, Idle how many of these are not in the text, and so
	// were kept but not trained.
	Words int `json:"words"`
	Idle  int `json:"idle_words"`
	// Output tells whether there was an output matrix to begin from too.
	Output bool `json:"output_matrix"`
}

// A NegativesRecord tells what the negatives of a training run were worth. What is not said of all of them is
// estimated from the inspected steps.
type NegativesRecord struct {
	// Drawn is the number of negatives that were drawn; of all of them, the three shares were drawn again as they were the
	// target, in the window, or related to the centre; Unavoidable is the share that was kept nonetheless, as
	// nothing better was found.
	Drawn           int64   `json:"drawn"`
	RejectedTarget  float64 `json:"rejected_target"`
	RejectedWindow  float64 `json:"rejected_window"`
	RejectedRelated float64 `json:"rejected_related"`
	Unavoidable     float64 `json:"unavoidable"`
	// RelatedPairs is the number of pairs of words that were not to meet as negatives, each counted in both orders; their
	// co-occurrences may have been counted too low, by Undercount at most.
	RelatedPairs int64 `json:"related_pairs,omitempty"`
	Undercount   int64 `json:"undercount,omitempty"`
	// EffectiveWords is the effective sample size of the noise distribution: with so many equally likely words,
	// two draws would be equal as often.
	EffectiveWords float64 `json:"effective_words"`
	// Inspected is the number of steps that were looked at closely, and DuplicatesPerStep the mean number of
	// negatives in them that occur before in the same step.
	Inspected         int64   `json:"inspected_steps"`
	DuplicatesPerStep float64 `json:"duplicates_per_step"`
	// MeanGradient is the mean size of the derivative of the loss by the score of a negative, and Useless the share
	// of them below 0.01.
	MeanGradient float64 `json:"mean_gradient"`
	Useless      float64 `json:"useless"`
	// InWindow is the share of negatives that are in the window, where they are true contexts; FalseNegatives is the
	// share that the model itself holds to be true (its score is above 0), an estimate of the rate of false negatives.
	InWindow       float64 `json:"in_window"`
	FalseNegatives float64 `json:"false_negatives"`
}
