package bench

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// settings differ from all defaults of the tools.
var settings = Settings{
	Dim: 30, Window: 7, Negatives: 6, Subsample: 0.0004, NoisePower: 0.6, MinCount: 2, Epochs: 8, LearningRate: 0.03, Threads: 3, Seed: 11,
}

// experimentOf returns an experiment with the given tools, whose stand-ins are in dir, on a small text.
func experimentOf(dir string, tools ...string) Experiment {
	e := Experiment{Input: []string{filepath.Join("testdata", "text.txt")}, Rounds: 1, Settings: settings}
	for _, name := range tools {
		e.Tools = append(e.Tools, Tool{Name: name, Path: dir})
	}
	return e
}

func perform(t *testing.T, e Experiment, results string) *Report {
	t.Helper()
	b := &Bench{Experiment: e, Results: results}
	report, err := b.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestDrivers compares the command lines of the tools with those that their documentation asks for.
func TestDrivers(t *testing.T) {
	for _, c := range []struct {
		tool  string
		want  []string
		parts []string
	}{
		{"kindred", []string{"kindred train --input text.txt --output vectors.bin --json --cache cache --cache-limit 0 --dim 30 --window 7 --negatives 6 " +
			"--subsample 0.0004 --noise-power 0.6 --min-count 2 --epochs 8 --lr 0.03 --threads 3 --seed 11"}, []string{"read", "train", "save"}},
		{"fasttext", []string{"fasttext skipgram -input text.txt -output vectors -loss ns -minn 0 -maxn 0 -bucket 0 -dim 30 -ws 7 -neg 6 " +
			"-t 0.0004 -minCount 2 -epoch 8 -lr 0.03 -thread 3 -seed 11"}, []string{"vocabulary", "train", "save"}},
		{"gensim", []string{`python3 gensim_word2vec.py {"input":"text.txt","output":"vectors.bin","vector_size":30,"window":7,"negative":6,"sample":0.0004,` +
			`"ns_exponent":0.6,"min_count":2,"epochs":8,"alpha":0.03,"min_alpha":0,"workers":3,"seed":11}`}, []string{"import", "vocabulary", "train", "save"}},
		{"word2vec", []string{"word2vec -train text.txt -output vectors.bin -binary 1 -debug 2 -size 30 -window 7 -negative 6 -sample 0.0004 " +
			"-min-count 2 -iter 8 -alpha 0.03 -threads 3 -cbow 0 -hs 0"}, []string{"vocabulary", "train", "save"}},
		{"pWord2Vec", []string{"pWord2Vec -train text.txt -output vectors.bin -binary 1 -debug 2 -size 30 -window 7 -negative 6 -sample 0.0004 " +
			"-min-count 2 -iter 8 -alpha 0.03 -threads 3 -batch-size 15"}, []string{"vocabulary", "train", "save"}},
		{"glove", []string{
			"vocab_count -verbose 2 -min-count 2",
			"cooccur -verbose 2 -vocab-file vocabulary.txt -window-size 7",
			"shuffle -verbose 2 -seed 11",
			"glove -verbose 2 -input-file shuffled.bin -vocab-file vocabulary.txt -save-file vectors -binary 0 -vector-size 30 -iter 8 -threads 3 -seed 11",
		}, []string{"vocabulary", "co-occurrences", "shuffle", "initialise", "train", "save"}},
		{"wego", []string{"wego word2vec --input text.txt --output vectors.txt --model skipgram --optimizer ns --verbose --dim 30 --window 7 --sample 6 " +
			"--threshold 0.0004 --min-count 2 --iter 8 --initlr 0.03 --goroutines 3"}, []string{"vocabulary", "train", "save"}},
	} {
		t.Run(c.tool, func(t *testing.T) {
			dir, calls := install(t)
			report := perform(t, experimentOf(dir, c.tool), t.TempDir())
			var got []string
			for _, call := range calls() {
				got = append(got, strings.Join(append([]string{call.Name}, call.Args...), " "))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("command lines (-want +got):\n%s", diff)
			}
			result := report.Tools[0]
			if len(result.Runs) != 1 {
				t.Fatalf("%d runs, failure %q", len(result.Runs), result.Failure)
			}
			var parts []string
			for _, p := range result.Runs[0].Parts {
				parts = append(parts, p.Name)
			}
			if diff := cmp.Diff(c.parts, parts); diff != "" {
				t.Errorf("parts (-want +got):\n%s", diff)
			}
		})
	}
}

// TestUnmatchedNoise requires a note about the noise of each tool whose noise is fixed.
func TestUnmatchedNoise(t *testing.T) {
	for _, d := range drivers {
		noise := func(power float64) bool {
			return strings.Contains(strings.Join(d.unmatchedSettings(Settings{NoisePower: power}), " "), "oise power") ||
				strings.Contains(strings.Join(d.unmatchedSettings(Settings{NoisePower: power}), " "), "oise is uniform")
		}
		fixed, known := map[string]float64{"fasttext": 0.5, "word2vec": 0.75, "pWord2Vec": 0.75, "wego": 0}[d.name]
		if got := noise(0.6); got != known {
			t.Errorf("%s with power 0.6: noted %v, want %v", d.name, got, known)
		}
		if known && noise(fixed) {
			t.Errorf("%s with its own power %g: noted", d.name, fixed)
		}
	}
}

// TestRealTools trains by the installed tools.
func TestRealTools(t *testing.T) {
	for _, name := range []string{"fasttext", "gensim"} {
		t.Run(name, func(t *testing.T) {
			e := experimentOf("", name)
			if _, err := driverOf(e.Tools[0]).locateProgram(context.Background(), ""); err != nil {
				t.Skip(err)
			}
			e.Settings.Threads = 1
			result := perform(t, e, t.TempDir()).Tools[0]
			if result.Failure != "" {
				t.Fatal(result.Failure)
			}
			if result.Training == nil || result.Training.Median < 0 || result.Wall.Median < result.Training.Median {
				t.Errorf("training took %+v of %+v", result.Training, result.Wall)
			}
		})
	}
}

func TestFindOnPath(t *testing.T) {
	dir, _ := install(t)
	t.Setenv("PATH", dir)
	got, err := single("wego", "")
	if want := filepath.Join(dir, "wego"); err != nil || got.files[0] != want {
		t.Errorf("found %v, %v, want %s", got.files, err, want)
	}
	if _, err := exec.LookPath("cbow"); err == nil {
		t.Fatal("there is a program cbow on PATH")
	}
	if _, err := single("cbow", ""); err == nil || err.Error() != "cbow is not on PATH" {
		t.Errorf("error %v", err)
	}
	if _, err := locateGlove(context.Background(), filepath.Join(dir, "glove")); err != nil {
		t.Errorf("the programs beside glove: %v", err)
	}
}
