package bench

import (
	"context"
	"path/filepath"
)

// locateGlove finds the four programs of GloVe. path is their directory, or that of the last one.
func locateGlove(_ context.Context, path string) (program, error) {
	if filepath.Base(path) == "glove" && !isDir(path) {
		path = filepath.Dir(path)
	}
	var p program
	for _, name := range []string{"vocab_count", "cooccur", "shuffle", "glove"} {
		file, err := find(name, path)
		if err != nil {
			return program{}, err
		}
		p.files = append(p.files, file)
	}
	return p, nil
}

// gloveSteps call the four programs of GloVe (Pennington et al. 2014), another model: it fits vectors to
// the logarithms of weighted co-occurrence counts. Older releases take no seed, and ignore options that
// they don't know.
func gloveSteps(p program, s Settings) []step {
	return []step{
		{
			file: p.files[0], args: flags("-verbose", 2, "-min-count", s.MinCount),
			stdin: textName, stdout: "vocabulary.txt", parts: []part{{name: "vocabulary"}},
		},
		{
			file: p.files[1], args: flags("-verbose", 2, "-vocab-file", "vocabulary.txt", "-window-size", s.Window),
			stdin: textName, stdout: "cooccurrences.bin", parts: []part{{name: "co-occurrences"}},
		},
		{
			file: p.files[2], args: flags("-verbose", 2, "-seed", s.Seed),
			stdin: "cooccurrences.bin", stdout: "shuffled.bin", parts: []part{{name: "shuffle"}},
		},
		{
			file: p.files[3],
			args: flags("-verbose", 2, "-input-file", "shuffled.bin", "-vocab-file", "vocabulary.txt", "-save-file", "vectors", "-binary", 0,
				"-vector-size", s.Dim, "-iter", s.Epochs, "-threads", s.Threads, "-seed", s.Seed),
			parts: []part{{name: "initialise"}, {name: trainPart, mark: "alpha:"}, {name: "save", mark: "iter:", last: true}},
		},
	}
}

func gloveUnmatched(Settings) []string {
	return []string{
		"It is no SGNS: it fits co-occurrence counts, weighted by 1/distance, so there are no negatives, no noise and no sub-sampling to be set.",
		"Its learning rate and weighting function are its own defaults, and an epoch is a pass over the co-occurrence counts, not the text.",
		"Its vectors are the sums of word and context vectors, written as text.",
	}
}
