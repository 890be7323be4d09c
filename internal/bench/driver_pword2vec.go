package bench

import "context"

// pWord2VecDriver calls pWord2Vec (Ji et al. 2016), which has word2vec.c's options and
// no CBOW or hierarchical softmax to be turned off.
type pWord2VecDriver struct{}

func (pWord2VecDriver) name() string    { return "pWord2Vec" }
func (pWord2VecDriver) vectors() string { return "vectors.bin" }

func (d pWord2VecDriver) locate(_ context.Context, path string) (program, error) {
	return single(d.name(), path)
}

func (pWord2VecDriver) steps(p program, s Settings) []step {
	// One batch holds all context words of a window, as its authors have it for a window of 5.
	args := append(word2vecFlags(s), flags("-batch-size", 2*s.Window+1)...)
	return []step{{file: p.files[0], args: args, parts: word2vecParts}}
}

func (pWord2VecDriver) unmatched(s Settings) []string {
	return append(word2vecUnmatched(s), "Its negatives are shared in the window, as kindred's are unless told otherwise.")
}

func (pWord2VecDriver) actual(s Settings) map[string]any { return word2vecDriver{}.actual(s) }
