package main

import (
	"fmt"
	"strings"

	"kindred/internal/report"
)

// figureColumns is the number of panels side by side.
const figureColumns = 3

// figure returns a figure with a panel for the axes of each name: CPU time per pair, with the minimum and
// maximum as intervals.
func figure(g grid, measured map[setting]samples) *report.Figure {
	f := &report.Figure{Caption: "Nanoseconds of CPU time per input-target pair along each axis"}
	for i := 0; i < len(g.axes); {
		first := g.axes[i]
		plot := newPlot(first)
		var described []string
		for ; i < len(g.axes) && g.axes[i].name == first.name; i++ {
			a := g.axes[i]
			line := report.Line{Series: report.Series(len(plot.Lines))}
			for _, v := range a.values {
				s := measured[g.at(a, v)].spread(sample.nanosPerPair)
				line.Points = append(line.Points, report.Point{X: float64(v), Estimate: report.Estimate{Value: s.median, Low: s.low, High: s.high}})
				described = append(described, fmt.Sprintf("%s at %s", number(s.median), strings.TrimSpace(quantity(v)+" "+a.variant)))
			}
			plot.Lines = append(plot.Lines, line)
			if a.variant != "" {
				f.Key = append(f.Key, report.Entry{Series: line.Series, Name: a.name + " " + a.variant})
			}
		}
		f.Add(first.name, fmt.Sprintf("ns per pair by %s: %s", first.name, strings.Join(described, "; ")), plot)
	}
	return f
}

// newPlot returns a plot without lines. Values, and the costs of dimensions, have a logarithmic scale,
// on which proportional growth is a straight line.
func newPlot(a axis) report.Lines {
	plot := report.Lines{X: report.Axis{Log: a.values[0] > 0}, Y: report.Axis{Label: "ns per pair", Include: []float64{0}}}
	if a.name == "dimension" {
		plot.Y.Log, plot.Y.Include = true, []float64{1}
	}
	for _, v := range a.values {
		plot.X.Ticks = append(plot.X.Ticks, report.Tick{At: float64(v), Label: quantity(v)})
	}
	return plot
}
