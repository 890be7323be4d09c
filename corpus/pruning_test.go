package corpus

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kindred/corpus/analysis"
	"kindred/corpus/source"
	"kindred/corpus/vocab"
)

// zipfText returns lines of words w0, w1, …, where wN is drawn with a probability proportional to
// 1/(N+1)^1.1. Every fourth word is unique.
func zipfText(rng *rand.Rand, tokens, types int) string {
	zipf := rand.NewZipf(rng, 1.1, 1, uint64(types-1))
	var b strings.Builder
	for i := range tokens {
		end := " "
		if rng.IntN(12) == 0 {
			end = "\n"
		}
		if rng.IntN(4) == 0 {
			fmt.Fprintf(&b, "unique-%d%s", i, end)
		} else {
			fmt.Fprintf(&b, "w%d%s", zipf.Uint64(), end)
		}
	}
	return b.String()
}

// trueCounts counts the words of texts in the simplest way.
func trueCounts(texts ...string) map[string]int64 {
	counts := map[string]int64{}
	for _, text := range texts {
		for _, w := range strings.Fields(text) {
			counts[w]++
		}
	}
	return counts
}

// checkPruned checks the Pruning of a text with the given counts.
func checkPruned(t *rapid.T, c *Corpus, truth map[string]int64, keep []string) {
	p := c.Record().Pruning
	if p == nil || p.Undercount < 1 || p.Dropped < 1 {
		t.Fatalf("pruning %+v, want some", p)
	}
	inText := make([]int64, c.Vocabulary().Len())
	tokens, err := c.Tokens(nil, 0, c.Len())
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range tokens {
		inText[token.ID()]++
	}
	exact := 0
	for id, n := range c.Vocabulary().Counts() {
		w := c.Vocabulary().Word(id)
		if lost := truth[w] - n; lost < 0 || lost > p.Undercount || lost > 0 && slices.Contains(keep, w) {
			t.Fatalf("%q was counted %d times and is there %d times, with an undercount of at most %d", w, n, truth[w], p.Undercount)
		} else if lost == 0 {
			exact++
		}
		if inText[id] != n {
			t.Fatalf("%q was counted %d times but is encoded %d times", w, n, inText[id])
		}
	}
	if p.Exact > exact || p.Exact == 0 {
		t.Fatalf("%d words are said to be exact, %d are", p.Exact, exact)
	}
	for w, n := range truth {
		if _, ok := c.Vocabulary().ID(w); !ok && n >= c.Record().MinCount+p.Undercount {
			t.Fatalf("%q is there %d times and not in the vocabulary, with an undercount of at most %d", w, n, p.Undercount)
		}
	}
	for _, w := range keep {
		if _, ok := c.Vocabulary().ID(w); ok != (truth[w] > 0) {
			t.Fatalf("%q of the keep-list, which is there %d times, is in the vocabulary: %v", w, truth[w], ok)
		}
	}
}

func TestPruningKeepsItsPromises(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		text := zipfText(rng, 4000, 2000)
		keep := []string{"unique-3", "unique-4", "unique-5", "unique-2000", "w1500", "w1999", "absent"}
		src := source.FromReader("text", strings.NewReader(text))
		c, err := Read(context.Background(), src, ReadOptions{
			chunkSize: rapid.SampledFrom([]int{64, 100, 1000, 3000}).Draw(t, "chunk"),
			Analyzer:  &analysis.Analyzer{MaxTokenBytes: 40}, Dir: dir, VocabularyMemory: MinVocabularyMemory,
			Selection: vocab.Selection{MinCount: int64(rapid.IntRange(1, 5).Draw(t, "minimum")), Keep: keep},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		checkPruned(t, c, trueCounts(text), keep)
	})
}

