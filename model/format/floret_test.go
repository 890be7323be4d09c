package format_test

import (
	"bytes"
	"encoding/binary"
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

// worldTable is a table of floret with random rows, and words of all scripts.
func worldTable(t testing.TB, hashes int) *model.Embeddings {
	t.Helper()
	words := slices.DeleteFunc(everyScript(), func(w string) bool { return w == "</s>" || strings.ContainsAny(w, " \t\n\v\f\r") })
	v, err := vocab.New(words, nil)
	if err != nil {
		t.Fatal(err)
	}
	const buckets = 300
	made, err := subword.New(v, subword.NGrams{Hash: subword.Floret, MinN: 2, MaxN: 5, Buckets: buckets, Hashes: hashes, Seed: subword.FloretSeed})
	if err != nil {
		t.Fatal(err)
	}
	return &model.Embeddings{Vocabulary: made, Input: modeltest.Random(buckets, 10, 8).Input}
}

// oddWords test what is made of n-grams where characters are not letters, or words are long.
var oddWords = append([]string{"e\u0301", "n\u0303and\u0301u", "👨‍👩‍👧‍👦", "ᄒ", "한", "값", "ก็", "น้ำ", "x", "é", strings.Repeat("long·", 300)}, unseenWords...)

// TestFloretTable writes and reads a table: each word has the same vector, whether it is listed or not.
func TestFloretTable(t *testing.T) {
	for hashes := 1; hashes <= subword.MaxHashes; hashes++ {
		e := worldTable(t, hashes)
		path := filepath.Join(t.TempDir(), "v.floret")
		if err := format.Save(path, e, ""); err != nil {
			t.Fatal(err)
		}
		read, err := format.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if read.Vocabulary.Len() != e.Vocabulary.Len() || len(read.Warnings) > 0 {
			t.Errorf("%d words, want %d; warnings %q", read.Vocabulary.Len(), e.Vocabulary.Len(), read.Warnings)
		}
		for _, word := range append(storedWords(e), oddWords...) {
			want, _ := e.Vector(word)
			if got, ok := read.Vector(word); !ok || !slices.Equal(got, want) {
				t.Errorf("%d hashes: %q is %v, want %v", hashes, word, got, want)
			}
		}
	}
}

// storedWords returns the stored words of e.
func storedWords(e *model.Embeddings) []string {
	var words []string
	for id := range e.Vocabulary.Len() {
		words = append(words, e.Vocabulary.Word(id))
	}
	return words
}

// A table alone has vectors for all words. A list of words says which there are.
func TestFloretTableWithoutWords(t *testing.T) {
	e := worldTable(t, 2)
	path := filepath.Join(t.TempDir(), "v.floret")
	if err := format.Save(path, e, ""); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(strings.TrimSuffix(path, ".floret") + ".words.txt"); err != nil {
		t.Fatal(err)
	}
	read, err := format.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := e.Vector("anything")
	if got, ok := read.Vector("anything"); !ok || !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if read.Vocabulary.Len() != 0 || len(read.Warnings) != 1 || !strings.Contains(read.Warnings[0], "the table has no words") {
		t.Errorf("%d words, warnings %q", read.Vocabulary.Len(), read.Warnings)
	}
	if err := format.Save(filepath.Join(t.TempDir(), "v.txt"), read, ""); err == nil || !strings.Contains(err.Error(), "give a list of the words") {
		t.Errorf("error %v", err)
	}
	if err := format.Save(path, read, ""); err != nil { // a table needs no words
		t.Error(err)
	}
	listed, err := format.LoadOptions{Words: []string{"some", "thing", "some"}}.Load(path)
	if err != nil || !slices.Equal(storedWords(listed), []string{"some", "thing"}) || len(listed.Warnings) > 0 {
		t.Fatalf("%v, %v", listed, err)
	}
	if got, ok := listed.Vector("anything"); !ok || !slices.Equal(got, want) {
		t.Errorf("beside the list: %v, want %v", got, want)
	}
}

// floretTool returns the program of floret, which is not installed by most.
func floretTool(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("floret")
	if err != nil {
		t.Skipf("needs floret on the PATH, made from github.com/explosion/floret: %v", err)
	}
	return path
}

// TestFloretReads trains with floret, and reads its table; and has floret compute words from a table of
// kindred. Both have the same vectors, also for words never seen.
func TestFloretReads(t *testing.T) {
	floret := floretTool(t)
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	// The end of a line is the most frequent word: in its model, but not in its table, floret gives the first word a row of its own.
	if err := os.WriteFile(text, []byte(strings.Repeat("слово word\n😀 中文\nnaïve words\n한국어 ไทย\n", 200)), 0o600); err != nil {
		t.Fatal(err)
	}
	for hashes := 1; hashes <= subword.MaxHashes; hashes++ {
		out := filepath.Join(dir, fmt.Sprintf("trained%d", hashes))
		run(t, floret, []string{"skipgram", "cbow"}[hashes%2], "-mode", "floret", "-hashCount", strconv.Itoa(hashes), "-input", text, "-output", out,
			"-dim", "9", "-minn", "2", "-maxn", "4", "-bucket", "100", "-minCount", "1", "-thread", "1", "-epoch", "20", "-lr", "0.5")
		read, err := format.Load(out + ".floret")
		if err != nil {
			t.Fatal(err)
		}
		// The table has five digits of each value.
		compareWithFloret(t, floret, out+".bin", read, append([]string{"слово", "word", "😀", "中文", "한국어", "ไทย"}, oddWords...), 1e-4)
		if _, err := format.Load(out + ".bin"); err == nil || !strings.Contains(err.Error(), "is a model of floret") {
			t.Errorf("error %v, want one that names floret", err)
		}

		e := worldTable(t, hashes)
		path := filepath.Join(dir, "v.bin")
		if err := os.WriteFile(path, floretModel(e), 0o600); err != nil {
			t.Fatal(err)
		}
		compareWithFloret(t, floret, path, e, append(storedWords(e), oddWords...), 1e-5)
	}
}

// floretModel returns a model of floret with the rows of a table and no words but "</s>": Args::save, Dictionary::save and
// DenseMatrix::save of its source.
func floretModel(e *model.Embeddings) []byte {
	v := e.Vocabulary.(*subword.Vocabulary)
	var b bytes.Buffer
	put := func(values ...any) {
		for _, x := range values {
			_ = binary.Write(&b, binary.LittleEndian, x) // never fails
		}
	}
	const floretMode, negatives, skipGram = 2, 2, 2
	put([]int32{793712314, 12})
	put([]int32{int32(e.Dim()), 5, 5, 1, 5, 1, negatives, skipGram, int32(v.Buckets), int32(v.MinN), int32(v.MaxN), floretMode, int32(v.Hashes), 100}, 1e-4)
	put([]int32{1, 1, 0}, []int64{1, -1})
	b.WriteString("</s>\x00")
	put(int64(1), int8(0))
	put(int8(0), int64(1+v.Buckets), int64(e.Dim()), make([]float32, e.Dim()))
	for i := range v.Buckets {
		put(e.Input.ReadRow(nil, i))
	}
	put(int8(0), int64(1), int64(e.Dim()), make([]float32, e.Dim()))
	return b.Bytes()
}

// compareWithFloret compares vectors with those that floret prints from a model.
func compareWithFloret(t *testing.T, floret, path string, e *model.Embeddings, words []string, tolerance float64) {
	t.Helper()
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return strings.ContainsAny(w, "\u2028\u0085\u00a0\u3000\x1c\x7f") })
	command := exec.Command(floret, "print-word-vectors", path)
	command.Stdin = strings.NewReader(strings.Join(words, "\n") + "\n")
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != len(words) {
		t.Fatalf("floret prints %d lines for %d words", len(lines), len(words))
	}
	for i, line := range lines {
		fields := strings.Fields(line)
		vector, ok := e.Vector(words[i])
		if !ok || fields[0] != words[i] || len(fields) != 1+len(vector) {
			t.Fatalf("%.40q: a vector of %d values, floret prints %.60q", words[i], len(vector), line)
		}
		for c, x := range vector {
			if want, err := strconv.ParseFloat(fields[1+c], 64); err != nil || math.Abs(want-float64(x)) > tolerance*max(1, math.Abs(want)) {
				t.Errorf("value %d of %.40q is %v, floret prints %s", c, words[i], x, fields[1+c])
			}
		}
	}
}

