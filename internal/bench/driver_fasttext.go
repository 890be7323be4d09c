package bench

import "fmt"

// fastTextSteps call fastText (Bojanowski et al. 2017). Its skip-gram without n-grams of characters is
// plain SGNS. The options are those of fastText 0.9.
func fastTextSteps(p program, s Settings) []step {
	return []step{{
		file: p.files[0],
		args: flags("skipgram", "-input", textName, "-output", "vectors", "-loss", "ns", "-minn", 0, "-maxn", 0, "-bucket", 0,
			"-dim", s.Dim, "-ws", s.Window, "-neg", s.Negatives, "-t", s.Subsample,
			"-minCount", s.MinCount, "-epoch", s.Epochs, "-lr", s.LearningRate, "-thread", s.Threads, "-seed", s.Seed),
		// The number of labels is its last line about the vocabulary. It may report progress at the
		// end only.
		parts: []part{{name: "vocabulary"}, {name: trainPart, mark: "Number of labels:"}, {name: "save", mark: "Progress:", last: true}},
	}}
}

func fastTextUnmatched(s Settings) []string {
	notes := []string{"It writes its vectors as text, and its model besides."}
	if s.NoisePower != 0.5 {
		notes = append(notes, fmt.Sprintf("Its noise power is always 0.5, not %g.", s.NoisePower))
	}
	return notes
}
