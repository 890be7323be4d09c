package corpus

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
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

// numberedText returns n different sentences of frequent and rare words.
func numberedText(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "the word%d of the unique%d line\n", i%7, i)
	}
	return text.String()
}

// parts returns the training sentences and the held-out ones, as words.
func parts(t testing.TB, c *Corpus) (trained, held [][]string) {
	t.Helper()
	return sentences(t, c), sentences(t, c.HeldOut())
}

func TestHoldoutParts(t *testing.T) {
	text := numberedText(2000)
	c, err := readChunks(t, t.TempDir(), text, 4096, ReadOptions{Holdout: Holdout{Share: 0.1}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	trained, held := parts(t, c)
	// 2000 sentences, each held out with probability 0.1: 200 ± 4 standard deviations of 13.4.
	if n := len(held); n < 146 || n > 254 {
		t.Errorf("%d of 2000 sentences are held out at a share of 0.1", n)
	}
	counts := map[string]int64{}
	for _, s := range trained {
		for _, w := range s {
			counts[w]++
		}
	}
	for id := range c.Vocabulary().Len() {
		if w := c.Vocabulary().Word(id); c.Vocabulary().Count(id) != counts[w] {
			t.Errorf("%q has count %d and is trained %d times", w, c.Vocabulary().Count(id), counts[w])
		}
	}
	r := c.Record()
	if r.HeldOut == nil || r.HeldOut.Sentences != int64(len(held)) || r.Sentences != int64(len(trained)) || r.TokensKept != c.Len() || r.HeldOut.Tokens != c.HeldOut().Len() {
		t.Errorf("record %+v, %+v", r, r.HeldOut)
	}
	// The unique word of a held-out sentence was never counted, so it is not in the vocabulary.
	if want := int64(5 * len(held)); r.HeldOut.Tokens != want {
		t.Errorf("%d tokens held out, want %d", r.HeldOut.Tokens, want)
	}
}

// TestHoldoutIsAPartition compares with a choice made sentence by sentence. For all words, limits and
// chunk sizes, each sentence is in one of the two texts, and equal ones are in the same.
func TestHoldoutIsAPartition(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		word := rapid.SampledFrom([]string{"a", "b", "c", "dd", "eee", "\n", "\n\n", "\r\n"})
		text := strings.Join(rapid.SliceOf(word).Draw(rt, "words"), " ")
		limit := rapid.IntRange(1, 5).Draw(rt, "limit")
		o := ReadOptions{
			Analyzer: &analysis.Analyzer{MaxTokenBytes: 7}, SentenceLimit: limit,
			Holdout: Holdout{Share: rapid.Float64Range(0.1, 0.9).Draw(rt, "share"), Counted: true},
		}
		c, err := readChunks(t, dir, text, rapid.IntRange(8, 64).Draw(rt, "chunk"), o)
		var empty *vocab.EmptyError
		var nothing *HoldoutError
		if errors.As(err, &empty) || errors.As(err, &nothing) {
			return
		}
		if err != nil {
			rt.Fatal(err)
		}
		defer c.Close()
		trained, held := parts(t, c)
		for _, s := range held {
			if slices.ContainsFunc(trained, func(other []string) bool { return slices.Equal(s, other) }) {
				rt.Fatalf("%q is held out and trained", s)
			}
		}
		byWords := func(a, b []string) int { return slices.Compare(a, b) }
		got, want := slices.Concat(trained, held), wantedSentences(text, limit, 1)
		slices.SortFunc(got, byWords)
		slices.SortFunc(want, byWords)
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatal(diff)
		}
	})
}

func TestHoldoutIsTheSameEverywhere(t *testing.T) {
	text := numberedText(500)
	lines := strings.SplitAfter(text, "\n")
	slices.Reverse(lines)
	var want [][]string
	check := func(what, text string, chunkSize, processors int, o ReadOptions) {
		before := runtime.GOMAXPROCS(processors)
		defer runtime.GOMAXPROCS(before)
		o.Analyzer, o.Holdout = &analysis.Analyzer{MaxTokenBytes: 100}, Holdout{Share: 0.05, Counted: true}
		c, err := readChunks(t, t.TempDir(), text, chunkSize, o)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, held := parts(t, c)
		slices.SortFunc(held, slices.Compare)
		if want == nil {
			want = held
		}
		if diff := cmp.Diff(want, held); diff != "" {
			t.Errorf("%s: other sentences are held out: %s", what, diff)
		}
	}
	check("first", text, 1<<20, 1, ReadOptions{})
	check("small chunks", text, 1000, 1, ReadOptions{})
	check("five processors", text, 1000, 5, ReadOptions{})
	check("another order", strings.Join(lines, ""), 5000, 2, ReadOptions{})

	// A smaller vocabulary holds out the same sentences, with fewer words.
	for i, s := range want {
		want[i] = slices.DeleteFunc(slices.Clone(s), func(w string) bool { return strings.HasPrefix(w, "unique") })
	}
	slices.SortFunc(want, slices.Compare)
	check("a minimum count", text, 1000, 2, ReadOptions{Selection: vocab.Selection{MinCount: 5}})
}

