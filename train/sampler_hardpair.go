package train

// hardPair draws m candidates for the window, of which each input trains the k that score highest with itself:
//
//	L(i) = softplus(-s(i,+)) + sum over the k largest s(i,j) of softplus(s(i,j)),   j = 1..m
//
// (dynamic negative sampling by pair, as in Zhang, Chen, Wang and Yu 2013). It costs the split step with 1 + m targets. When
// to use it: to see what is lost by choosing once for the window, as the hard sampler does at less than half the cost.
type hardPair struct {
	counts    *counts
	selection selection
}

func (h *hardPair) gradients(scores []float32, targets []int32, rate float32) float64 {
	n := len(targets)
	k := min(h.counts.next(), n-1)
	loss := float32(0)
	for ; len(scores) > 0; scores = scores[n:] {
		g, l := attract(scores[0], rate)
		scores[0] = g
		loss += l
		negatives := scores[1:n]
		marks := h.selection.highest(negatives, k)
		for j, score := range negatives {
			negatives[j] = 0
			if marks[j] == 1 {
				negatives[j], l = repel(score, rate)
				loss += l
			}
		}
	}
	return float64(loss)
}