// A given vocabulary is never pruned, and all its tokens are encoded.
func TestPruningSparesAGivenVocabulary(t *testing.T) {
	text := zipfText(rand.New(rand.NewPCG(1, 2)), 5000, 2000)
	v, err := vocab.New([]string{"unique-7", "w0", "w1999", "w777"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	o := ReadOptions{Analyzer: &analysis.Analyzer{MaxTokenBytes: 40}, Vocabulary: v, Holdout: Holdout{Share: 0.3}}
	want, err := readChunks(t, t.TempDir(), text, 200, o)
	if err != nil {
		t.Fatal(err)
	}
	defer want.Close()
	o.VocabularyMemory = MinVocabularyMemory
	got, err := readChunks(t, t.TempDir(), text, 200, o)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	if diff := cmp.Diff(sentences(t, want), sentences(t, got)); diff != "" {
		t.Errorf("the encoded text (-all in memory +pruned):\n%s", diff)
	}
	if diff := cmp.Diff(sentences(t, want.HeldOut()), sentences(t, got.HeldOut())); diff != "" {
		t.Errorf("the sentences held out (-all in memory +pruned):\n%s", diff)
	}
	if p := got.Record().Pruning; p == nil || p.Dropped == 0 || p.Undercount != 0 || p.Exact != 4 {
		t.Errorf("pruning: %+v in little memory, want types dropped and nothing lost", p)
	}
	if p := want.Record().Pruning; p != nil {
		t.Errorf("pruning: %+v in much memory", p)
	}
}

// Pruning and encoding do not depend on the number of processors, or on which of them took which
// chunk, for one input and for many.
func TestPruningDoesNotDependOnProcessors(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	dir := t.TempDir()
	var names []string
	for i := range 19 { // source reads 8 at a time
		name := filepath.Join(dir, fmt.Sprintf("text-%02d", i))
		names = append(names, writeFile(t, name, zipfText(rng, 100+rng.IntN(900), 1500)))
	}
	for _, inputs := range [][]string{names, {names[3]}, names[:2]} {
		for _, memory := range []int64{MinVocabularyMemory, 1 << 20, 1 << 30} {
			var first vocab.Record
			for run, processors := range []int{1, 2, 3, 8, 2, 3} {
				before := runtime.GOMAXPROCS(processors)
				src, err := source.Open(inputs...)
				if err != nil {
					t.Fatal(err)
				}
				c, err := Read(context.Background(), src, ReadOptions{Analyzer: &analysis.Analyzer{MaxTokenBytes: 40}, VocabularyMemory: memory, Dir: t.TempDir(), chunkSize: 128})
				runtime.GOMAXPROCS(before)
				if err != nil {
					t.Fatal(err)
				}
				if run == 0 {
					first = c.Record()
				} else if diff := cmp.Diff(first, c.Record()); diff != "" {
					t.Errorf("%d inputs, %d bytes of memory (-1 processor +%d processors):\n%s", len(inputs), memory, processors, diff)
				}
				c.Close()
			}
			if pruned := first.Pruning != nil; pruned != (len(inputs) > 3 && memory == MinVocabularyMemory) {
				t.Errorf("%d inputs, %d bytes of memory: pruned %v", len(inputs), memory, pruned)
			}
		}
	}
}

// If types fit in the memory once the workers' tables are merged, nothing is lost.
func TestMergingInBetweenLosesNothing(t *testing.T) {
	text := zipfText(rand.New(rand.NewPCG(7, 8)), 3000, 500)
	o := ReadOptions{Analyzer: &analysis.Analyzer{MaxTokenBytes: 40}, SentenceLimit: 5}
	want, err := readChunks(t, t.TempDir(), text, 1<<20, o)
	if err != nil {
		t.Fatal(err)
	}
	defer want.Close()
	o.VocabularyMemory = 256 << 10
	dir := t.TempDir()
	src := source.FromReader("text", strings.NewReader(text))
	o.chunkSize = 4000
	o.Dir = dir
	file, err := createTokenFile(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	counted := newCounter(o, file)
	if err := counted.count(context.Background(), src, nil); err != nil {
		t.Fatal(err)
	}
	if len(counted.stages) < 3 || counted.dropped > 0 {
		t.Fatalf("%d stages and %d types pruned, want some stages and none pruned", len(counted.stages), counted.dropped)
	}
	got, err := readChunks(t, dir, text, 4000, o)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	if diff := cmp.Diff(sentences(t, want), sentences(t, got)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want.Record(), got.Record()); diff != "" {
		t.Error(diff)
	}
}

func TestCountWordsPrunesAsReadDoes(t *testing.T) {
	text := zipfText(rand.New(rand.NewPCG(9, 10)), 4000, 2000)
	o := ReadOptions{Analyzer: &analysis.Analyzer{MaxTokenBytes: 40}, VocabularyMemory: MinVocabularyMemory}
	c, err := readChunks(t, t.TempDir(), text, 200, o)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	src := source.FromReader("text", strings.NewReader(text))
	o.chunkSize = 200
	v, record, err := CountWords(context.Background(), src, o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(listing(c.Vocabulary()), listing(v)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(c.Record().Pruning, record.Pruning); diff != "" || record.Pruning == nil {
		t.Errorf("pruning (-read +counted):\n%s", diff)
	}
}

func TestVocabularyMemoryHasAMinimum(t *testing.T) {
	for _, memory := range []int64{-1, 1, MinVocabularyMemory - 1} {
		if _, err := readChunks(t, t.TempDir(), "a b", 4096, ReadOptions{VocabularyMemory: memory}); err == nil || !strings.Contains(err.Error(), "want 65536 or more") {
			t.Errorf("%d bytes: error %v", memory, err)
		}
	}
	if spare := DefaultVocabularyMemory(); spare < MinVocabularyMemory || spare > maxDefaultMemory || spare&(spare-1) != 0 {
		t.Errorf("spare memory %d, want a power of two between the bounds", spare)
	}
}
