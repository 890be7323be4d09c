package report

// A Figure is a group of plots with a caption.
type Figure struct {
	Caption string
	// Key names the series, if the panels themselves do not.
	Key    []Entry
	Panels []Panel
}

// Add appends a panel.
func (f *Figure) Add(title, description string, plot Plot) {
	f.Panels = append(f.Panels, Panel{title, description, plot})
}

// An Entry of a key says what a series stands for.
type Entry struct {
	Series Series
	Name   string
}

// A Series is the number of a series in the figures of a document, from 0. A series
// has the same color and shape in all of them. The first 40 differ.
type Series int

// Neutral is the series for results that are neither good nor bad: a gray diamond.
const Neutral Series = 38

// A Panel is a plot under a title.
type Panel struct {
	Title string
	// Description says what the plot shows. It is for readers who do not see it, and is required.
	Description string
	Plot        Plot
}

// A Plot is [Intervals], [Lines] or [Scatter]. All values must be finite.
type Plot interface{ plot() }

func (Intervals) plot() {}
func (Lines) plot()     {}
func (Scatter) plot()   {}

// An Axis is an axis of a plot. The zero value finds its own range and ticks.
type Axis struct {
	Label string
	// Ticks are the labeled values; without them, they are chosen to be round numbers.
	Ticks []Tick
	// Include are values that the axis must reach, such as 0.
	Include []float64
	// Log makes the scale logarithmic. All values must be positive.
	Log bool
}

// A Tick is a value on an axis and its label.
type Tick struct {
	At    float64
	Label string
}

// An Estimate is a value with its interval. Low and High equal Value if it has none.
type Estimate struct{ Value, Low, High float64 }

// Exactly returns a value without an interval.
func Exactly(v float64) Estimate { return Estimate{v, v, v} }

// Intervals is a plot of estimates as dots with whiskers, in rows with names.
type Intervals struct {
	Axis Axis
	Rows []IntervalRow
	// Reference is where a vertical line is drawn, such as at no difference; nil for none.
	Reference *float64
}

// An IntervalRow is a row of [Intervals].
type IntervalRow struct {
	Name string
	// Note stands at the right: the estimate in figures, or why there is none.
	Note string
	Dots []Dot
}

// A Dot is an estimate of a series.
type Dot struct {
	Series Series
	Estimate
}

// Lines is a plot of estimates against a quantity.
type Lines struct {
	X, Y  Axis
	Lines []Line
	// Reference is where a horizontal line is drawn, such as at no difference; nil for none.
	Reference *float64
}

// A Line is a series of points from left to right.
type Line struct {
	Series Series
	Points []Point
	// Apart leaves the points unconnected.
	Apart bool
}

// A Point is an estimate at X.
type Point struct {
	X float64
	Estimate
}

// Scatter is a plot of many points of a series.
type Scatter struct {
	X, Y   Axis
	Series Series
	Points []XY
}

// An XY is a point of [Scatter].
type XY struct{ X, Y float64 }
