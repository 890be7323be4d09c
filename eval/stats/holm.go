package stats

import (
	"cmp"
	"fmt"
	"slices"
)

// Holm returns p-values corrected for their number by the step-down method
// of Holm ("A simple sequentially rejective multiple test procedure", 1979):
// with m of them in ascending order, the i-th becomes
//
//	max over j ≤ i of min(1, (m-j+1) p_j)
//
// Rejecting those below α has a probability of at most α of rejecting any
// true hypothesis, whatever their dependence, and rejects all that
// Bonferroni's correction does. It panics where a value is not within 0 and 1.
func Holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i, v := range p {
		if !(v >= 0 && v <= 1) {
			panic(fmt.Sprintf("stats: p-value %v", v))
		}
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(p[i], p[j]) })
	corrected := make([]float64, len(p))
	least := 0.0
	for rank, i := range order {
		least = max(least, min(1, float64(len(p)-rank)*p[i]))
		corrected[i] = least
	}
	return corrected
}
