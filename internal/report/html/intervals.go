package html

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"kindred/internal/report"
)

// intervals draws [report.Intervals]; it implements [plot.Plotter].
type intervals struct{ report.Intervals }

// The heights of a row's name, and of a dot. The margin has room for half a tick label on both
// sides; names reach into it.
const (
	margin     = 14
	nameHeight = 18
	dotHeight  = 14
	rowGap     = 8
)

func rowHeight(r report.IntervalRow) float64 {
	return nameHeight + dotHeight*float64(len(r.Dots)) + rowGap
}

func (v intervals) drawing() (drawing, error) {
	p := newPlot(v.Axis, report.Axis{})
	p.HideY()
	var values []float64
	height := 0.0
	for _, r := range v.Rows {
		height += rowHeight(r)
		for _, d := range r.Dots {
			values = append(values, d.Value, d.Low, d.High)
		}
	}
	if v.Reference != nil {
		values = append(values, *v.Reference)
	}
	if len(values) == 0 {
		return drawing{}, errEmpty
	}
	if err := fitAxis(&p.X, v.Axis, values); err != nil {
		return drawing{}, err
	}
	p.Y.Min, p.Y.Max = -height, 0
	p.Add(gridLines(true, false), v)
	axisHeight := vg.Length(24)
	if v.Axis.Label != "" {
		axisHeight += 18
	}
	return drawing{plotWidth, vg.Length(height) + axisHeight, func(c draw.Canvas) {
		p.Draw(draw.Crop(c, margin, -margin, 0, 0))
	}}, nil
}

// Plot draws the rows.
func (v intervals) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	if v.Reference != nil {
		c.StrokeLine2(dashed, x(*v.Reference), c.Min.Y, x(*v.Reference), c.Max.Y)
	}
	top := 0.0
	for _, r := range v.Rows {
		writeHead(c, y(top-nameHeight+4), r.Name, r.Note)
		for i, d := range r.Dots {
			drawDot(c, d, x, y(top-nameHeight-dotHeight*(float64(i)+0.5)))
		}
		top -= rowHeight(r)
	}
}

// writeHead writes the name of a row at the left and its note at the right. A name that is too long is
// cut.
func writeHead(c draw.Canvas, y vg.Length, name, note string) {
	right := textStyle(muted)
	right.XAlign = draw.XRight
	c = draw.Crop(c, -margin, margin, 0, 0)
	room := c.Max.X - c.Min.X
	if note != "" {
		room -= right.Width(note) + 10
		c.FillText(right, vg.Point{X: c.Max.X, Y: y}, note)
	}
	left := textStyle(ink)
	c.FillText(left, vg.Point{X: c.Min.X, Y: y}, shorten(name, func(s string) bool { return left.Width(s) <= room }))
}

// shorten leaves out as much from the middle of s as it takes to fit.
func shorten(s string, fits func(string) bool) string {
	if fits(s) {
		return s
	}
	runes := []rune(s)
	for keep := len(runes) - 1; keep > 1; keep-- {
		head, tail := keep-keep/2, keep/2
		if short := string(runes[:head]) + "…" + string(runes[len(runes)-tail:]); fits(short) {
			return short
		}
	}
	return "…"
}

// drawDot draws an estimate at the height y.
func drawDot(c draw.Canvas, d report.Dot, x func(float64) vg.Length, y vg.Length) {
	if math.IsNaN(d.Value) {
		return
	}
	if d.Low < d.High {
		line := draw.LineStyle{Color: hueOf(d.Series), Width: 1.75}
		c.StrokeLine2(line, x(d.Low), y, x(d.High), y)
		for _, end := range []float64{d.Low, d.High} {
			c.StrokeLine2(line, x(end), y-3, x(end), y+3)
		}
	}
	c.DrawGlyphNoClip(glyph(d.Series), vg.Point{X: x(d.Value), Y: y})
}
