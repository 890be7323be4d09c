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

var measureStability = flag.Bool("stability", false, "measure how long rounds can be: about half an hour, with $KINDRED_DATA")

// roundFactors are the lengths of rounds that are measured, as multiples of what the rule allows.
var roundFactors = []float64{0.25, 1, 4, 16}

// TestStability measures what rounds of different lengths learn, and prints the tables of
// docs/reproducibility.md: the mean reciprocal rank of held-out pairs among 100, x 100, for rounds
// of one block, in which no parameter is old, and for rounds of maxBlocks blocks with the given
// multiples of the words that the rule allows. It fails if the rule itself costs more than a
// twentieth of the score.
func TestStability(t *testing.T) {
	if !*measureStability {
		t.Skip("run it with -stability; it takes long")
	}
	for _, c := range stabilityCases(t) {
		fmt.Printf("\n%s, %d words in the vocabulary\n\n| sub-sampling | learning rate | dim | words in a round | one block |%s\n", c.name, c.text.Vocabulary().Len(), columns("x %v"))
		fmt.Printf("| --- | --- | --- | --- | --- |%s\n", columns("---"))
		for _, cfg := range c.settings {
			measureRounds(t, c.text, cfg)
		}
	}
}

func columns(format string) string {
	var b strings.Builder
	for _, f := range roundFactors {
		b.WriteString(" " + strings.ReplaceAll(format, "%v", fmt.Sprint(f)) + " |")
	}
	return b.String()
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
		{"Wikipedia, 1.5 M words", holdOut(t, wiki, 5), append(settings(2, []float64{0, 1e-3, 1e-4, 1e-5}, rates, 100), settings(2, []float64{1e-4}, []float64{0.025, 0.1}, 50, 300)...)},
		{"walks on a graph of 100 nodes", holdOut(t, graphWalks(100, 20_000), 1), settings(2, []float64{0, 1e-3}, rates, 50)},
		{"baskets of a shop with 2000 articles", holdOut(t, baskets(2000, 60_000), 1), settings(4, []float64{0, 1e-3}, rates, 50)},
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

// measureRounds prints one row.
func measureRounds(t *testing.T, text *corpus.Corpus, cfg Config) {
	pairs, err := eval.NewHeldOut(text.HeldOut())
	if err != nil {
		t.Fatal(err)
	}
	score := func(words float64, blocks int) float64 {
		r, err := newRun(text, cfg, Options{})
		if err != nil {
			t.Fatal(err)
		}
		share, _ := keptShares(text.Vocabulary(), r.subsample)
		r.plan = roundPlan{blockTokens: max(int64(words/share/float64(blocks)), 1), blocks: blocks, pool: max(int(words)/blocks, minPool), words: r.plan.words}
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
	r, err := newRun(text, cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	room := stableWords(text.Vocabulary(), r.subsample, r.negatives.MaxShare, cfg)
	reference := score(maxBlockWords, 1)
	fmt.Printf("| %g | %g | %d | %.0f | %.1f |", cfg.Subsample, cfg.LearningRate, cfg.Dim, room, reference)
	for _, f := range roundFactors {
		got := score(f*room, maxBlocks)
		fmt.Printf(" %.1f |", got)
		if f == 1 && !(got > 0.95*reference) {
			t.Errorf("%+v: %.1f with rounds of %.0f words, %.1f with single blocks", cfg, got, room, reference)
		}
	}
	fmt.Println()
}
