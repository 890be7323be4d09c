package format_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"kindred/corpus/vocab"
	"kindred/internal/modeltest"
	"kindred/model"
	"kindred/model/format"
	"kindred/model/search"
	"kindred/model/subword"
)

// worldSubwords are words of all scripts with random rows for them and their n-grams.
func worldSubwords(t *testing.T) *model.Embeddings {
	t.Helper()
	var words []string
	var counts []int64
	for i, w := range everyScript() {
		if !strings.ContainsAny(w, " \t\n\v\f\r") {
			words, counts = append(words, w), append(counts, int64(1000-i))
		}
	}
	v, err := vocab.New(words, counts)
	if err != nil {
		t.Fatal(err)
	}
	made, err := subword.New(v, subword.NGrams{Hash: subword.FastText, MinN: 2, MaxN: 5, Buckets: 1000})
	if err != nil {
		t.Fatal(err)
	}
	used := made.UsedBuckets()
	rows := modeltest.Random(made.WordRows()+len(used), 10, 5).Input
	s, err := subword.NewSparse(rows, made.WordRows(), 1000, used, subword.Initial{Seed: 1, Bound: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	return &model.Embeddings{Vocabulary: made, Input: s, Output: modeltest.Random(len(words), 10, 6).Input}
}

// unseenWords are not among the words of any test.
var unseenWords = []string{"unseen", "ungesehen", "ñandú", "невиданное", "見たことない", "ไม่เคย", "👩‍🚀", "q"}

// TestFastTextReads has fastText print the vectors of what kindred writes, for words that are stored and others, and
// kindred read what fastText writes.
func TestFastTextReads(t *testing.T) {
	fasttext, err := exec.LookPath("fasttext")
	if err != nil {
		t.Skipf("needs fasttext: %v", err)
	}
	e := worldSubwords(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "v.bin")
	if err := format.Save(path, e, "fasttext"); err != nil {
		t.Fatal(err)
	}
	var words []string
	for id := range e.Vocabulary.Len() {
		words = append(words, e.Vocabulary.Word(id))
	}
	compareWithFastText(t, fasttext, path, append(words, oddWords...))
	compareNeighbors(t, fasttext, path, append([]string{"слово", "한국어", "👩‍👩‍👧‍👦"}, oddWords...))

	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("слово word 😀 中文 naïve words\n", 50)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"skipgram", "cbow"} {
		out := filepath.Join(dir, kind)
		run(t, fasttext, kind, "-input", text, "-output", out, "-dim", "9", "-minn", "2", "-maxn", "4", "-bucket", "500", "-minCount", "1", "-thread", "1", "-epoch", "2")
		compareWithFastText(t, fasttext, out+".bin", append([]string{"слово", "word", "</s>"}, unseenWords...))
	}
	// Models of other kinds are refused.
	labels := filepath.Join(dir, "labels")
	if err := os.WriteFile(labels, []byte(strings.Repeat("__label__a one two\n__label__b three\n", 20)), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, fasttext, "supervised", "-input", labels, "-output", filepath.Join(dir, "s"), "-dim", "4", "-thread", "1")
	run(t, fasttext, "skipgram", "-loss", "hs", "-input", text, "-output", filepath.Join(dir, "hs"), "-dim", "4", "-minCount", "1", "-bucket", "100", "-thread", "1")
	for name, want := range map[string]string{"s": "of labels (supervised)", "hs": "with hierarchical softmax"} {
		if _, err := format.Load(filepath.Join(dir, name+".bin")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", name, err, want)
		}
	}
}

// compareWithFastText compares vectors with those that fastText prints, with five digits.
func compareWithFastText(t *testing.T, fasttext, path string, words []string) {
	t.Helper()
	e, err := format.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(fasttext, "print-word-vectors", path)
	command.Stdin = strings.NewReader(strings.Join(words, "\n") + "\n")
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	printed := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Split(strings.TrimRight(line, " \n"), " ")
		printed[fields[0]] = fields[1:]
	}
	for _, word := range words {
		fields, ok := printed[word]
		if !ok && strings.ContainsAny(word, "\u2028\u0085\u00a0\u3000\ufeff\x1c\x7f") {
			continue // fastText reads these differently
		}
		vector, has := e.Vector(word)
		if !ok || !has && slicesNonZero(fields) {
			t.Errorf("%s: %q: printed %v, has a vector %v", filepath.Base(path), word, ok, has)
			continue
		}
		for i, x := range vector {
			want, err := strconv.ParseFloat(fields[i], 64)
			if err != nil || math.Abs(want-float64(x)) > 1.01e-5*math.Abs(want)*5+1e-9 {
				t.Fatalf("%s: value %d of %q is %v, fastText prints %s", filepath.Base(path), i, word, x, fields[i])
			}
		}
	}
}

