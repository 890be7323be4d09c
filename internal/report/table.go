package report

import "fmt"

// A Table is a table. The first cell of a row names it.
type Table struct {
	// Caption is written by media that have captions: pages. Text has the title of the section.
	Caption string
	Columns []Column
	Rows    []Row
}

// A Column is the head of a column.
type Column struct {
	Name  string
	Align Align
}

// Align says at which side the cells of a column are set in text. Pages set a column
// right only if all its cells are numbers.
type Align int

// The alignments.
const (
	Left Align = iota
	Right
)

// A Row is a row of a table.
type Row struct {
	Cells []Cell
	// Strong makes the row stand out on pages.
	Strong bool
	// Ruled draws a line above the row on terminals.
	Ruled bool
}

// A Cell is text, a number or an interval, or several of them. The zero value is empty.
type Cell struct{ spans []span }

// A span is a piece of a cell.
type span struct {
	kind kind
	text string
}

type kind int

const (
	text kind = iota
	number
	interval
)

// NewTable returns a table without rows whose first column is set left and the others right.
func NewTable(caption string, columns ...string) *Table {
	t := &Table{Caption: caption}
	for i, name := range columns {
		align := Right
		if i == 0 {
			align = Left
		}
		t.Columns = append(t.Columns, Column{name, align})
	}
	return t
}

// Text returns a cell of text, such as a name from a file.
func Text(s string) Cell { return newCell(text, s) }

// Number returns a cell of a number in a format, with what belongs to it: a unit, an
// interval, a mark of significance. A number that is missing may be "-".
func Number(format string, args ...any) Cell { return newCell(number, fmt.Sprintf(format, args...)) }

// Interval returns a cell of an interval alone, both ends in a format, such as "[0.10, 0.90]". Pages set
// it left, as its digits stand below no others of the same weight.
func Interval(format string, low, high float64) Cell {
	return newCell(interval, fmt.Sprintf("["+format+", "+format+"]", low, high))
}

func newCell(k kind, s string) Cell {
	if s == "" {
		return Cell{}
	}
	return Cell{[]span{{k, s}}}
}

// Join returns a cell of several cells with a separator between them.
func Join(separator string, cells ...Cell) Cell {
	var joined Cell
	for i, c := range cells {
		if i > 0 {
			joined.spans = append(joined.spans, span{text, separator})
		}
		joined.spans = append(joined.spans, c.spans...)
	}
	return joined
}

// Add appends a row and returns it, to be used before the next one is added. A cell is a [Cell], a
// string, which is text, or an integer. Cells that a row lacks at its end are empty.
func (t *Table) Add(cells ...any) *Row {
	if len(cells) > len(t.Columns) {
		panic(fmt.Sprintf("report: table %q: a row of %d cells under %d columns: %v", t.Caption, len(cells), len(t.Columns), cells))
	}
	row := Row{Cells: make([]Cell, len(t.Columns))}
	for i, c := range cells {
		switch c := c.(type) {
		case Cell:
			row.Cells[i] = c
		case string:
			row.Cells[i] = Text(c)
		case int, int32, int64, uint64:
			row.Cells[i] = Number("%d", c)
		default:
			panic(fmt.Sprintf("report: table %q: a cell of type %T", t.Caption, c))
		}
	}
	t.Rows = append(t.Rows, row)
	return &t.Rows[len(t.Rows)-1]
}

// Empty reports whether the table has no rows.
func (t *Table) Empty() bool { return len(t.Rows) == 0 }

// Numeric reports whether all cells of column i begin with a number, empty ones aside.
func (t *Table) Numeric(i int) bool {
	numeric := false
	for _, r := range t.Rows {
		if c := r.Cells[i]; len(c.spans) > 0 {
			if numeric = c.spans[0].kind == number; !numeric {
				return false
			}
		}
	}
	return numeric
}

// String returns the cell as plain text.
func (c Cell) String() string { return c.write(func(s string) string { return s }) }

// write returns the cell with its text escaped. Numbers and intervals are no markup.
func (c Cell) write(escape func(string) string) string {
	written := ""
	for _, s := range c.spans {
		if s.kind == text {
			written += escape(s.text)
		} else {
			written += s.text
		}
	}
	return written
}
