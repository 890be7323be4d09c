package format_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/zeebo/xxh3"

	"kindred/corpus/vocab"
	"kindred/internal/modeltest"
	"kindred/model"
	"kindred/model/format"
	"kindred/model/search"
	"kindred/model/subword"
)

// subwordEmbeddings are words that are made of n-grams, with random rows.
func subwordEmbeddings(t testing.TB, hash subword.Hash, buckets int) *model.Embeddings {
	t.Helper()
	words, err := vocab.New([]string{"tree", "trees", "naïve", "x", "中文"}, []int64{9, 5, 4, 2, 1})
	if err != nil {
		t.Fatal(err)
	}
	g := subword.NGrams{Hash: hash, MinN: 2, MaxN: 4, Buckets: buckets}
	if hash == subword.Floret {
		g.Hashes, g.Seed = 2, subword.FloretSeed
	}
	v, err := subword.New(words, g)
	if err != nil {
		t.Fatal(err)
	}
	used := v.UsedBuckets()
	rows := modeltest.Random(v.WordRows()+len(used), 7, 3).Input
	s, err := subword.NewSparse(rows, v.WordRows(), buckets, used, subword.Initial{Seed: 4, Bound: 0.25})
	if err != nil {
		t.Fatal(err)
	}
	return &model.Embeddings{Vocabulary: v, Input: s}
}

// Words of n-grams are the same whether their file is mapped or read, and so are answers.
func TestMappedNGrams(t *testing.T) {
	for _, hash := range []subword.Hash{subword.FastText, subword.Floret, subword.Finalfusion} {
		var file bytes.Buffer
		if err := format.Write(&file, subwordEmbeddings(t, hash, 1<<10), "safetensors"); err != nil {
			t.Fatal(err)
		}
		read, err := format.ReadNative(file.Bytes(), true)
		if err != nil {
			t.Fatal(err)
		}
		for _, verify := range []bool{false, true} {
			path := filepath.Join(t.TempDir(), "v.safetensors")
			if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			mapped, err := format.LoadOptions{Map: true, Verify: verify}.Load(path)
			if err != nil {
				t.Fatal(err)
			}
			if runtime.GOOS == "linux" && (mapped.Words == nil || !search.CopiesNothing(mapped)) {
				t.Errorf("%s: the vectors of words are not those in the file", hash)
			}
			for _, word := range []string{"tree", "trees", "naïve", "x", "中文", "tre", "treetop", "ünseen"} {
				one, ok1 := read.Vector(word)
				two, ok2 := mapped.Vector(word)
				if ok1 != ok2 || !slices.Equal(one, two) {
					t.Errorf("%s: %s: %v, want %v", hash, word, two, one)
				}
				want, err1 := search.NewIndex(read, 0).NearestWord(word, 3)
				got, err2 := search.NewIndex(mapped, 0).NearestWord(word, 3)
				if (err1 == nil) != (err2 == nil) || len(want) != len(got) {
					t.Fatalf("%s: near %s: %v, want %v; %v, %v", hash, word, got, want, err1, err2)
				}
				for i := range got {
					if d := got[i].Similarity - want[i].Similarity; got[i].Word != want[i].Word || d > 1e-6 || d < -1e-6 {
						t.Errorf("%s: near %s: %v, want %v", hash, word, got, want)
					}
				}
			}
			if err := os.Truncate(path, 600); err != nil {
				t.Fatal(err)
			}
			if _, err := search.NewIndex(mapped, 0).NearestWord("treetop", 3); runtime.GOOS == "linux" && (err == nil || !strings.Contains(err.Error(), path)) {
				t.Errorf("%s: error %v, want one with the name of the file", hash, err)
			}
		}
	}
}

// TestNGramsAreKept writes and reads words of n-grams in the native format: all words have the same vectors, also those that
// are not stored. Other formats have the vectors of the words, and say what they lose.
func TestNGramsAreKept(t *testing.T) {
	for _, hash := range []subword.Hash{subword.FastText, subword.Floret, subword.Finalfusion} {
		e := subwordEmbeddings(t, hash, 1<<10)
		words := []string{"tree", "trees", "naïve", "x", "中文", "tre", "treetop", "ünseen"}
		for _, f := range format.All() {
			var file bytes.Buffer
			if len(f.Paths("x")) > 1 {
				continue
			}
			if err := format.Write(&file, e, f.Name); err != nil {
				t.Fatal(err)
			}
			read, err := f.Read(&file, "file")
			if err != nil {
				t.Fatal(err)
			}
			if f.Name == "fifu" {
				continue // TestNGramsThroughFifu
			}
			native := f.Name == "safetensors" || f.Name == "fasttext" && hash == subword.FastText
			if lost := f.Loses(e); (lost == "") != native {
				t.Errorf("%s loses %q", f, lost)
			}
			for i, word := range words {
				want, _ := e.Vector(word)
				got, ok := read.Vector(word)
				if stored := i < 5; !native && (ok != stored) {
					t.Errorf("%s, %s: a vector for %q: %v", hash, f, word, ok)
				}
				if native && !slices.Equal(got, want) {
					t.Errorf("%s: %q is %v, want %v", hash, word, got, want)
				}
			}
		}
	}
}

