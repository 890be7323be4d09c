//go:build linux || darwin

package format

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kindred/internal/modeltest"
	"kindred/model"
	"kindred/model/search"
)

// mappedFile saves random vectors, some of them odd, and maps the file.
func mappedFile(t *testing.T, words, dim int) (path string, read, mapped *model.Embeddings) {
	t.Helper()
	want := modeltest.Random(words, dim, 7)
	m := want.Input.(*model.Matrix)
	clear(m.Row(1))
	for k := range m.Row(2) {
		m.Row(2)[k] *= 1e37
		m.Row(3)[k] *= 1e-37
	}
	want.Output = modeltest.Random(words, dim, 8).Input
	want.Positions = modeltest.Random(10, dim, 9).Input.(*model.Matrix)
	want.Manifest = &model.Manifest{Tool: "test"}
	path = filepath.Join(t.TempDir(), "v.safetensors")
	if err := Save(path, want, ""); err != nil {
		t.Fatal(err)
	}
	before := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, before, before); err != nil {
		t.Fatal(err)
	}
	read, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if mapped, err = (LoadOptions{Map: true}).Load(path); err != nil {
		t.Fatal(err)
	}
	if _, ok := mapped.Input.(*mappedMatrix); !ok {
		t.Fatalf("the input matrix is a %T", mapped.Input)
	}
	return path, read, mapped
}

// Vectors are the same whether their file is mapped or read, and so are all answers, to the bit.
func TestMapped(t *testing.T) {
	for _, dim := range []int{1, 15, 16, 17, 100} {
		path, read, mapped := mappedFile(t, 150, dim)
		if mapped.Manifest.Vectors != 150 || mapped.Vocabulary.Len() != 150 {
			t.Errorf("manifest %+v", mapped.Manifest)
		}
		for id := range 150 {
			if mapped.Vocabulary.Word(id) != read.Vocabulary.Word(id) || !slices.Equal(mapped.Reader().Stored(id), read.Reader().Stored(id)) ||
				!slices.Equal(mapped.Output.ReadRow(nil, id), read.Output.ReadRow(nil, id)) {
				t.Errorf("word %d differs", id)
			}
		}
		for _, e := range []*model.Embeddings{read, mapped} {
			if diff := cmp.Diff(modeltest.Random(10, dim, 9).Input, model.Storage(e.Positions)); diff != "" {
				t.Errorf("weights of positions (-want +got):\n%s", diff)
			}
		}
		x, y := search.NewIndex(read, 0), search.NewIndex(mapped, 0)
		if !search.CopiesNothing(mapped) {
			t.Error("the matrix is copied")
		}
		for id := range 150 {
			if id == 1 {
				continue
			}
			word := read.Vocabulary.Word(id)
			want, err1 := x.NearestWord(word, 20)
			got, err2 := y.NearestWord(word, 20)
			if err := errors.Join(err1, err2); err != nil || !slices.Equal(want, got) {
				t.Fatalf("dimension %d, word %d: %v, want %v; %v", dim, id, got, want, err)
			}
			cosine := model.Cosine(read.Reader().Stored(id), slices.Clone(read.Reader().Stored(want[0].ID)))
			if d := cosine - want[0].Similarity; d > 1e-5 || d < -1e-5 {
				t.Errorf("dimension %d, word %d: similarity %v, want %v", dim, id, want[0].Similarity, cosine)
			}
		}
		for _, method := range []search.AnalogyMethod{search.CosAdd, search.CosMul} {
			var questions, same [][3]search.Query
			for id := 4; id < 100; id++ {
				questions = append(questions, [3]search.Query{x.Stored(id), x.Stored(id + 1), x.Stored(id + 7)})
				same = append(same, [3]search.Query{y.Stored(id), y.Stored(id + 1), y.Stored(id + 7)})
			}
			if want, got := x.Analogies(questions, method), y.Analogies(same, method); !slices.Equal(want, got) {
				t.Errorf("analogies %v, want %v", got, want)
			}
		}
		first, err := (LoadOptions{Map: true, First: 40, Verify: true}).Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if list, err := search.NewIndex(first, 0).NearestWord("w7", 100); err != nil || len(list) != 39 {
			t.Errorf("%d neighbors of 40 words, %v", len(list), err)
		}
	}
}

// A file that is cut while it is searched gives errors, and the process lives.
func TestMappedFileCut(t *testing.T) {
	for round := range 10 {
		path, _, mapped := mappedFile(t, 3000, 100)
		index := search.NewIndex(mapped, 0)
		started, failed := make(chan bool, 4), make(chan error, 4)
		for g := range 4 {
			go func() {
				for i := g; ; i++ {
					_, err := index.NearestWord(mapped.Vocabulary.Word(4+i%2000), 5)
					if err == nil {
						_, err = index.AnalogyWords("w9", "w10", mapped.Vocabulary.Word(20+i%2000), search.CosMul, 3)
					}
					if err != nil {
						failed <- err
						return
					}
					if i == g {
						started <- true
					}
				}
			}()
		}
		for range 4 {
			<-started
		}
		if err := os.Truncate(path, int64(5000+100*round)); err != nil {
			t.Fatal(err)
		}
		for range 4 {
			if err := <-failed; !strings.Contains(err.Error(), path) {
				t.Errorf("error %v, want one with the name of the file", err)
			}
		}
		if _, err := index.Similarity("w5", "w2900"); err == nil {
			t.Error("no error later")
		}
		if err := model.StorageErr(mapped.Output); err == nil {
			t.Error("no error of the output matrix")
		}
	}
}

