package train

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"kindred/corpus"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
	"kindred/internal/random"
	"kindred/model"
	"kindred/train/negative"
)

// recordedCases are trainings with the portable kernel, whose bytes are the same on all processors.
// Each has the settings that it changes, as JSON, and the hash of what it learns.
var recordedCases = []struct{ name, text, settings, want string }{
	{"window", "demo", `{}`, "5412d5a3deefac9aaf7764b32a02fa1d"},
	{"pair", "demo", `{"negative_sharing":"pair","dim":40}`, "c40a9dad853305e72966486d0f073152"},
	{"shared windows", "demo", `{"share_windows":3}`, "5a03d2bebbda86698400a4d6d6f28924"},
	{"fractional and moving k", "demo", `{"negatives":2.5,"negatives_last":4}`, "a1ee6f56f323522b2843d54c949bc271"},
	{"no negatives", "demo", `{"negatives":0}`, "857d1947c7c7de8d8b656b338ad93893"},
	{"uniform", "demo", `{"sampler":"uniform"}`, "73e89353547a47e3342ecaf12d1eb494"},
	{"zipf", "demo", `{"sampler":"zipf","dim":7}`, "4a2927fd1fd10161fe97a3626a306c41"},
	{"subsampled", "demo", `{"sampler":"subsampled"}`, "f5274b7539e700fab1b5d00ac7cb513b"},
	{"in-batch", "demo", `{"sampler":"in-batch"}`, "bfd256ad45ed4fe25a5c6a0ec3452dcc"},
	{"in-batch-logq", "demo", `{"sampler":"in-batch-logq"}`, "5b71843d8cbe2892fe46775663e28af7"},
	{"hard", "demo", `{"sampler":"hard","candidates":9}`, "1bbc3aa67f5bb673849e408e8dd9517a"},
	{"hard by pair", "demo", `{"sampler":"hard","negative_sharing":"pair"}`, "e39f0ab2f758e5c331e5ef18efa64f62"},
	{"hard-pair", "demo", `{"sampler":"hard-pair"}`, "167e786078758dd0b0a6e51ac0d259ae"},
	{"curriculum", "demo", `{"sampler":"curriculum"}`, "dcd6ab7dd7156c0331902a627b05b90b"},
	{"self-adversarial", "demo", `{"sampler":"self-adversarial"}`, "284c77d69eddd767eb20ff8c645788ca"},
	{"debiased", "demo", `{"sampler":"debiased","dim":17}`, "91de7bc82723267011054d94ef0ad6fe"},
	{"reject window", "demo", `{"reject":"window"}`, "32d1372059c6b740b55e0d32700d102d"},
	{"reject both by pair", "demo", `{"reject":"window,pmi","pmi_bound":1,"negative_sharing":"pair"}`, "5720372f263b1154bd2e63f4a85e6694"},
	{"power", "demo", `{"noise_power":-0.3,"seed":7}`, "4e44e2e7cb47781c8c2a5a84db85d3a2"},
	{"one dimension", "demo", `{"dim":1,"window":2}`, "46b2c85bc39820aec96ea2a3e712e518"},
	{"hold-out", "demo, 5% held out", `{}`, "6b8ae63c4efd53acddd7de76b766a4c6"},
	{"hogwild", "demo", `{"hogwild":true,"threads":1}`, "fd5a5a34f087adb6ab83b35124369b18"},
	{"hogwild by pair", "demo", `{"hogwild":true,"threads":1,"negative_sharing":"pair","subsample":0}`, "e09f59b61f78902a1642c53b89b3cb4b"},
	{"hogwild hard", "demo", `{"hogwild":true,"threads":1,"sampler":"hard","reject":"window"}`, "f5d015d713401eecc7ca97a0131bd7ee"},
	{"full rounds", "long", `{"dim":4,"epochs":1,"lr":0.01,"subsample":1e-4}`, "b612656fc344c21f259102aa21644e2f"},
	{"bursts", "bursts", `{"dim":4,"epochs":1,"lr":0.05,"subsample":0}`, "f7b22daf971a443db36fc472fb5ec9ed"},
	{"init", "demo", `{"dim":8}`, "7f82d10b72412e557a41f041ba1c96e0"},
	{"init with all words", "demo", `{"dim":8}`, "8079692c9627a81d51b0f053bbdd074f"},
	{"cbow mean", "demo", `{"architecture":"cbow","bag":"mean","lr":0.1}`, "5ca3ceda27b296a3e4c6774f3b353d79"},
	{"cbow sum", "demo", `{"architecture":"cbow","bag":"sum","dim":17}`, "e2244cea9c2dbed8610d1ade71e4ae2d"},
	{"cbow hard", "demo", `{"architecture":"cbow","sampler":"hard","reject":"window"}`, "5b5cf4f0425649356777806e50cf2c8a"},
	{"cbow mean debiased", "demo", `{"architecture":"cbow","bag":"mean","sampler":"debiased"}`, "35da4da13c3a51b582d0306601348bf7"},
	{"cbow mean hogwild", "demo", `{"architecture":"cbow","bag":"mean","hogwild":true,"threads":1}`, "f73c09b856111048e68c961ff21eeee3"},
	{"n-grams", "demo", `{"min_n":3,"max_n":6,"bucket":1000}`, "8b256a1d959b22ea4dbceafb639a4155"},
	{"n-grams cbow pair", "demo", `{"architecture":"cbow","min_n":2,"max_n":3,"bucket":77,"sampler":"hard"}`, "55d351b6791ecd661c409479fbd6dc12"},
	{"resume n-grams", "demo", `{"min_n":3,"max_n":6,"bucket":1000}`, "8b256a1d959b22ea4dbceafb639a4155"},
	{"position weights", "demo", `{"architecture":"cbow","position_weights":true}`, "5b272a403f4c276e4f3408ee28bf0919"},
	{"position weights, n-grams", "demo", `{"position_weights":true,"min_n":3,"max_n":6,"bucket":1000,"negative_sharing":"pair"}`, "295cd33fe9298fb4d5ad16ff48fa2705"},
	{"resume", "demo", `{}`, "5412d5a3deefac9aaf7764b32a02fa1d"},
}

