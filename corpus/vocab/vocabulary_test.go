package vocab

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// vocabularyOf returns the vocabulary that sel keeps of the words, each counted as
// often as it occurs.
func vocabularyOf(t testing.TB, words []string, sel Selection) (*Vocabulary, error) {
	t.Helper()
	table := NewTable(0)
	var counts []int64
	for _, w := range words {
		id := table.Add([]byte(w))
		if int(id) == len(counts) {
			counts = append(counts, 0)
		}
		counts[id]++
	}
	v, _, err := Select(table, counts, sel)
	return v, err
}

func listing(v *Vocabulary) string {
	var b strings.Builder
	if _, err := v.WriteTo(&b); err != nil {
		panic(err)
	}
	return strings.ReplaceAll(strings.TrimSpace(b.String()), "\n", ", ")
}

func mustVocabulary(words ...string) *Vocabulary {
	v, err := New(words, nil)
	if err != nil {
		panic(err)
	}
	return v
}

func TestSelection(t *testing.T) {
	words := strings.Fields("b a c a b d a é e b c")
	for _, c := range []struct {
		name string
		sel  Selection
		want string
	}{
		{"all, by count and then bytes", Selection{}, "a 3, b 3, c 2, d 1, e 1, é 1"},
		{"minimum count", Selection{MinCount: 2}, "a 3, b 3, c 2"},
		{"maximum size", Selection{MaxSize: 2}, "a 3, b 3"},
		{"keep-list", Selection{MinCount: 3, Keep: []string{"é", "absent"}}, "a 3, b 3, é 1"},
		{"keep-list in a small vocabulary", Selection{MaxSize: 2, Keep: []string{"é"}}, "a 3, é 1"},
		{"keep-list larger than the vocabulary", Selection{MaxSize: 1, Keep: []string{"d", "e"}}, "d 1"},
		{"only words of a list", Selection{Only: mustVocabulary("é", "a", "absent")}, "a 3, é 1"},
		{"only frequent words of a list", Selection{MinCount: 2, Only: mustVocabulary("é", "a")}, "a 3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, err := vocabularyOf(t, words, c.sel)
			if err != nil {
				t.Fatal(err)
			}
			if got := listing(v); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestEmptyVocabularySaysWhatWouldHelp(t *testing.T) {
	_, err := vocabularyOf(t, strings.Fields("a b a c"), Selection{MinCount: 5})
	var empty *EmptyError
	if !errors.As(err, &empty) {
		t.Fatalf("error %v, want an EmptyError", err)
	}
	if want := (EmptyError{Types: 3, MinCount: 5, Highest: 2}); *empty != want {
		t.Errorf("got %+v, want %+v", *empty, want)
	}
	if _, err := vocabularyOf(t, nil, Selection{}); err == nil || !strings.Contains(err.Error(), "no tokens") {
		t.Errorf("no text at all: %v", err)
	}
}

func TestVocabularyLookup(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfNDistinct(rapid.StringN(1, 12, 48), 0, 200, rapid.ID).Draw(t, "words")
		v, err := New(words, nil)
		if err != nil {
			t.Fatal(err)
		}
		if v.Len() != len(words) {
			t.Fatalf("%d words of %d", v.Len(), len(words))
		}
		for i, w := range words {
			if id, ok := v.ID(w); !ok || id != i || v.Word(i) != w {
				t.Fatalf("%q: id %d, %v, want %d; word %q", w, id, ok, i, v.Word(i))
			}
		}
		other := rapid.String().Draw(t, "other")
		if _, ok := v.ID(other); ok != slices.Contains(words, other) {
			t.Fatalf("%q: found %v", other, ok)
		}
	})
}

func TestNewVocabularyRejects(t *testing.T) {
	for name, c := range map[string]struct {
		words  []string
		counts []int64
	}{
		"empty word":     {[]string{"a", ""}, nil},
		"twice":          {[]string{"a", "b", "a"}, nil},
		"lengths":        {[]string{"a"}, []int64{1, 2}},
		"negative count": {[]string{"a"}, []int64{-1}},
		"overflow":       {[]string{"a", "b"}, []int64{math.MaxInt64, 1}},
	} {
		if _, err := New(c.words, c.counts); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestVocabularyFileRoundTrip(t *testing.T) {
	v, err := vocabularyOf(t, strings.Fields("der der die das 日本 😀 naïve die der"), Selection{})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "vocab.txt")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.WriteTo(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	back, err := Load(path, Selection{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(listing(v), listing(back)); diff != "" {
		t.Error(diff)
	}
	if back.Total() != 9 {
		t.Errorf("total %d, want 9", back.Total())
	}
}

func TestReadVocabularyErrorsNameTheLine(t *testing.T) {
	for text, want := range map[string]string{
		"a 1\nb\n":                            "vocabulary:2: want a word and its count, found 1 fields",
		"a 1\n\nb 2\n":                        "vocabulary:2: want a word and its count, found 0 fields",
		"a one\n":                             `vocabulary:1: want a count of 0 or more after "a", found "one"`,
		"a -1\n":                              "vocabulary:1: want a count",
		"a 1 2\n":                             "vocabulary:1: want a word and its count, found 3 fields",
		"a 1\nb 1\na 2\n":                     `vocabulary:3: "a" occurs for the second time`,
		"a 9223372036854775807\nb 1\n":        "vocabulary:2: the counts add up",
		"a 9223372036854775808\n":             "vocabulary:1: want a count",
		"\xff 1\n":                            "vocabulary:1: not UTF-8 text",
		strings.Repeat("x", 1<<20+1) + " 1\n": "vocabulary:1: the line is longer than",
		"":                                    "no tokens",
	} {
		_, err := Read(strings.NewReader(text), Selection{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: error %v, want %q", text, err, want)
		}
	}
}

func FuzzReadVocabulary(f *testing.F) {
	for _, seed := range []string{"a 1\nb 2\n", "a\t3\r\nb 1", "a 1\na 1", "\x00 1", "a 99999999999999999999"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := Read(bytes.NewReader(text), Selection{})
		if err != nil {
			return
		}
		var first bytes.Buffer
		if _, err := v.WriteTo(&first); err != nil {
			t.Fatal(err)
		}
		back, err := Read(bytes.NewReader(first.Bytes()), Selection{})
		if err != nil {
			t.Fatalf("what was written can't be read: %v", err)
		}
		if listing(back) != listing(v) {
			t.Fatalf("%s became %s", listing(v), listing(back))
		}
	})
}

// Words that are given one after the other make the same vocabulary as a list of them.
func TestNewJoined(t *testing.T) {
	for _, n := range []int{0, 1, 63, 64, 65, 1000} {
		var words []string
		var text []byte
		offsets, counts := []int64{0}, []int64{}
		for i := range n {
			w := strings.Repeat("é", i%9) + strconv.Itoa(i*i)
			words, text = append(words, w), append(text, w...)
			offsets, counts = append(offsets, int64(len(text))), append(counts, int64(n-i))
		}
		want, err := New(words, counts)
		if err != nil {
			t.Fatal(err)
		}
		got, err := NewJoined(text, offsets, counts)
		if err != nil {
			t.Fatal(err)
		}
		if got.Len() != n || got.Total() != want.Total() {
			t.Errorf("%d words that occur %d times, want %d and %d", got.Len(), got.Total(), n, want.Total())
		}
		for i, w := range words {
			if id, ok := got.ID(w); !ok || id != i || got.Word(i) != w || got.Count(i) != counts[i] {
				t.Errorf("word %d is %q: %d, %v", i, got.Word(i), id, ok)
			}
		}
		if _, ok := got.ID("none"); ok {
			t.Error("a word that is not there was found")
		}
		if n < 2 {
			continue
		}
		again := append(append([]byte{}, text...), words[n/2]...)
		if _, err := NewJoined(again, append(offsets, int64(len(again))), append(counts, 1)); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("is both word %d and word %d", n/2, n)) {
			t.Errorf("a word twice: %v", err)
		}
	}
	for name, c := range map[string]struct{ offsets, counts []int64 }{
		"is empty": {[]int64{0, 1, 1}, []int64{1, 1}}, "is -1": {[]int64{0, 1, 2}, []int64{1, -1}}, "more than 2^63-1": {[]int64{0, 1, 2}, []int64{1 << 62, 1 << 62}},
	} {
		if _, err := NewJoined([]byte("ab"), c.offsets, c.counts); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v: error %v, want %q in it", c, err, name)
		}
	}
}
