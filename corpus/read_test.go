package corpus

import (
	"context"
	"errors"
	"io"
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

// readChunks reads a text cut into chunks of the given size.
func readChunks(t testing.TB, dir, text string, chunkSize int, o ReadOptions) (*Corpus, error) {
	t.Helper()
	src := source.FromReader("text", strings.NewReader(text))
	o.chunkSize = chunkSize
	o.Dir = dir
	return Read(context.Background(), src, o)
}

// sentences returns the encoded text as words.
func sentences(t testing.TB, c *Corpus) [][]string {
	t.Helper()
	tokens, err := c.Tokens(nil, 0, c.Len())
	if err != nil || int64(len(tokens)) != c.Len() {
		t.Fatalf("%d tokens, %v; want %d", len(tokens), err, c.Len())
	}
	var all [][]string
	var sentence []string
	for _, token := range tokens {
		sentence = append(sentence, c.Vocabulary().Word(int(token.ID())))
		if token.EndsSentence() {
			all = append(all, sentence)
			sentence = nil
		}
	}
	if sentence != nil {
		t.Fatalf("the last sentence, %q, has no end", sentence)
	}
	return all
}

// wantedSentences does what Read does, in the simplest way.
func wantedSentences(text string, limit int, minCount int) [][]string {
	counts := map[string]int{}
	for _, w := range strings.Fields(text) {
		counts[w]++
	}
	var all [][]string
	for line := range strings.Lines(text) {
		for sentence := range slices.Chunk(strings.Fields(line), limit) {
			kept := slices.DeleteFunc(slices.Clone(sentence), func(w string) bool { return counts[w] < minCount })
			if len(kept) > 0 {
				all = append(all, kept)
			}
		}
	}
	return all
}

func TestReadEncodesTheText(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		word := rapid.SampledFrom([]string{"a", "b", "c", "dd", "eee", "ffff", "日本", "\n", "\n\n", "\r\n"})
		text := strings.Join(rapid.SliceOf(word).Draw(rt, "words"), " ")
		limit := rapid.IntRange(1, 9).Draw(rt, "limit")
		minCount := rapid.IntRange(1, 3).Draw(rt, "minCount")
		want := wantedSentences(text, limit, minCount)
		c, err := readChunks(t, dir, text, rapid.IntRange(8, 64).Draw(rt, "chunk"), ReadOptions{
			Analyzer:      &analysis.Analyzer{MaxTokenBytes: 7},
			Selection:     vocab.Selection{MinCount: int64(minCount)},
			SentenceLimit: limit,
		})
		var empty *vocab.EmptyError
		if len(want) == 0 && errors.As(err, &empty) {
			return
		}
		if err != nil {
			rt.Fatal(err)
		}
		defer c.Close()
		if diff := cmp.Diff(want, sentences(t, c)); diff != "" {
			rt.Fatal(diff)
		}
		if int(c.Record().Sentences) != len(want) {
			rt.Fatalf("%d sentences are reported, want %d", c.Record().Sentences, len(want))
		}
	})
}

func TestReadDoesNotDependOnProcessors(t *testing.T) {
	text := strings.Repeat("the quick brown fox jumps over the lazy dog and runs\n", 2000)
	var hashes []string
	for _, n := range []int{1, 2, 5} {
		before := runtime.GOMAXPROCS(n)
		c, err := readChunks(t, t.TempDir(), text, 1000, ReadOptions{Analyzer: &analysis.Analyzer{MaxTokenBytes: 100}})
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, c.Record().Hash)
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if hashes[0] != hashes[1] || hashes[0] != hashes[2] {
		t.Errorf("hashes by number of processors: %v", hashes)
	}
}

func TestTokensOfRanges(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		lengths := rapid.SliceOfN(rapid.IntRange(1, 12), 1, 20).Draw(rt, "lengths")
		var text strings.Builder
		for _, n := range lengths {
			text.WriteString(strings.Repeat("w ", n) + "\n")
		}
		c, err := readChunks(t, dir, text.String(), 4096, ReadOptions{Analyzer: &analysis.Analyzer{MaxTokenBytes: 9}, SentenceLimit: 10})
		if err != nil {
			rt.Fatal(err)
		}
		defer c.Close()
		whole, err := c.Tokens(nil, 0, c.Len())
		if err != nil {
			rt.Fatal(err)
		}
		from := rapid.Int64Range(0, c.Len()+3).Draw(rt, "from")
		to := rapid.Int64Range(from, c.Len()+5).Draw(rt, "to")
		got, err := c.Tokens(make([]Token, 2), from, to)
		if err != nil {
			rt.Fatal(err)
		}
		if want := whole[min(from, c.Len()):min(to, c.Len())]; !slices.Equal(got, want) {
			rt.Fatalf("tokens [%d, %d) are %v, want %v", from, to, got, want)
		}
	})
}

