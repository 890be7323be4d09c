package format_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kindred/model/format"
	"kindred/model/subword"
)

// A list of words is answered with words never seen, in each format that has n-grams, and all other words keep their
// vectors.
func TestListOfUnseenWords(t *testing.T) {
	for name, hash := range map[string]subword.Hash{"fasttext": subword.FastText, "safetensors": subword.Finalfusion, "floret": subword.Floret} {
		e := subwordEmbeddings(t, hash, 1<<9)
		path := filepath.Join(t.TempDir(), "v")
		if err := format.Save(path, e, name); err != nil {
			t.Fatal(err)
		}
		read, err := format.LoadOptions{Words: []string{"treetop", "x", "ünseen", "trees", "treetop", ""}}.Load(path)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := []string{"trees", "x", "treetop", "ünseen"}
		if got := storedWords(read); !slices.Equal(got, want) {
			t.Errorf("%s: words %q, want %q", name, got, want)
		}
		said := strings.Join(read.Warnings, "; ")
		if counted := strings.Contains(said, "2 of the words asked for are not in the file"); counted != (hash != subword.Floret) || !strings.Contains(said, "1 of the 5 words asked for have no vector") {
			t.Errorf("%s: warnings %q", name, said)
		}
		for _, word := range append(want, "tree", "another") {
			want, _ := e.Vector(word)
			got, ok := read.Vector(word)
			if word == "tree" && hash != subword.Floret {
				continue // it lost its row
			}
			if !ok || !slices.Equal(got, want) {
				t.Errorf("%s: %q is %v, want %v", name, word, got, want)
			}
		}
	}
}

// The first words of a model keep its n-grams, and can be written with them.
func TestFirstWordsKeepNGrams(t *testing.T) {
	for name, hash := range map[string]subword.Hash{"fasttext": subword.FastText, "safetensors": subword.FastText, "floret": subword.Floret} {
		e := subwordEmbeddings(t, hash, 1<<9)
		dir := t.TempDir()
		if err := format.Save(filepath.Join(dir, "v"), e, name); err != nil {
			t.Fatal(err)
		}
		first, err := format.LoadOptions{First: 2}.Load(filepath.Join(dir, "v"))
		if err != nil {
			t.Fatal(err)
		}
		f, _ := format.ByName(name)
		if lost := f.Loses(first); lost != "" || first.Vocabulary.Len() != 2 {
			t.Errorf("%s: %d words, lost %q", name, first.Vocabulary.Len(), lost)
		}
		if err := format.Save(filepath.Join(dir, "w"), first, name); err != nil {
			t.Fatal(err)
		}
		again, err := format.Load(filepath.Join(dir, "w"))
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"tree", "trees", "treetop"} {
			want, _ := e.Vector(word)
			if got, ok := again.Vector(word); !ok || !slices.Equal(got, want) {
				t.Errorf("%s: %q is %v, want %v", name, word, got, want)
			}
		}
	}
}
