package train

// minRateShare is the share of the initial learning rate below which it does
// not fall: word2vec.c's.
const minRateShare = 1e-4

// schedule is the learning rate as a function of the tokens processed: linear from
// the initial rate to (almost) zero at the end of the last epoch.
type schedule struct {
	initial float64
	total   int64 // tokens over all epochs
}

func (s schedule) rate(processed int64) float64 {
	return s.initial * max(minRateShare, 1-float64(processed)/float64(s.total))
}
