package format_test

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kindred/corpus/vocab"
	"kindred/internal/modeltest"
	"kindred/model"
	"kindred/model/format"
)

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// files returns the names of the files in dir.
func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestFormatNames(t *testing.T) {
	for name, want := range map[string]string{
		"text": "text", "word2vec": "text", "TEXT": "text", "binary": "binary", "bin": "binary", "glove": "glove", "tsv": "tsv", "projector": "tsv", "safetensors": "safetensors", "native": "safetensors",
	} {
		f, err := format.ByName(name)
		if err != nil || f.Name != want {
			t.Errorf("ParseFormat(%q) = %v, %v; want %s", name, f, err, want)
		}
	}
	for path, want := range map[string]string{
		"a.txt": "text", "b/c.VEC": "text", "a.bin": "binary", "a.glove": "glove", "a.glove.txt": "glove", "glove.txt": "text", "a.tsv": "tsv", "a.safetensors": "safetensors",
	} {
		f, err := format.ByExtension(path)
		if err != nil || f.Name != want {
			t.Errorf("FormatOf(%q) = %v, %v; want %s", path, f, err, want)
		}
	}
	_, err1 := format.ByName("pickle")
	_, err2 := format.ByExtension("vectors.pkl")
	for _, err := range []error{err1, err2, format.Save("vectors.pkl", modeltest.Numbered("a"), "")} {
		if err == nil || !strings.Contains(err.Error(), "text (.txt, .vec), binary (.bin), glove (.glove, .glove.txt), tsv (.tsv), npy (.npy), fasttext (.fasttext.bin), floret (.floret), fifu (.fifu), safetensors (.safetensors)") {
			t.Errorf("error %v does not list the formats", err)
		}
	}
	used := make(map[string]string)
	for _, f := range format.All() {
		for _, name := range append(append([]string{f.Name}, f.Aliases...), f.Extensions...) {
			if other, twice := used[name]; twice {
				t.Errorf("%q stands for %s and %s", name, other, f.Name)
			}
			used[name] = f.Name
		}
	}
}

func TestSaveBytes(t *testing.T) {
	m := model.NewMatrix(2, 3)
	copy(m.Row(0), []float32{0.1, -2, 1e-7})
	copy(m.Row(1), []float32{1e21, float32(math.Copysign(0, -1)), 16777216})
	e := modeltest.Embeddings([]string{"né", "😀"}, m)
	counted := *e
	counted.Vocabulary, _ = vocab.New([]string{"né", "😀"}, []int64{12, 5})
	dir := t.TempDir()
	for _, test := range []struct {
		e     *model.Embeddings
		name  string
		files map[string]string
	}{
		{e, "v.txt", map[string]string{"v.txt": "2 3\nné 0.1 -2 1e-07\n😀 1e+21 -0 1.6777216e+07\n"}},
		{e, "v.glove", map[string]string{"v.glove": "né 0.1 -2 1e-07\n😀 1e+21 -0 1.6777216e+07\n"}},
		{e, "v.bin", map[string]string{"v.bin": "2 3\nné " + floats(m.Row(0)...) + "\n😀 " + floats(m.Row(1)...) + "\n"}},
		{e, "v.tsv", map[string]string{"v.tsv": "0.1\t-2\t1e-07\n1e+21\t-0\t1.6777216e+07\n", "v.metadata.tsv": "né\n😀\n"}},
		{&counted, "c.tsv", map[string]string{"c.metadata.tsv": "word\tcount\nné\t12\n😀\t5\n"}},
	} {
		if err := format.Save(filepath.Join(dir, test.name), test.e, ""); err != nil {
			t.Fatal(err)
		}
		for name, want := range test.files {
			if diff := cmp.Diff(want, readFile(t, filepath.Join(dir, name))); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	}
	tsv, _ := format.ByName("tsv")
	if diff := cmp.Diff([]string{"d/v.tsv", "d/v.metadata.tsv"}, tsv.Paths("d/v.tsv")); diff != "" {
		t.Error(diff)
	}
}

func TestSaveRefuses(t *testing.T) {
	nan := modeltest.Numbered("fine", "broken")
	nan.Input.(*model.Matrix).Row(1)[0] = float32(math.NaN())
	infinite := modeltest.Numbered("endless")
	infinite.Input.(*model.Matrix).Row(0)[0] = float32(math.Inf(-1))
	spaced := modeltest.Numbered("fine", "New York")
	for _, test := range []struct {
		e       *model.Embeddings
		formats []string
		want    string
	}{
		{spaced, []string{"text", "binary", "glove"}, `can't hold word 1, "New York": it contains white space`},
		{modeltest.Numbered("a\nb"), []string{"text", "binary", "glove", "tsv"}, `can't hold word 0, "a\nb"`},
		{modeltest.Numbered("a\tb"), []string{"text", "binary", "glove", "tsv"}, `can't hold word 0, "a\tb"`},
		{modeltest.Numbered("a\rb"), []string{"text", "binary", "glove", "tsv"}, `can't hold word 0, "a\rb"`},
		{modeltest.Numbered("a\x00b"), []string{"text", "binary", "glove", "tsv"}, `can't hold word 0, "a\x00b"`},
		{modeltest.Numbered(strings.Repeat("x", 1<<16+1)), []string{"text", "binary", "glove"}, "it has 65537 bytes, at most 65536 are possible"},
		{nan, []string{"text", "binary", "glove", "tsv", "safetensors"}, `value 1 of the vector of "broken" is NaN, want a finite number`},
		{infinite, []string{"text", "binary", "glove", "tsv", "safetensors"}, `value 1 of the vector of "endless" is -Inf, want a finite number`},
		{modeltest.Numbered(), []string{"text", "binary", "glove", "tsv", "safetensors"}, "there are no vectors"},
	} {
		for _, name := range test.formats {
			path := filepath.Join(t.TempDir(), "v.tsv")
			if err := os.WriteFile(path, []byte("what was there"), 0o644); err != nil {
				t.Fatal(err)
			}
			err := format.Save(path, test.e, name)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: error %v, want it to contain %q", name, err, test.want)
			}
			if got := readFile(t, path); got != "what was there" {
				t.Errorf("%s: the file was changed to %q", name, got)
			}
			if got := files(t, filepath.Dir(path)); len(got) != 1 {
				t.Errorf("%s: files %v, want v.tsv only", name, got)
			}
		}
	}
	if err := format.Save(filepath.Join(t.TempDir(), "v.tsv"), spaced, ""); err != nil {
		t.Errorf("tsv can hold a space, but: %v", err)
	}
}

