package cli

import (
	"context"
	"fmt"
	"slices"

	"kindred/corpus"
	"kindred/eval/anomaly"
	"kindred/internal/random"
	"kindred/model"
)

// logsPreset is the value of --preset for logs.
const logsPreset = "logs"

func (t *trainFlags) presetFlag() *flag {
	return &flag{name: "preset", group: "Text", into: &t.preset, value: "NAME", initial: "none", choices: oneOf(logsPreset),
		help: "settings for a kind of text; logs: --tokenizer logs --filter lower digits:mask --min-count 1 --epochs 20 --calibrate 20%, for \"kindred score\"; flags that are given come first"}
}

// applyPreset sets what the preset says of flags that are not given.
func (t *trainFlags) applyPreset(c *call) {
	if t.preset != logsPreset || c.given("resume") {
		return
	}
	if !c.given("tokenizer") {
		t.tokenizer = "logs"
	}
	if !c.given("filter") {
		t.filters = []string{"lower", "digits:mask"}
	}
	if !c.given("min-count") {
		t.minCount = 1
	}
	if !c.given("epochs") {
		t.config.Epochs = 20
	}
	if !c.given("calibrate") && !c.given("holdout") {
		t.calibrate = 0.2
	}
}

// checkCalibration checks what can be known before the training about whether lines can be scored. Calibration that
// only the preset asks for is given up with a warning.
func (t *trainFlags) checkCalibration(c *call, j *trainJob) error {
	if t.calibrate == 0 {
		return nil
	}
	why := ""
	switch {
	case slices.ContainsFunc(t.inputs, func(path string) bool { return path == stdStream || isStream(path) }):
		why = "the calibration lines are read again after the training, and a pipe can be read only once; save the text to a file, or give normal lines to \"kindred score\" with --normal"
	case j.format.Name != "safetensors":
		why = "lines are scored by the output matrix, which the format " + j.format.Name + " does not hold; name an output that ends in .safetensors"
	}
	switch {
	case why == "":
		return nil
	case c.given("calibrate"):
		return usage("--calibrate: " + why)
	}
	j.con.warn("no calibration lines: " + why)
	t.calibrate, j.read.Holdout = 0, corpus.Holdout{}
	return nil
}

// maxCalibration is the number of calibration scores that a model keeps: enough for a rate of 1 in 10,000.
const maxCalibration = 10_000

// calibrate scores the lines that were kept out of the training and puts their scores into the manifest.
func (j *trainJob) calibrate(ctx context.Context, e *model.Embeddings) error {
	scorer, err := anomaly.New(e)
	if err != nil {
		return err
	}
	src, err := openText(j.inputs, j.encoding, j.read.Analyzer.Escaped())
	if err != nil {
		return err
	}
	sample := scoreSample{choice: random.New(j.config.Seed, calibrationSample)}
	line := scorer.Line()
	err = corpus.HeldOutLines(ctx, src, j.read, func(tokens [][]byte) error {
		line.Reset()
		for _, t := range tokens {
			line.Token(t)
		}
		sample.add(line.Score().Total)
		return nil
	})
	if err != nil {
		return err
	}
	e.Manifest.Calibration = sample.record()
	return nil
}

// calibrationSample is the coordinate after the seed of the numbers that choose calibration scores.
const calibrationSample = 0x63616c6962

// A scoreSample keeps a uniform sample of scores (Vitter, "Random sampling with a reservoir", 1985,
// algorithm R).
type scoreSample struct {
	scores []float32
	seen   int64
	choice random.Stream
}

func (s *scoreSample) add(score float64) {
	s.seen++
	if len(s.scores) < maxCalibration {
		s.scores = append(s.scores, float32(score))
		return
	}
	if i := int64(s.choice.Float64() * float64(s.seen)); i < maxCalibration {
		s.scores[i] = float32(score)
	}
}

// record returns the sample as a manifest holds it.
func (s *scoreSample) record() *model.CalibrationRecord {
	slices.Sort(s.scores)
	return &model.CalibrationRecord{Version: anomaly.Version, Lines: s.seen, Scores: s.scores}
}

// calibrationText says how low a rate of false alarms n calibration lines allow.
func calibrationText(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("by %s, for rates of false alarms of %.3g %% and more", counted(n, "line"), 100/float64(n+1))
}
