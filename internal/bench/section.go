package bench

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// A section is a part of the report, however it is written: a list or a table.
type section struct {
	title string
	list  []string
	grid  *grid
	note  string // below the table
}

// A grid is a table.
type grid struct {
	header []string
	rows   [][]string
}

func newGrid(header ...string) *grid { return &grid{header: header} }

func (g *grid) add(cells ...string) { g.rows = append(g.rows, cells) }

// sections returns all of the report but for the comparison.
func (r *Report) sections() []section {
	sections := []section{
		{title: "Conditions", list: r.conditions()},
		{title: "Speed", grid: r.speed(),
			note: "Median, and lowest to highest where there are several rounds. Words are those of all epochs."},
		{title: "Before, in and after the training", grid: r.parts(),
			note: "By what the tools tell while they run; words of all epochs by the processor time of the training alone."},
	}
	if len(r.Ratios) > 0 {
		sections = append(sections, section{title: "Ratios, round by round", grid: r.ratios(),
			note: "How many times as much the second took as the first: median, lowest to highest."})
	}
	if notes := r.notes(); len(notes) > 0 {
		sections = append(sections, section{title: "What was not equal", list: notes})
	}
	if lines := r.absent(); len(lines) > 0 {
		sections = append(sections, section{title: "Not run, or failed", list: lines})
	}
	return sections
}

// conditions returns what was the same for all tools.
func (r *Report) conditions() []string {
	s, bytes := r.Settings, float64(r.Text.Bytes)
	var names []string // where files are is this machine's affair
	for _, path := range r.Text.Inputs {
		names = append(names, filepath.Base(path))
	}
	unpacked := ""
	if r.Text.Unpacked {
		unpacked = ", written to one plain file before the first round, which counts for no tool"
	}
	pinned := "all processors"
	if len(r.Pin) > 0 {
		pinned = "pinned to processor " + strings.Trim(strings.Join(strings.Fields(fmt.Sprint(r.Pin)), ", "), "[]")
	}
	rounds := fmt.Sprintf("%d, the tools in turn; seeds from %d", r.Rounds, s.Seed)
	if r.Interrupted {
		rounds += "; interrupted before the end"
	}
	return []string{
		fmt.Sprintf("Text: %s%s; %s in %s, %s", enumerate(names), unpacked, plural(r.Text.Words, "word"), plural(r.Text.Lines, "line"),
			(&Spread{Median: bytes, Min: bytes, Max: bytes}).text(inBytes)),
		fmt.Sprintf("Settings: dim %d, window %d, %s of count^%g, sub-sampling %g, min count %d, %s, learning rate %g, %s",
			s.Dim, s.Window, plural(int64(s.Negatives), "negative"), s.NoisePower, s.Subsample, s.MinCount, plural(int64(s.Epochs), "epoch"),
			s.LearningRate, plural(int64(s.Threads), "thread")),
		"Rounds: " + rounds,
		fmt.Sprintf("Machine: %s, %s, %s; %s; kindred %s", r.Machine.Processor, plural(int64(r.Machine.Processors), "processor"), r.Machine.Platform, pinned, r.Version),
	}
}

func (r *Report) speed() *grid {
	g := newGrid("Tool", "Rounds", "Wall", "CPU", "Words/CPU-s", "Peak memory")
	for _, t := range r.Tools {
		if len(t.Runs) > 0 {
			g.add(t.title(), strconv.Itoa(len(t.Runs)), t.Wall.text(inSeconds), t.CPU.text(inSeconds), t.WordsPerSecond.text(inCounts), t.PeakMemory.text(inBytes))
		}
	}
	return g
}

func (r *Report) parts() *grid {
	g := newGrid("Tool", "Before", "Training", "After", "Words/CPU-s in training")
	for _, t := range r.Tools {
		if len(t.Runs) > 0 {
			g.add(t.title(), t.BeforeTraining.text(inSeconds), t.Training.text(inSeconds), t.AfterTraining.text(inSeconds), t.TrainingPerSecond.text(inCounts))
		}
	}
	return g
}

func (r *Report) ratios() *grid {
	g := newGrid("Tools", "Rounds", "Wall", "CPU", "CPU of training", "Peak memory")
	for _, ratio := range r.Ratios {
		g.add(ratio.Second+" / "+ratio.First, strconv.Itoa(ratio.Rounds), ratio.Wall.text(inOnes), ratio.CPU.text(inOnes),
			ratio.TrainingCPU.text(inOnes), ratio.PeakMemory.text(inOnes))
	}
	return g
}

// title returns the name of the tool and its version.
func (t *ToolResult) title() string {
	if t.Version == "" || t.driverName() == "kindred" {
		return t.Name
	}
	return t.Name + " " + t.Version
}

// notes returns what could not be made equal.
func (r *Report) notes() []string {
	var notes []string
	for _, t := range r.Tools {
		if len(t.Runs) == 0 {
			continue
		}
		said := t.Unmatched
		if len(t.Options) > 0 {
			said = append([]string{"It has options of its own: " + strings.Join(t.Options, " ") + "."}, said...)
		}
		if len(said) > 0 {
			notes = append(notes, t.Name+": "+strings.Join(said, " "))
		}
	}
	return notes
}

// absent returns the tools that were not run or failed, and why.
func (r *Report) absent() []string {
	var lines []string
	for _, t := range r.Tools {
		switch {
		case t.NotRun != "":
			lines = append(lines, fmt.Sprintf("%s was not run: %s", t.Name, t.NotRun))
		case t.Failure != "":
			lines = append(lines, fmt.Sprintf("%s failed in %s", t.Name, t.Failure))
		case len(t.Runs) == 0:
			lines = append(lines, fmt.Sprintf("%s had no turn before the benchmark was interrupted", t.Name))
		}
	}
	return lines
}
