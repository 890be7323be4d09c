// Package labels measures classifiers on labeled lines: precision, recall and F1 by label, their means, confusion,
// calibration, and whether the labels are better than chance.
package labels

import (
	"math"
	"slices"

	"kindred/eval/stats"
)

// A Line is what a classifier makes of a line.
type Line struct {
	// Own are the numbers of the labels that the line has, Given those that the classifier gave it, the most probable
	// first.
	Own, Given []int
	// Probability is that of the first label given.
	Probability float64
	// Unit groups lines that are resampled together, such as equal ones: 0, 1, … without gaps.
	Unit int
}

// A Label has the scores of one label.
type Label struct {
	Name string
	// Lines is how many lines have the label, Given how many got it.
	Lines, Given          int
	Precision, Recall, F1 stats.Score
}

// A Report says how well a classifier labels lines.
type Report struct {
	Lines int
	// MacroF1 is the mean of the F1 of all labels that lines have; Precision, Recall and F1 are of all labels given.
	MacroF1, Precision, Recall, F1 stats.Score
	// Kappa is Cohen's (1960): the agreement of first labels beyond that of chance, 0 for no more than that and 1 for all.
	Kappa  stats.Score
	Labels []Label
	// Confusion has by own and by given label the number of lines with one label; both as in Labels.
	Confusion [][]int
	// Bins tell whether lines get a label with the probability that it is right; Error is the mean distance of the two,
	// weighted by lines (expected calibration error; Naeini, Cooper and Hauskrecht 2015).
	Bins  []Bin
	Error float64
}

// A Bin has the lines whose first label has a probability from Low to High.
type Bin struct {
	Low, High   float64
	Lines       int
	Probability float64 // the mean
	Right       float64 // the share of lines that have the label
}

// Chance tells whether the labels are no better than chance: the interval of kappa holds 0.
func (r *Report) Chance() bool {
	low, _ := r.Kappa.Bounds()
	return !r.Kappa.Defined() || low <= 0
}

// Right reports whether the labels given are those of the line, in any order.
func (l *Line) Right() bool {
	return len(l.Own) == len(l.Given) && !slices.ContainsFunc(l.Given, func(k int) bool { return !slices.Contains(l.Own, k) })
}

// A cell counts in the lines of a unit how often a label was right, given, and one of the lines' own.
type cell struct {
	unit             int32
	tp, given, owned float64
}

// total adds cells up, each as often as its unit counts.
func total(cells []cell, counts []int32) (all cell) {
	for _, c := range cells {
		n := float64(counts[c.unit])
		all.tp += n * c.tp
		all.given += n * c.given
		all.owned += n * c.owned
	}
	return all
}

func (c cell) f1() float64 { return 2 * c.tp / (c.given + c.owned) }

// Counts are how often labels were right, given, and the own ones of lines. Its methods are statistics, or return one: functions of how often each
// unit counts, NaN where there is no value.
type Counts struct{ byLabel [][]cell }

// Count counts the labels of lines, which are numbers below n.
func Count(n int, lines []Line) *Counts {
	c := &Counts{make([][]cell, n)}
	type key struct{ unit, label int }
	places := map[key]int{}
	at := func(unit, label int) *cell {
		cells := &c.byLabel[label]
		i, ok := places[key{unit, label}]
		if !ok {
			i = len(*cells)
			places[key{unit, label}] = i
			*cells = append(*cells, cell{unit: int32(unit)})
		}
		return &(*cells)[i]
	}
	for _, l := range lines {
		for _, k := range l.Own {
			counted := at(l.Unit, k)
			counted.owned++
			if slices.Contains(l.Given, k) {
				counted.tp++
			}
		}
		for _, k := range l.Given {
			at(l.Unit, k).given++
		}
	}
	return c
}

// MacroF1 is the mean of the F1 of all labels that lines have.
func (c *Counts) MacroF1(counts []int32) float64 {
	sum, n := 0.0, 0.0
	for _, cells := range c.byLabel {
		if label := total(cells, counts); label.owned > 0 {
			sum += label.f1()
			n++
		}
	}
	return sum / n
}

// F1 is that of all labels given.
func (c *Counts) F1(counts []int32) float64 { return c.total(counts).f1() }

func (c *Counts) total(counts []int32) (all cell) {
	for _, cells := range c.byLabel {
		label := total(cells, counts)
		all.tp, all.given, all.owned = all.tp+label.tp, all.given+label.given, all.owned+label.owned
	}
	return all
}

// LabelF1 returns the F1 of label k.
func (c *Counts) LabelF1(k int) stats.Statistic {
	return func(counts []int32) float64 { return total(c.byLabel[k], counts).f1() }
}

