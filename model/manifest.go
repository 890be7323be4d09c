package model

import (
	"encoding/json"
	"time"

	"kindred/corpus"
)

// A Manifest records how vectors came to be, so that two sets of them can be
// compared and one can be made again. It is stored as JSON: beside the
// vectors for a format that has no place for it (see [ManifestPath]), and
// inside them elsewhere.
type Manifest struct {
	// Tool and Version name the program, GoVersion and Platform (GOOS/GOARCH) what it was built with and for.
	Tool      string `json:"tool"`
	Version   string `json:"version"`
	GoVersion string `json:"go_version"`
	Platform  string `json:"platform"`
	// Kernel is the inner loop that was used.
	Kernel string `json:"kernel,omitempty"`
	// Settings are all settings of the training run, by their names.
	Settings json.RawMessage `json:"settings,omitempty"`
	Corpus   *corpus.Record  `json:"corpus,omitempty"`
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
}

// A TrainingRecord tells what a training run did.
type TrainingRecord struct {
	Started time.Time `json:"started"`
	// Wall and CPU are the times that training took, in seconds.
	Wall float64 `json:"wall_seconds"`
	CPU  float64 `json:"cpu_seconds"`
	// Tokens is the number of tokens processed over all epochs, before
	// sub-sampling, and TokensPerSecond their number per second of wall time.
	Tokens          int64   `json:"tokens"`
	TokensPerSecond float64 `json:"tokens_per_second"`
	Pairs           int64   `json:"pairs"`
	// Loss is the mean negative-sampling loss per pair over the whole run, EpochLoss the same by epoch.
	Loss      float64   `json:"loss"`
	EpochLoss []float64 `json:"epoch_loss"`
	// Resumed is how often the training went on from a checkpoint. Its times are the sum of all its parts.
	Resumed int `json:"resumed,omitempty"`
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

// ManifestPath returns the path of the manifest that belongs to a vector file
// in a format that can't hold one.
func ManifestPath(vectors string) string { return vectors + ".manifest.json" }
