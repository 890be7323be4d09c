package main

import (
	"bytes"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The layout of the figure, whose panels stand in rows.
const (
	panelColumns = 3
	panelWidth   = 220 * vg.Length(1) // points
	panelHeight  = 180 * vg.Length(1)
)

// variantColors distinguish the lines of a panel by hue and by lightness.
var variantColors = []color.Color{
	color.RGBA{0x00, 0x5a, 0x9c, 0xff},
	color.RGBA{0xd5, 0x5e, 0x00, 0xff},
}

// figure returns an SVG image with a panel for the axes of each name: CPU time per pair, with the minimum
// and maximum as error bars.
func figure(g grid, measured map[setting]samples) ([]byte, error) {
	var rows [][]*plot.Plot
	var panel *plot.Plot
	name, panels, variant := "", 0, 0
	for _, a := range g.axes {
		if a.name == name {
			variant++
		} else {
			if panels%panelColumns == 0 {
				rows = append(rows, make([]*plot.Plot, panelColumns))
			}
			panel = newPanel(a)
			rows[len(rows)-1][panels%panelColumns] = panel
			name, variant = a.name, 0
			panels++
		}
		if err := addLine(panel, g, a, measured, variantColors[variant]); err != nil {
			return nil, err
		}
	}
	return tiled(rows)
}

// newPanel returns a panel without lines. Values, and the costs of dimensions, have a logarithmic scale,
// on which proportional growth is a straight line.
func newPanel(a axis) *plot.Plot {
	p := plot.New()
	p.Title.Text = a.name
	p.Y.Label.Text = "ns per pair"
	p.Y.Min = 0
	if a.name == "dimension" {
		p.Y.Min = 1
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	}
	first, last := float64(a.values[0]), float64(a.values[len(a.values)-1])
	p.X.Min, p.X.Max = -0.03*last, 1.03*last
	if first > 0 {
		p.X.Scale, p.X.Min, p.X.Max = plot.LogScale{}, first/1.15, last*1.15
	}
	var ticks plot.ConstantTicks
	for _, v := range a.values {
		ticks = append(ticks, plot.Tick{Value: float64(v), Label: quantity(v)})
	}
	p.X.Tick.Marker = ticks
	for _, f := range []*font.Font{&p.Title.TextStyle.Font, &p.Y.Label.TextStyle.Font, &p.X.Tick.Label.Font, &p.Y.Tick.Label.Font, &p.Legend.TextStyle.Font} {
		f.Variant, f.Size = "Sans", 10
	}
	p.Title.TextStyle.Font.Size = 12
	p.Add(plotter.NewGrid())
	return p
}

// points are measurements as gonum's plotters take them.
type points struct {
	plotter.XYs
	plotter.YErrors
}

// addLine draws the measurements along an axis.
func addLine(p *plot.Plot, g grid, a axis, measured map[setting]samples, lineColor color.Color) error {
	var data points
	for _, v := range a.values {
		s := measured[g.at(a, v)].spread(sample.nanosPerPair)
		data.XYs = append(data.XYs, plotter.XY{X: float64(v), Y: s.median})
		data.YErrors = append(data.YErrors, struct{ Low, High float64 }{s.median - s.low, s.high - s.median})
	}
	line, dots, err := plotter.NewLinePoints(data)
	if err != nil {
		return err
	}
	bars, err := plotter.NewYErrorBars(data)
	if err != nil {
		return err
	}
	line.Color, line.Width = lineColor, 1.5
	dots.Color, dots.Shape, dots.Radius = lineColor, draw.CircleGlyph{}, 2.5
	bars.Color = lineColor
	p.Add(line, bars, dots)
	if a.variant != "" {
		p.Legend.Add(a.variant, line, dots)
		p.Legend.Top = true
	}
	return nil
}

// tiled draws the panels on white, so that they can be read on a dark page.
func tiled(rows [][]*plot.Plot) ([]byte, error) {
	image := vgsvg.New(panelColumns*panelWidth, vg.Length(len(rows))*panelHeight)
	canvas := draw.New(image)
	canvas.FillPolygon(color.White, []vg.Point{
		canvas.Min, {X: canvas.Max.X, Y: canvas.Min.Y}, canvas.Max, {X: canvas.Min.X, Y: canvas.Max.Y},
	})
	tiles := draw.Tiles{
		Rows: len(rows), Cols: panelColumns,
		PadX: 14, PadY: 14, PadTop: 8, PadBottom: 8, PadLeft: 8, PadRight: 12,
	}
	for i, row := range plot.Align(rows, tiles, canvas) {
		for j, c := range row {
			if rows[i][j] != nil {
				rows[i][j].Draw(c)
			}
		}
	}
	var svg bytes.Buffer
	if _, err := image.WriteTo(&svg); err != nil {
		return nil, err
	}
	// If Liberation Sans is missing, these have letters of the same width.
	return bytes.ReplaceAll(svg.Bytes(), []byte("font-family:Liberation Sans"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif")), nil
}
