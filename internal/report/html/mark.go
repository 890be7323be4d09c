package html

import (
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"kindred/internal/report"
)

// markRadius is the size of a point in a plot.
const markRadius = 4 * vg.Length(1)

// shapes are the shapes of points. With the hues they make 40 different series.
var shapes = []draw.GlyphDrawer{
	draw.CircleGlyph{},
	polygon{4, math.Pi / 4, 1.15}, // square
	polygon{3, math.Pi / 2, 1.25}, // triangle
	polygon{4, 0, 1.25},           // diamond
	polygon{3, -math.Pi / 2, 1.25},
}

// glyph returns the point of a series.
func glyph(s report.Series) draw.GlyphStyle {
	return draw.GlyphStyle{Color: hueOf(s), Radius: markRadius, Shape: shapes[int(s)%len(shapes)]}
}

// markSide is the width and the height of a mark.
const markSide = 14 * vg.Length(1)

// mark returns the point of a series for a key.
func mark(s report.Series) drawing {
	return drawing{markSide, markSide, func(c draw.Canvas) {
		style := glyph(s)
		style.Radius *= 1.25
		c.DrawGlyph(style, c.Center())
	}}
}

// A polygon draws a filled regular polygon that looks as large as a circle. The first corner is at an
// angle.
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