// Measure measures lines, whose labels are numbers of names.
func Measure(names []string, lines []Line, b stats.Bootstrap) *Report {
	r := &Report{Lines: len(lines), Labels: make([]Label, len(names)), Confusion: make([][]int, len(names))}
	for i, name := range names {
		r.Labels[i].Name, r.Confusion[i] = name, make([]int, len(names))
	}
	units := 0
	for _, l := range lines {
		units = max(units, l.Unit+1)
		for _, k := range l.Own {
			r.Labels[k].Lines++
		}
		for _, k := range l.Given {
			r.Labels[k].Given++
		}
		if len(l.Own) == 1 && len(l.Given) > 0 {
			r.Confusion[l.Own[0]][l.Given[0]]++
		}
	}
	score := func(undefined string, s stats.Statistic) stats.Score {
		if units == 0 {
			return stats.Score{Undefined: "there are no lines"}
		}
		v := stats.Score{Value: s.Value(units)}
		if math.IsNaN(v.Value) {
			return stats.Score{Undefined: undefined}
		}
		v.SetInterval(b.ProportionInterval(units, s))
		return v
	}
	c := Count(len(names), lines)
	r.MacroF1 = score("no line has a label", c.MacroF1)
	r.Precision = score("no label was given", func(counts []int32) float64 { all := c.total(counts); return all.tp / all.given })
	r.Recall = score("no line has a label", func(counts []int32) float64 { all := c.total(counts); return all.tp / all.owned })
	r.F1 = score("no line has a label", c.F1)
	for k := range r.Labels {
		l, cells := &r.Labels[k], c.byLabel[k]
		l.Precision = score("no line got the label", func(counts []int32) float64 { of := total(cells, counts); return of.tp / of.given })
		l.Recall = score("no line has the label", func(counts []int32) float64 { of := total(cells, counts); return of.tp / of.owned })
		l.F1 = score("no line has the label or got it", c.LabelF1(k))
	}
	r.Kappa = kappa(lines, units, len(names), score)
	r.calibrate(lines)
	return r
}

// kappa returns Cohen's kappa of the first labels.
func kappa(lines []Line, units, labels int, score func(string, stats.Statistic) stats.Score) stats.Score {
	return score("all lines have the same label, and all got it", func(counts []int32) float64 {
		own, given := make([]float64, labels), make([]float64, labels)
		n, agreed := 0.0, 0.0
		for _, l := range lines {
			if len(l.Own) == 0 {
				continue
			}
			w := float64(counts[l.Unit])
			n += w
			own[l.Own[0]] += w
			if len(l.Given) == 0 {
				continue
			}
			given[l.Given[0]] += w
			if slices.Contains(l.Own, l.Given[0]) {
				agreed += w
			}
		}
		chance := 0.0
		for k := range own {
			chance += own[k] / n * given[k] / n
		}
		return (agreed/n - chance) / (1 - chance)
	})
}

// calibrate fills the bins.
func (r *Report) calibrate(lines []Line) {
	const bins = 10
	r.Bins = make([]Bin, bins)
	for i := range r.Bins {
		r.Bins[i].Low, r.Bins[i].High = float64(i)/bins, float64(i+1)/bins
	}
	n := 0
	for _, l := range lines {
		if len(l.Given) == 0 {
			continue
		}
		n++
		b := &r.Bins[min(int(l.Probability*bins), bins-1)]
		b.Lines++
		b.Probability += l.Probability
		if slices.Contains(l.Own, l.Given[0]) {
			b.Right++
		}
	}
	for i := range r.Bins {
		b := &r.Bins[i]
		if b.Lines > 0 {
			r.Error += math.Abs(b.Probability-b.Right) / float64(n)
			b.Probability /= float64(b.Lines)
			b.Right /= float64(b.Lines)
		}
	}
}

// Threshold returns the lowest probability of a label, given by p for each line, from which on the share of lines that
// have it (own) is at least precision, and the share of the lines that have it which it then finds. ok is false if there
// is none.
func Threshold(p []float64, own []bool, precision float64) (threshold, recall float64, ok bool) {
	order := make([]int, len(p))
	all := 0
	for i := range order {
		order[i] = i
		if own[i] {
			all++
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case p[a] > p[b]:
			return -1
		case p[a] < p[b]:
			return 1
		}
		return 0
	})
	right := 0
	for i, line := range order {
		if own[line] {
			right++
		}
		if i+1 < len(order) && p[order[i+1]] == p[line] {
			continue
		}
		if right > 0 && float64(right) >= precision*float64(i+1) {
			threshold, recall, ok = p[line], float64(right)/float64(all), true
		}
	}
	return threshold, recall, ok
}
