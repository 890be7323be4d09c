package train

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"kindred/corpus"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
	"kindred/eval"
	"kindred/internal/random"
)

var measureStability = flag.Bool("stability", false, "measure how long rounds can be: some minutes, with $KINDRED_DATA")

// A roundForm is a form of rounds that TestStability measures.
type roundForm struct {
	name   string
	words  int // in a block; 0 is what the plan says
	blocks int
	weigh  func(*load) float32
}

var roundForms = []roundForm{
	{"one block", maxBlockWords, 1, (*load).weight},
	{"the plan", 0, 0, (*load).weight},
	{"16 blocks", maxBlockWords, 16, (*load).weight},
	{"64 blocks", maxBlockWords, 64, (*load).weight},
	{"64, plain sum", maxBlockWords, 64, func(*load) float32 { return 1 }},
	{"64, damped sum", maxBlockWords, 64, dampedWeight},
}

// dampedWeight is the weight of a merge that scales the sum of n blocks by (1 + X/2n) / (1 + X/2).
func dampedWeight(l *load) float32 {
	return (1 + l.total/(2*float32(l.blocks))) / (1 + l.total/2)
}

// TestStability measures what rounds of different forms learn, and prints the tables of
// docs/reproducibility.md: the mean reciprocal rank of held-out pairs among 100, x 100. The guard is off. It
// fails if the plan costs, in the mean over the settings for a text, more than a tenth of the score of rounds
// of one block, in which no parameter is old.
func TestStability(t *testing.T) {
	if !*measureStability {
		t.Skip("run it with -stability; it takes long")
	}
	for _, c := range stabilityCases(t) {
		fmt.Printf("\n%s, %d words in the vocabulary\n\n| sub-sampling | learning rate | dim | words in a round |", c.name, c.text.Vocabulary().Len())
		for _, form := range roundForms {
			fmt.Printf(" %s |", form.name)
		}
		fmt.Printf("\n|%s\n", strings.Repeat(" --- |", 4+len(roundForms)))
		var oneBlock, plan float64
		for _, cfg := range c.settings {
			scores := measureRounds(t, c.text, cfg)
			oneBlock, plan = oneBlock+scores[0], plan+scores[1]
		}
		if !(plan > 0.9*oneBlock) {
			t.Errorf("%s: the scores add up to %.1f with the plan, and to %.1f with single blocks", c.name, plan, oneBlock)
		}
	}
}

type stabilityCase struct {
	name     string
	text     *corpus.Corpus
	settings []Config
}

func stabilityCases(t *testing.T) []stabilityCase {
	settings := func(epochs int, subsamples, rates []float64, dims ...int) (all []Config) {
		for _, subsample := range subsamples {
			for _, rate := range rates {
				for _, dim := range dims {
					cfg := Defaults()
					cfg.LearningRate = 0.025
					cfg.Epochs, cfg.Subsample, cfg.LearningRate, cfg.Dim, cfg.Threads = epochs, subsample, rate, dim, 2
					all = append(all, cfg)
				}
			}
		}
		return all
	}
	rates := []float64{0.01, 0.025, 0.05, 0.1}
	wiki := wikiStart(t, 9<<20)
	return []stabilityCase{
		{"Wikipedia, 1.5 M words", holdOut(t, wiki, 5), append(settings(2, []float64{0, 1e-3, 1e-4}, rates, 100), settings(2, []float64{1e-4}, []float64{0.025, 0.1}, 300)...)},
		{"walks on a graph of 100 nodes", holdOut(t, graphWalks(100, 20_000), 1), settings(2, []float64{0, 1e-3}, rates, 50)},
		{"baskets of a shop with 2000 articles", holdOut(t, baskets(2000, 60_000), 1), settings(4, []float64{0, 1e-3}, rates, 50)},
		{"one article, 30 times", holdOut(t, repeatedStart(t, 30), 1), settings(2, []float64{0, 1e-3}, []float64{0.025, 0.1}, 50)},
		{"lines of a log", holdOut(t, logLines(200_000), 1), settings(2, []float64{0, 1e-3}, []float64{0.025, 0.1}, 50)},
		{"Zipf, a million words", holdOut(t, strings.NewReader(zipfText(250_000, 3_000_000)), 1), settings(1, []float64{1e-4}, []float64{0.025, 0.1}, 50)},
	}
}

