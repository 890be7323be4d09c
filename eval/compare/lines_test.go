package compare

import (
	"math"
	"testing"

	"kindred/eval/labels"
	"kindred/eval/sets"
	"kindred/eval/stats"
)

// linesOf returns lines with one label each, and the labels given.
func linesOf(own, given []int) []labels.Line {
	lines := make([]labels.Line, len(own))
	for i := range own {
		lines[i] = labels.Line{Own: own[i : i+1], Given: given[i : i+1], Unit: i}
	}
	return lines
}

// TestLines compares two classifiers whose scores are worked by hand. Of ten lines, six have the label a and four b; the first classifier is
// wrong about one b, the second about that one and two of a:
//
//	first:  F1 of a = 2*6/(7+6) = 12/13, of b = 2*3/(3+4) = 6/7; 9 of 10 right
//	second: F1 of a = 2*4/(5+6) = 8/11,  of b = 2*3/(5+4) = 2/3; 7 of 10 right
func TestLines(t *testing.T) {
	own := []int{0, 0, 0, 0, 0, 0, 1, 1, 1, 1}
	first := linesOf(own, []int{0, 0, 0, 0, 0, 0, 1, 1, 1, 0})
	second := linesOf(own, []int{0, 0, 0, 0, 1, 1, 1, 1, 1, 0})
	c := Lines(sets.Source{Name: "lines"}, []string{"a", "b", "unused"}, []LineSystem{
		{"first", []string{"1"}, [][]labels.Line{first}}, {"second", []string{"2"}, [][]labels.Line{second}}, {"again", []string{"3"}, [][]labels.Line{first}},
	}, stats.Bootstrap{Resamples: 500})
	want := map[string][2]float64{
		"macro F1": {(12.0/13 + 6.0/7) / 2, (8.0/11 + 2.0/3) / 2}, "F1 of all labels": {0.9, 0.7}, "F1 of a": {12.0 / 13, 8.0 / 11}, "F1 of b": {6.0 / 7, 2.0 / 3},
	}
	if len(c.Measures) != len(want) || c.Lines != 10 || c.Units != 10 || c.Tests != 6 {
		t.Fatalf("%d measures, %d lines of %d units, %d tests", len(c.Measures), c.Lines, c.Units, c.Tests)
	}
	for _, m := range c.Measures {
		for i, w := range want[m.Measure] {
			if got := m.Scores[i].Score.Value; math.Abs(got-w) > 1e-12 {
				t.Errorf("%s of classifier %d is %v, want %v", m.Measure, i, got, w)
			}
		}
		for _, d := range m.Differences {
			switch {
			case d.First == 0 && d.Second == 2: // the same answers
				if d.Test.P != 1 || *d.Corrected != 1 || d.Difference.Value != 0 || d.Verdict != WithinNoise {
					t.Errorf("%s: a classifier differs from itself: %+v", m.Measure, d)
				}
			case d.First == 0 && d.Second == 1:
				// Two lines are right by the first only, none by the second only: 2 * 1/4.
				if len(d.Others) != 1 || d.Others[0].Name[:7] != "McNemar" || d.Others[0].P != 0.5 {
					t.Errorf("%s: McNemar's test is %+v", m.Measure, d.Others)
				}
			}
		}
	}
}

// TestLinesOfUnits resamples lines of the same unit together: as they are all right or all wrong, the interval is wider.
func TestLinesOfUnits(t *testing.T) {
	var own, given []int
	for i := range 200 {
		own, given = append(own, i/10%2), append(given, i/10%2^i/20%2)
	}
	width := func(unit func(i int) int) float64 {
		lines := linesOf(own, given)
		for i := range lines {
			lines[i].Unit = unit(i)
		}
		c := Lines(sets.Source{}, []string{"a", "b"}, []LineSystem{{"one", []string{"1"}, [][]labels.Line{lines}}}, stats.Bootstrap{Resamples: 300})
		low, high := c.Measures[1].Scores[0].Score.Bounds()
		return high - low
	}
	if each, together := width(func(i int) int { return i }), width(func(i int) int { return i / 10 }); together < 2*each {
		t.Errorf("the interval is %.3f wide over lines, and %.3f over units of ten", each, together)
	}
}
