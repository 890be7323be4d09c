package html

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"slices"

	"gonum.org/v1/plot/vg"

	"kindred/internal/report"
)

// fileGap is the space between panels of an SVG file, titleRoom that for a title or a key.
const (
	fileGap   = 20 * vg.Length(1)
	titleRoom = 24 * vg.Length(1)
)

// WriteSVG writes a figure as an SVG file with its panels in rows of that many columns. The file has the
// colors of pages, for a light and for a dark background.
func WriteSVG(w io.Writer, f *report.Figure, columns int) error {
	var body bytes.Buffer
	label := func(class string, x, y vg.Length, text string) {
		fmt.Fprintf(&body, "<text class=\"%s\" x=\"%.5g\" y=\"%.5g\">%s</text>\n", class, x.Points(), (y + titleRoom*2/3).Points(), template.HTMLEscapeString(text))
	}
	place := func(d drawing, x, y vg.Length, attributes string) {
		body.WriteString(string(d.svg(fmt.Sprintf(`x="%.5g" y="%.5g" width="%.5g" height="%.5g" %s`, x.Points(), y.Points(), d.width.Points(), d.height.Points(), attributes))))
	}
	left, top := fileGap, fileGap
	for _, e := range f.Key {
		place(mark(e.Series), left, top+(titleRoom-markSide)/2, hidden)
		left += markSide + fileGap/4
		label("name", left, top, e.Name)
		left += textStyle(ink).Width(e.Name) + fileGap
	}
	if len(f.Key) > 0 {
		top += titleRoom + fileGap/2
	}
	for row := range slices.Chunk(f.Panels, columns) {
		left = fileGap
		height := vg.Length(0)
		for _, p := range row {
			d, err := drawPanel(p)
			if err != nil {
				return fmt.Errorf("figure %q: %w", f.Caption, err)
			}
			label("title", left, top, p.Title)
			place(d, left, top+titleRoom, labeled(p.Description))
			left += plotWidth + fileGap
			height = max(height, d.height)
		}
		top += titleRoom + height + fileGap
	}
	width := fileGap + vg.Length(min(columns, len(f.Panels)))*(plotWidth+fileGap)
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="%.5g" height="%.5g" viewBox="0 0 %[1]g %[2]g" %[3]s>
<style>%[4]stext { font: %[5]gpx "Liberation Sans", Arial, Helvetica, sans-serif; fill: var(--ink) } .title { font-weight: bold }</style>
<rect width="100%%" height="100%%" fill="var(--ground)"/>
%[6]s</svg>
`, width.Points(), top.Points(), labeled(f.Caption), palette(), textSize, &body)
	return err
}
