package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"gonum.org/v1/gonum/stat/distuv"

	"kindred/corpus"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
	"kindred/internal/kernel"
	"kindred/internal/random"
	"kindred/model"
	"kindred/train/negative"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// read returns the encoded form of a text.
func read(t testing.TB, text string) *corpus.Corpus {
	t.Helper()
	c, err := corpus.Read(context.Background(), source.FromReader("text", strings.NewReader(text)), corpus.ReadOptions{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// zipfText returns sentences of words w0, w1, … whose frequencies fall as 1/rank.
func zipfText(sentences, words int) string {
	var b strings.Builder
	rng := random.New(99)
	for range sentences {
		for range 12 {
			rank := int(math.Exp(rng.Float64()*math.Log(float64(words)))) - 1
			fmt.Fprintf(&b, "w%d ", rank)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// small returns settings for texts of a few words.
func small() Config {
	cfg := Defaults()
	cfg.LearningRate = 0.025
	cfg.Dim, cfg.Epochs, cfg.Subsample, cfg.Threads = 20, 2, 0, 1
	return cfg
}

func TestWindowSizesAreUniform(t *testing.T) {
	const window, words = 5, 20_000
	sentence := make([]int32, words)
	for i := range sentence {
		sentence[i] = int32(i)
	}
	rng := random.New(3)
	b := batch{width: 1}
	b.addWindows(sentenceBlock(sentence...), window, negative.PerWindow, &rng)
	sizes := make([]float64, window+1)
	for i := range b.len() {
		inputs, targets := b.step(i)
		center := targets[0]
		if center < window || center >= words-window {
			continue
		}
		reach := len(inputs) / 2
		var want []int32
		for d := -reach; d <= reach; d++ {
			if d != 0 {
				want = append(want, center+int32(d))
			}
		}
		if !slices.Equal(inputs, want) {
			t.Fatalf("the window of %d is %v", center, inputs)
		}
		sizes[reach]++
	}
	statistic, expected := 0.0, float64(words-2*window)/window
	for _, n := range sizes[1:] {
		statistic += (n - expected) * (n - expected) / expected
	}
	if p := (distuv.ChiSquared{K: window - 1}).Survival(statistic); p < 1e-4 || sizes[0] > 0 {
		t.Errorf("windows of size 0 to %d occur %v times, p = %.2g under the uniform distribution of 1 to %d", window, sizes, p, window)
	}
}

// sentenceBlock returns a block of one sentence whose words are all centers.
func sentenceBlock(words ...int32) *contextBlock {
	return &contextBlock{words: slices.Grow(words, 10), targets: words, ends: []int{len(words)}, last: len(words)}
}

func TestWindowsEndWithTheSentence(t *testing.T) {
	rng := random.New(1)
	b := batch{width: 1}
	b.addWindows(sentenceBlock(7), 5, negative.PerWindow, &rng)
	if b.len() != 0 {
		t.Errorf("a sentence of one word makes %d steps", b.len())
	}
	b.addWindows(sentenceBlock(1, 2), 5, negative.PerWindow, &rng)
	b.addWindows(sentenceBlock(3, 4), 5, negative.PerWindow, &rng)
	for i, want := range [][2]int32{{2, 1}, {1, 2}, {4, 3}, {3, 4}} {
		inputs, targets := b.step(i)
		if !slices.Equal(inputs, want[:1]) || targets[0] != want[1] {
			t.Errorf("step %d trains %v against %v, want input and center %v", i, inputs, targets, want)
		}
	}
}

func TestSharingTrainsTheSamePairs(t *testing.T) {
	sentence := sentenceBlock(4, 8, 15, 16, 23, 42, 4)
	pairs := map[negative.Sharing][][2]int32{}
	for _, sharing := range []negative.Sharing{negative.PerWindow, negative.PerPair} {
		rng := random.New(5)
		b := batch{width: 1}
		b.addWindows(sentence, 3, sharing, &rng)
		for i := range b.len() {
			inputs, targets := b.step(i)
			if sharing == negative.PerPair && len(inputs) != 1 {
				t.Errorf("a step of one pair has inputs %v", inputs)
			}
			for _, input := range inputs {
				pairs[sharing] = append(pairs[sharing], [2]int32{input, targets[0]})
			}
		}
	}
	if len(pairs[negative.PerWindow]) == 0 || !slices.Equal(pairs[negative.PerWindow], pairs[negative.PerPair]) {
		t.Errorf("pairs by sharing: %v", pairs)
	}
}

func TestInitialParameters(t *testing.T) {
	text := read(t, zipfText(500, 300))
	cfg := small()
	e, _, err := initial(text.Vocabulary(), cfg, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	var bins [10]float64
	n := 0.0
	for id := range e.Vocabulary.Len() {
		for _, x := range e.Input.Row(id) {
			u := float64(x)*float64(cfg.Dim) + 0.5
			if u < 0 || u >= 1 {
				t.Fatalf("an input value is %v, outside ±0.5/%d", x, cfg.Dim)
			}
			bins[int(u*10)]++
			n++
		}
	}
	statistic := 0.0
	for _, o := range bins {
		statistic += (o - n/10) * (o - n/10) / (n / 10)
	}
	if p := (distuv.ChiSquared{K: 9}).Survival(statistic); p < 1e-4 {
		t.Errorf("input values are not uniform, p = %.2g: %v", p, bins)
	}
	for _, x := range e.Output.Data {
		if x != 0 {
			t.Fatalf("the output matrix begins with %v", x)
		}
	}
}

// trained returns all parameters after training.
func trained(t *testing.T, text *corpus.Corpus, cfg Config) []float32 {
	t.Helper()
	e, err := Run(context.Background(), text, cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Concat(e.Input.(*model.Matrix).Data, e.Output.(*model.Matrix).Data)
}

func TestOneThreadIsReproducible(t *testing.T) {
	text := read(t, zipfText(3000, 200))
	for _, sharing := range []negative.Sharing{negative.PerWindow, negative.PerPair} {
		cfg := small()
		cfg.NegativeSharing, cfg.Subsample = sharing, 1e-2
		first := trained(t, text, cfg)
		if !slices.Equal(first, trained(t, text, cfg)) {
			t.Errorf("sharing by %s: two runs with one seed differ", sharing)
		}
		cfg.Seed++
		if slices.Equal(first, trained(t, text, cfg)) {
			t.Errorf("sharing by %s: two seeds give the same vectors", sharing)
		}
	}
}

func TestEveryTokenIsTrainedOnceAnEpoch(t *testing.T) {
	text := read(t, zipfText(3000, 200))
	for _, threads := range []int{1, 3} {
		cfg := small()
		cfg.Threads, cfg.Epochs = threads, 3
		r, err := newRun(text, cfg, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.train(context.Background()); err != nil {
			t.Fatal(err)
		}
		for epoch, done := range r.progress.epochs {
			if done.tokens != text.Len() || done.kept != text.Len() {
				t.Errorf("%d threads, epoch %d: %d tokens, %d kept, want %d", threads, epoch, done.tokens, done.kept, text.Len())
			}
		}
	}
}

func TestUntrainedLossIsKnown(t *testing.T) {
	// With a vanishing learning rate all scores stay 0, so that each of the
	// 1 + k terms of a pair's loss is log 2.
	text := read(t, zipfText(200, 50))
	cfg := small()
	cfg.LearningRate, cfg.Negatives = 1e-30, 7
	e, err := Run(context.Background(), text, cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := e.Manifest.Training.Loss, 8*math.Ln2; math.Abs(got-want) > 1e-5 {
		t.Errorf("loss %v, want %v", got, want)
	}
}

func TestObserver(t *testing.T) {
	text := read(t, zipfText(3000, 200))
	cfg := small()
	var reports []Progress
	if _, err := Run(context.Background(), text, cfg, Options{Interval: time.Millisecond, Observe: func(p Progress) { reports = append(reports, p) }}); err != nil {
		t.Fatal(err)
	}
	last := reports[len(reports)-1]
	if !last.Done || last.Tokens != last.TotalTokens || last.TotalTokens != 2*text.Len() || last.Epoch != 2 || last.Epochs != 2 {
		t.Errorf("last report %+v", last)
	}
	for i := 1; i < len(reports); i++ {
		if reports[i].Tokens < reports[i-1].Tokens || reports[i-1].Done {
			t.Errorf("report %d goes back: %+v after %+v", i, reports[i], reports[i-1])
		}
	}
}

func TestCancelledRunReturnsItsVectors(t *testing.T) {
	text := read(t, zipfText(3000, 200))
	cfg := small()
	cfg.Epochs, cfg.Threads = 100_000, 2
	ctx, cancel := context.WithCancel(context.Background())
	e, err := Run(ctx, text, cfg, Options{Interval: time.Millisecond, Observe: func(p Progress) {
		if p.Tokens > 0 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want context.Canceled", err)
	}
	if e == nil || e.Manifest.Training.Completed || e.Manifest.Training.Tokens == 0 {
		t.Fatalf("vectors %v", e)
	}
}

func TestDivergenceStopsTheRun(t *testing.T) {
	text := read(t, zipfText(3000, 200))
	cfg := small()
	cfg.LearningRate, cfg.Epochs = 1e30, 1000
	e, err := Run(context.Background(), text, cfg, Options{})
	var diverged *DivergedError
	if !errors.As(err, &diverged) || e != nil {
		t.Fatalf("error %v, want a DivergedError and no vectors", err)
	}
	if diverged.Rate <= 0 || diverged.Tokens <= 0 || !strings.Contains(err.Error(), "learning rate") {
		t.Errorf("%+v: %v", *diverged, err)
	}
}

func TestUnusableSettings(t *testing.T) {
	text := read(t, zipfText(200, 50))
	for want, change := range map[string]func(*Config){
		"dim is 0, want 1":                 func(c *Config) { c.Dim = 0 },
		"window is 0, want 1":              func(c *Config) { c.Window = 0 },
		"negatives is -1, want 0":          func(c *Config) { c.Negatives = -1 },
		"epochs is 0, want 1":              func(c *Config) { c.Epochs = 0 },
		"threads is 0, want 1":             func(c *Config) { c.Threads = 0 },
		"subsample is NaN":                 func(c *Config) { c.Subsample = math.NaN() },
		"subsample is -1":                  func(c *Config) { c.Subsample = -1 },
		"noise power is +Inf":              func(c *Config) { c.NoisePower = math.Inf(1) },
		"learning rate is -1, want":        func(c *Config) { c.LearningRate = -1 },
		`sharing is "word", want "window"`: func(c *Config) { c.NegativeSharing = "word" },
		"share windows is 0, want 1":       func(c *Config) { c.SharedWindows = 0 },
		"drawn for each pair":              func(c *Config) { c.SharedWindows = 2; c.NegativeSharing = negative.PerPair },
		`kernel "cuda" is not available`:   func(c *Config) { c.Kernel = "cuda" },
		"noise distribution: at power 100": func(c *Config) { c.NoisePower = 100 },
		"MiB of memory":                    func(c *Config) { c.Dim = maxDim; c.Threads = maxThreads },
	} {
		cfg := small()
		change(&cfg)
		if want == "MiB of memory" {
			if got := (&MemoryError{Memory{Matrices: 1 << 30}, 1 << 20, text.Vocabulary().Len(), cfg.Dim}).Error(); !strings.Contains(got, want) {
				t.Errorf("memory error %q", got)
			}
			continue
		}
		if _, err := Run(context.Background(), text, cfg, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// TestKernelsTrainAlike compares a whole run of each kernel with one of the portable kernel: only
// rounding differs.
func TestKernelsTrainAlike(t *testing.T) {
	text := read(t, zipfText(3000, 200))
	for _, sharing := range []negative.Sharing{negative.PerWindow, negative.PerPair} {
		cfg := small()
		cfg.NegativeSharing, cfg.Kernel = sharing, "portable"
		want := trained(t, text, cfg)
		for _, k := range kernel.Available() {
			cfg.Kernel = k.Name
			got := trained(t, text, cfg)
			var difference, size float64
			for i := range got {
				difference += math.Pow(float64(got[i])-float64(want[i]), 2)
				size += math.Pow(float64(want[i]), 2)
			}
			if relative := math.Sqrt(difference / size); !(relative < 1e-3) {
				t.Errorf("kernel %s, sharing by %s: the parameters differ from the portable kernel's by %.2g of their norm", k.Name, sharing, relative)
			}
		}
	}
}

func newRunOf(t testing.TB, text *corpus.Corpus, cfg Config) *run {
	t.Helper()
	r, err := newRun(text, cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Fewer threads change nothing unless training is Hogwild.
func TestAdviceAgainstDivergence(t *testing.T) {
	for _, c := range []struct {
		hogwild bool
		workers int
		threads bool
	}{{false, 8, false}, {true, 1, false}, {true, 8, true}} {
		e := &DivergedError{Loss: math.NaN(), Hogwild: c.hogwild, Workers: c.workers}
		if got := e.Error(); strings.Contains(got, "fewer threads") != c.threads || !strings.Contains(got, "learning rate several times lower") {
			t.Errorf("hogwild %v, %d workers: %s", c.hogwild, c.workers, got)
		}
	}
}

// A run without a pair is an error, known before training or only after it.
func TestNothingToLearn(t *testing.T) {
	for what, c := range map[string]struct {
		text   string
		change func(*Config)
		want   string
	}{
		"one word a sentence": {"a\nb\na\n", func(*Config) {}, "no sentence has two words"},
		"one word":            {"a a a a\n", func(*Config) {}, `has one word, "a"`},
		"nothing kept":        {"a b a b\n", func(c *Config) { c.Subsample = 1e-300 }, "keeps none of the 4 tokens"},
		"nothing kept after all": {"I love you\nI hate you\n", func(c *Config) { c.Subsample, c.Epochs = 1e-3, 1 },
			"not one pair of words was trained in 6 tokens"},
	} {
		cfg := small()
		cfg.Subsample = 0
		c.change(&cfg)
		planned := false
		e, err := Run(context.Background(), read(t, c.text), cfg, Options{Planned: func(Memory) { planned = true }})
		nothing := (*NoPairsError)(nil)
		if e != nil || !errors.As(err, &nothing) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want a NoPairsError with %q and no vectors", what, err, c.want)
		}
		if planned != (what == "nothing kept after all") {
			t.Errorf("%s: a plan was announced: %v", what, planned)
		}
	}
}

func TestWarningsOfDoubt(t *testing.T) {
	whole := vocab.Record{Sentences: 10, SentencesOfOneWord: 5, Tokens: 2000, TokensKept: 1000, InvalidTokens: 2}
	if got := Warnings(whole, small()); len(got) > 0 {
		t.Errorf("warnings %q", got)
	}
	for want, change := range map[string]func(*vocab.Record, *Config){
		"6 of the 10 sentences":   func(r *vocab.Record, _ *Config) { r.SentencesOfOneWord = 6 },
		"1001 of the 2000 tokens": func(r *vocab.Record, _ *Config) { r.TokensKept = 999 },
		"there are no negatives":  func(_ *vocab.Record, c *Config) { c.Negatives = 0 },
	} {
		r, cfg := whole, small()
		change(&r, &cfg)
		if got := Warnings(r, cfg); len(got) != 1 || !strings.Contains(got[0], want) {
			t.Errorf("warnings %q, want one with %q", got, want)
		}
	}
	held := whole
	held.TokensKept, held.HeldOut = 500, &vocab.HeldOutRecord{Tokens: 500}
	if got := Warnings(held, small()); len(got) > 0 {
		t.Errorf("held-out tokens are in the vocabulary: %q", got)
	}
}

// A failingMatrix can't be read.
type failingMatrix struct{ *model.Matrix }

var errUnreadable = errors.New("unreadable")

func (failingMatrix) Err() error { return errUnreadable }

// TestUnreadableInit checks that a failure to read the vectors to begin from ends the training.
func TestUnreadableInit(t *testing.T) {
	text, cfg := read(t, zipfText(500, 300)), small()
	v, n := text.Vocabulary(), text.Vocabulary().Len()
	rows := model.NewMatrix(n, cfg.Dim)
	for name, e := range map[string]*model.Embeddings{
		"input":  {Vocabulary: v, Input: failingMatrix{rows}},
		"output": {Vocabulary: v, Input: rows, Output: failingMatrix{rows}},
	} {
		if _, err := Run(t.Context(), text, cfg, Options{Init: &Init{Vectors: e}}); !errors.Is(err, errUnreadable) {
			t.Errorf("%s: %v, want an error that says so", name, err)
		}
	}
}

// TestInitTooLarge begins from vectors with values that the merge of blocks would cut.
func TestInitTooLarge(t *testing.T) {
	text := read(t, zipfText(300, 20))
	cfg := small()
	e, err := Run(t.Context(), text, cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []float32{101, -1e9, float32(math.NaN()), float32(math.Inf(1))} {
		for _, m := range []model.Storage{e.Input, e.Output} {
			row := m.(*model.Matrix).Row(1)
			was := row[0]
			row[0] = x
			if _, err := Run(t.Context(), text, cfg, Options{Init: &Init{Vectors: e, Source: "big.bin"}}); err == nil || !strings.Contains(err.Error(), "big.bin, have the value") {
				t.Errorf("value %v: error %v", x, err)
			}
			row[0] = was
		}
	}
	if _, err := Run(t.Context(), text, cfg, Options{Init: &Init{Vectors: e}}); err != nil {
		t.Error(err)
	}
}
