package train

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
)

// TestSettingsAreFlat checks the JSON form of settings, which checkpoints and results of earlier
// versions have.
func TestSettingsAreFlat(t *testing.T) {
	cfg := Defaults()
	cfg.LearningRate = 0.025
	cfg.Threads, cfg.NegativesLast, cfg.Candidates = 2, 1.5, 12
	const want = `{"architecture":"skipgram","dim":100,"window":5,"negatives":5,"negatives_last":1.5,"sampler":"unigram","candidates":12,"temperature":1,"tau_plus":0.01,"beta":1,` +
		`"reject":"target","pmi_bound":3,"subsample":0.001,"noise_power":0.75,"epochs":5,"lr":0.025,"threads":2,"hogwild":false,"seed":1,` +
		`"negative_sharing":"window","share_windows":1,"kernel":"auto"}`
	got, err := json.Marshal(cfg)
	if err != nil || string(got) != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
	var read Config
	if err := decodeStrictly([]byte(want), &read); err != nil || read != cfg {
		t.Errorf("%+v, %v; want %+v", read, err, cfg)
	}
	// MarshalJSON knows all fields.
	var names []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		if !field.Anonymous {
			names = append(names, field.Tag.Get("json"))
		}
	}
	if len(names) != len(SettingNames()) || slices.Contains(names, "") {
		t.Errorf("Config has the fields %q, and there are names for %q", names, SettingNames())
	}
}
