package corpus

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kindred/corpus/source"
	"kindred/corpus/vocab"
	"kindred/internal/textfile"
)

// countShares counts all shares of a text, and returns what is read back of their files.
func countShares(t *testing.T, text *source.Source, n int, o ReadOptions) []*Counts {
	t.Helper()
	var all []*Counts
	for i := 1; i <= n; i++ {
		counts, err := CountShare(context.Background(), text, i, n, o)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, readBack(t, counts, o.Selection.Keep))
	}
	return all
}

func readBack(t *testing.T, c *Counts, keep []string) *Counts {
	t.Helper()
	var file bytes.Buffer
	if n, err := c.WriteTo(&file); err != nil || n != int64(file.Len()) {
		t.Fatalf("writing %d bytes: %d, %v", file.Len(), n, err)
	}
	lines, err := textfile.New("counts", &file, textfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	read, err := readCounts(lines, keep)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func textFile(t *testing.T, text string) *source.Source {
	t.Helper()
	name := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	src, err := source.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// Without pruning, the shares' counts add up to the vocabulary of the whole text.
func TestCountsOfSharesAreExact(t *testing.T) {
	text := textFile(t, zipfText(rand.New(rand.NewPCG(3, 4)), 20000, 300))
	sel := vocab.Selection{MinCount: 3, Keep: []string{"unique-7"}}
	want, record, err := CountWords(context.Background(), text, ReadOptions{Selection: sel})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1, 2, 3, 16} {
		shares := countShares(t, text, n, ReadOptions{Selection: sel})
		slices.Reverse(shares)
		sum, err := MergeCounts(shares, 0)
		if err != nil {
			t.Fatal(err)
		}
		got, merged, err := sum.Select(sel, 0)
		if err != nil {
			t.Fatal(err)
		}
		var a, b bytes.Buffer
		_, _ = want.WriteTo(&a)
		_, _ = got.WriteTo(&b)
		if a.String() != b.String() {
			t.Errorf("%d shares give another vocabulary", n)
		}
		if merged.Tokens != record.Tokens || merged.Lines != record.Lines || merged.Bytes != record.Bytes || merged.Types != record.Types || merged.Pruning != nil {
			t.Errorf("%d shares: record %+v, want %+v", n, merged, record)
		}
	}
}

// With pruning, each count is too low by no more than the sum of the bounds, words to keep are exact, and
// no word is lost that occurs more often than the bound.
func TestCountsOfPrunedSharesAreWithinTheBound(t *testing.T) {
	content := zipfText(rand.New(rand.NewPCG(5, 6)), 60000, 2000)
	text, truth := textFile(t, content), trueCounts(content)
	keep := []string{"w1999", "unique-8", "unique-9", "w3"}
	o := ReadOptions{Selection: vocab.Selection{Keep: keep}, VocabularyMemory: MinVocabularyMemory, chunkSize: 512}
	shares := countShares(t, text, 4, o)
	sum, err := MergeCounts(shares, MinVocabularyMemory)
	if err != nil {
		t.Fatal(err)
	}
	v, r, err := sum.Select(vocab.Selection{MinCount: 1, Keep: keep}, MinVocabularyMemory)
	if err != nil {
		t.Fatal(err)
	}
	p := r.Pruning
	if p == nil || p.Undercount < 1 || p.Dropped < 1 || p.Exact < 1 {
		t.Fatalf("pruning %+v, want some", p)
	}
	exact := 0
	for id, n := range v.Counts() {
		w := v.Word(id)
		lost := truth[w] - n
		if lost < 0 || lost > p.Undercount || lost > 0 && slices.Contains(keep, w) {
			t.Errorf("%q was counted %d times and is there %d times, with an undercount of at most %d", w, n, truth[w], p.Undercount)
		}
		if lost == 0 {
			exact++
		}
	}
	if p.Exact > exact {
		t.Errorf("%d words are said to be exact, %d are", p.Exact, exact)
	}
	for w, n := range truth {
		if _, ok := v.ID(w); !ok && n > p.Undercount {
			t.Errorf("%q is lost, which occurs %d times; the bound is %d", w, n, p.Undercount)
		}
	}
}

func TestMergeCountsRefuses(t *testing.T) {
	text, other := textFile(t, strings.Repeat("a b c\n", 100)), textFile(t, strings.Repeat("a b d\n", 101))
	for _, c := range []struct {
		name, want string
		shares     func() []*Counts
	}{
		{"missing", "1 of 3 shards are missing: 2", func() []*Counts {
			s := countShares(t, text, 3, ReadOptions{})
			return []*Counts{s[0], s[2]}
		}},
		{"twice", "shard 1 of 2 is given twice", func() []*Counts {
			s := countShares(t, text, 2, ReadOptions{})
			return []*Counts{s[0], s[1], countShares(t, text, 2, ReadOptions{})[0]}
		}},
		{"another text", "names or sizes of the inputs", func() []*Counts {
			return []*Counts{countShares(t, text, 2, ReadOptions{})[0], countShares(t, other, 2, ReadOptions{})[1]}
		}},
		{"another number", "number of shards is 2 and 3", func() []*Counts {
			return []*Counts{countShares(t, text, 2, ReadOptions{})[0], countShares(t, text, 3, ReadOptions{})[1]}
		}},
		{"other settings", "sentence limit", func() []*Counts {
			return []*Counts{countShares(t, text, 2, ReadOptions{})[0], countShares(t, text, 2, ReadOptions{SentenceLimit: 7})[1]}
		}},
		{"none", "no counts", func() []*Counts { return nil }},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := MergeCounts(c.shares(), 0); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestLoadCountsRefuses(t *testing.T) {
	counts, err := CountShare(context.Background(), textFile(t, "a b b\n"), 1, 1, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if _, err := counts.WriteTo(&file); err != nil {
		t.Fatal(err)
	}
	good := file.String()
	for _, c := range []struct{ name, content, want string }{
		{"empty", "", "the file is empty"},
		{"a vocabulary", "the 3\na 2\n", "want the counts of a share"},
		{"cut", good[:len(good)-4], "ends after 1 of 2 words"},
		{"later version", strings.Replace(good, `"kindred_counts":1`, `"kindred_counts":9`, 1), "version 9"},
		{"negative", strings.Replace(good, "b 2", "b -2", 1), `counts:2: want a number`},
		{"more columns", strings.Replace(good, "b 2", "b 2 1", 1), "found 3 fields"},
		{"twice", strings.Replace(good, "a 1", "b 1", 1), "second time"},
		{"overflow", strings.Replace(good, "b 2", "b 9223372036854775807", 1), "do not fit"},
		{"shard 3 of 1", strings.Replace(good, `"shard":1`, `"shard":3`, 1), "shard 3 of 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "counts")
			if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := LoadCounts(path, nil); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("error %v, want one of this file with %q", err, c.want)
			}
		})
	}
}

func FuzzLoadCounts(f *testing.F) {
	f.Add([]byte(`{"kindred_counts":1,"shard":1,"shards":2,"text":"0","words":1,"bound":2,"types_dropped":3,"record":{"inputs":null}}` + "\na 3 1\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		lines, err := textfile.New("counts", bytes.NewReader(content), textfile.Options{})
		if err != nil {
			return
		}
		if c, err := readCounts(lines, nil); err == nil {
			readBack(t, c, nil)
		}
	})
}
