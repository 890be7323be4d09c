package subword

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kindred/corpus/vocab"
	"kindred/model"
)

// The file has what fasttext print-ngrams of version 0.9.2 prints for words of many scripts and for one
// that is not UTF-8, from a model of 2,000,000 buckets in which the row of a bucket is its number: the
// word on a line "== word" as a Go string, then each n-gram of 1 to 6 characters and its bucket.
func TestFastTextBuckets(t *testing.T) {
	g := NGrams{Hash: FastText, MinN: 1, MaxN: 6, Buckets: 2_000_000}
	file, err := os.Open("testdata/fasttext-ngrams.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var word string
	var want []int32
	words := 0
	check := func() {
		if word == "" {
			return
		}
		words++
		if got := g.Append(nil, word); !slices.Equal(got, want) {
			t.Errorf("%q: buckets %d, want %d", word, got, want)
		}
	}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if quoted, ok := strings.CutPrefix(lines.Text(), "== "); ok {
			check()
			if word, err = strconv.Unquote(quoted); err != nil {
				t.Fatal(err)
			}
			want = nil
			continue
		}
		bucket, err := strconv.Atoi(lines.Text()[strings.LastIndexByte(lines.Text(), ' ')+1:])
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, int32(bucket))
	}
	check()
	if words != 9 {
		t.Errorf("%d words, want 9", words)
	}
}

// The number of n-grams follows from the number of runes: with its marks a word of n runes has n + 2.
func TestNumberOfNGrams(t *testing.T) {
	for _, c := range []struct {
		word       string
		minN, maxN int
		want       int
	}{
		{"a", 3, 6, 1},           // <a>
		{"a", 4, 6, 0},           //
		{"a", 1, 1, 1},           // a, but not < or >
		{"ab", 1, 2, 2 + 3},      // a b, <a ab b>
		{"e\u0301", 3, 3, 2},     // <e◌́, e◌́>: the mark is a rune
		{"👩‍👩‍👧", 3, 3, 5},       // five runes, two of them joiners
		{"한국어", 3, 6, 3 + 2 + 1}, // Hangul syllables are a rune each
		{"ภาษา", 2, 2, 5},        // Thai vowel signs too
		{"</s>", 3, 6, 0},        // fastText's end of a line
		{"", 1, 6, 1},            // <>
		{strings.Repeat("ab", 1024), 3, 6, 4*2050 - (2 + 3 + 4 + 5)}, // two kilobytes
		{"word", 0, 0, 0},
	} {
		g := NGrams{Hash: FastText, MinN: c.minN, MaxN: c.maxN, Buckets: 1000}
		if got := len(g.Append(nil, c.word)); got != c.want {
			t.Errorf("%.20q has %d n-grams of %d to %d characters, want %d", c.word, got, c.minN, c.maxN, c.want)
		}
	}
}

// The buckets are those that the tests of finalfusion-rust (src/subword.rs) expect with 2^21 buckets.
func TestFinalfusionBuckets(t *testing.T) {
	g := NGrams{Hash: Finalfusion, MinN: 3, MaxN: 6, Buckets: 1 << 21}
	for word, want := range map[string][]int32{
		"Daniël": {214157, 233912, 311961, 488897, 620206, 741276, 841219, 1167494, 1192256, 1489905, 1532271, 1644730, 1666166,
			1679745, 1680294, 1693100, 2026735, 2065822},
		"hallo": {75867, 104120, 136555, 456131, 599360, 722393, 938007, 985859, 1006102, 1163391, 1218704, 1321513, 1505861, 1892376},
	} {
		got := g.Append(nil, word)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: buckets %d, want %d", word, got, want)
		}
	}
}

// MurmurHash3_x64_128 with seed 0 of texts, as published with several of its implementations, and the
// hash of nothing, which follows from its definition.
func TestMurmur(t *testing.T) {
	for key, want := range map[string]string{
		"": "00000000000000000000000000000000",
		"The quick brown fox jumps over the lazy dog": "e34bbc7bbc071b6c7a433ca9c49a9347",
		"hello": "cbd8a7b341bd9b025b1e906a48ae1d19",
	} {
		h := murmur128([]byte(key), 0)
		if got := fmt.Sprintf("%08x%08x%08x%08x", h[1], h[0], h[3], h[2]); got != want {
			t.Errorf("%q: %s, want %s", key, got, want)
		}
	}
}

