package sets

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fill writes files into a new directory, and returns it.
func fill(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "sets")
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestReadSetsOfDirectories(t *testing.T) {
	dir := fill(t, map[string]string{
		"ap.csv":              "category,word\nillness,acne\ntree,oak\n",
		"pairs.tsv":           "tiger\tcat\t7.35\n",
		"questions.txt":       ": family\nboy girl brother sister\n",
		"table.csv":           "words,outliers\n\"['a', 'b']\",\"['c', 'd']\"\n\"['e', 'f']\",['g']\n",
		"README":              "four words a line\nlooks like a question\n",
		"notes.md":            "It is a truth universally acknowledged, that a single man in possession\n",
		"empty.txt":           "",
		"image.png":           "\x89PNG\x00\x01",
		".hidden":             "tiger\tcat\t7.35\n",
		"8-8-8/cats.txt":      "lion\nlynx\n\ndog\ncow\n",
		"8-8-8/months.txt":    "May\nJune\nJuly\n\nMonday\n",
		"8-8-8/licence.txt":   "free\n",
		"8-8-8/deep/cars.txt": "Audi\nOpel\n\nBoeing\n",
	})
	sets, detected, err := ReadSets(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range detected {
		got = append(got, strings.ReplaceAll(strings.TrimPrefix(filepath.ToSlash(r.String()), filepath.ToSlash(dir)+"/"), "\x89", "?"))
	}
	want := []string{
		".hidden: skipped, a hidden file",
		"8-8-8/cats.txt: outlier detection, 2 items",
		"8-8-8/deep/cars.txt: outlier detection, 1 item",
		"8-8-8/licence.txt: skipped, by its name no evaluation set",
		"8-8-8/months.txt: outlier detection, 1 item",
		"README: skipped, by its name no evaluation set",
		"ap.csv: categorization, 2 items",
		"empty.txt: skipped, not a known kind of evaluation set",
		"image.png: skipped, NUL byte at byte 4 of the line, expected text",
		"notes.md: skipped, not a known kind of evaluation set",
		"pairs.tsv: similarity, 1 item",
		"questions.txt: analogy, 1 item",
		"table.csv: outlier detection, 3 items",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("detected (-want +got):\n%s", diff)
	}
	var names []string
	for _, s := range sets {
		names = append(names, s.Origin().Name)
	}
	if diff := cmp.Diff([]string{"8-8-8", "deep", "ap", "pairs", "questions", "table"}, names); diff != "" {
		t.Errorf("sets (-want +got):\n%s", diff)
	}
	if sets[0].Len() != 3 {
		t.Errorf("the groups of one directory are %d cases, want 3", sets[0].Len())
	}
}

func TestReadSetsOfFiles(t *testing.T) {
	dir := fill(t, map[string]string{"pairs.tsv": "tiger\tcat\t7.35\n", "README": "tiger\tcat\t7.35\n"})
	sets, detected, err := ReadSets(filepath.Join(dir, "README"), filepath.Join(dir, "pairs.tsv"))
	if err != nil || len(sets) != 2 || len(detected) != 2 || detected[0].Skipped != "" {
		t.Errorf("files given by name: %v, %v, %v", sets, detected, err)
	}
	if sets, detected, err = ReadSets(); err != nil || len(sets)+len(detected) != 0 {
		t.Errorf("nothing given: %v, %v, %v", sets, detected, err)
	}
}

func TestReadSetsFails(t *testing.T) {
	dir := fill(t, map[string]string{"broken/pairs.tsv": "a\tb\t1\nc\td\t2\ne\tf\n", "prose.txt": "It is a truth universally acknowledged\n"})
	tests := []struct{ name, path, want string }{
		{"a broken line in a directory", filepath.Join(dir, "broken"), "pairs.tsv:3: expected 3 fields"},
		{"a file by name that is no set", filepath.Join(dir, "prose.txt"), "prose.txt:1: not a known kind"},
		{"nothing there", filepath.Join(dir, "none"), "none"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, _, err := ReadSets(test.path); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
	if _, _, err := ReadSets(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v is not ErrNotExist", err)
	}
}

// TestReadSetsOfRealData needs the directory eval of $KINDRED_DATA.
func TestReadSetsOfRealData(t *testing.T) {
	data := os.Getenv("KINDRED_DATA")
	if data == "" {
		t.Skip("KINDRED_DATA is unset, the directory whose eval/ has the evaluation sets")
	}
	sets, detected, err := ReadSets(filepath.Join(data, "eval"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range detected {
		t.Log(r)
	}
	got := make(map[string]int)
	for _, s := range sets {
		got[string(s.Kind())+" "+s.Origin().Name] = s.Len()
	}
	want := map[string]int{
		"similarity ws353": 353, "similarity simlex999": 999, "analogy questions-words": 19544,
		"categorization ap": 402, "outlier detection outlier-8-8-8": 64,
	}
	for name, items := range want {
		if got[name] != items {
			t.Errorf("%s has %d items, want %d; all: %v", name, got[name], items, got)
		}
	}
}
