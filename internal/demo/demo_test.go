package demo

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"
)

func generated(t testing.TB, seed uint64, tokens int) []byte {
	t.Helper()
	var text bytes.Buffer
	if err := Generate(&text, seed, tokens); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

// counts returns how often each word of the demo's text occurs.
var counts = sync.OnceValue(func() map[string]int {
	var text strings.Builder
	if err := Generate(&text, Seed, Tokens); err != nil {
		panic(err)
	}
	occurrences := map[string]int{}
	for word := range strings.FieldsSeq(text.String()) {
		occurrences[word]++
	}
	return occurrences
})

// The digest is the same on all platforms. If you change the grammar, take the new one.
func TestGenerateSameBytes(t *testing.T) {
	const want = "0eae682d4380423e4906d292178c17cd49ef9974ad1d0387f846c708aafc5738"
	got := fmt.Sprintf("%x", sha256.Sum256(generated(t, Seed, 200_000)))
	if got != want {
		t.Errorf("SHA-256 of the text of seed %d is %s, want %s", Seed, got, want)
	}
}

func TestGenerateShape(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		seed := rapid.Uint64().Draw(r, "seed")
		tokens := rapid.IntRange(-1, 3000).Draw(r, "tokens")
		text := generated(t, seed, tokens)
		words := bytes.Fields(text)
		if len(words) < tokens || len(words) > max(tokens, 0)+100 {
			r.Fatalf("%d words, want %d and the end of a sentence", len(words), tokens)
		}
		if tokens > 0 && !bytes.HasSuffix(text, []byte("\n")) {
			r.Fatal("the last sentence has no newline")
		}
		for line := range bytes.Lines(text) {
			if !bytes.Equal(bytes.Join(bytes.Fields(line), []byte(" ")), bytes.TrimSuffix(line, []byte("\n"))) {
				r.Fatalf("line %q: want words separated by single spaces", line)
			}
			if i := bytes.IndexFunc(line, func(c rune) bool { return c != ' ' && c != '\n' && (c < 'a' || c > 'z') }); i >= 0 {
				r.Fatalf("line %q: want nothing but a to z and spaces", line)
			}
		}
		if longer := generated(t, seed, tokens+500); !bytes.HasPrefix(longer, text) {
			r.Fatal("a longer text of the same seed begins otherwise")
		}
	})
}

func TestGenerateSeedsDiffer(t *testing.T) {
	if bytes.Equal(generated(t, 1, 1000), generated(t, 2, 1000)) {
		t.Error("seeds 1 and 2 give the same text")
	}
}

// A brokenWriter takes a number of bytes and no more.
type brokenWriter struct{ left int }

func (w *brokenWriter) Write(p []byte) (int, error) {
	if len(p) > w.left {
		return w.left, io.ErrShortWrite
	}
	w.left -= len(p)
	return len(p), nil
}

func TestGenerateReportsWriteError(t *testing.T) {
	for _, room := range []int{0, 1 << 17} {
		if err := Generate(&brokenWriter{room}, Seed, 50_000); !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("writer with room for %d bytes: error %v, want %v", room, err, io.ErrShortWrite)
		}
	}
}

func TestFrequenciesFollowZipf(t *testing.T) {
	const first, last = 10, 3000
	byRank := make([]int, 0, len(counts()))
	frequent := 0
	for _, n := range counts() {
		byRank = append(byRank, n)
		if n >= 5 {
			frequent++
		}
	}
	slices.Sort(byRank)
	slices.Reverse(byRank)
	var ranks, frequencies []float64
	for r := first; r <= last; r++ {
		ranks = append(ranks, math.Log(float64(r)))
		frequencies = append(frequencies, math.Log(float64(byRank[r-1])))
	}
	intercept, slope := stat.LinearRegression(ranks, frequencies, nil, false)
	fit := stat.RSquared(ranks, frequencies, nil, intercept, slope)
	t.Logf("slope %.3f, R² %.4f, %d types, %d of 5 occurrences", slope, fit, len(byRank), frequent)
	if slope < -1.1 || slope > -0.85 || fit < 0.97 {
		t.Errorf("slope of log frequency on log rank is %.3f with R² %.4f, want about -1", slope, fit)
	}
	if frequent < 8_000 || frequent > 16_000 {
		t.Errorf("%d types occur 5 times, want 8,000 to 16,000", frequent)
	}
}

// A form in two cells would have two right answers.
func TestFormsAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range senses() {
		if seen[s.word] {
			t.Errorf("%q stands in more than one place", s.word)
		}
		seen[s.word] = true
	}
	for name, words := range lists {
		for word := range strings.FieldsSeq(words) {
			if seen[word] {
				t.Errorf("%q of list %s is a form as well", word, name)
			}
		}
	}
}

func TestCompanionsFitSamplers(t *testing.T) {
	for _, table := range english().tables {
		for _, r := range table.rows {
			if n := len(r.companions); n == 0 || n > longestList {
				t.Errorf("row %v has %d companions, want 1 to %d", r.forms, n, longestList)
			}
		}
	}
	for name, words := range lists {
		if n := len(strings.Fields(words)); n == 0 || n > longestList {
			t.Errorf("list %s has %d words, want 1 to %d", name, n, longestList)
		}
	}
}

func TestParseSlotUnknown(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an unknown slot was accepted")
		}
	}()
	parsePatterns("the {nothing} of it", nil)
}

func TestCommittedFiles(t *testing.T) {
	dir := t.TempDir()
	if err := WriteFiles(dir, Seed, SampleTokens); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{TextFile, SimilarityFile, AnalogyFile} {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join("..", "..", "testdata", "demo", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("testdata/demo/%s differs from what the generator writes: run go generate ./internal/demo\n%s",
				name, cmp.Diff(firstLines(want), firstLines(got)))
		}
	}
}

func firstLines(text []byte) []string {
	return strings.SplitN(string(text), "\n", 4)[:3]
}

// Patterns such as ./... skip testdata, so nothing else compiles the command.
func TestCommandBuilds(t *testing.T) {
	if out, err := exec.Command("go", "vet", "kindred/testdata/generate").CombinedOutput(); err != nil {
		t.Errorf("go vet kindred/testdata/generate: %v\n%s", err, out)
	}
}

func BenchmarkGenerate(b *testing.B) {
	b.SetBytes(int64(len(generated(b, Seed, 200_000))))
	for b.Loop() {
		if err := Generate(io.Discard, Seed, 200_000); err != nil {
			b.Fatal(err)
		}
	}
}
