package bench

import (
	"runtime"
	"slices"
	"strings"

	"github.com/klauspost/cpuid/v2"

	"kindred/eval/compare"
	"kindred/internal/version"
)

// A Report holds the results of a benchmark. docs/benchmarking.md describes its JSON form, whose field
// names don't change.
type Report struct {
	// Version is kindred's.
	Version  string   `json:"version"`
	Machine  Machine  `json:"machine"`
	Text     Text     `json:"text"`
	Settings Settings `json:"settings"`
	Rounds   int      `json:"rounds"`
	Pin      []int    `json:"pin,omitempty"`
	// Interrupted reports that rounds are missing because the benchmark was stopped.
	Interrupted bool          `json:"interrupted"`
	Tools       []*ToolResult `json:"tools"`
	// Ratios has a ratio for each pair of tools, in their order.
	Ratios     []*Ratio   `json:"ratios"`
	Evaluation Evaluation `json:"evaluation"`
	// Comparison compares the vectors. It is nil if there are no evaluation sets, or if the benchmark was
	// stopped before.
	Comparison *compare.Comparison `json:"comparison,omitempty"`
}

// A Machine describes the machine that the benchmark ran on.
type Machine struct {
	Processor  string `json:"processor"`
	Processors int    `json:"processors"`
	Platform   string `json:"platform"` // GOOS/GOARCH
}

// A ToolResult has the runs of a tool, or says why there are none.
type ToolResult struct {
	Tool
	Version string `json:"version,omitempty"`
	// NotRun says why the tool was not run, and Failure how it failed. Both are empty if all went well.
	NotRun  string `json:"not_run,omitempty"`
	Failure string `json:"failure,omitempty"`
	// Unmatched are sentences about settings that the tool can't be given.
	Unmatched []string `json:"unmatched,omitempty"`
	Runs      []*Run   `json:"runs"`
	// The figures below are nil if they are not known for all runs. Times are in seconds, and memory
	// is in bytes. Words are those of all epochs, per second of processor time.
	Wall              *Spread `json:"wall_seconds,omitempty"`
	CPU               *Spread `json:"cpu_seconds,omitempty"`
	PeakMemory        *Spread `json:"peak_memory_bytes,omitempty"`
	WordsPerSecond    *Spread `json:"words_per_cpu_second,omitempty"`
	TrainingPerSecond *Spread `json:"training_words_per_cpu_second,omitempty"`
	BeforeTraining    *Spread `json:"before_training_seconds,omitempty"`
	Training          *Spread `json:"training_seconds,omitempty"`
	AfterTraining     *Spread `json:"after_training_seconds,omitempty"`
}

// round returns the tool's run of a round, nil if there is none.
func (t *ToolResult) round(round int) *Run {
	for _, r := range t.Runs {
		if r.Round == round {
			return r
		}
	}
	return nil
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

// A Spread is the median of a figure over the rounds, with its extremes.
type Spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

// spread returns that of values, nil if there are none or if one is 0, which is unknown.
func spread(values []float64) *Spread {
	if len(values) == 0 || slices.Contains(values, 0) {
		return nil
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	s := &Spread{Median: sorted[middle], Min: sorted[0], Max: sorted[len(sorted)-1]}
	if len(sorted)%2 == 0 {
		s.Median = (sorted[middle-1] + sorted[middle]) / 2
	}
	return s
}

// A Ratio has the figures of the second tool divided by those of the first, round by round, over the
// rounds that both have finished.
type Ratio struct {
	First  string `json:"first"`
	Second string `json:"second"`
	Rounds int    `json:"rounds"`
	// A figure is nil if it is not known for all of the rounds.
	Wall *Spread `json:"wall,omitempty"`
	CPU  *Spread `json:"cpu,omitempty"`
	// TrainingCPU is the ratio of the processor time of the training alone.
	TrainingCPU *Spread `json:"training_cpu,omitempty"`
	PeakMemory  *Spread `json:"peak_memory,omitempty"`
}

// newRatio returns the ratio of two tools, nil if they have no round in common.
func newRatio(first, second *ToolResult) *Ratio {
	r := &Ratio{First: first.Name, Second: second.Name}
	var wall, cpu, training, memory []float64
	for _, a := range first.Runs {
		b := second.round(a.Round)
		if b == nil {
			continue
		}
		r.Rounds++
		wall = append(wall, quotient(b.Wall, a.Wall))
		cpu = append(cpu, quotient(b.CPU, a.CPU))
		_, x := a.WordsPerSecond()
		_, y := b.WordsPerSecond()
		training = append(training, quotient(x, y)) // times are inverse to speeds
		memory = append(memory, quotient(float64(b.PeakMemory), float64(a.PeakMemory)))
	}
	if r.Rounds == 0 {
		return nil
	}
	r.Wall, r.CPU, r.TrainingCPU, r.PeakMemory = spread(wall), spread(cpu), spread(training), spread(memory)
	return r
}

// quotient returns a/b, 0 if one of them is unknown.
func quotient(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
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
