package bench

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"

	"kindred/model"
	"kindred/model/format"
)

// An override is what a tool has in the place of a setting; nil where it has nothing like it.
type override struct {
	name  string
	value any
}

// named returns the settings by the names that they have in manifests, with overrides.
func (s Settings) named(overrides ...override) map[string]any {
	named := map[string]any{
		"dim": s.Dim, "window": s.Window, "negatives": s.Negatives, "subsample": s.Subsample, "noise_power": s.NoisePower,
		"min_count": s.MinCount, "epochs": s.Epochs, "lr": s.LearningRate, "threads": s.Threads, "seed": s.Seed,
	}
	for _, o := range overrides {
		named[o.name] = o.value
	}
	return named
}

// describe leaves a manifest beside the vectors of a run, so that others who compare them know how they
// came to be. A tool that leaves one itself knows better.
func (c *contestant) describe(r *Run, dir string) error {
	vectors := filepath.Join(dir, c.driver.vectors())
	e, err := format.Load(vectors)
	if err != nil {
		return fmt.Errorf("its vectors: %w", err)
	}
	if e.Manifest != nil {
		return nil
	}
	settings := c.driver.actual(r.Plan.Settings)
	if len(c.Options) > 0 {
		settings["options"] = strings.Join(c.Options, " ")
	}
	m := model.Manifest{
		Tool: c.driver.name(), Version: c.program.version, Remarks: c.driver.unmatched(r.Plan.Settings),
		Vectors: e.Input.Rows, Dim: e.Input.Dim,
	}
	if m.Settings, err = json.Marshal(settings); err != nil {
		return err
	}
	if p, _, _, ok := r.trained(); ok {
		m.Training = &model.TrainingRecord{Started: r.Started, Wall: p.Wall, CPU: p.CPU, Completed: true}
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return renameio.WriteFile(format.ManifestPath(vectors), append(text, '\n'), 0o644)
}
