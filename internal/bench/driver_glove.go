package bench

import (
	"context"
	"os"
	"path/filepath"
)

// gloveDriver calls the four programs of GloVe (Pennington et al. 2014), which is another model: it fits
// vectors to the logarithms of weighted co-occurrence counts. Older releases take no seed, and
// leave options that they don't know unread.
type gloveDriver struct{}

// glovePrograms are in the order in which they run.
var glovePrograms = []string{"vocab_count", "cooccur", "shuffle", "glove"}

func (gloveDriver) name() string    { return "glove" }
func (gloveDriver) vectors() string { return "vectors.txt" }

// locate takes the directory of the programs for path, or one of them.
func (gloveDriver) locate(_ context.Context, path string) (program, error) {
	var p program
	for _, name := range glovePrograms {
		at := path
		if filepath.Base(path) == "glove" && !isDir(path) {
			at = filepath.Join(filepath.Dir(path), name)
		}
		file, err := find(name, at)
		if err != nil {
			return program{}, err
		}
		p.files = append(p.files, file)
	}
	return p, nil
}

func (gloveDriver) steps(p program, s Settings) []step {
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

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func (gloveDriver) unmatched(Settings) []string {
	return []string{
		"It is no SGNS: it fits co-occurrence counts, weighted by 1/distance, so there are no negatives, no noise and no sub-sampling to be set.",
		"Its learning rate and weighting function are its own defaults, and an epoch is a pass over the co-occurrence counts, not the text.",
		"Its vectors are the sums of word and context vectors, written as text.",
	}
}

func (gloveDriver) actual(s Settings) map[string]any {
	return s.named(override{"negatives", nil}, override{"noise_power", nil}, override{"subsample", nil}, override{"lr", nil})
}
