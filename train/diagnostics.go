package train

import (
	"math"
	"slices"

	"kindred/internal/kernel"
	"kindred/model"
)

// inspectEvery is how many steps there are for each one that is looked at closely: enough of them to tell what the negatives
// are worth, few enough that it costs nothing that could be measured.
const inspectEvery = 256

// uselessGradient is the size below which the gradient of a negative teaches nothing.
const uselessGradient = 0.01

// negativesTally counts what became of negatives: all of them where it says so, and otherwise those of the
// steps that were inspected. It is part of a checkpoint.
type negativesTally struct {
	Drawn       int64          `json:"drawn"`       // all that were trained, or were candidates for it
	Rejected    [reasons]int64 `json:"rejected"`    // of all that were drawn, by reason
	Unavoidable int64          `json:"unavoidable"` // of all that were drawn, those kept as nothing better was found

	Steps      int64   `json:"steps"`
	Negatives  int64   `json:"negatives"`
	Duplicates int64   `json:"duplicates"`
	InWindow   int64   `json:"in_window"`
	Pairs      int64   `json:"pairs"`
	Useless    int64   `json:"useless"`
	Believed   int64   `json:"believed"`
	Gradient   float64 `json:"gradient"` // sum of |dL/ds| over pairs
}

func (t *negativesTally) add(other negativesTally) {
	t.Drawn += other.Drawn
	for i, n := range other.Rejected {
		t.Rejected[i] += n
	}
	t.Unavoidable += other.Unavoidable
	t.Steps += other.Steps
	t.Negatives += other.Negatives
	t.Duplicates += other.Duplicates
	t.InWindow += other.InWindow
	t.Pairs += other.Pairs
	t.Useless += other.Useless
	t.Believed += other.Believed
	t.Gradient += other.Gradient
}

// An inspector looks at steps before they are trained.
type inspector struct {
	kernel            kernel.Kernel
	scores, gradients []float32
}

// inspect adds to the tally what a step is about to do. The loss is the given one, or that of the kernels where it is nil, and
// window the inputs of the whole window.
func (c *inspector) inspect(s *kernel.Step, loss objective, targets, window []int32, names names, t *negativesTally) {
	n := len(s.Targets)
	negatives := s.Targets[1:]
	t.Steps++
	t.Negatives += int64(len(negatives))
	for j, negative := range negatives {
		if slices.Contains(negatives[:j], negative) {
			t.Duplicates++
		}
		if names.contains(window, negative) {
			t.InWindow++
		}
	}
	c.scores = slices.Grow(c.scores[:0], len(s.Inputs)*n)[:len(s.Inputs)*n]
	c.kernel.Scores(c.scores, s)
	c.gradients = append(c.gradients[:0], c.scores...)
	if loss == nil {
		loss = logistic{}
	}
	loss.gradients(c.gradients, targets, 1)
	for i, score := range c.scores {
		if i%n == 0 {
			continue // the positive target
		}
		size := math.Abs(float64(c.gradients[i]))
		t.Pairs++
		t.Gradient += size
		if size < uselessGradient {
			t.Useless++
		}
		if score > 0 {
			t.Believed++
		}
	}
}

// record returns what the tally says.
func (t *negativesTally) record() *model.NegativesRecord {
	share := func(part, whole int64) float64 {
		if whole == 0 {
			return 0
		}
		return float64(part) / float64(whole)
	}
	all := t.Drawn
	for _, n := range t.Rejected {
		all += n
	}
	r := &model.NegativesRecord{
		Drawn:             all,
		RejectedTarget:    share(t.Rejected[isTarget], all),
		RejectedWindow:    share(t.Rejected[inWindow], all),
		RejectedRelated:   share(t.Rejected[isRelated], all),
		Unavoidable:       share(t.Unavoidable, all),
		Inspected:         t.Steps,
		DuplicatesPerStep: share(t.Duplicates, t.Steps),
		Useless:           share(t.Useless, t.Pairs),
		InWindow:          share(t.InWindow, t.Negatives),
		FalseNegatives:    share(t.Believed, t.Pairs),
	}
	if t.Pairs > 0 {
		r.MeanGradient = t.Gradient / float64(t.Pairs)
	}
	return r
}
