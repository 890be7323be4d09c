package train

import (
	"fmt"
	"slices"
	"strings"
)

// A Rejection names negatives that are drawn again because they may be true contexts. The target itself always is.
type Rejection string

const (
	// RejectNothing rejects the target only.
	RejectNothing Rejection = "target"
	// RejectWindow rejects the words of the window as well.
	RejectWindow Rejection = "window"
	// RejectPMI rejects words whose pointwise mutual information with the centre exceeds a bound.
	RejectPMI Rejection = "pmi"
	// RejectBoth does what the two others do.
	RejectBoth Rejection = "window,pmi"
)

var rejections = []Rejection{RejectNothing, RejectWindow, RejectPMI, RejectBoth}

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
func (r Rejection) pmi() bool    { return r == RejectPMI || r == RejectBoth }

// maxRedraws is how often a negative is drawn again at most. In a vocabulary that is hardly larger than a
// window all words may have to be rejected; the last one drawn is then kept and counted.
const maxRedraws = 20

// A rejecter draws negatives again that are likely to be true contexts of the centre.
type rejecter struct {
	window  bool
	related *related // nil where mutual information doesn't matter
}

// reason says why a negative was drawn again.
type reason int

const (
	accepted reason = iota
	isTarget
	inWindow
	isRelated
	reasons
)

// apply replaces the negatives of all steps. draw yields others.
func (r *rejecter) apply(b *batch, names names, draw func(dst []int32), done *negativesTally) {
	for i := range b.len() {
		_, targets := b.step(i)
		window := b.window(i)
		for n := 1; n < len(targets); n++ {
			for redraws := 0; ; redraws++ {
				why := r.judge(targets[0], targets[n], window, names)
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
}

func (r *rejecter) judge(centre, negative int32, window []int32, names names) reason {
	switch {
	case negative == centre:
		return isTarget
	case r.window && names.contains(window, negative):
		return inWindow
	case r.related != nil && r.related.has(names.target(centre), names.target(negative)):
		return isRelated
	}
	return accepted
}

// window returns the inputs of the window that a step belongs to: those of the steps next to it with the same
// centre, as pairs of a window are steps of their own.
func (b *batch) window(i int) []int32 {
	first, last := i, i
	centre := b.targets[i*b.width]
	for first > 0 && b.targets[(first-1)*b.width] == centre {
		first--
	}
	for last+1 < b.len() && b.targets[(last+1)*b.width] == centre {
		last++
	}
	start := 0
	if first > 0 {
		start = b.ends[first-1]
	}
	return b.inputs[start:b.ends[last]]
}
