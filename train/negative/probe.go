package negative

import (
	"math"
	"slices"
)

// probeEvery is the number of steps for each one that is probed: few enough probes that their cost
// cannot be measured.
const probeEvery = 256

// smallGradient is the size below which the gradient of a negative teaches nothing.
const smallGradient = 0.01

// A Tally counts what became of negatives: Drawn, Rejected and Unavoidable for all steps, the others
// for those that were probed. It is part of a checkpoint, whose field names it keeps.
type Tally struct {
	// Drawn is the number of negatives that were trained, or were candidates for it.
	Drawn int64 `json:"drawn"`
	// Rejected is the number that were drawn and rejected, by reason.
	Rejected [reasons]int64 `json:"rejected"`
	// Unavoidable is the number that were kept because nothing better was found.
	Unavoidable int64 `json:"unavoidable"`

	Steps      int64 `json:"steps"`
	Negatives  int64 `json:"negatives"`
	Duplicates int64 `json:"duplicates"` // negatives that occur earlier in their step
	InWindow   int64 `json:"in_window"`  // negatives that are words of the window
	Pairs      int64 `json:"pairs"`      // of an input and a negative
	// SmallGradient is the number of pairs whose gradient is below 0.01.
	SmallGradient int64 `json:"useless"`
	// PositiveScore is the number of pairs that the model takes for true contexts.
	PositiveScore int64 `json:"believed"`
	// Gradient is the sum of |dL/ds| over pairs.
	Gradient float64 `json:"gradient"`
}

// Add adds the counts of another tally.
func (t *Tally) Add(other Tally) {
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
	t.SmallGradient += other.SmallGradient
	t.PositiveScore += other.PositiveScore
	t.Gradient += other.Gradient
}

// All returns the number of draws, with those that were rejected.
func (t *Tally) All() int64 {
	all := t.Drawn
	for _, n := range t.Rejected {
		all += n
	}
	return all
}

// RejectedTarget returns how many draws were rejected because they were the positive target.
func (t *Tally) RejectedTarget() int64 { return t.Rejected[isTarget] }

// RejectedWindow returns how many draws were rejected because they were words of the window.
func (t *Tally) RejectedWindow() int64 { return t.Rejected[inWindow] }

// RejectedPMI returns how many draws were rejected because they were PMI pairs of the center.
func (t *Tally) RejectedPMI() int64 { return t.Rejected[isPMIPair] }

// Probes reports whether step i of the block is probed.
func (w *Worker) Probes(i int) bool { return i%probeEvery == w.probed }

// Probe adds to the tally what a step is about to do. Scores has a row for each input with a score
// for each target; targets are rows of the output matrix, and window the input rows of the whole
// window.
func (w *Worker) Probe(scores []float32, targets, window []int32, done *Tally) {
	n, negatives := len(targets), targets[1:]
	done.Steps++
	done.Negatives += int64(len(negatives))
	for j, negative := range negatives {
		if slices.Contains(negatives[:j], negative) {
			done.Duplicates++
		}
		if w.Rows.contains(window, negative) {
			done.InWindow++
		}
	}
	loss := w.loss
	if loss == nil {
		loss = logistic{}
	}
	w.gradients = append(w.gradients[:0], scores...)
	loss.gradients(w.gradients, w.words(targets), 1)
	for i, score := range scores {
		if i%n == 0 {
			continue // the positive target
		}
		size := math.Abs(float64(w.gradients[i]))
		done.Pairs++
		done.Gradient += size
		if size < smallGradient {
			done.SmallGradient++
		}
		if score > 0 {
			done.PositiveScore++
		}
	}
}