// TestClassesAreKept writes and reads rows of which several are one, and files whose numbers lie.
func TestClassesAreKept(t *testing.T) {
	e := subwordEmbeddings(t, subword.FastText, 1<<10)
	sparse := e.Input.(*subword.Sparse)
	all, _ := sparse.Stored().Shape()
	of := make([]int32, all)
	for i := range of {
		of[i] = int32(i * 7 % 11)
	}
	shared, err := subword.NewShared(modeltest.Random(11, 7, 5).Input, of)
	if err != nil {
		t.Fatal(err)
	}
	if e.Input, err = subword.NewSparse(shared, e.Vocabulary.Len(), 1<<10, sparse.Used(), sparse.Initial()); err != nil {
		t.Fatal(err)
	}
	file := nativeBytes(t, e)
	read, err := format.Read(bytes.NewReader(file), "F")
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"tree", "中文", "tre", "ünseen"} {
		want, _ := e.Vector(word)
		if got, ok := read.Vector(word); !ok || !slices.Equal(got, want) {
			t.Errorf("%q is %v, want %v", word, got, want)
		}
	}
	if again := read.Input.(*subword.Sparse).Stored().(*subword.Shared); !slices.Equal(again.Of(), of) {
		t.Errorf("rows are stored as %v, want %v", again.Of(), of)
	}
	list := make([]byte, 0, 4*all)
	for _, row := range of {
		list = binary.LittleEndian.AppendUint32(list, uint32(row))
	}
	at := bytes.Index(file, list)
	if at < 0 {
		t.Fatal("the file has no list of rows")
	}
	file[at] = 11
	if _, err := format.Read(bytes.NewReader(rehashed(t, file)), "F"); err == nil || !strings.Contains(err.Error(), "row 0 is stored as row 11 of 11") {
		t.Errorf("error %v", err)
	}
}

// TestBrokenNGrams changes a native file with n-grams, and its hash accordingly.
func TestBrokenNGrams(t *testing.T) {
	file := nativeBytes(t, subwordEmbeddings(t, subword.FastText, 1<<10))
	for want, change := range map[string][2]string{
		"the n-grams in":        {`\"min_n\":2`, `\"min_n\":x`},
		"bounds are crossed":    {`\"min_n\":2`, `\"min_n\":9`},
		"unknown hash":          {`fasttext`, `fasttexx`},
		"at most the 7 buckets": {`\"buckets\":1024`, `\"buckets\":7   `},
	} {
		if !bytes.Contains(file, []byte(change[0])) {
			t.Fatalf("the file has no %s", change[0])
		}
		broken := bytes.Replace(file, []byte(change[0]), []byte(change[1]), 1)
		if _, err := format.Read(bytes.NewReader(rehashed(t, broken)), "F"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	// The list of buckets is not ascending.
	e := subwordEmbeddings(t, subword.FastText, 1<<10)
	used := e.Input.(*subword.Sparse).Used()
	list := make([]byte, 0, 4*len(used))
	for _, b := range used {
		list = binary.LittleEndian.AppendUint32(list, uint32(b))
	}
	at := bytes.Index(file, list)
	if at < 0 {
		t.Fatal("the file has no list of buckets")
	}
	broken := bytes.Clone(file)
	copy(broken[at:], list[4:8])
	if _, err := format.Read(bytes.NewReader(rehashed(t, broken)), "F"); err == nil || !strings.Contains(err.Error(), "ascending") {
		t.Errorf("error %v", err)
	}
}

// rehashed returns a native file with the hash that it should have.
func rehashed(t *testing.T, file []byte) []byte {
	t.Helper()
	file = bytes.Clone(file)
	_, rest, ok := bytes.Cut(file, []byte(`"kindred.hash":"`))
	if !ok {
		t.Fatal("the file has no hash")
	}
	digits := rest[:32]
	copy(digits, bytes.Repeat([]byte("0"), 32))
	sum := xxh3.Hash128(file).Bytes()
	hex.Encode(digits, sum[:])
	return file
}
