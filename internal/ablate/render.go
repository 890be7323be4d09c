package ablate

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"kindred/eval/compare"
	"kindred/eval/stats"
	"kindred/internal/tabular"
)

// A style is a way to write a report as text.
type style struct {
	heading func(string) string
	table   func(table.Writer) string
	item    string // begins an item of a list
}

var terminal = style{
	heading: func(title string) string { return title },
	table:   tabular.Terminal,
	item:    "• ",
}

var markdown = style{
	heading: func(title string) string { return "## " + title + "\n" },
	table:   table.Writer.RenderMarkdown,
	item:    "- ",
}

// WriteText writes the report as tables for a terminal.
func (r *Report) WriteText(w io.Writer) error {
	_, err := io.WriteString(w, r.render(terminal))
	return err
}

// WriteMarkdown writes the report as Markdown with tables.
func (r *Report) WriteMarkdown(w io.Writer) error {
	_, err := io.WriteString(w, r.render(markdown))
	return err
}

func (r *Report) render(s style) string {
	var b strings.Builder
	section := func(title, body string) { fmt.Fprintf(&b, "%s\n%s\n\n", s.heading(title), body) }
	section("What was found", s.item+strings.Join(r.Summary, "\n"+s.item))
	section("Scores", s.table(r.scoreTable())+"\n\n"+r.scoreNote())
	section("Held-out pairs", s.table(r.heldOutTable())+"\n\n"+r.heldOutNote())
	section("Time and negatives", s.table(r.costTable())+"\n\n"+costNote)
	for _, m := range r.Headlines() {
		body := s.table(r.testTable(m))
		if note := m.note(); note != "" {
			body += "\n\n" + note
		}
		section(fmt.Sprintf("%s: %s", m.Kind, m), body)
	}
	section("Terms", r.terms())
	return strings.TrimSuffix(b.String(), "\n")
}

// scoreTable has the headline measures side by side.
func (r *Report) scoreTable() table.Writer {
	headlines := r.Headlines()
	header := []string{"Variant", "Seeds", "Time"}
	for _, m := range headlines {
		header = append(header, m.String())
	}
	t := tabular.New(header...)
	for i, v := range r.Variants {
		row := table.Row{v.Name, len(v.Seeds), v.cost()}
		for _, m := range headlines {
			row = append(row, m.cell(i)+mark(m.Effect(m.Difference(i, 0))))
		}
		t.AppendRow(row)
	}
	return t
}

func (v *VariantReport) cost() string {
	if v.Cost == 0 {
		return "failed"
	}
	return fmt.Sprintf("%.2fx", v.Cost)
}

// cell returns the score of a variant, in percent for analogies.
func (m Measure) cell(variant int) string {
	score := m.Scores[variant].Score
	switch {
	case !score.Defined():
		return "-"
	case m.Kind == Analogies:
		return fmt.Sprintf("%.1f", 100*score.Value)
	}
	return fmt.Sprintf("%.4f", score.Value)
}

// mark stands behind a score that differs from the baseline's.
func mark(effect int) string {
	switch effect {
	case 1:
		return " +"
	case -1:
		return " -"
	}
	return "  "
}

func (r *Report) scoreNote() string {
	return fmt.Sprintf("Means over seeds; + is significantly better than the baseline and - significantly worse, at the level of %.2g after Holm's correction for all variants.", 1-r.Confidence)
}

// heldOutTable has the figures on held-out pairs against the noise of word2vec, and one against uniform noise.
func (r *Report) heldOutTable() table.Writer {
	var columns []Measure
	header := []string{"Variant"}
	for _, m := range r.Measures {
		if m.Kind == HeldOutPairs && (m.On == r.reference() || m.Name == "ROC-AUC") {
			columns = append(columns, m)
			name := m.Name
			if m.On != r.reference() {
				name += ", " + m.On
			}
			header = append(header, name)
		}
	}
	t := tabular.New(header...)
	for i, v := range r.Variants {
		row := table.Row{v.Name}
		for _, m := range columns {
			row = append(row, m.cell(i)+mark(m.Effect(m.Difference(i, 0))))
		}
		t.AppendRow(row)
	}
	return t
}

// reference returns the name of the reference of the headline.
func (r *Report) reference() string {
	for _, m := range r.Measures {
		if m.Kind == HeldOutPairs && m.Headline {
			return m.On
		}
	}
	return ""
}

