package ablate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kindred/eval/compare"
	"kindred/eval/stats"
	"kindred/internal/english"
	"kindred/internal/report"
	"kindred/model"
)

// Document returns the report for terminals and Markdown.
func (r *Report) Document() *report.Document {
	d := &report.Document{}
	d.Add("Findings", report.List(r.Summary))
	d.Add("Scores", r.scoreTable(), r.scoreNote())
	d.Add("Held-out pairs", r.heldOutTable(), r.heldOutNote())
	d.Add("Time and negatives", r.costTable(), costNote)
	for _, m := range r.headlines() {
		d.Add(fmt.Sprintf("%s: %s", m.Kind, m), r.testTable(m), m.note())
	}
	d.Add("Terms", report.Prose{r.terms()})
	return d
}

// Page returns the report for pages, with figures.
func (r *Report) Page() *report.Document {
	d := &report.Document{
		Title:  fmt.Sprintf("Ablation of %s", english.Plural(len(r.Variants), "variant")),
		Footer: r.terms(),
	}
	if n := len(r.Summary); n > 0 {
		d.Lead = r.Summary[n-1:]
	}
	d.Add("Findings", report.List(r.Summary))
	d.Add("Scores", r.scoreFigure(), r.scoreTable(), r.scoreNote())
	for _, setting := range r.varied() {
		d.Add("By "+shortName(setting), r.settingFigures(setting)...)
	}
	d.Add("Time and negatives", r.costFigure(), r.costTable(), costNote)
	d.Add("Held-out pairs", r.reliabilityFigure(), r.heldOutTable(), r.heldOutNote())
	var tests []report.Block
	for _, m := range r.headlines() {
		tests = append(tests, r.testTable(m))
	}
	d.Add("Tests", tests...)
	return d
}

// varied returns the settings that series are about, each once.
func (r *Report) varied() []string {
	var settings []string
	for _, s := range r.Series { // which are sorted by setting
		if n := len(settings); n == 0 || settings[n-1] != s.Setting {
			settings = append(settings, s.Setting)
		}
	}
	return settings
}

// scoreTable has the headline measures side by side.
func (r *Report) scoreTable() *report.Table {
	headlines := r.headlines()
	header := []string{"Variant", "Seeds", "Time"}
	for _, m := range headlines {
		header = append(header, m.String())
	}
	t := report.NewTable("Scores of all variants", header...)
	for i, v := range r.Variants {
		row := []any{v.Name, len(v.Seeds), v.cost()}
		for _, m := range headlines {
			row = append(row, m.marked(i))
		}
		t.Add(row...)
	}
	return t
}

// cost returns the time of a variant in relation to that of the baseline.
func (v *VariantReport) cost() report.Cell {
	if v.Cost == 0 {
		return report.Text("failed")
	}
	return report.Number("%.2fx", v.Cost)
}

// score returns the score of a variant, in percent for analogies.
func (m Measure) score(variant int) string {
	score := m.Scores[variant].Score
	switch {
	case !score.Defined():
		return "-"
	case m.Kind == Analogies:
		return fmt.Sprintf("%.1f", 100*score.Value)
	}
	return fmt.Sprintf("%.4f", score.Value)
}

