package bench

import "fmt"

// wegoSteps call wego's word2vec. The options are those of version 0.1.
func wegoSteps(p program, s Settings) []step {
	return []step{{
		file: p.files[0],
		args: flags("word2vec", "--input", textName, "--output", "vectors.txt", "--model", "skipgram", "--optimizer", "ns", "--verbose",
			"--dim", s.Dim, "--window", s.Window, "--sample", s.Negatives, "--threshold", s.Subsample,
			"--min-count", s.MinCount, "--iter", s.Epochs, "--initlr", s.LearningRate, "--goroutines", s.Threads),
		parts: []part{{name: "vocabulary"}, {name: trainPart, mark: "read ", last: true}, {name: "save", mark: "trained ", last: true}},
	}}
}

func wegoUnmatched(s Settings) []string {
	notes := []string{
		"It takes no seed.",
		"Its sub-sampling compares the threshold with counts instead of frequencies, and keeps what it should drop: nearly all of the text is trained.",
		"Its learning rate falls to its end within each epoch and starts over, and it doesn't know lines: windows reach over their ends.",
		"It writes its vectors as text.",
	}
	if s.NoisePower != 0 {
		notes = append(notes, fmt.Sprintf("Its noise is uniform (power 0), not count^%g.", s.NoisePower))
	}
	return notes
}
