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
	{"window", "demo", `{}`, "b320a85786b00d6c72762efa78f74b6e"},
	{"pair", "demo", `{"negative_sharing":"pair","dim":40}`, "75b17c72c80ce914c65f10dc262b8b14"},
	{"shared windows", "demo", `{"share_windows":3}`, "07dabea1cf13b72e5ac2c1ddf93e9d3d"},
	{"fractional and moving k", "demo", `{"negatives":2.5,"negatives_last":4}`, "9d81dde0fa82864464b297bcf111d073"},
	{"no negatives", "demo", `{"negatives":0}`, "3a140e4c159a8252cf135b1dc31721e5"},
	{"uniform", "demo", `{"sampler":"uniform"}`, "0f23ceaa716a637991f0adb625e0fe39"},
	{"zipf", "demo", `{"sampler":"zipf","dim":7}`, "289352da10602e4f89589a00467bcee7"},
	{"subsampled", "demo", `{"sampler":"subsampled"}`, "43f8b012b5ef351534d45ad7df5ec340"},
	{"in-batch", "demo", `{"sampler":"in-batch"}`, "a13f3db0e212ef53f72d3b2abdf6870a"},
	{"in-batch-logq", "demo", `{"sampler":"in-batch-logq"}`, "383201e908d7f5de8abb739c309ca2df"},
	{"hard", "demo", `{"sampler":"hard","candidates":9}`, "c967cd3fdff5f653964fc56ea7d49632"},
	{"hard by pair", "demo", `{"sampler":"hard","negative_sharing":"pair"}`, "b903015b47f1bac3e233eca5831b304f"},
	{"hard-pair", "demo", `{"sampler":"hard-pair"}`, "71b267ad35b9475b80a731ce6dfa50fd"},
	{"curriculum", "demo", `{"sampler":"curriculum"}`, "e72b72d4e6ccc9218f1384c0e6462c7d"},
	{"self-adversarial", "demo", `{"sampler":"self-adversarial"}`, "5f5b88ccc79c6a599ef8e33d0ca67565"},
	{"debiased", "demo", `{"sampler":"debiased","dim":17}`, "e0c0cee0f0da2f9bb670fdbf44212bb1"},
	{"reject window", "demo", `{"reject":"window"}`, "33949a4b7c389a649737ff8989d61f52"},
	{"reject both by pair", "demo", `{"reject":"window,pmi","pmi_bound":1,"negative_sharing":"pair"}`, "1cd8965a849bb497ac995b1db8f544ca"},
	{"power", "demo", `{"noise_power":-0.3,"seed":7}`, "933fa9e66f334d4c0c9e38a39aec854c"},
	{"one dimension", "demo", `{"dim":1,"window":2}`, "733804056b1e019108a26e134c54356d"},
	{"hold-out", "demo, 5% held out", `{}`, "693aea3ea2570f49fa7e6bf3373f148f"},
	{"hogwild", "demo", `{"hogwild":true,"threads":1}`, "925f4c42ab0be5aa7153f186c2e83c6c"},
	{"hogwild by pair", "demo", `{"hogwild":true,"threads":1,"negative_sharing":"pair","subsample":0}`, "1c70aa4b10503c9158f16d7ebd110a97"},
	{"hogwild hard", "demo", `{"hogwild":true,"threads":1,"sampler":"hard","reject":"window"}`, "416a0d23bc586a6daeae032c36161875"},
	{"full rounds", "long", `{"dim":4,"epochs":1,"lr":0.01,"subsample":1e-4}`, "4aaee51f8604a1017e92a3f11a33f72d"},
	{"diverging rounds", "bursts", `{"dim":4,"epochs":1,"lr":0.05,"subsample":0}`, "afef9c40227f9f08edde918fe1e8f197"},
	{"init", "demo", `{"dim":8}`, "1c3f76082d84400587017daa36682373"},
	{"init with all words", "demo", `{"dim":8}`, "859a33e1aa9c101d9f2cb2c8106140f8"},
	{"resume", "demo", `{}`, "b320a85786b00d6c72762efa78f74b6e"},
}

func recordedSettings(t *testing.T, changes string) Config {
	t.Helper()
	cfg := Defaults()
	cfg.Dim, cfg.Epochs, cfg.Kernel, cfg.Threads = 8, 2, "portable", 2
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
	for id := range e.Vocabulary.Len() {
		write(e.Input.(*model.Matrix).Row(id))
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
			case c.name == "resume":
				o.Resume = interruptedTraining(t, text, cfg)
				cfg.Threads = 3
			}
			e, err := Run(context.Background(), text, cfg, o)
			if err != nil {
				t.Fatal(err)
			}
			last, _, err := dir.Newest()
			if err != nil {
				t.Fatal(err)
			}
			if shrunk := !cfg.Hogwild && last.state.RoundBlocks < maxBlocks; shrunk != strings.HasPrefix(c.name, "diverging") {
				t.Errorf("the last round has %d blocks", last.state.RoundBlocks)
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
		{"default", func(*Config) {}, "7437e6ca15aa9a2718eeab0348a40a96"},
		{"pair", func(c *Config) { c.NegativeSharing = negative.PerPair }, "69ffea30a07a926cb8c5683f136f53f8"},
		{"power", func(c *Config) { c.NoisePower = -0.3 }, "bcd28756021f815bb71784a5c0a28585"},
		{"hard", func(c *Config) { c.Sampler = negative.Hard }, "796763b97bca071fef9ffb3f378d4c6e"},
		{"debiased", func(c *Config) { c.Sampler = negative.Debiased }, "e94413d14179477b196669d1dbd547b7"},
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
