package bench

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kindred/model/format"
)

// TestManifests requires a manifest of the settings that each tool trained with, asked for or not.
func TestManifests(t *testing.T) {
	dir, _ := install(t)
	for tool, peculiar := range map[string]map[string]any{
		"gensim":    {},
		"fasttext":  {"noise_power": 0.5},
		"word2vec":  {"noise_power": 0.75, "seed": nil},
		"pWord2Vec": {"noise_power": 0.75, "seed": nil},
		"glove":     {"negatives": nil, "noise_power": nil, "subsample": nil, "lr": nil},
		"wego":      {"noise_power": 0.0, "seed": nil},
	} {
		results := t.TempDir()
		e := experimentOf(dir, tool)
		result := perform(t, e, results).Tools[0]
		if len(result.Runs) != 1 {
			t.Fatalf("%s: %s", tool, result.Failure)
		}
		vectors, err := format.Load(filepath.Join(results, result.Runs[0].Vectors))
		if err != nil {
			t.Fatal(err)
		}
		m := vectors.Manifest
		if m == nil {
			t.Errorf("%s has no manifest: %v", tool, vectors.Warnings)
			continue
		}
		want := map[string]any{
			"dim": 30.0, "window": 7.0, "negatives": 6.0, "subsample": 0.0004, "noise_power": 0.6, "min_count": 2.0, "epochs": 8.0,
			"lr": 0.03, "threads": 3.0, "seed": 11.0,
		}
		for name, value := range peculiar {
			want[name] = value
		}
		var got map[string]any
		if err := json.Unmarshal(m.Settings, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: settings (-want +got):\n%s", tool, diff)
		}
		if diff := cmp.Diff(result.Unmatched, m.Remarks); diff != "" || m.Tool != tool || m.Training == nil || m.Training.Wall < 0 { // the fake trainer may write all of its output at once
			t.Errorf("%s: tool %q, training %+v, remarks (-want +got):\n%s", tool, m.Tool, m.Training, diff)
		}
	}
}

// TestManifestOfOptions gives a tool options of its own.
func TestManifestOfOptions(t *testing.T) {
	dir, _ := install(t)
	e := experimentOf(dir, "fasttext")
	e.Tools[0].Options = []string{"-verbose", "1"}
	results := t.TempDir()
	perform(t, e, results)
	vectors, err := format.Load(filepath.Join(results, "fasttext-1", "vectors.vec"))
	if err != nil {
		t.Fatal(err)
	}
	if m := vectors.Manifest; m == nil || !strings.Contains(string(m.Settings), `"options": "-verbose 1"`) {
		t.Errorf("manifest %+v", m)
	}
}
