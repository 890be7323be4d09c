package bench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("BENCH_DATA", "/data")
	path := write(t, filepath.Join(dir, "e.toml"), `
input = ["$BENCH_DATA/wiki.txt.zst", "more.txt"]
pin = [0, 3]
[settings]
dim = 200
lr = 1
[[tool]]
name = "kindred"
[[tool]]
name = "pairs"
driver = "kindred"
path = "bin/kindred"
options = ["--negative-sharing", "pair"]
[evaluation]
sets = ["${BENCH_DATA}/eval"]
restrict = 30000
`)
	want := Defaults()
	want.Input = []string{"/data/wiki.txt.zst", filepath.Join(dir, "more.txt")}
	want.Pin = []int{0, 3}
	want.Settings.Dim, want.Settings.LearningRate = 200, 1
	want.Tools = []Tool{{Name: "kindred"},
		{Name: "pairs", Driver: "kindred", Path: filepath.Join(dir, "bin/kindred"), Options: []string{"--negative-sharing", "pair"}}}
	want.Evaluation = Evaluation{Sets: []string{"/data/eval"}, Restrict: 30000}
	got, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("experiment (-want +got):\n%s", diff)
	}
}

func TestSave(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.Mkdir("sub", 0o755); err != nil {
		t.Fatal(err)
	}
	e := Defaults()
	e.Input = []string{"text.txt", "/data/wiki.txt"}
	e.Pin = []int{1}
	e.Settings.Subsample = 1e-4
	e.Tools = []Tool{{Name: "word2vec", Path: "tools/word2vec"}, {Name: "kindred"}}
	e.Evaluation = Evaluation{Sets: []string{"sub/eval"}, Restrict: 7}
	if err := e.Save(filepath.Join("sub", "e.toml")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join("sub", "e.toml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`input = ["../text.txt", "/data/wiki.txt"]`, "subsample = 0.0001", `path = "../tools/word2vec"`, `sets = ["eval"]`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the file lacks %s:\n%s", want, text)
		}
	}
	got, err := Load(filepath.Join("sub", "e.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(e, got); diff != "" {
		t.Errorf("experiment (-saved +loaded):\n%s", diff)
	}
}

func TestLoadErrors(t *testing.T) {
	const tool = "[[tool]]\nname = \"kindred\"\n"
	dir := t.TempDir()
	for text, want := range map[string]string{
		"input = [\"a\"]\nrounds = 3 4\n":                "e.toml:2: ",
		"a" + strings.Repeat(".a", 100) + "=1\n":         "e.toml:1: tables or lists lie deeper",
		"input = [\"a\"]\nround = 3\n" + tool:            "there is no setting round",
		"input = [\"a\"]\n[settings]\nsize = 3\n" + tool: "there is no setting settings.size",
		"input = [\"$BENCH_NOT_SET/a\"]\n" + tool:        "needs the environment variable BENCH_NOT_SET",
		tool:                                   "no input",
		"input = [\"a\"]\n":                    "no tools; there are: kindred, fasttext",
		"input = [\"a\"]\nrounds = 0\n" + tool: "rounds is 0, want 1 to 10000",
		"input = [\"a\"]\nrounds = 1000000000000\n" + tool:        "rounds is 1000000000000, want 1 to 10000",
		"input = [\"a\"]\n[settings]\nlr = 0\n" + tool:            "lr is 0, want more than 0",
		"input = [\"a\"]\n" + tool + tool:                         "two tools are called kindred",
		"input = [\"a\"]\n[[tool]]\nname = \"a/b\"\n":             `a tool is called "a/b"`,
		"input = [\"a\"]\n[[tool]]\nname = \"magic\"\n":           `there is no tool "magic"`,
		"input = [\"a\"]\n[settings]\ndim = \"many\"\n" + tool:    "dim",
		"input = [\"a\"]\npin = [-1]\n" + tool:                    "a processor to pin to is -1",
		"input = [\"a\"]\n[settings]\nsubsample = nan\n" + tool:   "subsample is NaN",
		"input = [\"a\"]\n[settings]\nnoise_power = inf\n" + tool: "noise power is +Inf",
	} {
		_, err := Load(write(t, filepath.Join(dir, "e.toml"), text))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "e.toml") {
			t.Errorf("%q: error %v, want %q and the name of the file in it", text, err, want)
		}
	}
	if _, err := Load(filepath.Join(dir, "none.toml")); err == nil || !strings.Contains(err.Error(), "none.toml") {
		t.Errorf("error %v", err)
	}
}
