package negative

import (
	"fmt"
	"slices"
	"strings"
)

// A Rejection names negatives that are drawn again because they may be true contexts (false
// negatives). The positive target itself always is.
type Rejection string

const (
	// RejectTarget rejects the positive target only.
	RejectTarget Rejection = "target"
	// RejectWindow also rejects the words of the window.
	RejectWindow Rejection = "window"
	// RejectPMI also rejects words whose pointwise mutual information with the center exceeds a bound.
	RejectPMI Rejection = "pmi"
	// RejectBoth rejects what RejectWindow and RejectPMI do.
	RejectBoth Rejection = "window,pmi"
)

var rejections = []Rejection{RejectTarget, RejectWindow, RejectPMI, RejectBoth}

func (r Rejection) check() error {
	if slices.Contains(rejections, r) {
		return nil
	}
	names := make([]string, len(rejections))
	for i, name := range rejections {
		names[i] = string(name)
	}
	return fmt.Errorf("reject is %q, want one of: %s", r, strings.Join(names, "; "))
}

func (r Rejection) window() bool { return r == RejectWindow || r == RejectBoth }

// PMI reports whether PMI pairs are rejected.
func (r Rejection) PMI() bool { return r == RejectPMI || r == RejectBoth }

// RowWords tells the words of the rows of a matrix: row i is that of word i, except for the replicas. The zero
// RowWords is a matrix without replicas.
type RowWords struct {
	First    int     // the row of the first replica
	Replicas []int32 // the words of the replicas
}

// Word returns the word of a row.
func (r RowWords) Word(row int32) int32 {
	if i := uint(int(row) - r.First); i < uint(len(r.Replicas)) {
		return r.Replicas[i]
	}
	return row
}

// Rows are the words of the rows of both matrices.
type Rows struct{ Input, Output RowWords }

// contains reports whether the word of an output row is among those of input rows.
func (r Rows) contains(inputs []int32, output int32) bool {
	word := r.Output.Word(output)
	for _, input := range inputs {
		if r.Input.Word(input) == word {
			return true
		}
	}
	return false
}

// maxRedraws is how often a negative is drawn again at most. In a vocabulary that is hardly larger
// than a window, all words may have to be rejected; the last one drawn is then kept and counted.
const maxRedraws = 20

// reason says why a negative was drawn again.
type reason int

const (
	accepted reason = iota
	isTarget
	inWindow
	isPMIPair
	reasons
)

// A filter finds negatives that are likely to be true contexts of the center.
type filter struct {
	window bool
	pairs  *PMIPairs // nil if mutual information does not matter
}

// redraw draws the negatives of a step again that are rejected.
func (f *filter) redraw(targets, window []int32, rows Rows, draw func(dst []int32), done *Tally) {
	for n := 1; n < len(targets); n++ {
		for redraws := 0; ; redraws++ {
			why := f.judge(targets[0], targets[n], window, rows)
			if why == accepted {
				break
			}
			if redraws >= maxRedraws && why != isTarget {
				done.Unavoidable++
				break
			}
			done.Rejected[why]++
			draw(targets[n : n+1])
		}
	}
}

func (f *filter) judge(target, negative int32, window []int32, rows Rows) reason {
	switch {
	case negative == target:
		return isTarget
	case f.window && rows.contains(window, negative):
		return inWindow
	case f.pairs != nil && f.pairs.has(rows.Output.Word(target), rows.Output.Word(negative)):
		return isPMIPair
	}
	return accepted
}
