package bench

import (
	"io"

	"kindred/internal/page"
)

// WriteHTML writes the report as one self-contained HTML page, with the plots of the comparison.
func (r *Report) WriteHTML(w io.Writer) error {
	p := page.Page{Title: "Benchmark of trainers", Lead: r.lead(), Footer: "Made by kindred bench, version " + r.Version + "."}
	for _, s := range r.sections() {
		section := page.Section{Title: s.title}
		if len(s.list) > 0 {
			section.Blocks = append(section.Blocks, page.List(s.list))
		}
		if s.grid != nil {
			section.Blocks = append(section.Blocks, s.grid.page(), page.Prose(s.note))
		}
		p.Sections = append(p.Sections, section)
	}
	if r.Comparison != nil {
		p.Sections = append(p.Sections, r.Comparison.Sections()...)
	}
	_, err := p.WriteTo(w)
	return err
}

// lead returns how much faster the first tool trains than each other, and how the qualities compare.
func (r *Report) lead() []string {
	var lead []string
	for _, ratio := range r.Ratios {
		if ratio.CPU != nil && ratio.First == r.Tools[0].Name {
			lead = append(lead, ratio.Second+" takes "+ratio.CPU.text(inOnes)+" times the processor time of "+ratio.First+".")
		}
	}
	if r.Comparison != nil {
		lead = append(lead, r.Comparison.Verdicts()...)
	}
	return lead
}

// page returns the grid as a table of a page.
func (g *grid) page() page.Table {
	var t page.Table
	for i, name := range g.header {
		t.Columns = append(t.Columns, page.Column{Name: name, Figures: i > 0})
	}
	for _, cells := range g.rows {
		t.Rows = append(t.Rows, page.Row{Cells: cells})
	}
	return t
}