// TestOneLineCorpus reads a text without a newline, like text8.
func TestOneLineCorpus(t *testing.T) {
	text := strings.Repeat("one two three four five ", 1000)
	c, err := readChunks(t, t.TempDir(), text, source.DefaultChunkSize, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	got := sentences(t, c)
	if len(got) != 5 || len(got[0]) != DefaultSentenceLimit || c.Len() != 5000 {
		t.Errorf("%d sentences, %d tokens, want 5 and 5000", len(got), c.Len())
	}
}

func TestReadWithGivenVocabulary(t *testing.T) {
	v, err := vocab.New([]string{"b", "x", "a"}, []int64{5, 4, 3})
	if err != nil {
		t.Fatal(err)
	}
	c, err := readChunks(t, t.TempDir(), "a b c\nc\nb", 4096, ReadOptions{Vocabulary: v, Selection: vocab.Selection{MinCount: 9}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if diff := cmp.Diff([][]string{{"a", "b"}, {"b"}}, sentences(t, c)); diff != "" {
		t.Error(diff)
	}
	if c.Vocabulary() != v || c.Record().Tokens != 5 || c.Record().TokensKept != 3 {
		t.Errorf("record %+v", c.Record())
	}
	if _, err := readChunks(t, t.TempDir(), "p q", 4096, ReadOptions{Vocabulary: v}); err == nil || !strings.Contains(err.Error(), "none of the 2 types") {
		t.Errorf("a text without a word of the vocabulary: %v", err)
	}
}

func TestCountWordsAgreesWithRead(t *testing.T) {
	text := "a b a\nc a b\n"
	c, err := readChunks(t, t.TempDir(), text, 4096, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	v, record, err := CountWords(context.Background(), source.FromReader("text", strings.NewReader(text)), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := listing(v), "a 3, b 2, c 1"; got != want || listing(c.Vocabulary()) != want {
		t.Errorf("counted %s, read %s, want %s", got, listing(c.Vocabulary()), want)
	}
	if record.Tokens != 6 || record.TokensKept != 6 || record.Lines != 2 || record.Types != 3 || record.Bytes != int64(len(text)) {
		t.Errorf("record %+v", record)
	}
}

// A failingReader gives its text and then an error.
type failingReader struct {
	text io.Reader
	err  error
}

func (r failingReader) Read(p []byte) (int, error) {
	n, err := r.text.Read(p)
	if err == io.EOF {
		err = r.err
	}
	return n, err
}

func TestReadFailures(t *testing.T) {
	broken := errors.New("disk on fire")
	src := source.FromReader("text", failingReader{strings.NewReader("a b"), broken})
	if _, err := Read(context.Background(), src, ReadOptions{Dir: t.TempDir()}); !errors.Is(err, broken) {
		t.Errorf("error %v, want that of the reader", err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(broken)
	if _, err := Read(ctx, source.FromReader("text", strings.NewReader("a b")), ReadOptions{Dir: t.TempDir()}); !errors.Is(err, broken) && !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
	if _, err := readChunks(t, t.TempDir(), "a", 4096, ReadOptions{SentenceLimit: -1}); err == nil {
		t.Error("a negative sentence limit is accepted")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := readChunks(t, file, "a", 4096, ReadOptions{}); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a file in the place of the directory: %v", err)
	}
}

func TestReadLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	c, err := readChunks(t, dir, "a b c", 4096, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func BenchmarkRead(b *testing.B) {
	text := strings.Repeat("anarchism originated as a term of abuse first used against early working class radicals\n", 200_000)
	dir := b.TempDir()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		c, err := readChunks(b, dir, text, source.DefaultChunkSize, ReadOptions{})
		if err != nil {
			b.Fatal(err)
		}
		c.Close()
	}
}

// Counting a chunk allocates nothing once its words are in the table, with and without filters.
func TestNoAllocationPerTokenInCounting(t *testing.T) {
	text := []byte(strings.Repeat("the quick brown fox jumps over the lazy dog and some-longer-words, AS they are\n", 500))
	file, err := createTokenFile(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, names := range [][]string{{"whitespace"}, {"unicode", "lower", "stem:english"}} {
		a, err := analysis.Parse(names[0], names[1:]...)
		if err != nil {
			t.Fatal(err)
		}
		w := newCountWorker(a, 0, file)
		w.chunks = make([]countedChunk, 0, 100)
		count := func() {
			if err := w.count(source.Chunk{Data: text}, 0); err != nil {
				t.Fatal(err)
			}
		}
		count()
		if n := testing.AllocsPerRun(10, count); n > 1 {
			t.Errorf("%s: %v allocations for %d lines, want none", a, n, 500)
		}
	}
}

func listing(v *vocab.Vocabulary) string {
	var b strings.Builder
	if _, err := v.WriteTo(&b); err != nil {
		panic(err)
	}
	return strings.ReplaceAll(strings.TrimSpace(b.String()), "\n", ", ")
}
