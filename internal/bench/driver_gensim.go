package bench

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// gensimScript is the name of the program in the directory of a run. The name gensim.py would hide the
// package.
const gensimScript = "gensim_word2vec.py"

//go:embed gensim_word2vec.py
var gensimProgram string

// locateGensim finds a Python that can import gensim. The first on PATH may not be the system's, which
// has the packages of the distribution.
func locateGensim(ctx context.Context, path string) (program, error) {
	const interpreter = "python3"
	var candidates []string
	if path != "" {
		file, err := find(interpreter, path)
		if err != nil {
			return program{}, err
		}
		candidates = []string{file}
	} else {
		for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/bin") {
			if file, err := find(interpreter, dir); err == nil && !slices.Contains(candidates, file) {
				candidates = append(candidates, file)
			}
		}
	}
	if len(candidates) == 0 {
		return program{}, errors.New("python3 is not on PATH")
	}
	for _, file := range candidates {
		var told bytes.Buffer
		cmd := exec.CommandContext(ctx, file, "-c", "import gensim; print(gensim.__version__)")
		cmd.Stdout = &boundedLog{w: &told}
		cmd.WaitDelay = outputDelay
		if err := cmd.Run(); err == nil {
			return program{files: []string{file}, version: strings.TrimSpace(told.String())}, nil
		}
	}
	return program{}, fmt.Errorf("gensim can't be imported by %s", enumerate(candidates))
}

// gensimSettings are the arguments of the program.
type gensimSettings struct {
	Input      string  `json:"input"`
	Output     string  `json:"output"`
	VectorSize int     `json:"vector_size"`
	Window     int     `json:"window"`
	Negative   int     `json:"negative"`
	Sample     float64 `json:"sample"`
	NSExponent float64 `json:"ns_exponent"`
	MinCount   int     `json:"min_count"`
	Epochs     int     `json:"epochs"`
	Alpha      float64 `json:"alpha"`
	MinAlpha   float64 `json:"min_alpha"`
	Workers    int     `json:"workers"`
	Seed       int     `json:"seed"`
}

// gensimSteps call gensim.models.Word2Vec of gensim 4 by a small program. It gives gensim the text as a
// file (corpus_file), so that compiled code reads it.
func gensimSteps(p program, s Settings) []step {
	settings, err := json.Marshal(gensimSettings{
		Input: textName, Output: "vectors.bin", VectorSize: s.Dim, Window: s.Window, Negative: s.Negatives, Sample: s.Subsample,
		NSExponent: s.NoisePower, MinCount: s.MinCount, Epochs: s.Epochs, Alpha: s.LearningRate, Workers: s.Threads, Seed: s.Seed,
	})
	if err != nil {
		panic(err) // only for numbers that Validate refuses
	}
	return []step{{
		file:  p.files[0],
		args:  []string{gensimScript, string(settings)},
		files: map[string]string{gensimScript: gensimProgram},
		parts: []part{{name: "import"}, {name: "vocabulary", mark: "part vocabulary"},
			{name: trainPart, mark: "part train"}, {name: "save", mark: "part save"}},
	}}
}
