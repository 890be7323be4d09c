package html

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"kindred/internal/report"
)

// plotWidth is the width of a plot, in pixels of a phone, whose screen it fills. On wider
// screens it grows a little or has others beside it, so text of textSize is readable everywhere.
const (
	plotWidth = 340 * vg.Length(1)
	textSize  = 12.5
)

// errEmpty is the error of a plot without a point.
var errEmpty = errors.New("nothing to draw")

// textStyle returns the style of text of a hue.
func textStyle(h hue) text.Style {
	f := font.From(plot.DefaultFont, textSize)
	f.Variant = "Sans"
	return text.Style{Color: h, Font: f, Handler: plot.DefaultTextHandler}
}

// newPlot returns a plot without data, styled for the page.
func newPlot(x, y report.Axis) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	styleAxis(&p.X, x)
	styleAxis(&p.Y, y)
	p.Y.LineStyle.Width = 0
	return p
}

// styleAxis gives an axis the look of the page, and the ticks and the label of a.
func styleAxis(axis *plot.Axis, a report.Axis) {
	axis.Color = muted
	axis.Padding = 0
	axis.Tick.Length = 4
	axis.Tick.Color = muted
	for _, s := range []*text.Style{&axis.Tick.Label, &axis.Label.TextStyle} {
		style := textStyle(muted)
		s.Font, s.Color = style.Font, style.Color
	}
	axis.Label.Text = a.Label
	axis.Label.Padding = 3
	axis.Tick.Marker = linearTicks{}
	if a.Log {
		axis.Scale, axis.Tick.Marker = plot.LogScale{}, logTicks{}
	}
	if len(a.Ticks) > 0 {
		var ticks plot.ConstantTicks
		for _, t := range a.Ticks {
			ticks = append(ticks, plot.Tick{Value: t.At, Label: t.Label})
		}
		axis.Tick.Marker = ticks
	}
}

// linearTicks are at multiples of 1, 2 or 5 times a power of 10, as many as possible below six.
type linearTicks struct{}

func (linearTicks) Ticks(low, high float64) []plot.Tick {
	exponent := int(math.Floor(math.Log10((high - low) / 5)))
	var step float64
	for _, factor := range []float64{1, 2, 5, 10} {
		if step = factor * math.Pow10(exponent); (high-low)/step < 5.5 {
			break
		}
	}
	if step >= 10*math.Pow10(exponent) {
		exponent++
	}
	var ticks []plot.Tick
	for n := math.Ceil(low / step); n*step <= high; n++ {
		ticks = append(ticks, plot.Tick{Value: n * step, Label: number(n*step, max(0, -exponent))})
	}
	return ticks
}

// logTicks are at 1, 2 and 5 times the powers of 10.
type logTicks struct{}

func (logTicks) Ticks(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	for exponent := int(math.Floor(math.Log10(low))); math.Pow10(exponent) <= high; exponent++ {
		for _, factor := range []float64{1, 2, 5} {
			if v := factor * math.Pow10(exponent); v >= low && v <= high {
				ticks = append(ticks, plot.Tick{Value: v, Label: number(v, max(0, -exponent))})
			}
		}
	}
	return ticks
}

// number returns v with that many decimals and a minus sign as wide as digits.
func number(v float64, decimals int) string {
	return strings.Replace(strconv.FormatFloat(v+0, 'f', decimals, 64), "-", "−", 1) // 0 has no sign
}

// fitAxis makes an axis reach all the values, with some room at its ends. It fails if there are none, or
// one is not finite.
func fitAxis(axis *plot.Axis, a report.Axis, values []float64) error {
	low, high := math.Inf(1), math.Inf(-1)
	scale, unscale := func(v float64) float64 { return v }, func(v float64) float64 { return v }
	if a.Log {
		scale, unscale = math.Log, math.Exp
	}
	values = append(values, a.Include...)
	for _, t := range a.Ticks {
		values = append(values, t.At)
	}
	for _, v := range values {
		if v = scale(v); math.IsNaN(v) || math.IsInf(v, 0) {
			return errors.New("a value that can't be drawn")
		}
		low, high = min(low, v), max(high, v)
	}
	switch room := (high - low) * 0.04; {
	case high < low:
		return errEmpty
	case room == 0:
		low, high = low-0.5*max(1e-3, math.Abs(low)), high+0.5*max(1e-3, math.Abs(high))
	default:
		low, high = low-room, high+room
	}
	axis.Min, axis.Max = unscale(low), unscale(high)
	return nil
}

// dashed is the style of lines of reference.
var dashed = draw.LineStyle{Color: muted, Width: 1, Dashes: []vg.Length{4, 3}}

// gridLines returns lines at the ticks of the given axes.
func gridLines(vertical, horizontal bool) *plotter.Grid {
	g := plotter.NewGrid()
	g.Vertical.Color, g.Horizontal.Color = nil, nil
	g.Vertical.Width, g.Horizontal.Width = 0.75, 0.75
	if vertical {
		g.Vertical.Color = rule
	}
	if horizontal {
		g.Horizontal.Color = rule
	}
	return g
}