const smallTable = "3 2 1 2 2 7 ^ $\n0 1 2\n1 3 4\n2 5 6\n"

func TestBrokenFloret(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"good":           {smallTable, ""},
		"no end":         {strings.TrimSpace(smallTable), ""},
		"crossed bounds": {"3 2 3 2 2 7 ^ $\n", "the bounds are crossed"},
		"hashes":         {"3 2 1 2 5 7 ^ $\n", "5 rows for an n-gram, want 1 to 4"},
		"no buckets":     {"0 2 1 2 2 7 ^ $\n", "0 buckets"},
		"many buckets":   {"4000000000 2 1 2 2 7 ^ $\n0 1 2\n", "buckets for n-grams, want"},
		"no dimension":   {"3 0 1 2 2 7 ^ $\n0\n", "the dimension is 0"},
		"cut":            {"3 2 1 2 2 7 ^ $\n0 1 2\n1 3 4\n", "the file ends after 2 vectors, its header promises 3"},
		"cut in a row":   {"3 2 1 2 2 7 ^ $\n0 1 2\n1 3 4\n2 5", "expected"},
		"lying buckets":  {"2000000000 1000000 1 2 2 7 ^ $\n0 1 2\n", "F:2: "},
		"too many rows":  {smallTable + "3 1 1\n", "the header promises 3 vectors"},
		"missing row":    {strings.Replace(smallTable, "\n1 ", "\n2 ", 1), `expected row 1 of the table, found "2"`},
		"twice":          {strings.Replace(smallTable, "\n2 ", "\n1 ", 1), "the table has 2 different rows"},
		"not a number":   {strings.Replace(smallTable, "4", "nan", 1), "is not a finite number"},
		"not a number 2": {strings.Replace(smallTable, "4", "x", 1), "is not a number"},
	} {
		var err error
		if n := allocated(func() { _, err = format.Read(strings.NewReader(c.file), "F") }); n > 32<<20 {
			t.Errorf("%s: %d bytes allocated", name, n)
		}
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
	for n := strings.IndexByte(smallTable, '$') + 1; n < len(smallTable)-2; n++ {
		if _, err := format.Read(strings.NewReader(smallTable[:n]), "F"); err == nil {
			t.Errorf("no error for %q", smallTable[:n])
		}
	}
	// Vectors that are no table are refused.
	if err := format.Save(filepath.Join(t.TempDir(), "v.floret"), modeltest.Numbered("a"), ""); err == nil || !strings.Contains(err.Error(), "holds only a table") {
		t.Errorf("error %v", err)
	}
}

func FuzzFloret(f *testing.F) {
	f.Add([]byte(smallTable))
	f.Add([]byte("2 1 0 0 1 2166136261 < >\n0 1e-3\n1 -0\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		floret, _ := format.ByName("floret")
		var e *model.Embeddings
		var err error
		if n := allocated(func() { e, err = floret.Read(bytes.NewReader(data), "F") }); n > 16<<20+200*uint64(len(data)) {
			t.Errorf("%d bytes allocated for %d", n, len(data))
		}
		if err != nil {
			return
		}
		path := filepath.Join(t.TempDir(), "v.floret")
		if err := format.Save(path, e, ""); err != nil {
			t.Fatal(err)
		}
		again, err := floret.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		want, _ := e.Vector("word")
		if got, _ := again.Vector("word"); !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}
