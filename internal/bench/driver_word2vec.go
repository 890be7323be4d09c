package bench

import (
	"context"
	"fmt"
)

// word2vecDriver calls word2vec.c (Mikolov et al. 2013). Its options are those of
// version 0.1c.
type word2vecDriver struct{}

func (word2vecDriver) name() string    { return "word2vec" }
func (word2vecDriver) vectors() string { return "vectors.bin" }

func (d word2vecDriver) locate(_ context.Context, path string) (program, error) {
	return single(d.name(), path)
}

func (d word2vecDriver) steps(p program, s Settings) []step {
	return []step{{
		file:  p.files[0],
		args:  append(word2vecFlags(s), "-cbow", "0", "-hs", "0"),
		parts: word2vecParts,
	}}
}

// word2vecFlags are the options that pWord2Vec has inherited.
func word2vecFlags(s Settings) []string {
	return flags("-train", textName, "-output", "vectors.bin", "-binary", 1, "-debug", 2,
		"-size", s.Dim, "-window", s.Window, "-negative", s.Negatives, "-sample", s.Subsample,
		"-min-count", s.MinCount, "-iter", s.Epochs, "-alpha", s.LearningRate, "-threads", s.Threads)
}

// word2vecParts are told by its progress, the first line of which comes after 10,000 words.
var word2vecParts = []part{{name: "vocabulary"}, {name: trainPart, mark: "Alpha:"}, {name: "save", mark: "Alpha:", last: true}}

func (word2vecDriver) unmatched(s Settings) []string { return word2vecUnmatched(s) }

// word2vecUnmatched are word2vec.c's peculiarities that pWord2Vec has too.
func word2vecUnmatched(s Settings) []string {
	notes := []string{"It takes no seed: its rounds differ only by the order in which its threads run, and not at all with one thread."}
	if s.NoisePower != 0.75 {
		notes = append(notes, fmt.Sprintf("Its noise power is always 0.75, not %g.", s.NoisePower))
	}
	return notes
}

func (word2vecDriver) actual(s Settings) map[string]any {
	return s.named(override{"noise_power", 0.75}, override{"seed", nil})
}