// What is damaged is found when it is used, or before if that is asked for.
func TestMappedFileDamaged(t *testing.T) {
	path, _, mapped := mappedFile(t, 150, 17)
	offset := mapped.Input.(*mappedMatrix).offset
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteAt([]byte{0, 0, 0xc0, 0x7f}, offset+4*17*149+16); err != nil { // NaN, in the last row
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := search.NewIndex(mapped, 0).NearestWord("w8", 3); err == nil || !strings.Contains(err.Error(), "NaN") && !strings.Contains(err.Error(), "changed") {
		t.Errorf("error %v, want that the file was changed", err)
	}
	again, err := (LoadOptions{Map: true}).Load(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"w8", "w149"} {
		if list, err := search.NewIndex(again, 0).NearestWord(word, 3); err == nil || !strings.Contains(err.Error(), `value 5 of the vector of "w149" is NaN`) {
			t.Errorf("near %s: %v, %v; want an error for the value", word, list, err)
		}
	}
	if _, err := (LoadOptions{Map: true, Verify: true}).Load(path); err == nil || !strings.Contains(err.Error(), "hash") {
		t.Errorf("error %v, want one about the hash", err)
	}
	if err := os.Truncate(path, offset+100); err != nil {
		t.Fatal(err)
	}
	if _, err := (LoadOptions{Map: true}).Load(path); err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("error %v, want that the file is cut off", err)
	}
}

// What can't be mapped is read.
func TestNotMapped(t *testing.T) {
	_, read, _ := mappedFile(t, 20, 5)
	path := filepath.Join(t.TempDir(), "v.bin")
	if err := Save(path, read, ""); err != nil {
		t.Fatal(err)
	}
	e, err := LoadOptions{Map: true}.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, dense := e.Input.(*model.Matrix); !dense {
		t.Errorf("the matrix is a %T", e.Input)
	}
	native := filepath.Join(t.TempDir(), "v.safetensors")
	if err := Save(native, read, ""); err != nil {
		t.Fatal(err)
	}
	e, err = LoadOptions{Map: true, Words: []string{"w7"}}.Load(native)
	if err != nil || e.Vocabulary.Len() != 1 {
		t.Fatal(e, err)
	}
}

// Quantized vectors are the same whether their file is mapped or read, and a file that is cut is an error.
func TestMappedQuantized(t *testing.T) {
	_, dense, _ := mappedFile(t, 3000, 41)
	path := filepath.Join(t.TempDir(), "q.safetensors")
	quantized := model.Quantize(dense)
	if err := Save(path, quantized, ""); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() > 3000*(41+4+8+8+6)+1000 {
		t.Errorf("%d bytes, %v", info.Size(), err)
	}
	read, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	mapped, err := LoadOptions{Map: true}.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := mapped.Input.(*mappedQuantized); !ok {
		t.Fatalf("the input matrix is a %T", mapped.Input)
	}
	first, err := LoadOptions{Map: true, First: 100}.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	short, err := LoadOptions{First: 100}.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	for id := range 3000 {
		want := quantized.Reader().Stored(id)
		for _, e := range []*model.Embeddings{read, mapped, first, short} {
			if id < e.Vocabulary.Len() && !slices.Equal(e.Reader().Stored(id), want) {
				t.Fatalf("row %d differs", id)
			}
		}
	}
	x, y := search.NewIndex(read, 0), search.NewIndex(mapped, 0)
	if !search.CopiesNothing(mapped) {
		t.Error("the matrix is copied")
	}
	exact, found := search.NewIndex(dense, 0), 0
	for id := 4; id < 100; id++ {
		word := read.Vocabulary.Word(id)
		want, err1 := x.NearestWord(word, 10)
		got, err2 := y.NearestWord(word, 10)
		if err := errors.Join(err1, err2); err != nil || !slices.Equal(want, got) {
			t.Fatalf("word %d: %v, want %v; %v", id, got, want, err)
		}
		best, err := exact.NearestWord(word, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range best {
			if slices.ContainsFunc(got, func(o search.Neighbor) bool { return o.ID == n.ID }) {
				found++
			}
		}
	}
	if found < 930 { // of 960; random vectors are the hardest
		t.Errorf("%d of 960 neighbors are those of the floats", found)
	}
	again := filepath.Join(t.TempDir(), "again.safetensors")
	if err := Save(again, mapped, ""); err != nil {
		t.Fatal(err)
	}
	one, err1 := os.ReadFile(path)
	two, err2 := os.ReadFile(again)
	if err := errors.Join(err1, err2); err != nil || !slices.Equal(one, two) {
		t.Errorf("a mapped file is written differently, %v", err)
	}
	text := filepath.Join(t.TempDir(), "v.bin")
	if err := Save(text, mapped, ""); err != nil {
		t.Fatal(err)
	}
	if e, err := Load(text); err != nil || !slices.Equal(e.Reader().Stored(77), quantized.Reader().Stored(77)) {
		t.Errorf("written as floats: %v", err)
	}
	if err := os.Truncate(path, 5000); err != nil {
		t.Fatal(err)
	}
	if _, err := y.NearestWord("w9", 3); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want one with the name of the file", err)
	}
	if err := Save(again, mapped, ""); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("saving what can't be read: %v", err)
	}
	if after, err := os.ReadFile(again); err != nil || !slices.Equal(after, two) {
		t.Errorf("the file was replaced, %v", err)
	}
}
