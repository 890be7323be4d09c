package bench

import (
	"context"
	"os"

	"kindred/internal/version"
)

// kindredDriver calls this very program, or another build of it.
type kindredDriver struct{}

func (kindredDriver) name() string    { return version.Tool }
func (kindredDriver) vectors() string { return "vectors.bin" }

func (kindredDriver) locate(_ context.Context, path string) (program, error) {
	if path != "" {
		return single(version.Tool, path)
	}
	self, err := os.Executable()
	return program{files: []string{self}, version: version.String()}, err
}

// steps reads the text anew in each round, as the other tools do: nothing is taken
// from the cache or left there.
func (kindredDriver) steps(p program, s Settings) []step {
	return []step{{
		file: p.files[0],
		args: flags("train", "--input", textName, "--output", "vectors.bin", "--json", "--cache", "cache", "--cache-limit", 0,
			"--dim", s.Dim, "--window", s.Window, "--negatives", s.Negatives, "--subsample", s.Subsample, "--noise-power", s.NoisePower,
			"--min-count", s.MinCount, "--epochs", s.Epochs, "--lr", s.LearningRate, "--threads", s.Threads, "--seed", s.Seed),
		parts: []part{{name: "read"}, {name: trainPart, mark: `"event":"plan"`}, {name: "save", mark: `"event":"progress"`, last: true}},
	}}
}

func (kindredDriver) unmatched(Settings) []string { return nil }

func (kindredDriver) actual(s Settings) map[string]any { return s.named() }
