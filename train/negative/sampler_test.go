package negative_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"kindred/corpus"
	"kindred/corpus/source"
	"kindred/train"
	"kindred/train/negative"
)

// TestAddingASampler adds a row to the table and does all with it that is done with a sampler:
// training, validation, help and defaults.
func TestAddingASampler(t *testing.T) {
	negative.AddToySampler(t)
	cfg := train.Defaults()
	cfg.Dim, cfg.Epochs, cfg.Sampler, cfg.Candidates, cfg.Negatives = 8, 1, "rare", 12, 4
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	lines := strings.NewReader(strings.Repeat("a b c d e a b c a b a\n", 200))
	text, err := corpus.Read(context.Background(), source.FromReader("text", lines), corpus.ReadOptions{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	vectors, err := train.Run(context.Background(), text, cfg, train.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(vectors.Manifest.Settings), `"sampler":"rare"`) {
		t.Errorf("the manifest has the settings %s", vectors.Manifest.Settings)
	}
	i, ok := negative.Sampler("rare").Info()
	if !ok || i.Static() || i.Noise() != "1/count" || i.Loss() == "" || !strings.Contains(i.Selects(), "sum") {
		t.Errorf("the row is %+v, %v", i, ok)
	}
	options := negative.Options()
	n := slices.IndexFunc(options, func(o *negative.Option) bool { return o.Name == "softness" })
	if n < 0 || options[n].Help() != "softness of rare" {
		t.Fatalf("the options are %v", options)
	}
	softness := options[n].Field(&cfg.Settings).(*float64)
	if *softness != 0.5 {
		t.Errorf("the default is %v, want 0.5", *softness)
	}
	*softness = 2
	if err := cfg.Validate(); err == nil || err.Error() != "softness is 2, want 0 to 1, such as 0.5" {
		t.Errorf("Validate returns %v", err)
	}
	for _, o := range options {
		if o.Name == "candidates" && !strings.Contains(o.Help(), "hard, hard-pair, curriculum and rare") {
			t.Errorf("the help of the candidates is %q", o.Help())
		}
	}
	cfg.Sampler = "common"
	if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "curriculum, rare") {
		t.Errorf("Validate returns %v", err)
	}
}

// TestTableIsComplete checks the texts of all rows, and that the documentation has them.
func TestTableIsComplete(t *testing.T) {
	doc, err := os.ReadFile("../../docs/negative-sampling.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range negative.Samplers() {
		if i.Description == "" || i.Cost == "" || i.Paper == "" || i.Noise() == "" || i.Loss() == "" || i.Selects() == "" {
			t.Errorf("%s has no text somewhere: %+v", i.Name, i)
		}
		if !strings.Contains(string(doc), "`"+string(i.Name)+"`") {
			t.Errorf("docs/negative-sampling.md does not mention %s", i.Name)
		}
	}
	for _, o := range negative.Options() {
		if o.Name == "" || o.Value == "" || o.Range == "" || o.Help() == "" || len(o.Samplers()) == 0 {
			t.Errorf("option %s has no text somewhere", o.Name)
		}
	}
}
