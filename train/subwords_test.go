package train

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"kindred/model"
	"kindred/model/format"
	"kindred/model/subword"
)

func subwordSettings() Config {
	cfg := structureSettings()
	cfg.MinN, cfg.MaxN, cfg.Buckets, cfg.Dim = 3, 6, 2000, 24
	return cfg
}

// TestWordsAreMeansOfRows trains a round and compares the vector of each word with what the round made of it: if nobody
// else has the rows of a word, their mean moves as the word's row would.
func TestWordsAreMeansOfRows(t *testing.T) {
	// No two words share an n-gram, and none has one twice; the buckets are many.
	text := read(t, strings.Repeat("abcd efgh ijkl mnop qrst uvwx yzäö üßéè\n", 200))
	cfg := subwordSettings()
	cfg.Buckets, cfg.Epochs, cfg.Subsample = 1<<20, 1, 0
	r := newRunOf(t, text, cfg)
	shared := map[int32]int{}
	for word := range r.subwords.vocabulary.Len() {
		rows, _ := r.subwords.rowsOf(int32(word))
		for _, row := range slices.Compact(slices.Clone(rows)) {
			shared[row]++
		}
	}
	for row, n := range shared {
		if n != 1 {
			t.Fatalf("row %d belongs to %d words", row, n)
		}
	}
	if err := r.train(context.Background()); err != nil {
		t.Fatal(err)
	}
	e, err := r.embeddings()
	if err != nil {
		t.Fatal(err)
	}
	reader, moved := e.Reader(), 0.0
	for id := range e.Vocabulary.Len() {
		trained := r.parameters.Input.Row(id) // of the last round that had the word
		for c, x := range reader.Stored(id) {
			moved += math.Abs(float64(x))
			if d := math.Abs(float64(x - trained[c])); d > 1e-5 {
				t.Errorf("value %d of %q is %v, and was trained to %v", c, e.Vocabulary.Word(id), x, trained[c])
			}
		}
	}
	if moved < 1 {
		t.Errorf("words have hardly moved: %v", moved)
	}
}

// TestSharedRowsGetMovesOfAll gives moves to rows by hand: a row gets those of all words that have it, as often as they
// have it, in their order, whatever the ranges.
func TestSharedRowsGetMovesOfAll(t *testing.T) {
	text := read(t, strings.Repeat("abab ababab abac xyz xyzxyz\n", 50))
	cfg := subwordSettings()
	var want []float32
	for _, ranges := range []int{1, 2, 7} {
		r := newRunOf(t, text, cfg)
		s := r.subwords
		before := slices.Clone(s.table.Data)
		words := &composedWords{}
		for word := range s.vocabulary.Len() {
			words.words, words.loads = append(words.words, int32(word)), append(words.loads, float32(word+1)/10)
		}
		words.grow(cfg.Dim, s.table.Stride)
		now := model.NewMatrix(len(words.words), cfg.Dim)
		for i, word := range words.words {
			for c := range cfg.Dim {
				words.before.Row(i)[c] = 0.5
				now.Row(i)[c] = 0.5 + float32(int(word)+1)*float32(c+1)/100
			}
		}
		for _, g := range s.ranges(ranges) {
			s.giveBack(&r.kernel, g, words, words.words, now)
		}
		if want == nil {
			want = slices.Clone(s.table.Data)
		}
		if !slices.Equal(s.table.Data, want) {
			t.Errorf("%d ranges give other rows", ranges)
		}
		for row := range s.table.Rows {
			var total load
			sum := 0.0
			for word := range s.vocabulary.Len() {
				rows, _ := s.rowsOf(int32(word))
				all, _ := s.vocabulary.Stored(nil, word)
				for _, other := range rows {
					if int(other) == row {
						total.add(1, float32(word+1)/10/float32(math.Sqrt(float64(len(all)))))
						sum += float64(word+1) / 100
					}
				}
			}
			for c := range cfg.Dim {
				i := row*s.table.Stride + c
				if got, want := float64(s.table.Data[i]-before[i]), float64(total.weight())*sum*float64(c+1); math.Abs(got-want) > 1e-5 {
					t.Fatalf("value %d of row %d moved by %v, want %v", c, row, got, want)
				}
			}
		}
	}
}