// compareNeighbors compares the nearest words with those that fastText finds.
func compareNeighbors(t *testing.T, fasttext, path string, words []string) {
	t.Helper()
	e, err := format.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	const top = 5
	command := exec.Command(fasttext, "nn", path, strconv.Itoa(top))
	command.Stdin = strings.NewReader(strings.Join(words, "\n") + "\n")
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.ReplaceAll(string(out), "Query word? ", ""), "\n")
	index := search.NewIndex(e, 0)
	for i, word := range words {
		list, err := index.NearestWord(word, top)
		if err != nil {
			t.Fatal(err)
		}
		for k, found := range list {
			fields := strings.Split(lines[i*top+k], " ")
			cosine, err := strconv.ParseFloat(fields[len(fields)-1], 64)
			if err != nil || math.Abs(cosine-found.Similarity) > 1e-5 || fields[0] != found.Word {
				t.Errorf("neighbor %d of %.40q is %q (%v), fastText finds %q", k+1, word, found.Word, found.Similarity, lines[i*top+k])
			}
		}
	}
}

func slicesNonZero(fields []string) bool {
	for _, f := range fields {
		if f != "0" {
			return true
		}
	}
	return false
}

// TestGensimLoadsFastText has gensim read what kindred writes, as vectors and as a model that it trains further.
func TestGensimLoadsFastText(t *testing.T) {
	python := gensimPython(t)
	e := worldSubwords(t)
	path := filepath.Join(t.TempDir(), "v.bin")
	if err := format.Save(path, e, "fasttext"); err != nil {
		t.Fatal(err)
	}
	const script = `
import sys
from gensim.models.fasttext import load_facebook_vectors, load_facebook_model
kv = load_facebook_vectors(sys.argv[1])
for word in sys.argv[2:]:
    print(word.encode("utf8").hex(), *kv[word])
model = load_facebook_model(sys.argv[1])
text = [["word", "слово", "中文", "naïve"]] * 50
model.build_vocab(text, update=True)
before = model.wv["word"].copy()
model.train(text, total_examples=len(text), epochs=20)
assert (model.wv["word"] != before).any()
`
	words := append([]string{"word", "слово", "中文", "한국어", "👩‍👩‍👧‍👦"}, oddWords...)
	out := run(t, python, append([]string{"-W", "ignore", "-c", script, path}, words...)...)
	compareWithGensim(t, e, words, out)
}

// TestLoadsGensimFastText reads a model that gensim has trained, and one of kindred's that gensim has trained further, as fastText's
// files.
func TestLoadsGensimFastText(t *testing.T) {
	python := gensimPython(t)
	dir := t.TempDir()
	if err := format.Save(filepath.Join(dir, "ours.bin"), worldSubwords(t), "fasttext"); err != nil {
		t.Fatal(err)
	}
	const script = `
import sys
from gensim.models.fasttext import FastText, load_facebook_model, save_facebook_model
text = [["word", "слово", "中文", "naïve", "한국어", "ไทย", "👩‍👩‍👧‍👦"]] * 50
if sys.argv[2] == "new":
    model = FastText(text, vector_size=8, min_count=1, min_n=2, max_n=4, bucket=300, epochs=5, sg=1, workers=1)
else:
    model = load_facebook_model(sys.argv[1] + "/ours.bin")
    model.build_vocab(text, update=True)
    model.train(text, total_examples=len(text), epochs=5)
save_facebook_model(model, sys.argv[1] + "/" + sys.argv[2] + ".bin")
for word in sys.argv[3:]:
    print(word.encode("utf8").hex(), *model.wv[word])
`
	words := append([]string{"word", "слово", "中文", "한국어", "ไทย", "👩‍👩‍👧‍👦"}, oddWords...)
	for _, name := range []string{"new", "trained"} {
		out := run(t, python, append([]string{"-W", "ignore", "-c", script, dir, name}, words...)...)
		e, err := format.Load(filepath.Join(dir, name+".bin"))
		if err != nil {
			t.Fatal(err)
		}
		compareWithGensim(t, e, words, out)
	}
}

