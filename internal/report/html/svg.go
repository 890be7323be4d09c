package html

import (
	"fmt"
	"html/template"
	goimage "image"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A drawing is a plot that is ready to be painted.
type drawing struct {
	width, height vg.Length
	paint         func(draw.Canvas)
}

// svg returns the drawing as an SVG element in the colors of the page, with more attributes.
func (d drawing) svg(attributes string) template.HTML {
	c := &canvas{contexts: []context{{}}}
	fmt.Fprintf(c, "<svg viewBox=\"0 0 %g %g\" %s>\n", d.width.Points(), d.height.Points(), attributes)
	fmt.Fprintf(c, "<g transform=\"scale(1, -1) translate(0, -%.5g)\">\n", d.height.Points()) // the origin is at the bottom
	d.paint(draw.NewCanvas(c, d.width, d.height))
	c.WriteString("</g>\n</svg>\n")
	return template.HTML(c.String())
}

// hidden is the attribute of an element that screen readers skip.
const hidden = `aria-hidden="true"`

// labeled returns the attributes of an image with a text alternative.
func labeled(description string) string {
	return fmt.Sprintf(`role="img" aria-label="%s"`, template.HTMLEscapeString(description))
}

// A canvas writes SVG elements whose colors are the variables of the style sheet. It implements
// [vg.Canvas]. gonum's own SVG canvas takes fixed colors only.
type canvas struct {
	strings.Builder
	contexts []context
}

// A context is what [canvas.Push] saves.
type context struct {
	color  color.Color
	width  vg.Length
	dashes []vg.Length
	offset vg.Length
	groups int // opened in this context
}

func (c *canvas) top() *context { return &c.contexts[len(c.contexts)-1] }

func (c *canvas) SetLineWidth(w vg.Length) { c.top().width = w }
func (c *canvas) SetLineDash(dashes []vg.Length, off vg.Length) {
	c.top().dashes, c.top().offset = dashes, off
}
func (c *canvas) SetColor(color color.Color) { c.top().color = color }

func (c *canvas) Rotate(radians float64) { c.group("rotate(%g)", radians*180/math.Pi) }
func (c *canvas) Translate(pt vg.Point) {
	c.group("translate(%.5g, %.5g)", pt.X.Points(), pt.Y.Points())
}
func (c *canvas) Scale(x, y float64) { c.group("scale(%g,%g)", x, y) }

// group opens a group of elements with a transformation.
func (c *canvas) group(transform string, args ...any) {
	fmt.Fprintf(c, "<g transform=\"%s\">\n", fmt.Sprintf(transform, args...))
	c.top().groups++
}

func (c *canvas) Push() {
	saved := *c.top()
	saved.groups = 0
	c.contexts = append(c.contexts, saved)
}

func (c *canvas) Pop() {
	c.WriteString(strings.Repeat("</g>\n", c.top().groups))
	c.contexts = c.contexts[:len(c.contexts)-1]
}

func (c *canvas) Stroke(path vg.Path) {
	t := c.top()
	if t.width <= 0 {
		return
	}
	style := "fill:none;stroke:" + c.paint("stroke")
	if t.width != 1 {
		style += fmt.Sprintf(";stroke-width:%.5g", t.width.Points())
	}
	if len(t.dashes) > 0 {
		var lengths []string
		for _, d := range t.dashes {
			lengths = append(lengths, fmt.Sprintf("%.5g", d.Points()))
		}
		style += ";stroke-dasharray:" + strings.Join(lengths, ",")
	}
	if t.offset != 0 {
		style += fmt.Sprintf(";stroke-dashoffset:%.5g", t.offset.Points())
	}
	fmt.Fprintf(c, "<path d=\"%s\" style=\"%s\" />\n", pathData(path), style)
}

func (c *canvas) Fill(path vg.Path) {
	fmt.Fprintf(c, "<path d=\"%s\" style=\"fill:%s\" />\n", pathData(path), c.paint("fill"))
}

// FillString writes text. The style sheet gives the font family.
func (c *canvas) FillString(f font.Face, pt vg.Point, s string) {
	fmt.Fprintf(c, "<text x=\"%.5g\" y=\"%.5g\" transform=\"scale(1, -1)\"\n\tstyle=\"font-size:%.5gpx;fill:%s\">%s</text>\n",
		pt.X.Points(), -pt.Y.Points(), f.Font.Size.Points(), c.paint("fill"), template.HTMLEscapeString(s))
}

// DrawImage is not needed by any plot.
func (c *canvas) DrawImage(vg.Rectangle, goimage.Image) { panic("html: a plot with a raster image") }

// paint returns the current color as the value of a property.
func (c *canvas) paint(property string) string {
	switch color := c.top().color.(type) {
	case hue:
		return "var(--" + color.name + ")"
	case veiled:
		return "var(--" + color.name + ");" + property + "-opacity:.7"
	default:
		panic(fmt.Sprintf("html: a plot in the color %v, which is not of the page", color))
	}
}

// pathData returns a path in the notation of SVG.
func pathData(path vg.Path) string {
	var d strings.Builder
	var at vg.Point
	for _, p := range path {
		switch p.Type {
		case vg.MoveComp:
			at = p.Pos
			fmt.Fprintf(&d, "M%.5g,%.5g", at.X.Points(), at.Y.Points())
		case vg.LineComp:
			at = p.Pos
			fmt.Fprintf(&d, "L%.5g,%.5g", at.X.Points(), at.Y.Points())
		case vg.ArcComp:
			if start := onCircle(p, p.Start); start != at {
				fmt.Fprintf(&d, "L%.5g,%.5g", start.X.Points(), start.Y.Points())
			}
			for half := 1.0; half <= 2; half++ { // a whole circle as one arc would be none
				at = onCircle(p, p.Start+p.Angle*half/2)
				fmt.Fprintf(&d, "A%.5g,%.5g 0 %d %d %.5g,%.5g", p.Radius.Points(), p.Radius.Points(),
					bit(math.Abs(p.Angle/2) >= math.Pi), bit(p.Angle >= 0), at.X.Points(), at.Y.Points())
			}
		case vg.CloseComp:
			d.WriteString("Z")
		default:
			panic(fmt.Sprintf("html: a plot with a path component of type %d", p.Type))
		}
	}
	return d.String()
}

// onCircle returns the point of an arc's circle at an angle.
func onCircle(arc vg.PathComp, angle float64) vg.Point {
	sin, cos := math.Sincos(angle)
	return vg.Point{X: arc.Pos.X + arc.Radius*vg.Length(cos), Y: arc.Pos.Y + arc.Radius*vg.Length(sin)}
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
