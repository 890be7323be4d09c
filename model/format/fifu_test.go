package format_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kindred/corpus/vocab"
	"kindred/internal/modeltest"
	"kindred/model"
	"kindred/model/format"
	"kindred/model/subword"
)

// fifuModels are words of all scripts with each kind of n-grams, by the name of the hash, "" for none.
func fifuModels(t testing.TB) map[subword.Hash]*model.Embeddings {
	t.Helper()
	words := slices.DeleteFunc(everyScript(), func(w string) bool { return w == "</s>" })
	v, err := vocab.New(words, nil)
	if err != nil {
		t.Fatal(err)
	}
	models := map[subword.Hash]*model.Embeddings{"": {Vocabulary: v, Input: modeltest.Random(len(words), 10, 4).Input}, subword.Floret: worldTable(t, 3)}
	for _, g := range []subword.NGrams{
		{Hash: subword.FastText, MinN: 2, MaxN: 5, Buckets: 1000},
		{Hash: subword.Finalfusion, MinN: 2, MaxN: 5, Buckets: 512},
		// Buckets are not in the order of n-grams, two n-grams share one, and one is not used.
		{Hash: subword.Explicit, MinN: 1, MaxN: 3, Buckets: 7, List: map[string]int32{"<un": 5, "w": 3, "見": 0, "un": 5, "<": 1, "ed>": 6, "ไ": 2}},
	} {
		made, err := subword.New(v, g)
		if err != nil {
			t.Fatal(err)
		}
		made.Composed = g.Hash == subword.Explicit
		models[g.Hash] = &model.Embeddings{Vocabulary: made, Input: modeltest.Random(made.Rows(), 10, 5).Input}
	}
	return models
}

// TestFifuKeepsVectors writes and reads all kinds of words.
func TestFifuKeepsVectors(t *testing.T) {
	fifu, _ := format.ByName("fifu")
	for hash, e := range fifuModels(t) {
		e.Manifest = &model.Manifest{Tool: "kindred \x7f\"\\", Settings: json.RawMessage(`{"dim":10}`)}
		path := filepath.Join(t.TempDir(), "v.fifu")
		if lost := fifu.Loses(e); (lost != "") != (hash == subword.Floret) { // its words are lost
			t.Errorf("%q loses %q", hash, lost)
		}
		if err := format.Save(path, e, ""); err != nil {
			t.Fatal(err)
		}
		read, err := format.Load(path)
		if err != nil {
			t.Fatalf("%q: %v", hash, err)
		}
		words := storedWords(e)
		if hash == subword.Floret {
			if read.Vocabulary.Len() != 0 || len(read.Warnings) != 2 { // the manifest is that of other words
				t.Errorf("%d words of floret, warnings %q", read.Vocabulary.Len(), read.Warnings)
			}
		} else if !slices.Equal(storedWords(read), words) || len(read.Warnings) > 0 || read.Manifest == nil || read.Manifest.Tool != e.Manifest.Tool {
			t.Errorf("%q: words differ, or warnings %q, or the manifest %+v", hash, read.Warnings, read.Manifest)
		}
		for _, word := range append(words, oddWords...) {
			want, has := e.Vector(word)
			got, ok := read.Vector(word)
			if ok != has || !nearlyEqual(got, want, 1e-6) {
				t.Errorf("%q: %q is %v, want %v", hash, word, got, want)
			}
		}
	}
}

// nearlyEqual reports whether the difference of two vectors is short beside them.
func nearlyEqual(a, b []float32, tolerance float64) bool {
	difference, length := 0.0, 0.0
	for i, x := range b {
		difference += float64(x-a[i]) * float64(x-a[i])
		length += float64(x) * float64(x)
	}
	return len(a) == len(b) && math.Sqrt(difference) <= tolerance*math.Sqrt(length)
}

