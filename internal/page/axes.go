package page

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
)

// plotWidth is the width of a plot in units that are pixels on a phone, where the plot
// is as wide as the screen; on wider screens it grows a little or has others beside it. So text
// of textSize can be read everywhere.
const (
	plotWidth = 340 * vg.Length(1)
	textSize  = 12.5
)

// errEmpty is the error of a plot without a point.
var errEmpty = errors.New("nothing to draw")

// An Axis is an axis of a plot.
type Axis struct {
	Label string
	// Ticks are where values are written; without them the plot finds its own.
	Ticks []Tick
	// Include are values that the axis has to reach, such as 0.
	Include []float64
}

// A Tick is a value on an axis and what is written there.
type Tick struct {
	At    float64
	Label string
}

// textStyle returns the style of text of a hue.
func textStyle(h hue) text.Style {
	f := font.From(plot.DefaultFont, textSize)
	f.Variant = "Sans"
	return text.Style{Color: h.placeholder(), Font: f, Handler: plot.DefaultTextHandler}
}

// newPlot returns a plot without data, dressed for the page.
func newPlot(x, y Axis) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	x.dress(&p.X)
	y.dress(&p.Y)
	p.Y.LineStyle.Width = 0
	return p
}

// dress gives an axis the look of the page, and the ticks and the label of a.
func (a Axis) dress(axis *plot.Axis) {
	axis.Color = muted.placeholder()
	axis.Padding = 0
	axis.Tick.Length = 4
	axis.Tick.Color = muted.placeholder()
	for _, s := range []*text.Style{&axis.Tick.Label, &axis.Label.TextStyle} {
		style := textStyle(muted)
		s.Font, s.Color = style.Font, style.Color
	}
	axis.Label.Text = a.Label
	axis.Label.Padding = 3
	axis.Tick.Marker = linearTicks{}
	if len(a.Ticks) > 0 {
		var ticks plot.ConstantTicks
		for _, t := range a.Ticks {
			ticks = append(ticks, plot.Tick{Value: t.At, Label: t.Label})
		}
		axis.Tick.Marker = ticks
	}
}

// linearTicks are at multiples of 1, 2 or 5 times a power of 10, as many as that gives below six.
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

// number returns v with that many decimals and a minus sign as wide as digits.
func number(v float64, decimals int) string {
	return strings.Replace(strconv.FormatFloat(v+0, 'f', decimals, 64), "-", "−", 1) // 0 has no sign
}

// fit makes an axis reach all the values, with some room at its ends. Values that are
// not finite are left to be reported by the plot that draws them.
func (a Axis) fit(axis *plot.Axis, values []float64) error {
	low, high := math.Inf(1), math.Inf(-1)
	values = append(values, a.Include...)
	for _, t := range a.Ticks {
		values = append(values, t.At)
	}
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
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
	axis.Min, axis.Max = low, high
	return nil
}

// dashed is the style of lines of reference.
var dashed = draw.LineStyle{Color: muted.placeholder(), Width: 1, Dashes: []vg.Length{4, 3}}

// gridLines returns lines at the ticks of the axes asked for.
func gridLines(vertical, horizontal bool) *plotter.Grid {
	g := plotter.NewGrid()
	g.Vertical.Color, g.Horizontal.Color = nil, nil
	g.Vertical.Width, g.Horizontal.Width = 0.75, 0.75
	if vertical {
		g.Vertical.Color = rule.placeholder()
	}
	if horizontal {
		g.Horizontal.Color = rule.placeholder()
	}
	return g
}
