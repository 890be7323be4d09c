// Package html writes a report as one self-contained HTML page: text, tables and plots that
// can be read on phones and desktops, on a light and on a dark background, without a script and
// without fetching anything. gonum/plot draws the plots, as inline SVG in the colors of the page.
package html

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"kindred/internal/printable"
	"kindred/internal/report"
)

//go:embed page.tmpl
var source string

//go:embed style.css
var style string

var page *template.Template

func init() { // not a variable's value, as renderBlock uses page
	page = template.Must(template.New("page").Funcs(template.FuncMap{"render": renderBlock, "mark": markImage}).Parse(source))
}

// Write writes a document as a page. It fails, and writes nothing, if a plot has nothing to draw, a value
// that is not finite, or no description.
func Write(w io.Writer, d *report.Document) error {
	var out bytes.Buffer
	err := page.ExecuteTemplate(&out, "page", struct {
		*report.Document
		Style template.CSS
	}{d, template.CSS(palette() + style)})
	if err != nil {
		return fmt.Errorf("page %q: %w", d.Title, err)
	}
	// Names come from files. The page itself has no character that is escaped.
	_, err = io.WriteString(w, printable.Text(out.String()))
	return err
}

// renderBlock returns the HTML of a block, empty for a block without content.
func renderBlock(b report.Block) (template.HTML, error) {
	switch b := b.(type) {
	case report.Prose:
		return execute("prose", b)
	case report.List:
		return execute("list", b)
	case report.Facts:
		return execute("list", b)
	case *report.Table:
		return execute("table", b)
	case *report.Figure:
		if len(b.Panels) == 0 {
			return "", nil
		}
		view := struct {
			*report.Figure
			Images []template.HTML
		}{Figure: b}
		for _, p := range b.Panels {
			d, err := drawPanel(p)
			if err != nil {
				return "", fmt.Errorf("figure %q: %w", b.Caption, err)
			}
			view.Images = append(view.Images, d.svg(labeled(p.Description)))
		}
		return execute("figure", view)
	}
	return "", fmt.Errorf("no such block: %T", b)
}

// markImage returns the point of a series for a key.
func markImage(s report.Series) template.HTML { return mark(s).svg(hidden) }

func execute(name string, data any) (template.HTML, error) {
	var out bytes.Buffer
	err := page.ExecuteTemplate(&out, name, data)
	return template.HTML(out.String()), err
}

// drawPanel returns the plot of a panel.
func drawPanel(p report.Panel) (d drawing, err error) {
	if p.Description == "" {
		return d, fmt.Errorf("panel %q has no description", p.Title)
	}
	switch plot := p.Plot.(type) {
	case report.Intervals:
		d, err = intervals{plot}.drawing()
	case report.Lines:
		d, err = lines{plot}.drawing()
	case report.Scatter:
		d, err = scatter{plot}.drawing()
	default:
		err = fmt.Errorf("no such plot: %T", plot)
	}
	if err != nil {
		return d, fmt.Errorf("panel %q: %w", p.Title, err)
	}
	return d, nil
}
