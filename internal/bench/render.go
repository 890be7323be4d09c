package bench

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"kindred/eval/compare"
	"kindred/internal/tabular"
)

// A layout is a way to write a report as text.
type layout struct {
	heading    string
	table      func(table.Writer) string
	prose      func(string) string
	item       string // what a list item begins with
	comparison func(*compare.Comparison, io.Writer) error
}

var terminal = layout{
	table:      tabular.Terminal,
	prose:      func(s string) string { return s },
	item:       "  ",
	comparison: (*compare.Comparison).WriteText,
}

var markdown = layout{
	heading:    "## ",
	table:      table.Writer.RenderMarkdown,
	prose:      strings.NewReplacer(`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `<`, `\<`, `&`, `\&`).Replace,
	item:       "- ",
	comparison: (*compare.Comparison).WriteMarkdown,
}

// WriteText writes the report as tables for a terminal.
func (r *Report) WriteText(w io.Writer) error { return r.write(w, terminal) }

// WriteMarkdown writes the report as Markdown with tables.
func (r *Report) WriteMarkdown(w io.Writer) error { return r.write(w, markdown) }

func (r *Report) write(w io.Writer, l layout) error {
	var b strings.Builder
	for i, s := range r.sections() {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s%s\n", l.heading, s.title)
		if l.heading != "" {
			b.WriteByte('\n')
		}
		for _, item := range s.list {
			fmt.Fprintf(&b, "%s%s\n", l.item, strings.ReplaceAll(l.prose(item), "\n", "\n    "))
		}
		if s.grid != nil {
			fmt.Fprintf(&b, "%s\n\n%s\n", l.table(s.grid.writer(l)), l.prose(s.note))
		}
	}
	if r.Comparison != nil {
		fmt.Fprintf(&b, "\n%sQuality\n\n", l.heading)
		if err := l.comparison(r.Comparison, &b); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writer returns the grid as a table whose first column is text and the others figures.
func (g *grid) writer(l layout) table.Writer {
	t := table.NewWriter()
	row := func(cells []string) table.Row {
		var row table.Row
		for i, c := range cells {
			if i == 0 {
				c = l.prose(c)
			}
			row = append(row, c)
		}
		return row
	}
	var columns []table.ColumnConfig
	for i := range g.header[1:] {
		columns = append(columns, table.ColumnConfig{Number: i + 2, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.AppendHeader(row(g.header))
	t.SetColumnConfigs(columns)
	for _, cells := range g.rows {
		t.AppendRow(row(cells))
	}
	return t
}
