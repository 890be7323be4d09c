package train

import (
	"errors"
	"fmt"
	"math"

	"kindred/internal/random"
)

// validateNegatives is the part of Validate that is about the choice of negatives.
func (c Config) validateNegatives() error {
	errs := []error{c.Sampler.check(), c.Reject.check()}
	inRange := func(name string, value float64, ok bool, want string) {
		if !ok || math.IsInf(value, 0) {
			errs = append(errs, fmt.Errorf("%s is %v, want %s", name, value, want))
		}
	}
	for _, k := range []struct {
		name  string
		value float64
	}{{"negatives", c.Negatives}, {"last negatives", c.NegativesLast}} {
		inRange(k.name, k.value, k.value >= 0 && k.value <= maxNegatives, fmt.Sprintf("0 to %d; a number that is not whole is a mean", maxNegatives))
	}
	inRange("temperature", c.Temperature, c.Temperature > 0, "a number above 0, such as 1")
	inRange("tau plus", c.TauPlus, c.TauPlus >= 0 && c.TauPlus < 1, "0 or more and below 1, such as 0.01")
	inRange("beta", c.Beta, c.Beta >= 0, "a number of 0 or more, such as 1")
	inRange("PMI bound", c.PMIBound, !math.IsNaN(c.PMIBound), "a finite number, such as 3")
	switch k := c.mostNegatives(); {
	case c.Candidates != 0 && !c.Sampler.chooses():
		errs = append(errs, fmt.Errorf("candidates is %d, but the sampler %s trains all that it draws; use %s, %s or %s, or leave candidates at 0",
			c.Candidates, c.Sampler, Hard, HardPair, Curriculum))
	case c.Candidates != 0 && (c.Candidates < k || c.Candidates > maxNegatives):
		errs = append(errs, fmt.Errorf("candidates is %d, want %d, the number of negatives, to %d; or 0 for twice the negatives", c.Candidates, k, maxNegatives))
	}
	return errors.Join(errs...)
}

// negativesAt returns k when a share t of the training is done, from 0 to 1.
func (c Config) negativesAt(t float64) float64 {
	if c.NegativesLast == 0 {
		return c.Negatives
	}
	return c.Negatives + t*(c.NegativesLast-c.Negatives)
}

// highestNegatives returns the highest k of the training.
func (c Config) highestNegatives() float64 { return max(c.Negatives, c.NegativesLast) }

// mostNegatives returns the largest number of negatives that a step is trained with, and
// mostCandidates of those that are drawn for it.
func (c Config) mostNegatives() int  { return int(math.Ceil(c.highestNegatives())) }
func (c Config) mostCandidates() int { return max(c.candidatesAt(0), c.candidatesAt(1)) }

// candidatesAt returns how many negatives are drawn for a step when a share t of the training is done.
func (c Config) candidatesAt(t float64) int {
	k := int(math.Ceil(c.negativesAt(t)))
	if !c.Sampler.chooses() {
		return k
	}
	m := c.Candidates
	if m == 0 {
		m = defaultCandidates * k
	}
	if c.Sampler == Curriculum {
		return curriculumCandidates(k, m, t)
	}
	return m
}

// defaultCandidates is how many times k the samplers draw that choose from candidates.
const defaultCandidates = 2

// whole reports whether all steps have the same number of negatives.
func (c Config) whole() bool {
	return c.NegativesLast == 0 && c.Negatives == math.Trunc(c.Negatives)
}

// counts draws the number of negatives of each step: the whole number below or above k, such that the mean is k.
type counts struct {
	below    int
	fraction float64
	rng      random.Stream
}

func newCounts(k float64, rng random.Stream) counts {
	below := math.Floor(k)
	return counts{int(below), k - below, rng}
}

func (c *counts) next() int {
	if c.fraction > 0 && c.rng.Float64() < c.fraction {
		return c.below + 1
	}
	return c.below
}
