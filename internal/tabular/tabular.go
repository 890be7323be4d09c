// Package tabular makes the tables that reports have in terminals, Markdown and pages alike.
package tabular

import (
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// New returns a table whose first column is text and the others figures.
func New(header ...string) table.Writer {
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

// Terminal returns a table with lines around its cells, and its header as it was written.
func Terminal(t table.Writer) string {
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	return t.Render()
}