// TestOtherReadersOfFifu has other programs read what kindred writes: one made from the specification, in
// testdata, and finalfusion's own package, if it is installed.
func TestOtherReadersOfFifu(t *testing.T) {
	const python = "/usr/bin/python3"
	if out, err := exec.Command(python, "--version").CombinedOutput(); err != nil {
		t.Skipf("needs %s: %v %s", python, err, out)
	}
	own := exec.Command(python, "-c", "import finalfusion").Run() == nil
	if !own {
		t.Log("SKIPPED in part: needs the Python package finalfusion")
	}
	const script = `
import sys
import finalfusion
e = finalfusion.load_finalfusion(sys.argv[1], mmap=True)
for argument in sys.argv[2:]:
    word = bytes.fromhex(argument).decode("utf8")
    stored = word in e.vocab
    v = e.embedding(word)
    if stored:
        v = v * e.norms[e.vocab[word]]
    print(argument, int(stored), *([] if v is None else v))
`
	for hash, e := range fifuModels(t) {
		path := filepath.Join(t.TempDir(), "v.fifu")
		if err := format.Save(path, e, ""); err != nil {
			t.Fatal(err)
		}
		words := append(storedWords(e), oddWords...)
		var codes []string
		for _, w := range words {
			codes = append(codes, fmt.Sprintf("%x", w))
		}
		compareWithFifu(t, e, words, run(t, python, append([]string{filepath.Join("testdata", "fifu.py"), path}, codes...)...))
		if own && hash != subword.Floret { // which it does not know
			compareWithFifu(t, e, words, run(t, python, append([]string{"-c", script, path}, codes...)...))
		}
	}
}

// compareWithFifu compares vectors with those that another program prints. Those of words that are not stored have unit length there.
func compareWithFifu(t *testing.T, e *model.Embeddings, words []string, out string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != len(words) {
		t.Fatalf("%d lines for %d words: %.300q", len(lines), len(words), out)
	}
	for i, line := range lines {
		fields := strings.Fields(line)
		vector, has := e.Vector(words[i])
		if has != (len(fields) > 2) || fields[0] != fmt.Sprintf("%x", words[i]) {
			t.Errorf("%q has a vector: %v, printed %.60q", words[i], has, line)
			continue
		}
		var got []float32
		for _, field := range fields[2:] {
			x, err := strconv.ParseFloat(field, 32)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, float32(x))
		}
		want := slices.Clone(vector)
		if fields[1] == "0" && has {
			model.Unit(want, vector)
		}
		if !nearlyEqual(got, want, 3e-5) {
			t.Errorf("%q is %v, printed %v", words[i], want, got)
		}
	}
}

// TestReadsFinalfusion reads what finalfusion's own package writes.
func TestReadsFinalfusion(t *testing.T) {
	const python = "/usr/bin/python3"
	if out, err := exec.Command(python, "-c", "import finalfusion").CombinedOutput(); err != nil {
		t.Skipf("needs %s with the package finalfusion: %s", python, out)
	}
	const script = `
import sys
import finalfusion
e = finalfusion.load_finalfusion(sys.argv[1])
e.metadata = finalfusion.metadata.Metadata({"made": "by a test"})
e.write(sys.argv[2])
if type(e.vocab).__name__ in ("FinalfusionBucketVocab", "FastTextVocab"):
    e.bucket_to_explicit().write(sys.argv[2] + ".explicit")
`
	for hash, e := range fifuModels(t) {
		if hash == subword.Floret {
			continue
		}
		dir := t.TempDir()
		path, other := filepath.Join(dir, "v.fifu"), filepath.Join(dir, "other.fifu")
		if err := format.Save(path, e, ""); err != nil {
			t.Fatal(err)
		}
		run(t, python, "-c", script, path, other)
		for _, file := range []string{other, other + ".explicit"} {
			if _, err := os.Stat(file); err != nil && (hash == "" || hash == subword.Explicit) {
				continue
			}
			read, err := format.Load(file)
			if err != nil {
				t.Fatalf("%q: %v", hash, err)
			}
			if file == other && (len(read.Warnings) != 1 || !strings.Contains(read.Warnings[0], "its metadata")) {
				t.Errorf("%q: warnings %q", hash, read.Warnings)
			}
			words := storedWords(e)
			if file == other {
				words = append(words, oddWords...)
			}
			for _, word := range words {
				want, _ := e.Vector(word)
				if got, _ := read.Vector(word); !nearlyEqual(got, want, 1e-6) {
					t.Errorf("%q, %s: %q is %v, want %v", hash, filepath.Base(file), word, got, want)
				}
			}
		}
	}
}

