package bench

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"

	"kindred/internal/english"
	"kindred/internal/report"
	"kindred/internal/report/evaluation"
)

// Document returns the report for terminals and Markdown.
func (r *Report) Document() *report.Document {
	d := &report.Document{Sections: r.sections()}
	if r.Comparison != nil {
		comparison := evaluation.Comparison(r.Comparison)
		d.Add("Quality")
		d.Add("", comparison.Lead)
		d.Sections = append(d.Sections, comparison.Sections...)
	}
	return d
}

// Page returns the report for pages, with the figures of the comparison.
func (r *Report) Page() *report.Document {
	d := &report.Document{Title: "Benchmark of trainers", Lead: r.lead(), Sections: r.sections(), Footer: "Made by kindred bench, version " + r.Version + "."}
	if r.Comparison != nil {
		d.Sections = append(d.Sections, evaluation.ComparisonPage(r.Comparison).Sections...)
	}
	return d
}

// lead says how much faster the first tool trains than each other, and how the qualities compare.
func (r *Report) lead() report.Prose {
	var lead report.Prose
	for _, ratio := range r.Ratios {
		if ratio.CPU != nil && ratio.First == r.Tools[0].Name {
			lead = append(lead, fmt.Sprintf("%s takes %s times the processor time of %s.", ratio.Second, inOnes.text(ratio.CPU), ratio.First))
		}
	}
	if r.Comparison != nil {
		lead = append(lead, r.Comparison.Verdicts()...)
	}
	return lead
}

// sections returns all of the report but the comparison.
func (r *Report) sections() []report.Section {
	var d report.Document
	d.Add("Conditions", r.conditions())
	d.Add("Speed", r.speedTable(), report.Prose{"Median, with the lowest and highest value if there are several rounds. Words are counted over all epochs."})
	d.Add("Time before, during and after training", r.partTable(),
		report.Prose{"As far as the output of the tools tells. Words are counted over all epochs and divided by the processor time of training alone."})
	if len(r.Ratios) > 0 {
		d.Add("Ratios, round by round", r.ratioTable(),
			report.Prose{"The second tool's figure divided by the first's: median, lowest to highest."})
	}
	if notes := r.unmatched(); len(notes) > 0 {
		d.Add("Differences between the tools", notes)
	}
	if lines := r.absent(); len(lines) > 0 {
		d.Add("Not run, or failed", lines)
	}
	return d.Sections
}

// conditions returns the conditions that all tools share.
func (r *Report) conditions() report.Facts {
	s, bytes := r.Settings, float64(r.Text.Bytes)
	var names []string // without directories, which are this machine's
	for _, path := range r.Text.Inputs {
		names = append(names, filepath.Base(path))
	}
	unpacked := ""
	if r.Text.Unpacked {
		unpacked = ", written to one plain file before the first round; this time is not counted"
	}
	pinned := "all processors"
	if len(r.Pin) > 0 {
		pinned = "pinned to processor " + strings.Trim(strings.Join(strings.Fields(fmt.Sprint(r.Pin)), ", "), "[]")
	}
	rounds := fmt.Sprintf("%d, the tools in turn; seeds from %d", r.Rounds, s.Seed)
	if r.Interrupted {
		rounds += "; interrupted before the end"
	}
	return report.Facts{
		fmt.Sprintf("Text: %s%s; %s in %s, %s", enumerate(names), unpacked, english.Plural(r.Text.Words, "word"), english.Plural(r.Text.Lines, "line"),
			inBytes.text(&Spread{Median: bytes, Min: bytes, Max: bytes})),
		fmt.Sprintf("Settings: dim %d, window %d, %s of count^%g, sub-sampling %g, min count %d, %s, learning rate %g, %s",
			s.Dim, s.Window, english.Plural(s.Negatives, "negative"), s.NoisePower, s.Subsample, s.MinCount, english.Plural(s.Epochs, "epoch"),
			s.LearningRate, english.Plural(s.Threads, "thread")),
		"Rounds: " + rounds,
		fmt.Sprintf("Machine: %s, %s, %s; %s; kindred %s", r.Machine.Processor, english.Plural(r.Machine.Processors, "processor"), r.Machine.Platform, pinned, r.Version),
	}
}

