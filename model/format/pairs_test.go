package format_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kindred/model"
	"kindred/model/format"
	"kindred/model/subword"
)

// Vectors of each kind go through each pair of formats: stored words keep their vectors, and words never seen theirs if
// neither format says that it loses them.
func TestPairsOfFormats(t *testing.T) {
	models := smallFifu(t)
	for kind, e := range models {
		if kind != "simple" && kind != "explicit" {
			// Rows that are used only, as training has them.
			models[kind] = subwordEmbeddings(t, e.Vocabulary.(*subword.Vocabulary).Hash, 1<<7)
		}
	}
	for kind, e := range models {
		for _, first := range format.All() {
			one, kept, ok := throughFormat(t, e, first, true)
			if !ok {
				continue
			}
			for _, second := range format.All() {
				two, kept, ok := throughFormat(t, one, second, kept)
				if !ok {
					continue
				}
				for _, word := range append(storedWords(e), "treetop", "xyz", "中国") {
					want, has := e.Vector(word)
					if _, stored := e.Vocabulary.ID(word); !stored {
						has = has && kept
					}
					if got, ok := two.Vector(word); ok != has || has && !nearlyEqual(got, want, 1e-5) {
						t.Errorf("%s, through %s and %s: %q is %v, want %v", kind, first, second, word, got, want)
					}
				}
			}
		}
	}
}

// throughFormat writes and reads vectors, if the format holds them. It returns whether words never seen still have
// vectors.
func throughFormat(t *testing.T, e *model.Embeddings, f *format.Format, before bool) (read *model.Embeddings, kept, ok bool) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "v"+f.Extensions[0])
	if err := format.Save(path, e, f.Name); err != nil {
		if f.Requires() == "" {
			t.Errorf("%s: %v", f, err)
		}
		return nil, false, false
	}
	lost := f.Loses(e)
	o := format.LoadOptions{}
	if strings.Contains(lost, "does not keep the list") {
		o.Words, lost = storedWords(e), ""
	}
	read, err := o.Load(path)
	if err != nil {
		t.Fatalf("%s: %v", f, err)
	}
	return read, before && lost == "", true
}

// A list of words is answered from each kind of n-grams in finalfusion's container, too.
func TestListOfUnseenWordsInFifu(t *testing.T) {
	for hash, e := range fifuModels(t) {
		path := filepath.Join(t.TempDir(), "v.fifu")
		if err := format.Save(path, e, ""); err != nil {
			t.Fatal(err)
		}
		list := append([]string{"word", "слово"}, oddWords...)
		read, err := format.LoadOptions{Words: list}.Load(path)
		if err != nil {
			t.Fatalf("%q: %v", hash, err)
		}
		listed := 0
		for _, word := range list {
			want, has := e.Vector(word)
			id, stored := read.Vocabulary.ID(word)
			if stored != has || stored && !nearlyEqual(read.Reader().Stored(id), want, 1e-6) {
				t.Errorf("%q: %q is listed: %v, want %v, with %v", hash, word, stored, has, want)
			}
			if stored {
				listed++
			}
		}
		if read.Vocabulary.Len() != listed {
			t.Errorf("%q: %d words, want %d", hash, read.Vocabulary.Len(), listed)
		}
	}
}

// A value that is not finite costs the word that has the row, if rows may be skipped, and is an error in a row of
// n-grams.
func TestSkipBadFastText(t *testing.T) {
	e := subwordEmbeddings(t, subword.FastText, 16)
	fastText, _ := format.ByName("fasttext")
	var file bytes.Buffer
	if err := format.Write(&file, e, "fasttext"); err != nil {
		t.Fatal(err)
	}
	broken := func(row int) []byte {
		at := bytes.Index(file.Bytes(), []byte(floats(e.Input.ReadRow(make([]float32, e.Dim()), row)...)))
		if at < 0 {
			t.Fatal("the row is not in the file")
		}
		data := bytes.Clone(file.Bytes())
		binary.LittleEndian.PutUint32(data[at:], math.Float32bits(float32(math.Inf(1))))
		return data
	}
	const said = "a value is not a finite number"
	if _, err := fastText.Read(bytes.NewReader(broken(1)), "F"); err == nil || !strings.Contains(err.Error(), "row 2 of the input matrix: "+said) {
		t.Errorf("error %v", err)
	}
	skip := format.LoadOptions{Format: fastText, SkipBad: true}
	read, err := skip.Read(bytes.NewReader(broken(1)), "F")
	if err != nil || !slices.Equal(storedWords(read), []string{"tree", "naïve", "x", "中文"}) || !strings.Contains(strings.Join(read.Warnings, ""), `row 2 "trees"`) {
		t.Fatalf("%v, %v", read, err)
	}
	for _, word := range []string{"tree", "中文", "treetop"} {
		want, _ := e.Vector(word)
		if got, _ := read.Vector(word); !slices.Equal(got, want) {
			t.Errorf("%q is %v, want %v", word, got, want)
		}
	}
	if _, err := skip.Read(bytes.NewReader(broken(e.Vocabulary.Len())), "F"); err == nil || !strings.Contains(err.Error(), "row 6 of the input matrix: "+said) {
		t.Errorf("error %v", err)
	}
}
