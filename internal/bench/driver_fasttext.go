package bench

import (
	"context"
	"fmt"
)

// fastTextDriver calls fastText (Bojanowski et al. 2017), whose skip-gram without n-grams
// of characters is plain SGNS. Its options are those of fastText 0.9.
type fastTextDriver struct{}

func (fastTextDriver) name() string    { return "fasttext" }
func (fastTextDriver) vectors() string { return "vectors.vec" }

func (d fastTextDriver) locate(_ context.Context, path string) (program, error) {
	return single(d.name(), path)
}

func (fastTextDriver) steps(p program, s Settings) []step {
	return []step{{
		file: p.files[0],
		args: flags("skipgram", "-input", textName, "-output", "vectors", "-loss", "ns", "-minn", 0, "-maxn", 0, "-bucket", 0,
			"-dim", s.Dim, "-ws", s.Window, "-neg", s.Negatives, "-t", s.Subsample,
			"-minCount", s.MinCount, "-epoch", s.Epochs, "-lr", s.LearningRate, "-thread", s.Threads, "-seed", s.Seed),
		// The number of labels is the last thing it says of the vocabulary. Progress may be told at the end only.
		parts: []part{{name: "vocabulary"}, {name: trainPart, mark: "Number of labels:"}, {name: "save", mark: "Progress:", last: true}},
	}}
}

func (fastTextDriver) unmatched(s Settings) []string {
	notes := []string{"It writes its vectors as text, and its model besides."}
	if s.NoisePower != 0.5 {
		notes = append(notes, fmt.Sprintf("Its noise power is always 0.5, not %g.", s.NoisePower))
	}
	return notes
}

func (fastTextDriver) actual(s Settings) map[string]any {
	return s.named(override{"noise_power", 0.5})
}
