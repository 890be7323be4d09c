package phrases

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"kindred/corpus"
	"kindred/corpus/analysis"
	"kindred/corpus/source"
	"kindred/internal/random"
)

// fromText returns the text as a file, which can be read several times.
func fromText(t *testing.T, text string) *source.Source {
	t.Helper()
	path := filepath.Join(t.TempDir(), "text.txt")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	src, err := source.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func learn(t *testing.T, text string, o Options) (*List, []Pass) {
	t.Helper()
	list, passes, err := Learn(context.Background(), fromText(t, text), nil, o)
	if err != nil {
		t.Fatal(err)
	}
	return list, passes
}

// joined returns the lines of a text after its phrases were joined.
func joined(t *testing.T, list *List, text string) string {
	t.Helper()
	var out bytes.Buffer
	a := &analysis.Analyzer{Joiner: list}
	if _, err := WriteText(context.Background(), &out, fromText(t, text), a, nil); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func options(change func(o *Options)) Options {
	o := Defaults()
	o.MinCount, o.Passes = 1, 1
	change(&o)
	return o
}

func scoring(t *testing.T, name string) Scoring {
	t.Helper()
	s, err := ParseScoring(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestScores checks scores that were worked out by hand.
func TestScores(t *testing.T) {
	c := Counts{First: 4, Second: 8, Pair: 2, MinCount: 1, Types: 96, Words: 64}
	for name, want := range map[string]float64{
		"word2phrase": (2. - 1) / (4 * 8) * 96,
		// p(ab) = 2^-5, p(a) = 2^-4, p(b) = 2^-3: ln 2^2 / ln 2^5.
		"npmi": 2. / 5,
	} {
		if got := scoring(t, name).Score(c); math.Abs(got-want) > 1e-15 {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	c.MinCount = 3
	if got := scoring(t, "npmi").Score(c); !math.IsInf(got, -1) {
		t.Errorf("a pair below the minimum count scores %v", got)
	}
}

// TestLearn finds what was planted in random text: two phrases, one of which is part of a longer one.
func TestLearn(t *testing.T) {
	var text strings.Builder
	rng := random.New(1, random.Blocks)
	for range 3000 {
		for range 12 {
			switch rng.Uint32n(12) {
			case 0:
				text.WriteString("new york times ")
			case 1:
				text.WriteString("new york ")
			case 2:
				text.WriteString("bank of america ")
			default:
				fmt.Fprintf(&text, "w%d ", rng.Uint32n(400))
			}
		}
		text.WriteString("\n")
	}
	o := Defaults()
	o.Connectors = []string{"of"}
	list, passes := learn(t, text.String(), o)
	var got []string
	for _, p := range list.Phrases() {
		got = append(got, fmt.Sprint(p.Pass, p.Words))
	}
	slices.Sort(got)
	// "york" stands before "times" only, and a line is joined from left to right.
	if want := []string{"1 [bank of america]", "1 [new york]", "1 [york times]", "2 [new_york times]"}; !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
	if len(passes) != 2 || passes[1].Words >= passes[0].Words || passes[0].Dropped != 0 {
		t.Errorf("passes %+v", passes)
	}
	if got, want := joined(t, list, "the new york times of new york\nbank of america"), "the new_york_times of new_york\nbank_of_america\n"; got != want {
		t.Errorf("joined %q, want %q", got, want)
	}
}

// TestLearnDoesNotDependOnWorkers learns from small chunks by any number of workers. A line that is cut
// into chunks would lose pairs, so lines are short.
func TestLearnDoesNotDependOnWorkers(t *testing.T) {
	text := randomText(20_000, 300)
	var want string
	for _, workers := range []int{1, 2, 5} {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
		for _, chunk := range []int{700, 1 << 20} {
			o := options(func(o *Options) { o.Threshold, o.Passes, o.MinCount, o.chunkSize = 0.1, 3, 3, chunk })
			list, _ := learn(t, text, o)
			var written bytes.Buffer
			if _, err := list.WriteTo(&written); err != nil {
				t.Fatal(err)
			}
			if want == "" {
				want = written.String()
			}
			if list.Len() < 10 || written.String() != want {
				t.Errorf("%d workers, chunks of %d bytes: another list of %d phrases", workers, chunk, list.Len())
			}
		}
	}
}

// randomText has words of a Zipf distribution, in lines of ten.
func randomText(words, types int) string {
	var text strings.Builder
	rng := random.New(7, random.Blocks)
	for i := range words {
		u := float64(rng.Uint32n(1<<20)+1) / (1 << 20)
		fmt.Fprintf(&text, "v%d ", int(math.Pow(float64(types), u)))
		if i%10 == 9 {
			text.WriteString("\n")
		}
	}
	return text.String()
}

// TestPairsAgainstNaiveCount compares the counts of phrases with those of a simple loop.
func TestPairsAgainstNaiveCount(t *testing.T) {
	text := randomText(30_000, 200)
	counts := map[string]int64{}
	for _, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		for i := 1; i < len(words); i++ {
			counts[words[i-1]+" "+words[i]]++
		}
	}
	list, passes := learn(t, text, options(func(o *Options) {
		o.Scoring = scoring(t, "word2phrase")
		o.Threshold = math.SmallestNonzeroFloat64
	}))
	found := 0
	for _, p := range list.Phrases() {
		if got, want := p.Count, counts[strings.Join(p.Words, " ")]; got != want {
			t.Fatalf("%v occurs %d times, want %d", p.Words, got, want)
		}
		found++
	}
	more := 0
	for _, n := range counts {
		if n > 1 { // one occurrence scores 0, as the minimum count is subtracted
			more++
		}
	}
	if found != more || passes[0].Phrases != found {
		t.Errorf("found %d pairs, want %d", found, more)
	}
}

// TestPruning counts in too little memory: no count is too high, none too low by more than the bound, and
// frequent phrases are found.
func TestPruning(t *testing.T) {
	var text strings.Builder
	rng := random.New(3, random.Blocks)
	for i := range 60_000 {
		fmt.Fprintf(&text, "rare%d other%d san francisco x%d\n", i, rng.Uint32n(1<<30), rng.Uint32n(1<<30))
	}
	exact := map[string]int64{"san francisco": 60_000}
	o := options(func(o *Options) { o.Memory, o.MinCount, o.chunkSize = corpus.MinVocabularyMemory, 2, 1<<14 })
	list, passes := learn(t, text.String(), o)
	if passes[0].Dropped == 0 || passes[0].Undercount == 0 {
		t.Fatalf("nothing was dropped: %+v", passes[0])
	}
	if passes[0].Undercount > 1000 {
		t.Errorf("counts may be %d too low, of pairs that occur 60,000 times", passes[0].Undercount)
	}
	found := false
	for _, p := range list.Phrases() {
		want := exact[strings.Join(p.Words, " ")]
		if p.Count > max(want, 1) || p.Count < want-passes[0].Undercount {
			t.Errorf("%v: count %d, want %d or up to %d less", p.Words, p.Count, want, passes[0].Undercount)
		}
		found = found || want > 0
	}
	if !found {
		t.Error("the frequent phrase was lost")
	}
}

func TestJoin(t *testing.T) {
	list, err := NewList([]Phrase{
		{Words: []string{"a", "b"}, Joined: "ab", Pass: 1},
		{Words: []string{"b", "c"}, Joined: "bc", Pass: 1},
		{Words: []string{"x", "of", "the", "y"}, Joined: "xy", Pass: 1},
		{Words: []string{"ab", "ab"}, Joined: "abab", Pass: 2},
	})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"a b c":             "ab c", // from left to right
		"a a b":             "a ab", // the second a begins the phrase
		"b b c":             "b bc", // likewise
		"a b a b":           "abab", // the second pass
		"a b a b a b":       "abab ab",
		"a\nb":              "a\nb", // not across lines
		"x of the y":        "xy",
		"x of y":            "x of y", // other connectors
		"x of the":          "x of the",
		"x of the z of a b": "x of the z of ab",
		"of the y":          "of the y",
		"A b":               "A b",
	} {
		if got := strings.TrimSuffix(joined(t, list, text), "\n"); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
	a := &analysis.Analyzer{Joiner: list}
	if got := a.String(); got != "whitespace|"+list.Name() {
		t.Errorf("the analyzer is %q", got)
	}
}

// TestVocabularyHasPhrases reads a text with the phrases of a list.
func TestVocabularyHasPhrases(t *testing.T) {
	list, err := NewList([]Phrase{{Words: []string{"new", "york"}, Joined: "new_york", Pass: 1}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := corpus.Read(context.Background(), fromText(t, "new york is new\nin new york new york\n"), corpus.ReadOptions{Dir: t.TempDir(), Analyzer: &analysis.Analyzer{Joiner: list}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	id, ok := c.Vocabulary().ID("new_york")
	if !ok || c.Vocabulary().Count(id) != 3 || c.Record().Tokens != 6 {
		t.Errorf("vocabulary of %d, record %+v", c.Vocabulary().Len(), c.Record())
	}
}

func TestListIsKept(t *testing.T) {
	list, _ := learn(t, randomText(20_000, 300), options(func(o *Options) { o.Threshold, o.Passes = 0.1, 2 }))
	path := filepath.Join(t.TempDir(), "list.tsv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := list.WriteTo(f); err != nil {
		t.Fatal(err)
	}
	f.Close()
	again, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if again.Name() != list.Name() || again.Len() != list.Len() || list.Len() == 0 {
		t.Errorf("%s with %d phrases became %s with %d", list.Name(), list.Len(), again.Name(), again.Len())
	}
	for i, p := range again.Phrases() {
		q := list.Phrases()[i]
		if p.Count != q.Count || math.Abs(p.Score-q.Score) > 1e-8 || p.Pass != q.Pass {
			t.Fatalf("%+v became %+v", q, p)
		}
	}
}

func TestBadLists(t *testing.T) {
	for text, want := range map[string]string{
		"new york\nword\n":                           "list.tsv:2",
		"new york\tnew_york\n":                       "2 columns",
		"new york\tnew_york\tx\t1\t1\n":              "score",
		"new york\tnew_york\t1\t-1\t1\n":             "count",
		"new york\tnew_york\t1\t1\t0\n":              "pass",
		"new york\tnew york\t1\t1\t1\n":              "joined",
		"new york\nnew york\n":                       "twice",
		"a b c\nb d\n":                               "middle",
		"new york\tnew_york\tNaN\t1\t1\n":            "score",
		"new york\tnew_york\t1\t1\t99999999999999\n": "pass",
		"\n": "no phrase",
	} {
		path := filepath.Join(t.TempDir(), "list.tsv")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "list.tsv") {
			t.Errorf("%q: error %v, want one with %q and the file", text, err, want)
		}
	}
}

func TestBadOptions(t *testing.T) {
	for want, change := range map[string]func(*Options){
		"threshold": func(o *Options) { o.Threshold = 2 },
		"minimum":   func(o *Options) { o.MinCount = 0 },
		"passes":    func(o *Options) { o.Passes = 0 },
		"delimiter": func(o *Options) { o.Delimiter = " " },
		"connector": func(o *Options) { o.Connectors = []string{"a b"} },
		"twice":     func(o *Options) { o.Connectors = []string{"a", "a"} },
		"memory":    func(o *Options) { o.Memory = 1 },
		"scoring":   func(o *Options) { o.Scoring = Scoring{} },
	} {
		if err := options(change).Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

func TestPipeIsReadOnce(t *testing.T) {
	_, _, err := Learn(context.Background(), source.FromReader("pipe", strings.NewReader("a b")), nil, Defaults())
	if err == nil || !strings.Contains(err.Error(), "pipe can be read only once") {
		t.Errorf("error %v", err)
	}
}

func TestConnectors(t *testing.T) {
	for _, language := range ConnectorLanguages() {
		words, err := Connectors(language)
		if err != nil || len(words) == 0 {
			t.Errorf("%s: %v, %v", language, words, err)
		}
		if err := options(func(o *Options) { o.Connectors = words }).Validate(); err != nil {
			t.Errorf("%s: %v", language, err)
		}
	}
	if _, err := Connectors("englis"); err == nil || !strings.Contains(err.Error(), `did you mean "english"`) {
		t.Errorf("error %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(columns + "\nnew york\tnew_york\t0.5\t10\t1\n"))
	f.Add([]byte("bank of america\nnew york\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "list")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		list, err := Load(path)
		if err != nil {
			return
		}
		a := &analysis.Analyzer{Joiner: list}
		for _, p := range list.Phrases() {
			a.Tokens(strings.Join(p.Words, " "))
		}
	})
}

// BenchmarkLearn reads $KINDRED_DATA/wiki17.txt, or random text.
func BenchmarkLearn(b *testing.B) {
	path := filepath.Join(os.Getenv("KINDRED_DATA"), "wiki17.txt")
	if _, err := os.Stat(path); os.Getenv("KINDRED_DATA") == "" || err != nil {
		path = filepath.Join(b.TempDir(), "text.txt")
		if err := os.WriteFile(path, []byte(randomText(2_000_000, 100_000)), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	for b.Loop() {
		src, err := source.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		o := Defaults()
		o.Passes = 1
		if _, _, err := Learn(context.Background(), src, nil, o); err != nil {
			b.Fatal(err)
		}
	}
}