// marked returns the score of a variant with its mark.
func (m Measure) marked(variant int) report.Cell {
	return report.Number("%s%s", m.score(variant), mark(m.Effect(m.Difference(variant, 0))))
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

func (r *Report) scoreNote() report.Prose {
	return report.Prose{fmt.Sprintf("Means over seeds; + is significantly better than the baseline and - significantly worse, at the level of %.2g after Holm's correction for all variants.", 1-r.Confidence)}
}

// heldOutTable has the figures on held-out pairs against the noise of word2vec, and one against
// uniform noise.
func (r *Report) heldOutTable() *report.Table {
	var columns []Measure
	header := []string{"Variant"}
	for _, m := range r.Measures {
		if m.Kind == HeldOutPairs && (m.On == r.noise() || m.Name == "ROC-AUC") {
			columns = append(columns, m)
			name := m.Name
			if m.On != r.noise() {
				name += ", " + m.On
			}
			header = append(header, name)
		}
	}
	t := report.NewTable("Scores on held-out pairs", header...)
	for i, v := range r.Variants {
		row := []any{v.Name}
		for _, m := range columns {
			row = append(row, m.marked(i))
		}
		t.Add(row...)
	}
	return t
}

// noise returns the name of the noise distribution of the headline measure on held-out pairs.
func (r *Report) noise() string {
	for _, m := range r.Measures {
		if m.Kind == HeldOutPairs && m.Headline {
			return m.On
		}
	}
	return ""
}

func (r *Report) heldOutNote() report.Prose {
	pairs, sentences := 0, 0
	if h := r.Variants[0].HeldOut; h != nil {
		pairs, sentences = h.Pairs, h.Sentences
	}
	return report.Prose{fmt.Sprintf("%d true pairs from %s held out, each against a pair with a random center. Random centers come from %s unless a column names another distribution. MRR and hits@10 rank the true center among 100. "+
		"Threshold and fitted probabilities were chosen on as many pairs of other sentences. Log-loss and Brier use the probability as trained, which depends on k.",
		pairs, english.Plural(sentences, "sentence"), r.noise())}
}

var costNote = report.Prose{"Time is the time for a word of the text, relative to the baseline. Each run has one thread, beside other runs. The last columns describe the negatives of the run with the first seed: the share " +
	"drawn again; the effective sample size of the noise, in words; how many occur twice in a step; the mean size of the derivative of the loss by their scores; the share of those below 0.01, which teach " +
	"nothing; the share in the window; and the share with a positive score, which the model takes for true contexts."}

// costTable has speed, loss and what the negatives were worth.
func (r *Report) costTable() *report.Table {
	t := report.NewTable("Speed and negatives",
		"Variant", "words/s", "±", "Time", "Loss", "Drawn again", "Effective words", "Duplicates", "Gradient", "Small gradient", "In window", "Positive score")
	for i := range r.Variants {
		v := &r.Variants[i]
		if v.Failure != "" {
			continue
		}
		first := v.Trainings[0]
		row := []any{v.Name, report.Number("%.0f", v.WordsPerSecond), report.Number("%.0f", v.SpeedSpread), v.cost(), report.Number("%.4f", first.Loss)}
		t.Add(append(row, diagnostics(first)...)...)
	}
	return t
}

// diagnostics returns the cells about the negatives of a training, none if it had no negatives.
func diagnostics(t *model.TrainingRecord) []any {
	n := t.Negatives
	if n == nil || n.Drawn == 0 {
		return nil
	}
	share := func(v float64) report.Cell { return report.Number("%.2f %%", 100*v) }
	return []any{
		share(n.RejectedTarget + n.RejectedWindow + n.RejectedPMI), report.Number("%.0f", n.EffectiveWords), report.Number("%.3f", n.DuplicatesPerStep),
		report.Number("%.4f", n.MeanGradient), share(n.SmallGradient), share(n.InWindow), share(n.PositiveScore),
	}
}

// testTable has the scores and tests of a headline measure.
func (r *Report) testTable(m Measure) *report.Table {
	t := report.NewTable(fmt.Sprintf("%s: %s, %s", m.Kind, m, m.Name), "Variant", m.Name, "95 % interval", "± seeds", "Difference", "95 % interval", "p", "p corrected")
	for i, v := range r.Variants {
		score := m.Scores[i]
		row := []any{v.Name, report.Number("%s", m.score(i)), m.interval(score.Score), report.Number("%.4f", score.SeedSpread)}
		if d := m.Difference(i, 0); d != nil {
			row = append(row, m.tested(d)...)
		}
		t.Add(row...)
	}
	for _, d := range m.Differences {
		if d.Second > 0 {
			row := []any{fmt.Sprintf("%s minus %s", r.Variants[d.First].Name, r.Variants[d.Second].Name), "", "", ""}
			t.Add(append(row, m.tested(&d)...)...)
		}
	}
	return t
}

// none is the cell of a number that is missing.
var none = report.Number("-")

// tested returns the cells of a difference.
func (m Measure) tested(d *compare.PairedDifference) []any {
	if d.Test == nil || d.Corrected == nil {
		return []any{none, none, none, none}
	}
	return []any{report.Number("%s", m.change(d.Difference.Value)), m.interval(d.Difference), report.Number("%.2g", d.Test.P), report.Number("%.2g%s", *d.Corrected, mark(m.Effect(d)))}
}

func (m Measure) interval(s stats.Score) report.Cell {
	switch {
	case !s.HasInterval():
		return none
	case m.Kind == Analogies:
		return report.Interval("%.1f", 100*s.Interval.Low, 100*s.Interval.High)
	}
	return report.Interval("%.4f", s.Interval.Low, s.Interval.High)
}

// note says why intervals or tests are missing, if some are.
func (m Measure) note() report.Prose {
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
		return nil
	}
	return report.Prose{"Reasons for missing intervals and tests: " + strings.Join(reasons, "; ") + "."}
}

// terms says how the variants were trained and compared.
func (r *Report) terms() string {
	runs, seconds := 0, 0.0
	for _, v := range r.Variants {
		for _, t := range v.Trainings {
			runs++
			seconds += t.Wall
		}
	}
	held := r.Corpus.HeldOut
	return fmt.Sprintf("%s, %s, on %s: %d words, %d tokens trained and %d in %s held out. %s took %v of training in total. "+
		"Intervals come from %d bootstrap resamples of sentences, word pairs, or groups of questions for the same pair. If a variant has several seeds, its differences are tested over seeds and items together, "+
		"otherwise by the paired bootstrap. p-values are corrected by Holm's method for all differences of the same measure.",
		r.Tool+" "+r.Version, "kernel "+r.Kernel, strings.Join(r.Corpus.Inputs, ", "), r.Words, r.Corpus.TokensKept, held.Tokens, english.Plural(held.Sentences, "sentence"),
		english.Plural(runs, "run"), (time.Duration(seconds) * time.Second).Round(time.Second), r.Resamples)
}
