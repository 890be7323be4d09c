package bench

import (
	"encoding/json"
	"io"
	"runtime"
	"strings"

	"github.com/klauspost/cpuid/v2"

	"kindred/eval"
	"kindred/internal/version"
)

// A Report holds the results of a benchmark. Its JSON form, whose field names stay as they
// are, is described in docs/benchmarking.md.
type Report struct {
	// Version is kindred's.
	Version  string   `json:"version"`
	Machine  Machine  `json:"machine"`
	Text     Text     `json:"text"`
	Settings Settings `json:"settings"`
	Rounds   int      `json:"rounds"`
	Pin      []int    `json:"pin,omitempty"`
	// Interrupted tells that rounds are missing because the benchmark was stopped.
	Interrupted bool          `json:"interrupted"`
	Tools       []*ToolResult `json:"tools"`
	// Ratios are those of any two tools, first to last.
	Ratios     []*Ratio   `json:"ratios"`
	Evaluation Evaluation `json:"evaluation"`
	// Comparison is what the vectors are worth; nil where there were no sets to judge them by, or no time.
	Comparison *eval.Comparison `json:"comparison,omitempty"`
}

// A Machine says what the benchmark ran on.
type Machine struct {
	Processor  string `json:"processor"`
	Processors int    `json:"processors"`
	Platform   string `json:"platform"` // GOOS/GOARCH
}

// A ToolResult is what a tool did.
type ToolResult struct {
	Tool
	Version string `json:"version,omitempty"`
	// NotRun says why the tool did not take part, and Failure how it failed; both are empty if all went well.
	NotRun  string `json:"not_run,omitempty"`
	Failure string `json:"failure,omitempty"`
	// Unmatched are the differences to the settings that could not be avoided.
	Unmatched []string `json:"unmatched,omitempty"`
	Runs      []*Run   `json:"runs"`
	// Figures are nil where they aren't known for all runs. Times are in seconds and memory in bytes; words are
	// those of all epochs, and per second of processor time.
	Wall              *Spread `json:"wall_seconds,omitempty"`
	CPU               *Spread `json:"cpu_seconds,omitempty"`
	PeakMemory        *Spread `json:"peak_memory_bytes,omitempty"`
	WordsPerSecond    *Spread `json:"words_per_cpu_second,omitempty"`
	TrainingPerSecond *Spread `json:"training_words_per_cpu_second,omitempty"`
	BeforeTraining    *Spread `json:"before_training_seconds,omitempty"`
	Training          *Spread `json:"training_seconds,omitempty"`
	AfterTraining     *Spread `json:"after_training_seconds,omitempty"`
}

// round returns the tool's run of a round, nil where there is none.
func (t *ToolResult) round(round int) *Run {
	for _, r := range t.Runs {
		if r.Round == round {
			return r
		}
	}
	return nil
}

// last returns the run that was entered last, nil where there is none.
func (t *ToolResult) last() *Run {
	if len(t.Runs) == 0 {
		return nil
	}
	return t.Runs[len(t.Runs)-1]
}

func newReport(e Experiment) *Report {
	return &Report{
		Version:  version.String(),
		Machine:  Machine{Processor: strings.TrimSpace(cpuid.CPU.BrandName), Processors: runtime.NumCPU(), Platform: runtime.GOOS + "/" + runtime.GOARCH},
		Settings: e.Settings, Rounds: e.Rounds, Pin: e.Pin, Evaluation: e.Evaluation,
		Ratios: []*Ratio{},
	}
}

// summarize computes figures and ratios from the runs.
func (r *Report) summarize() {
	for i, t := range r.Tools {
		t.summarize()
		for _, second := range r.Tools[i+1:] {
			if ratio := newRatio(t, second); ratio != nil {
				r.Ratios = append(r.Ratios, ratio)
			}
		}
	}
}

func (t *ToolResult) summarize() {
	if t.Runs == nil {
		t.Runs = []*Run{}
	}
	figure := func(of func(*Run) float64) *Spread {
		var values []float64
		for _, r := range t.Runs {
			values = append(values, of(r))
		}
		return spread(values)
	}
	t.Wall = figure(func(r *Run) float64 { return r.Wall })
	t.CPU = figure(func(r *Run) float64 { return r.CPU })
	t.PeakMemory = figure(func(r *Run) float64 { return float64(r.PeakMemory) })
	t.WordsPerSecond = figure(func(r *Run) float64 { whole, _ := r.WordsPerSecond(); return whole })
	t.TrainingPerSecond = figure(func(r *Run) float64 { _, training := r.WordsPerSecond(); return training })
	t.BeforeTraining = figure(func(r *Run) float64 { _, before, _, _ := r.trained(); return before })
	t.Training = figure(func(r *Run) float64 { p, _, _, _ := r.trained(); return p.Wall })
	t.AfterTraining = figure(func(r *Run) float64 { _, _, after, _ := r.trained(); return after })
}

// Failed returns the names of the tools that failed.
func (r *Report) Failed() []string {
	var failed []string
	for _, t := range r.Tools {
		if t.Failure != "" {
			failed = append(failed, t.Name)
		}
	}
	return failed
}

// WriteJSON writes the report as indented JSON.
func (r *Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}
