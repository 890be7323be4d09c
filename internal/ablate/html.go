package ablate

import (
	"fmt"
	"io"

	"kindred/internal/page"
)

// WriteHTML writes the report as one self-contained HTML page with plots.
func (r *Report) WriteHTML(w io.Writer) error {
	p := page.Page{
		Title:  fmt.Sprintf("Ablation of %s", plural(len(r.Variants), "variant")),
		Footer: r.terms(),
	}
	if n := len(r.Summary); n > 0 {
		p.Lead = r.Summary[n-1:]
	}
	add := func(title string, blocks ...page.Block) {
		p.Sections = append(p.Sections, page.Section{Title: title, Blocks: blocks})
	}
	add("What was found", page.List(r.Summary))
	add("Scores", append(r.scoreFigure(), page.NewTable("Scores of all variants", r.scoreTable()), page.Prose(r.scoreNote()))...)
	for _, setting := range r.varied() {
		add("By "+ShortName(setting), r.settingFigures(setting)...)
	}
	add("Time and negatives", append(r.costFigure(), page.NewTable("Speed, and what the negatives were worth", r.costTable()), page.Prose(costNote))...)
	add("Held-out pairs", append(r.reliabilityFigure(), page.NewTable("Figures on pairs held out", r.heldOutTable()), page.Prose(r.heldOutNote()))...)
	var tests []page.Block
	for _, m := range r.Headlines() {
		tests = append(tests, page.NewTable(fmt.Sprintf("%s: %s, %s", m.Kind, m, m.Name), r.testTable(m)))
	}
	add("Tests", tests...)
	_, err := p.WriteTo(w)
	return err
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
