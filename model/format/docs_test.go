package format_test

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kindred/corpus/vocab"
	"kindred/model"
	"kindred/model/format"
	"kindred/model/subword"
)

const formatsPage = "../../docs/formats.md"

// sampleEmbeddings are those of the examples in the page about formats.
func sampleEmbeddings(t *testing.T) *model.Embeddings {
	m := model.NewMatrix(2, 3)
	copy(m.Row(0), []float32{1, -2, 0.5})
	copy(m.Row(1), []float32{0.25, 0, 3})
	v, err := vocab.New([]string{"né", "cat"}, []int64{12, 5})
	if err != nil {
		t.Fatal(err)
	}
	return &model.Embeddings{Vocabulary: v, Input: m}
}

// The files in the page are those that are written.
func TestFormatsPageBytes(t *testing.T) {
	page := readFile(t, formatsPage)
	dir := t.TempDir()
	for _, name := range []string{"text", "binary", "fifu", "safetensors"} {
		path := filepath.Join(dir, name)
		if err := format.Save(path, sampleEmbeddings(t), name); err != nil {
			t.Fatal(err)
		}
		want := readFile(t, path)
		if name != "text" {
			want = hex.Dump([]byte(want))
		}
		if !strings.Contains(page, "```\n"+want+"```\n") {
			t.Errorf("the page does not show %s as it is:\n%s", name, want)
		}
	}
	path := filepath.Join(dir, "vectors.floret")
	if err := format.Save(path, sampleTable(t), ""); err != nil {
		t.Fatal(err)
	}
	if want := readFile(t, path); !strings.Contains(page, "```\n"+want+"```\n") {
		t.Errorf("the page does not show the table as it is:\n%s", want)
	}
}

// sampleTable is the table of floret in the page.
func sampleTable(t *testing.T) *model.Embeddings {
	v, err := subword.New(sampleEmbeddings(t).Vocabulary, subword.NGrams{Hash: subword.Floret, MinN: 2, MaxN: 3, Buckets: 4, Hashes: 2, Seed: subword.FloretSeed})
	if err != nil {
		t.Fatal(err)
	}
	m := model.NewMatrix(4, 3)
	for i, row := range [][]float32{{1, -2, 0.5}, {0.25, 0, 3}, {-1, 1, 0}, {0, 0, -0.5}} {
		copy(m.Row(i), row)
	}
	return &model.Embeddings{Vocabulary: v, Input: m}
}

// The Python in the page loads what is written.
func TestFormatsPagePython(t *testing.T) {
	const python = "/usr/bin/python3"
	has := func(module string) bool { return exec.Command(python, "-c", "import "+module).Run() == nil }
	if !has("numpy") {
		t.Skipf("needs %s with numpy", python)
	}
	e := sampleEmbeddings(t)
	e.Output = model.NewMatrix(2, 3)
	e.Output.(*model.Matrix).Row(1)[2] = -1
	e.Manifest = &model.Manifest{Tool: "kindred", Settings: json.RawMessage(`{"dim":3}`)}
	dir := t.TempDir()
	for _, ext := range []string{"txt", "bin", "glove", "tsv", "npy", "safetensors"} {
		if err := format.Save(filepath.Join(dir, "vectors."+ext), e, ""); err != nil {
			t.Fatal(err)
		}
	}
	var script []string
	for _, block := range regexp.MustCompile("(?s)```python\n(.*?)```\n").FindAllStringSubmatch(readFile(t, formatsPage), -1) {
		script = append(script, block[1])
	}
	if !has("gensim") {
		t.Log("without gensim")
		script = slices.DeleteFunc(script, func(block string) bool { return strings.Contains(block, "KeyedVectors") })
	}
	script = append(script, `
want = np.array([[1, -2, 0.5], [0.25, 0, 3]], dtype=np.float32)
for name in "text", "binary", "glove":
    if name in globals():
        kv = globals()[name]
        assert kv.index_to_key == ["né", "cat"] and np.array_equal(kv.vectors, want), name
    assert globals()[name + "_words"] == ["né", "cat"] and np.array_equal(globals()[name + "_matrix"], want), name
assert np.array_equal(tsv_matrix, want)
assert npy_words == ["né", "cat"] and np.array_equal(npy_matrix, want)
assert words == ["né", "cat"] and list(counts) == [12, 5] and np.array_equal(input_matrix, want)
assert np.array_equal(output_matrix, [[0, 0, 0], [0, 0, -1]]) and manifest["settings"] == {"dim": 3}
print("all is well")
`)
	cmd := exec.Command(python, "-")
	cmd.Dir, cmd.Stdin, cmd.Env = dir, strings.NewReader(strings.Join(script, "\n")), append(os.Environ(), "PYTHONUTF8=1")
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "all is well") {
		t.Errorf("%v\n%s", err, out)
	}
}

// The page names every field that a manifest may have.
func TestFormatsPageManifest(t *testing.T) {
	page := readFile(t, formatsPage)
	_, page, _ = strings.Cut(page, "\n## Manifest\n")
	page, _, _ = strings.Cut(page, "\n## ")
	seen := map[reflect.Type]bool{}
	var look func(of reflect.Type)
	look = func(of reflect.Type) {
		for of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct || of == reflect.TypeFor[time.Time]() || seen[of] {
			return
		}
		seen[of] = true
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			if !strings.Contains(page, "`"+name+"`") {
				t.Errorf("the page does not explain the field %q of %v", name, of)
			}
			look(of.Field(i).Type)
		}
	}
	look(reflect.TypeFor[model.Manifest]())
	if len(seen) < 4 {
		t.Errorf("only %d kinds of records were looked at", len(seen))
	}
}
