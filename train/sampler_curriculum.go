package train

import "math"

// curriculumCandidates returns how many candidates the curriculum draws when a share t of the training is done, from 0 to 1:
//
//	m(t) = k + t (m - k)
//
// rounded, of which k are kept as by the hard sampler. It starts with plain noise, which tells words apart
// roughly, and ends with hard negatives (curriculum learning: Bengio, Louradour, Collobert and Weston 2009). It costs
// half of what the hard sampler does beyond plain noise. When to use it: where hard negatives from the start make training
// unstable, as at high learning rates.
func curriculumCandidates(k, m int, t float64) int {
	return k + int(math.Round(t*float64(m-k)))
}