// TestUnseenWordsHaveVectors trains, writes and reads the native file, and asks for words that the text lacks.
func TestUnseenWordsHaveVectors(t *testing.T) {
	text := readDemo(t, 50_000)
	cfg := subwordSettings()
	cfg.Epochs = 1
	e, err := Run(context.Background(), text, cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := format.Write(&file, e, "safetensors"); err != nil {
		t.Fatal(err)
	}
	read, err := format.Read(&file, "file")
	if err != nil {
		t.Fatal(err)
	}
	words := []string{e.Vocabulary.Word(0), e.Vocabulary.Word(e.Vocabulary.Len() - 1), "zzyzzx", "ünseen", e.Vocabulary.Word(3) + "s"}
	for _, word := range words {
		want, ok := e.Vector(word)
		got, again := read.Vector(word)
		if !ok || !again || !slices.Equal(want, got) {
			t.Errorf("%q: %v, and read %v", word, want, got)
		}
	}
	// A row that no word of the text has keeps its initial value.
	v := e.Vocabulary.(*subword.Vocabulary)
	rows, scale, ok := v.Unseen(nil, "zzyzzx")
	if !ok || len(rows) == 0 {
		t.Fatal("no rows")
	}
	sum := make([]float64, cfg.Dim)
	for _, row := range rows {
		for c, x := range e.Input.ReadRow(make([]float32, cfg.Dim), int(row)) {
			sum[c] += float64(x) * float64(scale)
		}
	}
	got, _ := e.Vector("zzyzzx")
	for c, x := range got {
		if math.Abs(float64(x)-sum[c]) > 1e-6 {
			t.Errorf("value %d is %v, want %v", c, x, sum[c])
		}
	}
}

// TestNGramsLearnMorphology trains a text in which words of one ending stand together, and asks for a word of that ending
// that is not in the text.
func TestNGramsLearnMorphology(t *testing.T) {
	var text strings.Builder
	stems := []string{"bal", "der", "fim", "gov", "hux", "jat", "kel", "mip", "nor", "paz"}
	for i := range 4000 {
		ending := []string{"ingo", "ubra", "elti"}[i%3]
		for j := range 6 {
			text.WriteString(stems[(i*7+j*3+i/30)%9] + ending + " ") // "paz" never
		}
		text.WriteString("\n")
	}
	cfg := subwordSettings()
	cfg.Epochs, cfg.Subsample = 3, 0
	e, err := Run(context.Background(), read(t, text.String()), cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, ending := range []string{"ingo", "ubra", "elti"} {
		unseen, ok := e.Vector("paz" + ending)
		if !ok {
			t.Fatal("no vector for a word never seen")
		}
		unseen = slices.Clone(unseen)
		same, _ := e.Vector("bal" + ending)
		nearest := model.Cosine(unseen, same)
		for _, other := range []string{"ingo", "ubra", "elti"} {
			seen, _ := e.Vector("bal" + other)
			if cosine := model.Cosine(unseen, seen); other != ending && cosine > nearest-0.05 {
				t.Errorf("paz%s: cosine %.2f with bal%s and %.2f with bal%s", ending, nearest, ending, cosine, other)
			}
		}
	}
	if changes := e.Manifest.Training.Rounds.Changes; len(changes) > 0 {
		t.Errorf("the plan changed: %+v", changes)
	}
}

func TestNGramsAreChecked(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"the bounds are crossed": func(c *Config) { c.MinN, c.MaxN = 6, 3 },
		"0 buckets":              func(c *Config) { c.Buckets = 0 },
		"want 1 or more":         func(c *Config) { c.MinN = 0 },
		"128 at most":            func(c *Config) { c.MaxN = 1000 },
		"no longest length":      func(c *Config) { c.MaxN = 0 },
	} {
		cfg := subwordSettings()
		change(&cfg)
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