// N-grams survive all formats that have their kind: fastText's come back from finalfusion's file to fastText's, as rows of
// which words are made.
func TestNGramsThroughFifu(t *testing.T) {
	e := subwordEmbeddings(t, subword.FastText, 1<<9)
	dir := t.TempDir()
	names := []string{"a.fifu", "b.fasttext.bin", "c.safetensors", "d.fifu", "e.safetensors", "f.fasttext.bin"}
	last := e
	for _, name := range names {
		path := filepath.Join(dir, name)
		f, err := format.ByExtension(path)
		if err != nil {
			t.Fatal(err)
		}
		if lost := f.Loses(last); lost != "" {
			t.Errorf("%s: %s", name, lost)
		}
		if err := format.Save(path, last, ""); err != nil {
			t.Fatal(err)
		}
		if last, err = format.Load(path); err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"tree", "naïve", "x", "中文", "treetop", "ünseen"} {
			want, _ := e.Vector(word)
			if got, _ := last.Vector(word); !nearlyEqual(got, want, 3e-5) {
				t.Errorf("%s: %q is %v, want %v", name, word, got, want)
			}
		}
	}
	if last.Vocabulary.(*subword.Vocabulary).Composed {
		t.Error("the words have no rows of their own")
	}
}

func fifuBytes(t testing.TB, e *model.Embeddings) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := format.Write(&file, e, "fifu"); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// smallFifu are small models of each kind.
func smallFifu(t testing.TB) map[string]*model.Embeddings {
	models := map[string]*model.Embeddings{"simple": modeltest.Numbered("tree", "中文")}
	for _, hash := range []subword.Hash{subword.FastText, subword.Finalfusion, subword.Floret} {
		models[string(hash)] = subwordEmbeddings(t, hash, 16)
	}
	v, err := subword.New(models["simple"].Vocabulary, subword.NGrams{Hash: subword.Explicit, MinN: 2, MaxN: 3, Buckets: 2, List: map[string]int32{"tre": 0, "<t": 1, "ee>": 1}})
	if err != nil {
		t.Fatal(err)
	}
	v.Composed = true
	models["explicit"] = &model.Embeddings{Vocabulary: v, Input: modeltest.Random(v.Rows(), 3, 1).Input}
	return models
}

