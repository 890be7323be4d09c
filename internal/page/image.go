package page

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// fontStyle is what the canvas says of each text, which the style sheet of the page says once.
const fontStyle = "font-family:Liberation Sans;font-variant:normal;font-weight:normal;font-style:normal;"

// inline returns what paint draws as an SVG element in the colours of the page. Its text
// alternative is description, without which it is hidden from screen readers.
func inline(width, height vg.Length, description string, paint func(draw.Canvas)) (template.HTML, error) {
	image := vgsvg.New(width, height)
	paint(draw.New(image))
	var out bytes.Buffer
	if _, err := image.WriteTo(&out); err != nil {
		return "", err
	}
	_, body, _ := strings.Cut(out.String(), "<svg ") // leave out the XML declaration and the size
	_, body, _ = strings.Cut(body, ">")
	body = strings.ReplaceAll(body, fontStyle, "")
	label := `aria-hidden="true"`
	if description != "" {
		label = fmt.Sprintf(`role="img" aria-label="%s"`, template.HTMLEscapeString(description))
	}
	return template.HTML(fmt.Sprintf(`<svg viewBox="0 0 %g %g" %s>%s`, width.Points(), height.Points(), label, themed.Replace(body))), nil
}