func holdOut(t *testing.T, text io.Reader, minCount int64) *corpus.Corpus {
	t.Helper()
	c, err := corpus.Read(context.Background(), source.FromReader("text", text), corpus.ReadOptions{
		Dir: t.TempDir(), Selection: vocab.Selection{MinCount: minCount}, Holdout: corpus.Holdout{Share: 0.02},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// wikiStart returns the first bytes of wiki17.txt.zst of $KINDRED_DATA.
func wikiStart(t *testing.T, n int64) io.Reader {
	t.Helper()
	dir := os.Getenv("KINDRED_DATA")
	if dir == "" {
		t.Skip("KINDRED_DATA is unset, the directory that has wiki17.txt.zst")
	}
	f, err := os.Open(filepath.Join(dir, "wiki17.txt.zst"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := zstd.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var start bytes.Buffer
	if _, err := io.CopyN(&start, z, n); err != nil {
		t.Fatal(err)
	}
	return &start
}

// repeatedStart returns the first 50,000 bytes of Wikipedia several times.
func repeatedStart(t *testing.T, times int) io.Reader {
	t.Helper()
	start, err := io.ReadAll(wikiStart(t, 50_000))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(bytes.Repeat(append(start, '\n'), times))
}

// logLines returns lines of a few forms, each with words that occur in bursts: hosts and users that are busy for a
// while.
func logLines(n int) io.Reader {
	forms := []string{
		"connection from %s accepted for user %s", "user %[2]s logged in on %[1]s", "disk of %s is full after job of %s",
		"timeout of %s while %s waits", "%s restarted by %s",
	}
	var b bytes.Buffer
	rng := random.New(7)
	for line := range n {
		busy := line / 500
		host, user := fmt.Sprintf("host%d", busy*3+int(rng.Uint32n(3))), fmt.Sprintf("user%d", busy*5+int(rng.Uint32n(5)))
		fmt.Fprintf(&b, forms[rng.Uint32n(uint32(len(forms)))]+"\n", host, user)
	}
	return &b
}

// graphWalks returns walks on a ring of nodes with links to the three nearest on both sides.
func graphWalks(nodes, walks int) io.Reader {
	var b bytes.Buffer
	rng := random.New(5)
	for range walks {
		node := int(rng.Uint32n(uint32(nodes)))
		for range 20 {
			fmt.Fprintf(&b, "n%d ", node)
			node = (node + nodes - 3 + int(rng.Uint32n(7))) % nodes
		}
		b.WriteByte('\n')
	}
	return &b
}

// baskets returns purchases of six articles each, mostly of one kind, whose popularity within the
// kind follows Zipf's law.
func baskets(articles, n int) io.Reader {
	const kinds = 40
	var b bytes.Buffer
	rng := random.New(6)
	for range n {
		kind := int(rng.Uint32n(kinds))
		for range 6 {
			if rng.Uint32n(5) == 0 {
				kind = int(rng.Uint32n(kinds))
			}
			rank := int(math.Exp(rng.Float64()*math.Log(float64(articles/kinds)))) - 1
			fmt.Fprintf(&b, "k%da%d ", kind, rank)
		}
		b.WriteByte('\n')
	}
	return &b
}

// measureRounds prints one row and returns its scores.
func measureRounds(t *testing.T, text *corpus.Corpus, cfg Config) []float64 {
	pairs, err := eval.NewHeldOut(text.HeldOut())
	if err != nil {
		t.Fatal(err)
	}
	planned := 0.0
	score := func(form roundForm) float64 {
		r, err := newRun(text, cfg, Options{})
		if err != nil {
			t.Fatal(err)
		}
		share, _ := keptShares(text.Vocabulary(), r.subsample)
		planned = float64(r.plan.blockTokens) * share * float64(r.plan.blocks)
		if form.words > 0 {
			r.plan.blockTokens, r.plan.blocks = max(int64(float64(form.words)/share), 1), form.blocks
			r.plan.pool = poolSize(form.words, cfg)
		}
		r.weigh, r.guard.Rounds = form.weigh, math.MinInt32 // so its window never ends
		if err := r.train(context.Background()); err != nil {
			return math.NaN()
		}
		scores, err := pairs.Score(r.parameters.embeddings())
		if err != nil {
			return math.NaN()
		}
		sum, ranks := 0.0, scores.Noises[1].Rank // against unigram^0.75
		for _, rank := range ranks {
			sum += 1 / float64(rank)
		}
		return 100 * sum / float64(len(ranks))
	}
	var got []float64
	for _, form := range roundForms {
		got = append(got, score(form))
	}
	fmt.Printf("| %g | %g | %d | %.0f |", cfg.Subsample, cfg.LearningRate, cfg.Dim, planned)
	for _, score := range got {
		fmt.Printf(" %.1f |", score)
	}
	fmt.Println()
	return got
}