// TestBrokenFifu cuts files everywhere, and gives them lying sizes.
func TestBrokenFifu(t *testing.T) {
	fifu, _ := format.ByName("fifu")
	load := func(data []byte, o format.LoadOptions) (e *model.Embeddings, err error) {
		if n := allocated(func() { e, err = format.ReadSized(fifu, data, o) }); n > 1<<20 {
			t.Errorf("%d bytes allocated for a file of %d", n, len(data))
		}
		return e, err
	}
	for name, e := range smallFifu(t) {
		e.Manifest = &model.Manifest{Tool: "test"}
		good := fifuBytes(t, e)
		if _, err := load(good, format.LoadOptions{}); err != nil {
			t.Fatal(err)
		}
		for n := range len(good) {
			if _, err := load(good[:n], format.LoadOptions{}); err == nil || !strings.Contains(err.Error(), "ends in") && !strings.Contains(err.Error(), "more than the rest of the file") {
				t.Fatalf("%s: cut after %d bytes of %d: error %v", name, n, len(good), err)
			}
		}
		if _, err := load(append(bytes.Clone(good), 0), format.LoadOptions{}); err == nil || !strings.Contains(err.Error(), "goes on") {
			t.Errorf("%s: error %v", name, err)
		}
		// No number of four bytes that lies takes memory, or the program down.
		for at := 4; at+4 <= len(good); at += 2 {
			for _, lie := range []uint32{math.MaxUint32, math.MaxInt32, 1 << 24} {
				broken := bytes.Clone(good)
				binary.LittleEndian.PutUint32(broken[at:], lie)
				_, _ = load(broken, format.LoadOptions{})
			}
		}
	}
	// "FiFu", version, number of chunks, three kinds, then the chunk of words: kind, length, number of words, length of the first word.
	good := fifuBytes(t, smallFifu(t)["simple"])
	const matrix = 24 + 12 + 8 + 4 + 4 + 4 + 6
	norms := len(good) - 2*4 - 4 - 4 - 8 - 8 - 4
	for want, c := range map[string]struct {
		at    int
		value uint32
	}{
		"version 7":               {4, 7},
		"counts 99 chunks":        {8, 99},
		"the kinds of chunks":     {12, 2},
		"a quantized matrix":      {16, 4},
		"the header says 1":       {24, 2},
		"4294967298 words":        {40, 1},
		"5000000 bytes":           {44, 5_000_000},
		"word 1 of 2 is empty":    {44, 0},
		"ends in word 1 of 2":     {44, 5000},
		"has 4 rows, want 2":      {matrix + 12, 4},
		"the dimension is 0":      {matrix + 20, 0},
		"of the type 1":           {matrix + 24, 1},
		"3 values of the type 10": {norms + 12, 3},
	} {
		broken := bytes.Clone(good)
		binary.LittleEndian.PutUint32(broken[c.at:], c.value)
		if _, err := load(broken, format.LoadOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	// Some files do not say that they have lengths.
	short := slices.Delete(bytes.Clone(good), 20, 24)
	short[8] = 2
	if e, err := load(short, format.LoadOptions{}); err != nil || !nearlyEqual(e.Input.ReadRow(nil, 1), smallFifu(t)["simple"].Input.ReadRow(nil, 1), 1e-6) {
		t.Errorf("%v, %v", e, err)
	}
	// Rows that are no numbers are left out on request.
	e := modeltest.Numbered("a", "b", "c")
	file := fifuBytes(t, e)
	binary.LittleEndian.PutUint32(file[len(file)-8:], math.Float32bits(float32(math.NaN()))) // the length of b
	if _, err := load(file, format.LoadOptions{}); err == nil || !strings.Contains(err.Error(), `the length of the vector of "b" is NaN`) {
		t.Errorf("error %v", err)
	}
	read, err := load(file, format.LoadOptions{SkipBad: true})
	if err != nil || !slices.Equal(storedWords(read), []string{"a", "c"}) || len(read.Warnings) != 1 || !strings.Contains(read.Warnings[0], `1 rows were left out`) {
		t.Errorf("%v, %v", read, err)
	}
}

func FuzzFifu(f *testing.F) {
	for _, e := range smallFifu(f) {
		f.Add(fifuBytes(f, e))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		fifu, _ := format.ByName("fifu")
		var e *model.Embeddings
		var err error
		if n := allocated(func() { e, err = fifu.Read(bytes.NewReader(data), "F") }); n > 16<<20+200*uint64(len(data)) {
			t.Errorf("%d bytes allocated for %d", n, len(data))
		}
		if err != nil {
			return
		}
		var file bytes.Buffer
		if err := format.Write(&file, e, "fifu"); err != nil {
			return // a word may be no UTF-8, or a vector too long
		}
		again, err := fifu.Read(&file, "F")
		if err != nil || again.Vocabulary.Len() != e.Vocabulary.Len() && e.Vocabulary.Len() > 0 {
			t.Errorf("what was read can't be read again: %v", err)
		}
	})
}
