package model

import (
	"encoding/json"
	"time"

	"kindred/corpus/vocab"
)

// A Manifest records how vectors were made, so that two models can be compared and one can be made
// again. It is stored as JSON: inside the file of the vectors, or beside it if the format can't hold it.
type Manifest struct {
	// Tool and Version name the program, GoVersion and Platform (GOOS/GOARCH) what it was built with and
	// for.
	Tool      string `json:"tool"`
	Version   string `json:"version"`
	GoVersion string `json:"go_version,omitempty"`
	Platform  string `json:"platform,omitempty"`
	// Kernel is the name of the inner loop that was used.
	Kernel string `json:"kernel,omitempty"`
	// Settings are all settings of the training run, by their names.
	Settings json.RawMessage `json:"settings,omitempty"`
	Corpus   *vocab.Record   `json:"corpus,omitempty"`
	Training *TrainingRecord `json:"training,omitempty"`
	// HeldOut has the scores on pairs of words from held-out sentences.
	HeldOut json.RawMessage `json:"held_out,omitempty"`
	// Calibration has the scores of normal lines that were kept out of the training.
	Calibration *CalibrationRecord `json:"calibration,omitempty"`
	// Init describes the vectors that the training began with, nil if they were random.
	Init *InitRecord `json:"init,omitempty"`
	// Vectors is the number of vectors and Dim the number of values in each.
	Vectors int `json:"vectors"`
	Dim     int `json:"dim"`
	// Source is the file that the vectors were converted from.
	Source string `json:"source,omitempty"`
	// Remarks are sentences about what made the training differ from what its settings say, or what
	// makes it doubtful that it learned anything useful.
	Remarks []string `json:"remarks,omitempty"`
}

// A TrainingRecord describes a training run. A figure that is 0 is unknown.
type TrainingRecord struct {
	Started time.Time `json:"started"`
	// Wall is the time that training took, and CPU that of all processors, in seconds.
	Wall float64 `json:"wall_seconds"`
	CPU  float64 `json:"cpu_seconds"`
	// Tokens is the number of tokens processed in all epochs, before sub-sampling, and TokensPerSecond
	// their number per second of wall time. Pairs is the number of pairs of a center and a context word.
	Tokens          int64   `json:"tokens,omitempty"`
	TokensPerSecond float64 `json:"tokens_per_second,omitempty"`
	Pairs           int64   `json:"pairs,omitempty"`
	// Loss is the mean negative-sampling loss of a pair in the whole run, EpochLoss the same by epoch.
	Loss      float64   `json:"loss,omitempty"`
	EpochLoss []float64 `json:"epoch_loss,omitempty"`
	// Resumed is how often the training was resumed from a checkpoint. The times are then sums.
	Resumed int `json:"resumed,omitempty"`
	// Negatives describes the negatives.
	Negatives *NegativesRecord `json:"negatives,omitempty"`
	// Rounds is the plan of training in rounds, nil for Hogwild training.
	Rounds *RoundsRecord `json:"rounds,omitempty"`
	// Ranks has the plan of each part of the training that several ranks did, in their order: a training can be resumed with
	// another number of ranks.
	Ranks []RanksRecord `json:"ranks,omitempty"`
	// Completed is false if the run was stopped early.
	Completed bool `json:"completed"`
}

// A CalibrationRecord holds the scores of lines that the training did not see, by which "kindred score" judges
// new ones.
type CalibrationRecord struct {
	// Version is the definition of the score; see package eval/anomaly.
	Version string `json:"version"`
	// Lines is the number of lines that were kept out and have a token.
	Lines int64 `json:"lines"`
	// Scores are those of the lines or of a random sample of them, ascending.
	Scores []float32 `json:"scores"`
}

// A RoundsRecord is the plan of training in rounds and what became of it.
type RoundsRecord struct {
	// Blocks is the number of blocks in a round, after the first rounds, which are shorter. BlockTokens is the
	// number of tokens in a block, before sub-sampling.
	Blocks      int   `json:"blocks"`
	BlockTokens int64 `json:"block_tokens"`
	// Changes are changes of the plan because training diverged, and back. A run that stays as it was
	// planned has none.
	Changes []PlanChange `json:"changes,omitempty"`
}

