package page

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
)

// A Page is a report.
type Page struct {
	Title string
	// Lead is what a reader who reads nothing else should know, a paragraph each.
	Lead     []string
	Sections []Section
	// Footer says how the page was made.
	Footer string
}

// A Section is a part of a page with a heading of its own.
type Section struct {
	Title  string
	Blocks []Block
}

// A Block is a part of a section: [Prose], [List], [Table] or [Figure].
type Block interface {
	// view returns the name of the template that writes the block, and its data.
	view() (name string, data any, err error)
}

// Prose is a paragraph.
type Prose string

// A List is a list of short statements.
type List []string

func (p Prose) view() (string, any, error) { return "prose", p, nil }
func (l List) view() (string, any, error)  { return "list", l, nil }

//go:embed page.tmpl
var source string

//go:embed style.css
var style string

var document *template.Template

func init() {
	document = template.Must(template.New("page").Funcs(template.FuncMap{"render": renderBlock}).Parse(source))
}

// renderBlock returns the HTML of a block.
func renderBlock(b Block) (template.HTML, error) {
	name, data, err := b.view()
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	err = document.ExecuteTemplate(&out, name, data)
	return template.HTML(out.String()), err
}

// WriteTo writes the page as HTML. It fails where a table has ragged rows, or where a
// plot has nothing to draw or no description for those who can't see it.
func (p *Page) WriteTo(w io.Writer) (int64, error) {
	var out bytes.Buffer
	err := document.ExecuteTemplate(&out, "page", struct {
		*Page
		Style template.CSS
	}{p, template.CSS(palette() + style)})
	if err != nil {
		return 0, fmt.Errorf("page %q: %w", p.Title, err)
	}
	return out.WriteTo(w)
}