func (r *Report) speedTable() *report.Table {
	t := report.NewTable("", "Tool", "Rounds", "Wall", "CPU", "Words/CPU-s", "Peak memory")
	for _, tool := range r.Tools {
		if len(tool.Runs) > 0 {
			t.Add(tool.title(), len(tool.Runs), inSeconds.cell(tool.Wall), inSeconds.cell(tool.CPU), inCounts.cell(tool.WordsPerSecond), inBytes.cell(tool.PeakMemory))
		}
	}
	return t
}

func (r *Report) partTable() *report.Table {
	t := report.NewTable("", "Tool", "Before", "Training", "After", "Words/CPU-s in training")
	for _, tool := range r.Tools {
		if len(tool.Runs) > 0 {
			t.Add(tool.title(), inSeconds.cell(tool.BeforeTraining), inSeconds.cell(tool.Training), inSeconds.cell(tool.AfterTraining), inCounts.cell(tool.TrainingPerSecond))
		}
	}
	return t
}

func (r *Report) ratioTable() *report.Table {
	t := report.NewTable("", "Tools", "Rounds", "Wall", "CPU", "CPU of training", "Peak memory")
	for _, ratio := range r.Ratios {
		t.Add(ratio.Second+" / "+ratio.First, ratio.Rounds, inOnes.cell(ratio.Wall), inOnes.cell(ratio.CPU), inOnes.cell(ratio.TrainingCPU), inOnes.cell(ratio.PeakMemory))
	}
	return t
}

// title returns the name of the tool and its version.
func (t *ToolResult) title() string {
	if t.Version == "" || t.driverName() == "kindred" {
		return t.Name
	}
	return t.Name + " " + t.Version
}

// unmatched returns the differences to the settings that could not be avoided.
func (r *Report) unmatched() report.Facts {
	var notes report.Facts
	for _, t := range r.Tools {
		if len(t.Runs) == 0 {
			continue
		}
		said := t.Unmatched
		if len(t.Options) > 0 {
			said = append([]string{"It has extra options: " + strings.Join(t.Options, " ") + "."}, said...)
		}
		if len(said) > 0 {
			notes = append(notes, t.Name+": "+strings.Join(said, " "))
		}
	}
	return notes
}

// absent returns the tools that did not run or failed, and why.
func (r *Report) absent() report.Facts {
	var lines report.Facts
	for _, t := range r.Tools {
		switch {
		case t.NotRun != "":
			lines = append(lines, fmt.Sprintf("%s was not run: %s", t.Name, t.NotRun))
		case t.Failure != "":
			lines = append(lines, fmt.Sprintf("%s failed in %s", t.Name, t.Failure))
		case len(t.Runs) == 0:
			lines = append(lines, fmt.Sprintf("%s did not run before the benchmark was interrupted", t.Name))
		}
	}
	return lines
}

// units are those in which a quantity is written, in ascending order.
type units []struct {
	name string
	size float64
}

var (
	inOnes    = units{{"", 1}}
	inSeconds = units{{" s", 1}}
	inCounts  = units{{"", 1}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}}
	inBytes   = units{{" bytes", 1}, {" KiB", 1 << 10}, {" MiB", 1 << 20}, {" GiB", 1 << 30}}
)

// cell returns a spread as a cell of a table.
func (u units) cell(s *Spread) report.Cell { return report.Number("%s", u.text(s)) }

// text returns a spread in the largest unit that its median reaches, "?" if it is not known.
func (u units) text(s *Spread) string {
	if s == nil {
		return "?"
	}
	unit := u[0]
	for _, larger := range u[1:] {
		if s.Median >= larger.size {
			unit = larger
		}
	}
	if s.Min == s.Max {
		return threeDigits(s.Median/unit.size) + unit.name
	}
	return fmt.Sprintf("%s%s (%s–%s)", threeDigits(s.Median/unit.size), unit.name, threeDigits(s.Min/unit.size), threeDigits(s.Max/unit.size))
}

// threeDigits returns x with three significant digits, and all digits before the point.
func threeDigits(x float64) string {
	decimals := 2
	if x > 0 {
		decimals = max(0, min(3, 2-int(math.Floor(math.Log10(x)))))
	}
	return fmt.Sprintf("%.*f", decimals, x)
}
