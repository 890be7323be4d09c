package train

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"kindred/internal/kernel"
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
		words.grow(0, cfg.Dim, s.table.Stride)
		for i := range words.parts {
			part := &words.parts[i]
			s.compose(&r.kernel, &part.combination, words.words[part.first:part.end], part.first, &words.before)
		}
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
			total, separated, squares, sum := 0.0, 0.0, 0.0, 0.0
			for word := range s.vocabulary.Len() {
				rows, _ := s.rowsOf(int32(word))
				n, x := 0.0, float64(word+1)/10
				for _, other := range rows {
					if int(other) == row {
						n++
					}
				}
				total += n * x
				separated += n * x / (1 + x)
				squares += n * x * n * x
				sum += n * x / 10
			}
			same := squares / (total * total)
			weight := min(total/(1+(same+(1-same)*sharedPart)*total)/separated, 1)
			for c := range cfg.Dim {
				i := row*s.table.Stride + c
				if got, want := float64(s.table.Data[i]-before[i]), weight*sum*float64(c+1); math.Abs(got-want) > 1e-5 {
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

// TestClassesComposeTheSame expands the table to a row for each member: words have the same vectors before training, and rows
// that are one after it were moved as one.
func TestClassesComposeTheSame(t *testing.T) {
	cfg := subwordSettings()
	cfg.Buckets = 1 << 16
	r := newRunOf(t, readDemo(t, 20_000), cfg)
	s := r.subwords
	if 2*s.tableRows() > len(s.classes.Of)*3/2 {
		t.Errorf("%d rows for %d members", s.tableRows(), len(s.classes.Of))
	}
	e, err := r.embeddings()
	if err != nil {
		t.Fatal(err)
	}
	reader, composed := e.Reader(), model.NewMatrix(1, cfg.Dim)
	for id := range e.Vocabulary.Len() {
		s.compose(&r.kernel, &kernel.Combination{}, []int32{int32(id)}, 0, composed)
		for c, x := range reader.Stored(id) {
			if d := math.Abs(float64(x - composed.Row(0)[c])); d > 1e-7 {
				t.Fatalf("value %d of %q is %v of all rows and %v of classes", c, e.Vocabulary.Word(id), x, composed.Row(0)[c])
			}
		}
	}
	// A class begins with the mean of its members.
	sums := make([]float64, s.tableRows())
	value := make([]float32, cfg.Dim)
	for member, class := range s.classes.Of {
		s.value(value, member)
		sums[class] += float64(value[3]) / float64(s.classes.Sizes[class])
	}
	for class, want := range sums {
		if got := s.table.Row(class)[3]; math.Abs(float64(got)-want) > 1e-6 {
			t.Fatalf("class %d begins with %v, want %v", class, got, want)
		}
	}
}

// TestBeginFromNGrams begins from trained n-grams with another text: all rows are taken over, also those of words never seen.
func TestBeginFromNGrams(t *testing.T) {
	demo, text := readDemo(t, 40_000), read(t, strings.Repeat("zzyzzx treehouse unheardof zzyzzx\n", 100))
	for name, hashes := range map[string]int{"fastText": 0, "floret": 2} {
		t.Run(name, func(t *testing.T) {
			cfg := subwordSettings()
			cfg.Epochs, cfg.HashCount = 1, hashes
			from, err := Run(context.Background(), demo, cfg, Options{})
			if err != nil {
				t.Fatal(err)
			}
			r, err := newRun(text, cfg, Options{Init: &Init{Vectors: from, Source: "earlier", KeepAll: true}})
			if err != nil {
				t.Fatal(err)
			}
			if !r.init.NGrams || r.init.Idle == 0 {
				t.Errorf("the record is %+v", r.init)
			}
			e, err := r.embeddings()
			if err != nil {
				t.Fatal(err)
			}
			for _, word := range []string{from.Vocabulary.Word(0), from.Vocabulary.Word(9), "neverseen", "xyzzy"} {
				want, _ := from.Vector(word)
				want = slices.Clone(want)
				got, _ := e.Vector(word)
				for c := range want {
					if math.Abs(float64(got[c]-want[c])) > 1e-6 {
						t.Fatalf("%q begins with %v, want %v", word, got, want)
					}
				}
			}
			if err := r.train(context.Background()); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestFitNGrams begins from vectors without n-grams: words are composed to them, and a word never seen is near to words that
// share most of its n-grams.
func TestFitNGrams(t *testing.T) {
	cfg := small()
	cfg.Dim = 24
	text := readDemo(t, 40_000)
	plain, err := Run(context.Background(), text, cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	made := subwordSettings()
	for name, worst := range map[string]float64{"fastText": 1e-4, "floret": 0.5} {
		made.HashCount = map[string]int{"floret": 2}[name]
		r, err := newRun(text, made, Options{Init: &Init{Vectors: plain, Source: "earlier"}})
		if err != nil {
			t.Fatal(err)
		}
		if r.init.NGrams {
			t.Errorf("the record is %+v", r.init)
		}
		e, err := r.embeddings()
		if err != nil {
			t.Fatal(err)
		}
		reader, rest, all := e.Reader(), 0.0, 0.0
		for id := range e.Vocabulary.Len() {
			want := plain.Input.ReadRow(make([]float32, cfg.Dim), id)
			for c, x := range reader.Stored(id) {
				rest += math.Pow(float64(x-want[c]), 2)
				all += math.Pow(float64(want[c]), 2)
			}
		}
		if got := math.Sqrt(rest / all); got > worst {
			t.Errorf("%s: words are off by the share %.3g, want %g at most", name, got, worst)
		}
	}
}

// TestHogwildNGrams trains n-grams without locks: with one thread the loss falls as it does in rounds, and words never
// seen have vectors.
func TestHogwildNGrams(t *testing.T) {
	text := readDemo(t, 60_000)
	for _, kind := range []Kind{SkipGram, CBOW} {
		cfg := subwordSettings()
		cfg.Kind, cfg.Threads = kind, 1
		rounds, err := Run(context.Background(), text, cfg, Options{})
		if err != nil {
			t.Fatal(err)
		}
		cfg.Hogwild = true
		hogwild, err := Run(context.Background(), text, cfg, Options{})
		if err != nil {
			t.Fatal(err)
		}
		last := func(e *model.Embeddings) float64 { l := e.Manifest.Training.EpochLoss; return l[len(l)-1] }
		if a, b := last(rounds), last(hogwild); math.Abs(a-b) > 0.05*a {
			t.Errorf("%s: loss %.3f in rounds and %.3f without locks", kind, a, b)
		}
		if _, ok := hogwild.Vector("neverseen"); !ok {
			t.Errorf("%s: no vector for a word never seen", kind)
		}
	}
}
