package page

import (
	"html/template"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Cloud is a plot of many points of a series.
type Cloud struct {
	X, Y   Axis
	Series Series
	Points plotter.XYs
}

// pointRadius is the size of a point of a cloud.
const pointRadius = 2 * vg.Length(1)

func (d Cloud) image(description string) (template.HTML, error) {
	p := newPlot(d.X, d.Y)
	var across, up []float64
	for _, at := range d.Points {
		across = append(across, at.X)
		up = append(up, at.Y)
	}
	if len(across) == 0 {
		return "", errEmpty
	}
	if err := d.X.fit(&p.X, across); err != nil {
		return "", err
	}
	if err := d.Y.fit(&p.Y, up); err != nil {
		return "", err
	}
	p.Add(gridLines(true, true), d)
	return inline(plotWidth, 270, description, func(c draw.Canvas) { p.Draw(draw.Crop(c, 5, -8, 0, -6)) })
}

// Plot draws the points; it implements [plot.Plotter]. All are one path, which takes a
// third of the bytes of as many paths.
func (d Cloud) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	var path vg.Path
	for _, at := range d.Points {
		centre := vg.Point{X: x(at.X), Y: y(at.Y)}
		path.Move(vg.Point{X: centre.X + pointRadius, Y: centre.Y})
		path.Arc(centre, pointRadius, 0, 2*math.Pi)
		path.Close()
	}
	c.SetColor(d.Series.hue().veiled())
	c.Fill(path)
}