func recordedSettings(t *testing.T, changes string) Config {
	t.Helper()
	cfg := Defaults()
	cfg.Dim, cfg.Epochs, cfg.Kernel, cfg.Threads, cfg.LearningRate = 8, 2, "portable", 2, 0.025
	if err := json.Unmarshal([]byte(changes), &cfg); err != nil {
		t.Fatal(err)
	}
	return cfg
}

// recordedTexts are read once for all cases.
func recordedTexts(t *testing.T) map[string]*corpus.Corpus {
	t.Helper()
	demo, err := os.ReadFile("../testdata/demo/text.txt")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]*corpus.Corpus{}
	for name, text := range map[string]string{
		"demo": string(demo), "demo, 5% held out": string(demo), "long": zipfText(6000, 20_000), "bursts": burstyText(),
	} {
		o := corpus.ReadOptions{Dir: t.TempDir(), Selection: vocab.Selection{MinCount: 2}}
		if strings.HasSuffix(name, "held out") {
			o.Holdout = corpus.Holdout{Share: 0.05}
		}
		c, err := corpus.Read(context.Background(), source.FromReader("text", strings.NewReader(text)), o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		texts[name] = c
	}
	return texts
}

// burstyText has words that are rare in the text but frequent in some lines. There the moves of
// the blocks of a round overshoot.
func burstyText() string {
	var b strings.Builder
	rng := random.New(11)
	for line := range 6000 {
		for range 12 {
			if line%1500 < 300 {
				fmt.Fprintf(&b, "b%d ", line/1500*4+int(rng.Uint32n(4)))
			} else {
				fmt.Fprintf(&b, "w%d ", rng.Uint32n(6000))
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// vectorsHash returns the hash of all rows and of the mean losses of the epochs.
func vectorsHash(t *testing.T, e *model.Embeddings) string {
	t.Helper()
	h := sha256.New()
	write := func(values any) {
		if err := binary.Write(h, binary.LittleEndian, values); err != nil {
			t.Fatal(err)
		}
	}
	rows := e.Reader()
	for id := range e.Vocabulary.Len() {
		write(rows.Stored(id))
		write(e.Output.(*model.Matrix).Row(id))
	}
	write(e.Manifest.Training.EpochLoss)
	return fmt.Sprintf("%x", h.Sum(nil)[:16])
}

// TestRecordedVectors trains in many ways and compares the bytes with those of an earlier version.
// The hashes change only if what is trained changes on purpose.
func TestRecordedVectors(t *testing.T) {
	texts := recordedTexts(t)
	for _, c := range recordedCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cfg := recordedSettings(t, c.settings)
			text := texts[c.text]
			dir := openDir(t, t.TempDir())
			o := Options{Checkpoints: &Checkpoints{Dir: dir, Keep: 100}}
			switch {
			case strings.HasPrefix(c.name, "init"):
				from, err := Run(context.Background(), texts["demo, 5% held out"], cfg, Options{})
				if err != nil {
					t.Fatal(err)
				}
				o.Init = &Init{Vectors: from, Source: "earlier", KeepAll: strings.HasSuffix(c.name, "all words")}
				text = texts["long"]
				cfg.Epochs = 1
			case strings.HasPrefix(c.name, "resume"):
				o.Resume = interruptedTraining(t, text, cfg)
				cfg.Threads = 3
			}
			e, err := Run(context.Background(), text, cfg, o)
			if err != nil {
				t.Fatal(err)
			}
			if rounds := e.Manifest.Training.Rounds; rounds != nil && len(rounds.Changes) > 0 {
				t.Errorf("the plan changed: %+v", rounds.Changes)
			}
			if got := vectorsHash(t, e); got != c.want {
				t.Errorf("hash %s, want %s", got, c.want)
			}
		})
	}
}

// interruptedTraining returns a checkpoint from the middle of a training.
func interruptedTraining(t *testing.T, text *corpus.Corpus, cfg Config) *Checkpoint {
	t.Helper()
	dir := openDir(t, t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	_, err := Run(ctx, text, cfg, Options{Checkpoints: &Checkpoints{
		Dir: dir, EveryTokens: 9000, Keep: 100, Observe: func(CheckpointReport) { cancel() },
	}})
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	names, err := dir.Names()
	if err != nil {
		t.Fatal(err)
	}
	c, err := ReadCheckpoint(dir.path + "/" + names[0])
	if err != nil || c.state.Total.Tokens >= int64(cfg.Epochs)*text.Len() {
		t.Fatal(c.state, err)
	}
	return c
}

// TestPortableTrainingBytes is an older, smaller set of the same kind. Both sets of hashes were
// recorded on amd64 and are tested on arm64 as well.
func TestPortableTrainingBytes(t *testing.T) {
	text := read(t, zipfText(3000, 400))
	for _, c := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"default", func(*Config) {}, "ea5b49e90885d9dd222996d704bd3f36"},
		{"pair", func(c *Config) { c.NegativeSharing = negative.PerPair }, "808a73b702509ddbab81fa995d559890"},
		{"power", func(c *Config) { c.NoisePower = -0.3 }, "309c907596b2fdbc5b487b9f1bbc0a14"},
		{"hard", func(c *Config) { c.Sampler = negative.Hard }, "649025c2a81eaaf1f640f9a018857b14"},
		{"debiased", func(c *Config) { c.Sampler = negative.Debiased }, "d1da92f176b93852d75b972d6db797f0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := small()
			cfg.Kernel, cfg.Subsample, cfg.Threads = "portable", 1e-3, 2
			c.change(&cfg)
			if got := parametersHash(t, text, cfg); got != c.want {
				t.Errorf("hash %s, want %s", got, c.want)
			}
		})
	}
}