// TestHoldoutIsPinned fails if the choice changes between versions, which would make their figures
// incomparable.
func TestHoldoutIsPinned(t *testing.T) {
	c, err := readChunks(t, t.TempDir(), numberedText(40), 4096, ReadOptions{Holdout: Holdout{Share: 0.1, Counted: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, held := parts(t, c)
	var unique []string
	for _, s := range held {
		unique = append(unique, s[4])
	}
	if diff := cmp.Diff(pinnedHoldout, unique); diff != "" {
		t.Error(diff)
	}
}

var pinnedHoldout = []string{"unique8", "unique25"}

func TestLargerHoldoutHoldsOutMore(t *testing.T) {
	var before [][]string
	for _, share := range []float64{0.02, 0.1, 0.5} {
		c, err := readChunks(t, t.TempDir(), numberedText(300), 4096, ReadOptions{Holdout: Holdout{Share: share, Counted: true}})
		if err != nil {
			t.Fatal(err)
		}
		_, held := parts(t, c)
		c.Close()
		if len(held) <= len(before) {
			t.Errorf("%d sentences at share %v, %d at the one before", len(held), share, len(before))
		}
		for _, s := range before {
			if !slices.ContainsFunc(held, func(other []string) bool { return slices.Equal(s, other) }) {
				t.Errorf("%q is not held out at %v, but at a smaller share", s, share)
			}
		}
		before = held
	}
}

func TestHoldoutComesFromTheCache(t *testing.T) {
	dir := t.TempDir()
	name := writeFile(t, filepath.Join(t.TempDir(), "text"), numberedText(100))
	o := ReadOptions{Holdout: Holdout{Share: 0.2}}
	first, again := readFile(t, name, dir, o), readFile(t, name, dir, o)
	if first.Cached() || !again.Cached() {
		t.Fatalf("cached: %v, then %v", first.Cached(), again.Cached())
	}
	trained, held := parts(t, first)
	trainedAgain, heldAgain := parts(t, again)
	if diff := cmp.Diff([][][]string{trained, held}, [][][]string{trainedAgain, heldAgain}); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(first.Record(), again.Record()); diff != "" {
		t.Error(diff)
	}
	for what, other := range map[string]Holdout{"no holdout": {}, "another share": {Share: 0.3}, "counted": {Share: 0.2, Counted: true}} {
		if readFile(t, name, dir, ReadOptions{Holdout: other}).Cached() {
			t.Errorf("%s finds the cached text", what)
		}
	}
	if c := readFile(t, name, dir, ReadOptions{}); c.HeldOut() != nil || c.Record().HeldOut != nil {
		t.Error("sentences are held out unasked")
	}
}

// TestHoldoutOfKeptWords keeps a word that occurs only in a held-out sentence.
func TestHoldoutOfKeptWords(t *testing.T) {
	text := numberedText(200)
	o := ReadOptions{Holdout: Holdout{Share: 0.1, Counted: true}}
	c, err := readChunks(t, t.TempDir(), text, 4096, o)
	if err != nil {
		t.Fatal(err)
	}
	_, held := parts(t, c)
	c.Close()
	o = ReadOptions{Holdout: Holdout{Share: 0.1}, Selection: vocab.Selection{MinCount: 1, Keep: []string{held[0][4]}}}
	if c, err = readChunks(t, t.TempDir(), text, 4096, o); err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, ok := c.Vocabulary().ID(held[0][4]); ok {
		t.Errorf("%q was seen in a sentence held out only and is in the vocabulary", held[0][4])
	}
}

func TestHoldoutErrors(t *testing.T) {
	read := func(text string, share float64, o ReadOptions) error {
		o.Holdout = Holdout{Share: share}
		c, err := readChunks(t, t.TempDir(), text, 4096, o)
		if err == nil {
			c.Close()
		}
		return err
	}
	for _, share := range []float64{-0.1, 1, 2, math.NaN(), math.Inf(1)} {
		if err := read("a b\nc d\n", share, ReadOptions{}); err == nil || !strings.Contains(err.Error(), "0 (none) or more and below 1") {
			t.Errorf("share %v: %v", share, err)
		}
	}
	text := numberedText(20)
	for _, share := range []float64{1e-9, 1 - 1e-9} {
		var nothing *HoldoutError
		if err := read(text, share, ReadOptions{}); !errors.As(err, &nothing) {
			t.Fatalf("share %v: %v, want a *HoldoutError", share, err)
		}
		t.Log(nothing)
		if !(0 < nothing.Lowest && nothing.Lowest < nothing.Highest && nothing.Highest < 1) || nothing.Sentences != 20 {
			t.Errorf("share %v: %+v", share, nothing)
		}
		// Both ends of the range in the error work, and nothing beyond.
		if err := read(text, math.Nextafter(nothing.Lowest, 1), ReadOptions{}); err != nil {
			t.Errorf("just inside the range: %v", err)
		}
		if err := read(text, nothing.Lowest, ReadOptions{}); err == nil {
			t.Error("the least share holds out a sentence")
		}
		if err := read(text, nothing.Highest, ReadOptions{}); err != nil {
			t.Errorf("the greatest share: %v", err)
		}
	}
	if err := read("a b\na b\n", 0.5, ReadOptions{}); err == nil || !strings.Contains(err.Error(), "no two different") {
		t.Errorf("a text of equal sentences: %v", err)
	}
	// One of two sentences is held out. A vocabulary of the other's word alone leaves it without words.
	failed := 0
	for _, word := range []string{"line", "other"} {
		v, err := vocab.New([]string{word}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := read("line\nother\n", 0.6, ReadOptions{Vocabulary: v}); err != nil {
			failed++
			if !strings.Contains(err.Error(), "none of the words of the 1 sentences held out") {
				t.Error(err)
			}
		}
	}
	if failed != 1 {
		t.Errorf("%d of the two vocabularies fail, want 1", failed)
	}
}

// TestHoldoutApart reads the held-out lines again: they are exactly those that the text lacks, whatever the chunks,
// inputs and lengths of lines, and equal lines are held out or not for themselves.
func TestHoldoutApart(t *testing.T) {
	dir := t.TempDir()
	var inputs []string
	words, number := map[string]int{}, 0
	for file := range 10 {
		var text strings.Builder
		for line := range 40 {
			for range 1 + (line*7+file)%5 {
				word := fmt.Sprintf("w%d", number)
				words[word] = number
				text.WriteString(word + " ")
				number++
			}
			text.WriteString("same\n\n")
		}
		text.WriteString("same") // without a newline at the end
		path := filepath.Join(dir, fmt.Sprint(file))
		if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, path)
	}
	for _, chunk := range []int{50, 1000, 0} {
		o := ReadOptions{SentenceLimit: 4, Holdout: Holdout{Share: 0.3, Apart: true}, Dir: dir, chunkSize: chunk}
		open := func() *source.Source {
			src, err := source.Open(inputs...)
			if err != nil {
				t.Fatal(err)
			}
			return src
		}
		c, err := Read(context.Background(), open(), o)
		if err != nil {
			t.Fatal(err)
		}
		if held := c.Record().HeldOut; held == nil || !held.Apart {
			t.Errorf("the record is %+v", held)
		}
		seen := map[string]bool{}
		sentences, same := 0, 0
		err = HeldOutLines(context.Background(), open(), o, func(tokens [][]byte) error {
			sentences++
			if len(tokens) > 4 {
				t.Errorf("a sentence has %d tokens", len(tokens))
			}
			for _, token := range tokens {
				if string(token) == "same" {
					same++
				} else if seen[string(token)] {
					t.Errorf("%s comes twice", token)
				}
				seen[string(token)] = true
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for word := range words {
			if _, trained := c.Vocabulary().ID(word); trained == seen[word] {
				t.Fatalf("chunks of %d: %s is trained: %v, and held out: %v", chunk, word, trained, seen[word])
			}
		}
		id, ok := c.Vocabulary().ID("same")
		if !ok || c.Vocabulary().Count(id) != int64(410-same) || same == 0 {
			t.Errorf("chunks of %d: a word of all lines is held out %d times", chunk, same)
		}
		if all := int(c.Record().Sentences) + sentences; math.Abs(float64(sentences)/float64(all)-0.3) > 0.06 {
			t.Errorf("%d of %d sentences are held out", sentences, all)
		}
		c.Close()
	}
	o := ReadOptions{Holdout: Holdout{Share: 0.3}}
	if err := HeldOutLines(context.Background(), source.FromReader("r", strings.NewReader("a")), o, nil); err == nil {
		t.Error("sentences that are held out by content are read again")
	}
}
