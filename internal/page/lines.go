package page

import (
	"html/template"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Lines is a plot of values and their intervals against something.
type Lines struct {
	X, Y  Axis
	Lines []Line
	// Reference is where a horizontal line is drawn, such as at no difference; nil for none.
	Reference *float64
}

// A Line is a series of points from left to right. Apart leaves them unconnected.
type Line struct {
	Series Series
	Points []Point
	Apart  bool
}

// A Point is a value at X with its interval. Low and High are equal to Value where it has none.
type Point struct{ X, Value, Low, High float64 }

func (l Lines) image(description string) (template.HTML, error) {
	p := newPlot(l.X, l.Y)
	var across, up []float64
	for _, line := range l.Lines {
		for _, at := range line.Points {
			across = append(across, at.X)
			up = append(up, at.Value, at.Low, at.High)
		}
	}
	if len(across) == 0 {
		return "", errEmpty
	}
	if l.Reference != nil {
		up = append(up, *l.Reference)
	}
	if err := l.X.fit(&p.X, across); err != nil {
		return "", err
	}
	if err := l.Y.fit(&p.Y, up); err != nil {
		return "", err
	}
	p.Add(gridLines(false, true), l)
	return inline(plotWidth, 250, description, func(c draw.Canvas) { p.Draw(draw.Crop(c, 5, -8, 0, -6)) })
}

// Plot draws the lines; it implements [plot.Plotter].
func (l Lines) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	if l.Reference != nil {
		c.StrokeLine2(dashed, c.Min.X, y(*l.Reference), c.Max.X, y(*l.Reference))
	}
	for i, line := range l.Lines {
		aside := l.aside(i)
		style := draw.LineStyle{Color: line.Series.hue().placeholder(), Width: 1.5}
		var path []vg.Point
		for _, at := range line.Points {
			to := vg.Point{X: x(at.X) + aside, Y: y(at.Value)}
			path = append(path, to)
			if at.Low < at.High {
				c.StrokeLine2(style, to.X, y(at.Low), to.X, y(at.High))
			}
		}
		if !line.Apart {
			c.StrokeLines(style, path)
		}
		for _, to := range path {
			c.DrawGlyphNoClip(line.Series.glyph(), to)
		}
	}
}

// aside returns by how much the points of line i are set aside, so that intervals of the
// same X don't hide each other.
func (l Lines) aside(i int) vg.Length {
	interval := func(at Point) bool { return at.Low < at.High }
	if l.Lines[i].Apart || !slices.ContainsFunc(l.Lines, func(line Line) bool { return slices.ContainsFunc(line.Points, interval) }) {
		return 0
	}
	return 4 * (vg.Length(i) - vg.Length(len(l.Lines)-1)/2)
}

// GlyphBoxes returns the room that points take; it implements [plot.GlyphBoxer].
func (l Lines) GlyphBoxes(p *plot.Plot) []plot.GlyphBox {
	var boxes []plot.GlyphBox
	for i, line := range l.Lines {
		for _, at := range line.Points {
			room := line.Series.glyph().Rectangle().Add(vg.Point{X: l.aside(i)})
			boxes = append(boxes, plot.GlyphBox{X: p.X.Norm(at.X), Y: p.Y.Norm(at.Value), Rectangle: room})
		}
	}
	return boxes
}
