package bench

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// A layout is a way to write a report as text.
type layout struct {
	heading string
	table   func(table.Writer) string
	prose   func(string) string
	item    string // what a list item begins with
}

var terminal = layout{
	table: func(t table.Writer) string {
		t.SetStyle(table.StyleLight)
		t.Style().Format.Header = text.FormatDefault
		return t.Render()
	},
	prose: func(s string) string { return s },
	item:  "  ",
}

var markdown = layout{
	heading: "## ",
	table:   table.Writer.RenderMarkdown,
	prose:   strings.NewReplacer(`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `<`, `\<`, `&`, `\&`).Replace,
	item:    "- ",
}

// WriteText writes the report as tables for a terminal.
func (r *Report) WriteText(w io.Writer) error { return r.write(w, terminal) }

// WriteMarkdown writes the report as Markdown with tables.
func (r *Report) WriteMarkdown(w io.Writer) error { return r.write(w, markdown) }

func (r *Report) write(w io.Writer, l layout) error {
	var b strings.Builder
	l.title(&b, "Conditions")
	l.list(&b, r.conditions())
	l.title(&b, "Speed")
	fmt.Fprintln(&b, l.table(r.speed()))
	fmt.Fprintf(&b, "\n%s\n", l.prose("Median, and lowest to highest where there are several rounds. Words are those of all epochs."))
	l.title(&b, "Before, in and after the training")
	fmt.Fprintln(&b, l.table(r.parts()))
	fmt.Fprintf(&b, "\n%s\n", l.prose("By what the tools tell while they run; words of all epochs by the processor time of the training alone."))
	if len(r.Ratios) > 0 {
		l.title(&b, "Ratios, round by round")
		fmt.Fprintln(&b, l.table(r.ratios()))
		fmt.Fprintf(&b, "\n%s\n", l.prose("How many times as much the second took as the first: median, lowest to highest."))
	}
	if notes := r.notes(); len(notes) > 0 {
		l.title(&b, "What was not equal")
		l.list(&b, notes)
	}
	if lines := r.absent(); len(lines) > 0 {
		l.title(&b, "Not run, or failed")
		l.list(&b, lines)
	}
	_, err := io.WriteString(w, strings.TrimPrefix(b.String(), "\n"))
	return err
}

func (l layout) title(b *strings.Builder, title string) {
	fmt.Fprintf(b, "\n%s%s\n", l.heading, title)
	if l.heading != "" {
		b.WriteByte('\n')
	}
}

func (l layout) list(b *strings.Builder, items []string) {
	for _, item := range items {
		fmt.Fprintf(b, "%s%s\n", l.item, strings.ReplaceAll(l.prose(item), "\n", "\n    "))
	}
}

// conditions returns what was the same for all tools.
func (r *Report) conditions() []string {
	s, bytes := r.Settings, float64(r.Text.Bytes)
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
		rounds += "; interrupted, so some are missing"
	}
	return []string{
		fmt.Sprintf("Text: %s%s; %s in %s, %s", enumerate(r.Text.Inputs), unpacked, plural(r.Text.Words, "word"), plural(r.Text.Lines, "line"), (&Spread{Median: bytes, Min: bytes, Max: bytes}).text(inBytes)),
		fmt.Sprintf("Settings: dim %d, window %d, %s of count^%g, sub-sampling %g, min count %d, %s, learning rate %g, %s",
			s.Dim, s.Window, plural(int64(s.Negatives), "negative"), s.NoisePower, s.Subsample, s.MinCount, plural(int64(s.Epochs), "epoch"),
			s.LearningRate, plural(int64(s.Threads), "thread")),
		"Rounds: " + rounds,
		fmt.Sprintf("Machine: %s, %s, %s; %s; kindred %s", r.Machine.Processor, plural(int64(r.Machine.Processors), "processor"), r.Machine.Platform, pinned, r.Version),
	}
}

func (r *Report) speed() table.Writer {
	t := newTable("Tool", "Rounds", "Wall", "CPU", "Words/CPU-s", "Peak memory")
	for _, tool := range r.Tools {
		if len(tool.Runs) > 0 {
			t.AppendRow(table.Row{tool.title(), len(tool.Runs), tool.Wall.text(inSeconds), tool.CPU.text(inSeconds),
				tool.WordsPerSecond.text(inCounts), tool.PeakMemory.text(inBytes)})
		}
	}
	return t
}

func (r *Report) parts() table.Writer {
	t := newTable("Tool", "Before", "Training", "After", "Words/CPU-s in training")
	for _, tool := range r.Tools {
		if len(tool.Runs) > 0 {
			t.AppendRow(table.Row{tool.title(), tool.BeforeTraining.text(inSeconds), tool.Training.text(inSeconds),
				tool.AfterTraining.text(inSeconds), tool.TrainingPerSecond.text(inCounts)})
		}
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

func (r *Report) ratios() table.Writer {
	t := newTable("Tools", "Rounds", "Wall", "CPU", "CPU of training", "Peak memory")
	for _, ratio := range r.Ratios {
		t.AppendRow(table.Row{ratio.Second + " / " + ratio.First, ratio.Rounds, ratio.Wall.text(inOnes), ratio.CPU.text(inOnes),
			ratio.TrainingCPU.text(inOnes), ratio.PeakMemory.text(inOnes)})
	}
	return t
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

// newTable returns a table whose first column is text and the others figures.
func newTable(header ...string) table.Writer {
	t := table.NewWriter()
	var row table.Row
	var columns []table.ColumnConfig
	for i, name := range header {
		row = append(row, name)
		if i > 0 {
			columns = append(columns, table.ColumnConfig{Number: i + 1, Align: text.AlignRight, AlignHeader: text.AlignRight})
		}
	}
	t.AppendHeader(row)
	t.SetColumnConfigs(columns)
	return t
}

// A unit is one that figures are written in.
type unit struct {
	name string
	size float64
}

var (
	inOnes    = []unit{{"", 1}}
	inSeconds = []unit{{" s", 1}}
	inCounts  = []unit{{"", 1}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}}
	inBytes   = []unit{{" bytes", 1}, {" KiB", 1 << 10}, {" MiB", 1 << 20}, {" GiB", 1 << 30}}
)

// text returns the spread as a cell of a table, in the largest of the units that the median fills.
func (s *Spread) text(units []unit) string {
	if s == nil {
		return "?"
	}
	u := units[0]
	for _, larger := range units[1:] {
		if s.Median >= larger.size {
			u = larger
		}
	}
	if s.Min == s.Max {
		return threeDigits(s.Median/u.size) + u.name
	}
	return fmt.Sprintf("%s%s (%s–%s)", threeDigits(s.Median/u.size), u.name, threeDigits(s.Min/u.size), threeDigits(s.Max/u.size))
}

// threeDigits returns x with three significant digits, and all of those before the point.
func threeDigits(x float64) string {
	decimals := 2
	if x > 0 {
		decimals = max(0, min(3, 2-int(math.Floor(math.Log10(x)))))
	}
	return fmt.Sprintf("%.*f", decimals, x)
}

// plural returns n with the noun in its number.
func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