// floretTable is the example of floret's README, which spaCy and finalfusion-rust test with too.
const floretTable = `
-2.2611 3.9302 2.6676 -11.233 0.093715 -10.52 -9.6463 -0.11853 2.101 -0.10145
-3.12 -1.7981 10.7 -6.171 4.4527 10.967 9.073 6.2056 -6.1199 -2.0402
9.5689 5.6721 -8.4832 -1.2249 2.1871 -3.0264 -2.391 -5.3308 -3.2847 -4.0382
3.6268 4.2759 -1.7007 1.5002 5.5266 1.8716 -12.063 0.26314 2.7645 2.4929
-11.683 -7.7068 2.1102 2.214 7.2202 0.69799 3.2173 -5.382 -2.0838 5.0314
-4.3024 8.0241 2.0714 -1.0174 -0.28369 1.7622 7.8797 -1.7795 6.7541 5.6703
8.3574 -5.225 8.6529 8.5605 -8.9465 3.767 -5.4636 -1.4635 -0.98947 -0.58025
-10.01 3.3894 -4.4487 1.1669 -11.904 6.5158 4.3681 0.79913 -6.9131 -8.687
-5.4576 7.1019 -8.8259 1.7189 4.955 -8.9157 -3.8905 -0.60086 -2.1233 5.892
8.0678 -4.4142 3.6236 4.5889 -2.7611 2.4455 0.67096 -4.2822 2.0875 4.6274`

// matrixOf returns the matrix whose rows are the lines of a text.
func matrixOf(t *testing.T, text string) *model.Matrix {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(text), "\n")
	m := model.NewMatrix(len(lines), len(strings.Fields(lines[0])))
	for i, line := range lines {
		for k, field := range strings.Fields(line) {
			v, err := strconv.ParseFloat(field, 32)
			if err != nil {
				t.Fatal(err)
			}
			m.Row(i)[k] = float32(v)
		}
	}
	return m
}

