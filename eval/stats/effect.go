package stats

import "math"

// The effect sizes of Cohen, "Statistical power analysis for the behavioral
// sciences" (2nd edition 1988), whose words for them are small, medium and large.

// CohenQ returns the difference of two correlations after Fisher's
// transformation, atanh r₁ - atanh r₂ (chapter 4): 0.1 is small, 0.3 medium
// and 0.5 large. It is infinite where one of them is 1 or -1.
func CohenQ(r1, r2 float64) float64 { return math.Atanh(r1) - math.Atanh(r2) }

// CohenH returns the difference of two proportions after the arcsine
// transformation, 2 asin √p₁ - 2 asin √p₂ (chapter 6): 0.2 is small, 0.5
// medium and 0.8 large.
func CohenH(p1, p2 float64) float64 {
	return 2*math.Asin(math.Sqrt(p1)) - 2*math.Asin(math.Sqrt(p2))
}

// CohenG returns by how much the first model's share of the discordant
// questions (see [McNemar]) differs from 1/2 (chapter 5): 0.05 is small, 0.15
// medium and 0.25 large. It is 0 where there are none.
func CohenG(onlyFirst, onlySecond int) float64 {
	if onlyFirst+onlySecond == 0 {
		return 0
	}
	return float64(onlyFirst)/float64(onlyFirst+onlySecond) - 0.5
}
