package report

import (
	"encoding/json"
	"io"
	"regexp"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	prettytext "github.com/jedib0t/go-pretty/v6/text"

	"kindred/internal/printable"
)

// WriteText writes a document for a terminal. Figures are told by their descriptions.
func WriteText(w io.Writer, d *Document) error {
	return terminal.write(w, d)
}

// WriteMarkdown writes a document as Markdown, with tables. Names such as New_York do not
// become markup. Figures are told by their descriptions.
func WriteMarkdown(w io.Writer, d *Document) error {
	return markdown.write(w, d)
}

// WriteJSON writes results as indented JSON. The fields are those of the results, not of a
// document, which has rounded them and put them into words.
func WriteJSON(w io.Writer, results any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(results)
}

// Width returns the number of columns that text takes on a terminal.
func Width(s string) int { return prettytext.StringWidth(s) }

// Pad fills text up with spaces to a width.
func Pad(s string, width int) string { return prettytext.Pad(s, width, ' ') }

// A textStyle is a way to write a document as text. What a document says may come from files, so the
// methods escape the text of each part: first characters that are not safe to show (package printable), then
// markup.
type textStyle struct {
	title, heading string              // before titles
	underHeading   string              // between a heading and the block below it
	paragraphs     string              // between paragraphs of Prose
	bullet, fact   string              // before items of List and Facts
	escape         func(string) string // text within a line
	begin          func(string) string // an escaped line that begins a block
	table          func(table.Writer) string
}

var terminal = textStyle{
	underHeading: "\n",
	paragraphs:   "\n",
	bullet:       "• ",
	fact:         "  ",
	escape:       func(s string) string { return s },
	begin:        func(s string) string { return s },
	table: func(t table.Writer) string {
		t.SetStyle(table.StyleLight)
		t.Style().Format.Header = prettytext.FormatDefault // not in capitals
		return t.Render()
	},
}

var markdown = textStyle{
	title:        "# ",
	heading:      "## ",
	underHeading: "\n\n",
	paragraphs:   "\n\n",
	bullet:       "- ",
	fact:         "- ",
	// Entities, since not every dialect takes a backslash before them.
	escape: strings.NewReplacer(`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `<`, `&lt;`, `>`, `&gt;`, `&`, `&amp;`, `~`, `\~`).Replace,
	begin:  func(s string) string { return blockMarkup.ReplaceAllString(s, `$1\$2`) },
	table:  table.Writer.RenderMarkdown, // which escapes bars
}

// blockMarkup is what begins a heading, a list, a table or a line below a heading.
var blockMarkup = regexp.MustCompile(`^(\s*\d*)([-+=#|:]|(?:\b[.)]))`)

// line returns text as a part of one line.
func (s textStyle) line(text string) string { return s.escape(printable.Line(text)) }

// write writes the parts of a document with an empty line between them.
func (s textStyle) write(w io.Writer, d *Document) error {
	var parts []string
	add := func(part string) {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if d.Title != "" {
		add(s.title + s.line(d.Title))
	}
	add(s.prose(d.Lead))
	for _, section := range d.Sections {
		heading := ""
		if section.Title != "" {
			heading = s.heading + s.line(section.Title)
		}
		for _, b := range section.Blocks {
			body := s.block(b)
			if body != "" && heading != "" {
				body, heading = heading+s.underHeading+body, ""
			}
			add(body)
		}
		add(heading)
	}
	if d.Footer != "" {
		add(s.prose(Prose{d.Footer}))
	}
	_, err := io.WriteString(w, strings.Join(parts, "\n\n")+"\n")
	return err
}

// block returns a block without the line end behind it.
func (s textStyle) block(b Block) string {
	switch b := b.(type) {
	case Prose:
		return s.prose(b)
	case List:
		return s.items(s.bullet, b)
	case Facts:
		return s.items(s.fact, b)
	case *Table:
		return s.table(s.tableWriter(b))
	case *Figure:
		return s.figure(b)
	}
	return ""
}

func (s textStyle) prose(p Prose) string {
	var written []string
	for _, paragraph := range p {
		written = append(written, s.begin(s.line(paragraph)))
	}
	return strings.Join(written, s.paragraphs)
}

func (s textStyle) items(bullet string, items []string) string {
	var written []string
	for _, item := range items {
		var lines []string
		for line := range strings.SplitSeq(item, "\n") {
			lines = append(lines, s.begin(s.line(line)))
		}
		written = append(written, bullet+strings.Join(lines, "\n    "))
	}
	return strings.Join(written, "\n")
}

func (s textStyle) figure(f *Figure) string {
	if len(f.Panels) == 0 {
		return ""
	}
	var told Prose
	if f.Caption != "" {
		told = append(told, f.Caption)
	}
	for _, p := range f.Panels {
		told = append(told, p.Description)
	}
	return s.prose(told)
}

// tableWriter returns a table in the form that go-pretty lays out.
func (s textStyle) tableWriter(t *Table) table.Writer {
	w := table.NewWriter()
	var header table.Row
	var columns []table.ColumnConfig
	for i, c := range t.Columns {
		header = append(header, s.line(c.Name))
		if c.Align == Right {
			columns = append(columns, table.ColumnConfig{Number: i + 1, Align: prettytext.AlignRight, AlignHeader: prettytext.AlignRight})
		}
	}
	w.AppendHeader(header)
	w.SetColumnConfigs(columns)
	for _, r := range t.Rows {
		if r.Ruled {
			w.AppendSeparator()
		}
		var row table.Row
		for _, c := range r.Cells {
			row = append(row, c.write(s.line))
		}
		w.AppendRow(row)
	}
	return w
}