// A RanksRecord says how several ranks train one model: what they exchange, and when. It follows from text, settings and the number
// of ranks, except for the last two fields.
type RanksRecord struct {
	Ranks int `json:"ranks"`
	// Start is the number of tokens that were trained before these ranks began, and WarmTokens how many of them, at the
	// beginning, every rank trains alone in the same way.
	Start      int64 `json:"start_tokens"`
	WarmTokens int64 `json:"warm_tokens"`
	// LegTokens is how many tokens a rank trains between two exchanges, after the first legs, which are shorter. All rows travel
	// after Cycle legs.
	LegTokens int64 `json:"leg_tokens"`
	Cycle     int   `json:"cycle_legs"`
	// Due has the number of the most frequent words whose input and output rows travel after every leg, after every second one, every
	// fourth one, and so on.
	DueInput  []int `json:"due_input"`
	DueOutput []int `json:"due_output"`
	// Precision is the format in which moves travel.
	Precision string `json:"precision"`
	// BytesExpected is how many bytes each rank is expected to send in all, besides what MPI adds, and BytesPerToken the same for each token that it trains.
	BytesExpected int64   `json:"bytes_expected"`
	BytesPerToken float64 `json:"bytes_per_token"`
	// BytesSent is what the first rank sent, and Exchanges how often.
	BytesSent int64 `json:"bytes_sent"`
	Exchanges int64 `json:"exchanges"`
}

// A PlanChange says that training diverged, so that rounds have fewer blocks from here on, or that it no
// longer does, so that they have more again.
type PlanChange struct {
	// Epoch counts from 1; Tokens is the number of tokens processed before, over all epochs.
	Epoch  int   `json:"epoch"`
	Tokens int64 `json:"tokens"`
	// Loss is the mean loss per pair of the last rounds.
	Loss float64 `json:"loss"`
	// Before and After are the most blocks that a round has.
	Before int `json:"blocks_before"`
	After  int `json:"blocks_after"`
}

// An InitRecord describes the vectors that a training began with.
type InitRecord struct {
	// Source is their file.
	Source string `json:"source"`
	// Words is how many words began with their vectors, and Idle how many of these are not in the text.
	// Idle words were kept but not trained.
	Words int `json:"words"`
	Idle  int `json:"idle_words"`
	// Output reports whether the output matrix began with theirs too.
	Output bool `json:"output_matrix"`
	// NGrams reports whether rows of n-grams began with theirs, and did not have to be fitted to their vectors.
	NGrams bool `json:"ngrams,omitempty"`
}

// A NegativesRecord tells what became of the negatives of a training. Drawn to Unavoidable count all
// negatives; from Probed on, figures are estimates from one step of 256. Shares are of 1.
type NegativesRecord struct {
	// Drawn is the number of negatives that were drawn, with those that were rejected.
	Drawn int64 `json:"drawn"`
	// RejectedTarget, RejectedWindow and RejectedPMI are the shares that were drawn again because
	// they were the positive target, a word of the window, or a PMI pair of the center.
	RejectedTarget float64 `json:"rejected_target"`
	RejectedWindow float64 `json:"rejected_window"`
	RejectedPMI    float64 `json:"rejected_related"`
	// Unavoidable is the share that was kept because nothing better was found.
	Unavoidable float64 `json:"unavoidable"`
	// PMIPairs is the number of PMI pairs, each in both orders. The count of a pair may be too low, by
	// Undercount at most.
	PMIPairs   int64 `json:"related_pairs,omitempty"`
	Undercount int64 `json:"undercount,omitempty"`
	// EffectiveWords is the effective sample size of the noise distribution: two draws are the same
	// word as often as with EffectiveWords equally likely words.
	EffectiveWords float64 `json:"effective_words"`
	// Probed is the number of steps that were probed.
	Probed int64 `json:"inspected_steps"`
	// DuplicatesPerStep is the mean number of negatives that occur earlier in their step.
	DuplicatesPerStep float64 `json:"duplicates_per_step"`
	// MeanGradient is the mean absolute value of the derivative of the loss by the score of a
	// negative, and SmallGradient the share of those below 0.01.
	MeanGradient  float64 `json:"mean_gradient"`
	SmallGradient float64 `json:"useless"`
	// InWindow is the share of negatives that are words of the window, and so true contexts.
	InWindow float64 `json:"in_window"`
	// PositiveScore is the share of pairs with a score above 0, which the model takes for true: an
	// estimate of the rate of false negatives.
	PositiveScore float64 `json:"false_negatives"`
}
