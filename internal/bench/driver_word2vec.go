package bench

import "fmt"

// word2vecSteps call word2vec.c (Mikolov et al. 2013). The options are those of version 0.1c.
func word2vecSteps(p program, s Settings) []step {
	return []step{{file: p.files[0], args: append(word2vecFlags(s), "-cbow", "0", "-hs", "0"), parts: word2vecParts}}
}

// pWord2VecSteps call pWord2Vec (Ji et al. 2016). It has word2vec.c's options, but no CBOW and no
// hierarchical softmax to be turned off. One batch holds all context words of a window, as its authors
// have it for a window of 5.
func pWord2VecSteps(p program, s Settings) []step {
	return []step{{file: p.files[0], args: append(word2vecFlags(s), flags("-batch-size", 2*s.Window+1)...), parts: word2vecParts}}
}

// word2vecFlags are the options that both have.
func word2vecFlags(s Settings) []string {
	return flags("-train", textName, "-output", "vectors.bin", "-binary", 1, "-debug", 2,
		"-size", s.Dim, "-window", s.Window, "-negative", s.Negatives, "-sample", s.Subsample,
		"-min-count", s.MinCount, "-iter", s.Epochs, "-alpha", s.LearningRate, "-threads", s.Threads)
}

// word2vecParts begin with lines of progress. The first comes after 10,000 words.
var word2vecParts = []part{{name: "vocabulary"}, {name: trainPart, mark: "Alpha:"}, {name: "save", mark: "Alpha:", last: true}}

var word2vecFixed = map[string]any{"noise_power": 0.75, "seed": nil}

func word2vecUnmatched(s Settings) []string {
	notes := []string{"It takes no seed: its rounds differ only by the order in which its threads run, and not at all with one thread."}
	if s.NoisePower != 0.75 {
		notes = append(notes, fmt.Sprintf("Its noise power is always 0.75, not %g.", s.NoisePower))
	}
	return notes
}

func pWord2VecUnmatched(s Settings) []string {
	return append(word2vecUnmatched(s), "Its negatives are shared in the window, as kindred's are unless told otherwise.")
}
