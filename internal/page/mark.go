package page

import (
	"html/template"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Series is the number of a series in the figures of a page, from 0: the same
// series has the same colour and shape in all of them.
type Series int

// markRadius is the size of a point in a plot.
const markRadius = 4 * vg.Length(1)

// shapes are those of points, which with the hues make 40 series that can be told apart.
var shapes = []draw.GlyphDrawer{
	draw.CircleGlyph{},
	polygon{4, math.Pi / 4, 1.15}, // square
	polygon{3, math.Pi / 2, 1.25}, // triangle
	polygon{4, 0, 1.25},           // diamond
	polygon{3, -math.Pi / 2, 1.25},
}

func (s Series) hue() hue { return seriesHues[int(s)%len(seriesHues)] }

func (s Series) glyph() draw.GlyphStyle {
	return draw.GlyphStyle{Color: s.hue().placeholder(), Radius: markRadius, Shape: shapes[int(s)%len(shapes)]}
}

// A polygon draws a filled regular polygon, the first corner at an angle, its size such
// that it looks as large as a circle.
type polygon struct {
	corners     int
	first, size float64
}

// DrawGlyph implements [draw.GlyphDrawer].
func (g polygon) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	var path vg.Path
	for i := range g.corners {
		sin, cos := math.Sincos(g.first + 2*math.Pi*float64(i)/float64(g.corners))
		corner := at.Add(vg.Point{X: vg.Length(cos), Y: vg.Length(sin)}.Scale(style.Radius * vg.Length(g.size)))
		if i == 0 {
			path.Move(corner)
		} else {
			path.Line(corner)
		}
	}
	path.Close()
	c.Fill(path)
}

// mark returns an image of the series' point for a key.
func (s Series) mark() (template.HTML, error) {
	const side = 14
	return inline(side, side, "", func(c draw.Canvas) {
		style := s.glyph()
		style.Radius *= 1.25
		c.DrawGlyph(style, c.Center())
	})
}