func (r *Report) heldOutNote() string {
	pairs, sentences := 0, 0
	if h := r.Variants[0].HeldOut; h != nil {
		pairs, sentences = h.Pairs, h.Sentences
	}
	return fmt.Sprintf("%d true pairs from %s held out, each against one with a random centre, drawn by %s unless another distribution is named; MRR and hits@10 are of the true centre among 100. "+
		"Threshold and fitted probabilities were chosen on as many pairs of other sentences; log-loss and Brier are of the probability as trained, which depends on k.",
		pairs, plural(sentences, "sentence"), r.reference())
}

const costNote = "Time is that for a word of the text in relation to the baseline, each run on one thread beside others. The last columns tell of the negatives of the run with the first seed: the share that " +
	"was drawn again; the effective sample size of the noise, in words; how many occur twice in a step; the mean size of the derivative of the loss by their scores, and the share of those below 0.01, which teach " +
	"nothing; the share that is in the window; and the share that the model itself holds to be true."

// costTable has speed, loss and what the negatives were worth.
func (r *Report) costTable() table.Writer {
	t := tabular.New(append([]string{"Variant", "words/s", "±", "Time", "Loss"}, diagnosticColumns...)...)
	for i := range r.Variants {
		v := &r.Variants[i]
		if v.Failure != "" {
			continue
		}
		first := v.Trainings[0]
		row := table.Row{v.Name, fmt.Sprintf("%.0f", v.WordsPerSecond), fmt.Sprintf("%.0f", v.SpeedSpread), v.cost(), fmt.Sprintf("%.4f", first.Loss)}
		for _, cell := range diagnosticCells(first) {
			row = append(row, cell)
		}
		t.AppendRow(row)
	}
	return t
}

// testTable has all that is known of a headline measure.
func (r *Report) testTable(m Measure) table.Writer {
	t := tabular.New("Variant", m.Name, "95 % interval", "± seeds", "Difference", "95 % interval", "p", "p corrected")
	for i, v := range r.Variants {
		score := m.Scores[i]
		row := table.Row{v.Name, m.cell(i), m.interval(score.Score), fmt.Sprintf("%.4f", score.SeedSpread)}
		if d := m.Difference(i, 0); d != nil {
			row = append(row, m.tested(d)...)
		}
		t.AppendRow(row)
	}
	for _, d := range m.Differences {
		if d.Second > 0 {
			row := table.Row{fmt.Sprintf("%s, less %s", r.Variants[d.First].Name, r.Variants[d.Second].Name), "", "", ""}
			t.AppendRow(append(row, m.tested(&d)...))
		}
	}
	return t
}

// tested returns the cells of a difference.
func (m Measure) tested(d *compare.PairedDifference) table.Row {
	if d.Test == nil || d.Corrected == nil {
		return table.Row{"-", "-", "-", "-"}
	}
	return table.Row{m.change(d.Difference.Value), m.interval(d.Difference), fmt.Sprintf("%.2g", d.Test.P), fmt.Sprintf("%.2g%s", *d.Corrected, mark(m.Effect(d)))}
}

func (m Measure) interval(s stats.Score) string {
	if !s.HasInterval() {
		return "-"
	}
	if m.Kind == Analogies {
		return fmt.Sprintf("[%.1f, %.1f]", 100*s.Interval.Low, 100*s.Interval.High)
	}
	return fmt.Sprintf("[%.4f, %.4f]", s.Interval.Low, s.Interval.High)
}

// note says why there are no intervals or tests, where there are none.
func (m Measure) note() string {
	var reasons []string
	add := func(reason string) {
		if reason != "" && !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	for _, s := range m.Scores {
		add(s.Score.NoInterval)
	}
	for _, d := range m.Differences {
		add(d.Reason)
	}
	if len(reasons) == 0 {
		return ""
	}
	return "Where an interval or a test is missing: " + strings.Join(reasons, "; ") + "."
}

// terms tell on what terms the variants were compared.
func (r *Report) terms() string {
	runs, seconds := 0, 0.0
	for _, v := range r.Variants {
		for _, t := range v.Trainings {
			runs++
			seconds += t.Wall
		}
	}
	held := r.Corpus.HeldOut
	return fmt.Sprintf("%s, %s, on %s: %d words, %d tokens trained and %d in %s held out. %s took %v of training in all. "+
		"Intervals of scores are by %d bootstrap resamples of sentences, word pairs, or questions for the same pair. Differences are tested over seeds and items together where a variant has several seeds, "+
		"by the paired bootstrap otherwise. p-values are corrected by Holm's method for all differences of the same measure.",
		r.Tool+" "+r.Version, "kernel "+r.Kernel, strings.Join(r.Corpus.Inputs, ", "), r.Words, r.Corpus.TokensKept, held.Tokens, plural(int(held.Sentences), "sentence"),
		plural(runs, "run"), (time.Duration(seconds) * time.Second).Round(time.Second), r.Resamples)
}
