package page

import (
	"encoding/csv"
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// A Table is a table, which scrolls within its own frame where it is too wide.
type Table struct {
	Caption string
	Columns []Column
	Rows    []Row
}

// A Column is the head of a column; Figures tells that its cells are numbers, set right.
type Column struct {
	Name    string
	Figures bool
}

// A Row is a row of a table, whose first cell names it. Strong makes it stand out.
type Row struct {
	Cells  []string
	Strong bool
}

func (t Table) view() (string, any, error) {
	for _, r := range t.Rows {
		if len(r.Cells) != len(t.Columns) {
			return "", nil, fmt.Errorf("table %q: a row of %d cells under %d columns: %q", t.Caption, len(r.Cells), len(t.Columns), r.Cells)
		}
	}
	return "table", t, nil
}

// NewTable returns what t holds. Columns behind the first are figures where all cells begin like a number.
func NewTable(caption string, t table.Writer) Table {
	t.Style().Format.Header = text.FormatDefault // not in capitals
	reader := csv.NewReader(strings.NewReader(t.RenderTSV()))
	reader.Comma = '\t'
	records, err := reader.ReadAll()
	if err != nil || len(records) == 0 {
		panic(fmt.Sprintf("page: table %q: %d lines, %v", caption, len(records), err))
	}
	out := Table{Caption: caption}
	for i, name := range records[0] {
		out.Columns = append(out.Columns, Column{Name: name, Figures: i > 0 && hasFigures(records[1:], i)})
	}
	for _, cells := range records[1:] {
		out.Rows = append(out.Rows, Row{Cells: cells})
	}
	return out
}

// hasFigures reports whether a column holds numbers, with what may follow them, and nothing else.
func hasFigures(rows [][]string, column int) bool {
	figures := false
	for _, row := range rows {
		if row[column] == "" {
			continue
		}
		if figures = strings.ContainsRune("+-<.0123456789", rune(row[column][0])); !figures {
			return false
		}
	}
	return figures
}