// compareWithGensim compares vectors with those that gensim prints.
func compareWithGensim(t *testing.T, e *model.Embeddings, words []string, out string) {
	t.Helper()
	for i, line := range strings.Split(strings.TrimSpace(out), "\n") {
		fields := strings.Fields(line)
		if fields[0] != fmt.Sprintf("%x", words[i]) {
			t.Fatalf("line %d is of %s", i+1, fields[0])
		}
		vector, _ := e.Vector(words[i])
		for c, x := range vector {
			if want, err := strconv.ParseFloat(fields[1+c], 64); err != nil || math.Abs(want-float64(x)) > 1e-6 {
				t.Errorf("value %d of %q is %v, in gensim %s", c, words[i], x, fields[1+c])
			}
		}
	}
}

// fastTextBytes returns a small model in fastText's format.
func fastTextBytes(t testing.TB) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := format.Write(&file, subwordEmbeddings(t, subword.FastText, 64), "fasttext"); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// TestBrokenFastText cuts a model everywhere, and gives it lying sizes.
func TestBrokenFastText(t *testing.T) {
	good := fastTextBytes(t)
	fastText, _ := format.ByName("fasttext")
	load := func(data []byte) (err error) {
		if n := allocated(func() { _, err = format.ReadSized(fastText, data, format.LoadOptions{}) }); n > 1<<20 {
			t.Errorf("%d bytes allocated for a file of %d", n, len(data))
		}
		return err
	}
	if err := load(good); err != nil {
		t.Fatal(err)
	}
	for n := range len(good) {
		if err := load(good[:n]); err == nil || !strings.Contains(err.Error(), "F: at byte") {
			t.Fatalf("cut after %d bytes of %d: error %v", n, len(good), err)
		}
	}
	if err := load(append(bytes.Clone(good), 0)); err == nil || !strings.Contains(err.Error(), "goes on") {
		t.Errorf("error %v", err)
	}
	words := bytes.Index(good, []byte("tree\x00"))
	for name, c := range map[string]struct {
		at    int
		value int32
		want  string
	}{
		"version":   {4, 99, "version 99"},
		"dimension": {8, -1, "the dimension is -1"},
		"large":     {8, 1 << 30, "the dimension is"},
		"loss":      {32, 3, "with the loss 3"},
		"model":     {36, 9, "of the kind 9"},
		"buckets":   {40, math.MaxInt32, "the shape"},
		"min n":     {44, 9, "n-grams of 9 to 4"},
		"words":     {words - 28, 1 << 30, "words and 0 labels"},
		"labels":    {words - 20, 1, "1 labels"},
		"pruned":    {words - 8, 5, "pruned"},
		"count":     {words + 5 + 4, -1, "has the count"},
	} {
		broken := bytes.Clone(good)
		binary.LittleEndian.PutUint32(broken[c.at:], uint32(c.value))
		if err := load(broken); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
}

func FuzzFastText(f *testing.F) {
	f.Add(fastTextBytes(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		fastText, _ := format.ByName("fasttext")
		var e *model.Embeddings
		var err error
		if n := allocated(func() { e, err = fastText.Read(bytes.NewReader(data), "F") }); n > 16<<20+200*uint64(len(data)) {
			t.Errorf("%d bytes allocated for %d", n, len(data))
		}
		if err != nil {
			return
		}
		var file bytes.Buffer
		if err := format.Write(&file, e, "fasttext"); err != nil {
			return // a word may have a blank
		}
		again, err := format.Read(&file, "F")
		if err != nil || again.Vocabulary.Len() != e.Vocabulary.Len() {
			t.Errorf("what was read can't be read again: %v", err)
		}
	})
}
