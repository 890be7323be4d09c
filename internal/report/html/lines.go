package html

import (
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"kindred/internal/report"
)

// lines draws [report.Lines]; it implements [plot.Plotter].
type lines struct{ report.Lines }

func (l lines) drawing() (drawing, error) {
	p := newPlot(l.X, l.Y)
	var across, up []float64
	for _, line := range l.Lines.Lines {
		for _, at := range line.Points {
			across = append(across, at.X)
			up = append(up, at.Value, at.Low, at.High)
		}
	}
	if len(across) == 0 {
		return drawing{}, errEmpty
	}
	if l.Reference != nil {
		up = append(up, *l.Reference)
	}
	if err := fitAxis(&p.X, l.X, across); err != nil {
		return drawing{}, err
	}
	if err := fitAxis(&p.Y, l.Y, up); err != nil {
		return drawing{}, err
	}
	p.Add(gridLines(false, true), l)
	return drawing{plotWidth, 250, func(c draw.Canvas) { p.Draw(draw.Crop(c, 5, -8, 0, -6)) }}, nil
}

// Plot draws the lines.
func (l lines) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	if l.Reference != nil {
		c.StrokeLine2(dashed, c.Min.X, y(*l.Reference), c.Max.X, y(*l.Reference))
	}
	for i, line := range l.Lines.Lines {
		aside := l.aside(i)
		style := draw.LineStyle{Color: hueOf(line.Series), Width: 1.5}
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
			c.DrawGlyphNoClip(glyph(line.Series), to)
		}
	}
}

// aside returns how far the points of line i are moved, which keeps intervals of the same X from
// hiding each other.
func (l lines) aside(i int) vg.Length {
	interval := func(at report.Point) bool { return at.Low < at.High }
	all := l.Lines.Lines
	if all[i].Apart || !slices.ContainsFunc(all, func(line report.Line) bool { return slices.ContainsFunc(line.Points, interval) }) {
		return 0
	}
	return 4 * (vg.Length(i) - vg.Length(len(all)-1)/2)
}

// GlyphBoxes returns the room that points take; it implements [plot.GlyphBoxer].
func (l lines) GlyphBoxes(p *plot.Plot) []plot.GlyphBox {
	var boxes []plot.GlyphBox
	for i, line := range l.Lines.Lines {
		for _, at := range line.Points {
			room := glyph(line.Series).Rectangle().Add(vg.Point{X: l.aside(i)})
			boxes = append(boxes, plot.GlyphBox{X: p.X.Norm(at.X), Y: p.Y.Norm(at.Value), Rectangle: room})
		}
	}
	return boxes
}

// scatter draws [report.Scatter]; it implements [plot.Plotter].
type scatter struct{ report.Scatter }

// pointRadius is the size of a point of a scatter plot.
const pointRadius = 2 * vg.Length(1)

func (d scatter) drawing() (drawing, error) {
	p := newPlot(d.X, d.Y)
	var across, up []float64
	for _, at := range d.Points {
		across = append(across, at.X)
		up = append(up, at.Y)
	}
	if len(across) == 0 {
		return drawing{}, errEmpty
	}
	if err := fitAxis(&p.X, d.X, across); err != nil {
		return drawing{}, err
	}
	if err := fitAxis(&p.Y, d.Y, up); err != nil {
		return drawing{}, err
	}
	p.Add(gridLines(true, true), d)
	return drawing{plotWidth, 270, func(c draw.Canvas) { p.Draw(draw.Crop(c, 5, -8, 0, -6)) }}, nil
}

// Plot draws the points, as one path, which takes a third of the bytes of as many paths.
func (d scatter) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	var path vg.Path
	for _, at := range d.Points {
		center := vg.Point{X: x(at.X), Y: y(at.Y)}
		path.Move(vg.Point{X: center.X + pointRadius, Y: center.Y})
		path.Arc(center, pointRadius, 0, 2*math.Pi)
		path.Close()
	}
	c.SetColor(veiled{hueOf(d.Series)})
	c.Fill(path)
}