// The vectors are those that spaCy's and finalfusion-rust's tests expect of the table: by floret itself,
// to its five digits, for a word with and without rows of words of its own.
func TestFloretVectors(t *testing.T) {
	for _, marks := range []struct {
		begin, end string
		want       map[string]string
	}{
		{"<", ">", map[string]string{
			",":   "-5.7814 2.6918 0.57029 -3.6985 -2.7079 1.4406 1.0084 1.7463 -3.8625 -3.0565",
			"der": "0.08224 2.6601 -1.173 1.1549 -0.42821 -0.097268 -2.5589 -1.609 -0.16968 0.84687",
			"und": "2.1558 1.8606 -1.382 0.45424 -0.65889 1.2706 0.5929 -2.0592 -2.6949 -1.6015",
			"(":   "0.59263 2.1856 0.67346 1.0769 1.0701 1.2151 1.718 -3.0441 2.7291 3.719",
		}},
		{"[", "]", map[string]string{
			",":   "1.3844874 2.3464875 1.2599748 -0.6150249 -2.7724452 -0.79785013 -4.0532503 -1.1515112 0.19298255 -0.7406751",
			"von": "-1.6226685 -0.16304988 2.0203125 -0.8460312 -0.5596545 2.6361988 -0.19833624 -0.30120564 -2.102173 -0.793722",
		}},
	} {
		g := NGrams{Hash: Floret, MinN: 2, MaxN: 3, Buckets: 10, Hashes: 2, Seed: FloretSeed, Begin: marks.begin, End: marks.end}
		words, err := vocab.New([]string{"der"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		v, err := New(words, g)
		if err != nil {
			t.Fatal(err)
		}
		e := &model.Embeddings{Vocabulary: v, Input: matrixOf(t, floretTable)}
		for word, values := range marks.want {
			want := matrixOf(t, values).Row(0)
			got, ok := e.Vector(word)
			if !ok {
				t.Fatalf("%s has no vector", word)
			}
			cosine := model.Cosine(got, want)
			if cosine < 1-1e-7 {
				t.Errorf("%s: %v, want %v or a multiple", word, got, want)
			}
			// spaCy's test has means, to five digits.
			for k := range want {
				if math.Abs(float64(got[k]-want[k])) > 2e-4*math.Max(1, math.Abs(float64(want[k]))) {
					t.Errorf("%s: value %d is %v, want %v", word, k, got[k], want[k])
				}
			}
		}
	}
}

func TestCheck(t *testing.T) {
	good := NGrams{Hash: FastText, MinN: 3, MaxN: 6, Buckets: 100}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(g *NGrams){
		"crossed":      func(g *NGrams) { g.MinN = 7 },
		"1 or more":    func(g *NGrams) { g.MinN = 0 },
		"0 buckets":    func(g *NGrams) { g.Buckets = 0 },
		"-1 buckets":   func(g *NGrams) { g.Buckets = -1 },
		"2147483647":   func(g *NGrams) { g.Buckets = math.MaxInt32 },
		"128 at most":  func(g *NGrams) { g.MaxN = 129 },
		"unknown hash": func(g *NGrams) { g.Hash = "sha" },
		"several rows": func(g *NGrams) { g.Hashes = 2 },
		"1 to 4":       func(g *NGrams) { g.Hash, g.Hashes = Floret, 5 },
		"power of two": func(g *NGrams) { g.Hash = Finalfusion },
		"outside":      func(g *NGrams) { g.Hash, g.List = Explicit, map[string]int32{"abc": 100} },
	} {
		g := good
		change(&g)
		if err := g.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}

// A stored word is the mean of its row and its n-grams', another that of its n-grams'; a storage of the
// rows in use gives the same vectors as one of all rows.
func TestComposition(t *testing.T) {
	words, err := vocab.New([]string{"naïve", "x", "</s>"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := New(words, NGrams{Hash: FastText, MinN: 3, MaxN: 4, Buckets: 50})
	if err != nil {
		t.Fatal(err)
	}
	const dim = 5
	initial := Initial{Seed: 3, Bound: 1. / dim}
	all := model.NewMatrix(v.Rows(), dim)
	for b := range v.Buckets {
		initial.Row(all.Row(v.Len()+b), b)
	}
	used := v.UsedBuckets()
	rows := model.NewMatrix(v.Len()+len(used), dim)
	for i := range rows.Rows {
		to := i
		if i >= v.Len() {
			to = v.Len() + int(used[i-v.Len()])
		}
		for k := range dim {
			all.Row(to)[k] = float32(i*dim + k)
		}
		copy(rows.Row(i), all.Row(to))
	}
	sparse, err := NewSparse(rows, v.Len(), v.Buckets, used, initial)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(sparse.Used(), used) {
		t.Errorf("used %d, want %d", sparse.Used(), used)
	}
	dense := &model.Embeddings{Vocabulary: v, Input: all}
	few := &model.Embeddings{Vocabulary: v, Input: sparse}
	for _, word := range []string{"naïve", "x", "</s>", "unheard", "y"} {
		a, ok := dense.Vector(word)
		b, ok2 := few.Vector(word)
		if !ok || !ok2 || !slices.Equal(a, b) {
			t.Errorf("%s: %v %v and %v %v, want the same vector", word, a, ok, b, ok2)
		}
		list := v.Append(nil, word)
		var own []float32
		if id, stored := v.ID(word); stored {
			own = all.Row(id)
		}
		for k := range dim {
			sum, n := 0.0, float64(len(list))
			if own != nil {
				sum, n = float64(own[k]), n+1
			}
			for _, b := range list {
				sum += float64(all.Row(v.Len() + int(b))[k])
			}
			if math.Abs(sum/n-float64(a[k])) > 1e-5 {
				t.Errorf("%s: value %d is %v, want %v", word, k, a[k], sum/n)
			}
		}
	}
	if _, ok := dense.Vector(""); ok {
		t.Error("there is a vector of no word")
	}
	for _, bad := range [][]int32{{3, 2}, {2, 2}, {50}, {-1}} {
		if _, err := NewSparse(model.NewMatrix(3+len(bad), dim), 3, 50, bad, Initial{}); err == nil {
			t.Errorf("no error for the buckets %d", bad)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	g := NGrams{Hash: FastText, MinN: 3, MaxN: 6, Buckets: 2_000_000}
	var buf []int32
	for b.Loop() {
		buf = g.Append(buf[:0], "international")
	}
}