// A failing part must leave all files as they were.
func TestSaveLeavesAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "v.txt")
	if err := os.Mkdir(format.ManifestPath(path), 0o755); err != nil { // in the manifest's way
		t.Fatal(err)
	}
	e := modeltest.Numbered("a")
	e.Manifest = &model.Manifest{Settings: []byte("{")} // can't be encoded
	if err := format.Save(path, e, ""); err == nil {
		t.Error("no error for a manifest that can't be written")
	}
	if diff := cmp.Diff([]string{"v.txt.manifest.json"}, files(t, dir)); diff != "" {
		t.Error(diff)
	}
}

func TestManifestBesideVectors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.bin")
	e := modeltest.Numbered("a", "b")
	e.Manifest = &model.Manifest{Tool: "kindred", Version: "1", Training: &model.TrainingRecord{Pairs: 12}}
	if err := format.Save(path, e, ""); err != nil {
		t.Fatal(err)
	}
	got, err := format.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	want := &model.Manifest{Tool: "kindred", Version: "1", Training: &model.TrainingRecord{Pairs: 12}, Vectors: 2, Dim: 1}
	if diff := cmp.Diff(want, got.Manifest); diff != "" {
		t.Error(diff)
	}

	// Vectors that it does not describe.
	if err := os.WriteFile(path, []byte("1 1\na 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err = format.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if got.Manifest != nil || len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "it describes 2 vectors of 1 values, not 1 of 1") {
		t.Errorf("manifest %v, warnings %q", got.Manifest, got.Warnings)
	}

	// A broken one.
	if err := os.WriteFile(format.ManifestPath(path), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err = format.Load(path); err != nil {
		t.Fatal(err)
	}
	if got.Manifest != nil || len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "is left out: unexpected end of JSON") {
		t.Errorf("manifest %v, warnings %q", got.Manifest, got.Warnings)
	}

	// Vectors without one don't inherit it.
	if err := format.Save(path, modeltest.Numbered("c"), ""); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(format.ManifestPath(path)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old manifest is still there: %v", err)
	}
}

func TestSaveReplacesTargetOfLink(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target.txt"), filepath.Join(dir, "link.txt")
	if err := errors.Join(os.WriteFile(target, nil, 0o640), os.Symlink(target, link)); err != nil {
		t.Fatal(err)
	}
	if err := format.Save(link, modeltest.Numbered("a"), ""); err != nil {
		t.Fatal(err)
	}
	if got := readFile(t, target); got != "1 1\na 1\n" {
		t.Errorf("the target has %q", got)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is one no more: %v, %v", info.Mode(), err)
	}
	if info, err := os.Stat(target); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("permissions %v, %v; want those of before", info.Mode(), err)
	}
}

func TestSaveToDevice(t *testing.T) {
	if err := format.Save(os.DevNull, modeltest.Numbered("a"), "text"); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Fatalf("%s was replaced by a file", os.DevNull)
	}
	if err := format.Save(os.DevNull, modeltest.Numbered("a"), "tsv"); err == nil {
		t.Error("two files were written to a device")
	}
}

func TestWriteStopsAtError(t *testing.T) {
	e := modeltest.Random(5000, 10, 1)
	for _, name := range []string{"text", "binary", "safetensors"} {
		boom := errors.New("boom")
		for _, n := range []int{0, 5, 100_000} {
			w := &limitedWriter{n, boom}
			if err := format.Write(w, e, name); !errors.Is(err, boom) {
				t.Errorf("%s, failing after %d bytes: %v", name, n, err)
			}
		}
	}
	var b bytes.Buffer
	if err := format.Write(&b, e, "tsv"); err == nil || b.Len() > 0 {
		t.Errorf("tsv in one file: %v, %d bytes", err, b.Len())
	}
}

// A limitedWriter fails once it has taken n bytes.
type limitedWriter struct {
	n   int
	err error
}

func (w *limitedWriter) Write(p []byte) (int, error) {
	if len(p) > w.n {
		return w.n, w.err
	}
	w.n -= len(p)
	return len(p), nil
}
