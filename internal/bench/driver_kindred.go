package bench

import (
	"context"
	"os"

	"kindred/internal/version"
)

// locateKindred finds this very program, or the build of it at path.
func locateKindred(_ context.Context, path string) (program, error) {
	if path != "" {
		return single(version.Tool, path)
	}
	self, err := os.Executable()
	return program{files: []string{self}, version: version.String()}, err
}

// kindredSteps read the text anew in each round, as the other tools do: without a cache.
func kindredSteps(p program, s Settings) []step {
	return []step{{
		file: p.files[0],
		args: flags("train", "--input", textName, "--output", "vectors.bin", "--json", "--cache", "cache", "--cache-limit", 0,
			"--dim", s.Dim, "--window", s.Window, "--negatives", s.Negatives, "--subsample", s.Subsample, "--noise-power", s.NoisePower,
			"--min-count", s.MinCount, "--epochs", s.Epochs, "--lr", s.LearningRate, "--threads", s.Threads, "--seed", s.Seed),
		parts: []part{{name: "read"}, {name: trainPart, mark: `"event":"plan"`}, {name: "save", mark: `"event":"progress"`, last: true}},
	}}
}
