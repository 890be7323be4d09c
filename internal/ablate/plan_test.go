package ablate

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kindred/train"
)

func names(p *Plan) []string {
	var list []string
	for _, v := range p.Variants {
		list = append(list, v.Name)
	}
	return list
}

func readPlan(t *testing.T, text string) (*Plan, error) {
	t.Helper()
	return parsePlan("plan.toml", []byte(text), train.Defaults(), []uint64{7})
}

func TestPlan(t *testing.T) {
	p, err := readPlan(t, `
seeds = [1, 2, 3]

[base]
lr = 0.05
epochs = 3

[[variant]]
negatives = [0, 5, 10]

[[variant]]
negatives = 10
noise_power = [0.5, 1]
seeds = [1]

[[variant]]
name = "many"
negatives = 20
against = "k=10"

[[variant]]
negatives = 10
seeds = [3, 4]
`)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"baseline", "k=0", "k=10", "k=10 power=0.5", "k=10 power=1", "many"}
	if diff := cmp.Diff(want, names(p)); diff != "" {
		t.Fatal(diff)
	}
	base := p.Variants[0]
	if base.Config.LearningRate != 0.05 || base.Config.Epochs != 3 || base.Config.Threads != 1 || !slices.Equal(base.Seeds, []uint64{1, 2, 3}) {
		t.Errorf("baseline %+v", base)
	}
	// k = 5 is the baseline, and k = 10 is there twice.
	if ten := p.Variants[2]; !slices.Equal(ten.Seeds, []uint64{1, 2, 3, 4}) || ten.Config.NoisePower != 0.75 {
		t.Errorf("k=10: %+v", ten)
	}
	if power := p.Variants[3]; !slices.Equal(power.Seeds, []uint64{1}) || power.Config.NoisePower != 0.5 || power.Config.LearningRate != 0.05 {
		t.Errorf("power 0.5: %+v", power)
	}
	if many := p.Variants[5]; many.Against != "k=10" {
		t.Errorf("%+v", many)
	}
	if got := p.runs(); got != 3+3+4+1+1+3 {
		t.Errorf("%d runs", got)
	}
	if diff := cmp.Diff([]Series{{Setting: "negatives", Points: []SeriesPoint{{0, 1}, {5, 0}, {10, 2}, {20, 5}}}, {Setting: "noise_power", Points: []SeriesPoint{{0.5, 3}, {0.75, 2}, {1, 4}}}}, series(p)); diff != "" {
		t.Error(diff)
	}
}

func TestPlanTakesGivenSeeds(t *testing.T) {
	p, err := readPlan(t, "[[variant]]\nwindow = 2\n")
	if err != nil || !slices.Equal(p.Variants[1].Seeds, []uint64{7}) || p.Variants[1].Config.Window != 2 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestPlanErrors(t *testing.T) {
	for text, want := range map[string]string{
		"seeds = [":                                          "plan.toml:1",
		"a" + strings.Repeat(".a", 100) + "=1":               "plan.toml:1: tables or lists lie deeper",
		"sedes = [1]\n[[variant]]\nwindow = 2":               `"sedes" has no meaning; want seeds, [base] and [[variant]]`,
		"[base]\nwindow = 0":                                 "plan.toml: base: window=0: window is 0, want 1 to",
		"[[variant]]\nneg = 3":                               `variant 1: there is no setting "neg"; there are: architecture, bag, `,
		"[[variant]]\nwindow = 2\n[[variant]]\ndim = [8, 0]": "variant 2: dim=0: dim is 0, want 1 to",
		"[[variant]]\nthreads = 3":                           "threads can't vary",
		"[[variant]]\nseed = 3":                              "the seed is no setting",
		"[[variant]]\nseeds = [1]":                           "variant 1: no setting",
		"[[variant]]\nwindow = \"wide\"":                     "window is wide, want a value of type int",
		"[[variant]]\nwindow = []":                           "window is [], want",
		"[[variant]]\nwindow = 2\nseeds = [-1]":              "variant 1: seeds has -1, want whole numbers from 0 to",
		"":                                                   "there is no [[variant]]",
		"seeds = [1]":                                        "there is no [[variant]]",
		"seeds = [-1]\n[[variant]]\nwindow = 2":              "plan.toml: seeds has -1, want whole numbers from 0 to",
		"[[variant]]\nlr = nan":                              "variant 1: lr is NaN, want a finite number",
		"[base]\nlr = inf":                                   "base: lr is +Inf, want a finite number",
		"seeds = [1.5]\n[[variant]]\nwindow = 2":             "plan.toml: seeds has 1.5, want whole numbers",
		"seeds = [\"x\"]\n[[variant]]\nwindow = 2":           "plan.toml: seeds has x, want whole numbers",
		"[[variant]]\nwindow = 2\nseeds = [1, 1]":            "seed 1 is there twice",
		"seeds = [4, 4]\n[[variant]]\nwindow = 2":            "seed 4 is there twice",
		"[[variant]]\nwindow = [2, 3]\nname = \"x\"":         `"x" names 2 variants`,
		"[[variant]]\nwindow = 2\nagainst = \"other\"":       `is to be compared with "other", which is no other variant; there are: baseline, window=2`,
		"[[variant]]\nwindow = 2\nname = \"baseline\"":       `two variants with different settings are called "baseline"`,
		"[[variant]]\nwindow = 2\nname = 3":                  "name is 3, want",
	} {
		if _, err := readPlan(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
	if _, err := NewPlan(train.Defaults(), nil, nil); err == nil || !strings.Contains(err.Error(), "no seed") {
		t.Errorf("no seeds: %v", err)
	}
}

// TestPlanIsBounded checks that a plan of too many runs is refused before it is built.
func TestPlanIsBounded(t *testing.T) {
	numbers := func(n int) string {
		return strings.Trim(strings.ReplaceAll(fmt.Sprint(make([]int, n)), " ", ","), "[]")
	}
	many := strings.ReplaceAll(numbers(199), "0", "1")
	var distinct []string
	for i := range 100 {
		distinct = append(distinct, strconv.Itoa(i+1))
	}
	hundred := strings.Join(distinct, ",")
	for name, text := range map[string]string{
		"combinations": fmt.Sprintf("[[variant]]\nwindow = [%s]\nnegatives = [%[1]s]\nepochs = [%[1]s]", many),
		"overflow":     fmt.Sprintf("[[variant]]\nwindow = [%s]\nnegatives = [%[1]s]\nepochs = [%[1]s]\ndim = [%[1]s]\nlr = [%[1]s]\ncandidates = [%[1]s]\nnoise_power = [%[1]s]\nsubsample = [%[1]s]\ntemperature = [%[1]s]", many),
		"seeds":        fmt.Sprintf("seeds = [%s]\n[[variant]]\nwindow = [%[1]s]\nepochs = [1, 2]", hundred),
		"variants":     strings.Repeat(fmt.Sprintf("[[variant]]\nwindow = [%s]\nepochs = [%[1]s]\n", hundred), 2),
	} {
		before := allocated()
		_, err := readPlan(t, text)
		if err == nil || !strings.Contains(err.Error(), "want at most 10000 runs in all") {
			t.Errorf("%s: %.200v", name, err)
		}
		if used := allocated() - before; used > 1<<30 {
			t.Errorf("%s: %d bytes were allocated", name, used)
		}
	}
}

// allocated returns how many bytes have been allocated so far.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// TestExperiments reads the plans in the documentation.
func TestExperiments(t *testing.T) {
	files, err := filepath.Glob("../../docs/experiments/*.toml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d plans, %v", len(files), err)
	}
	for _, name := range files {
		p, err := ReadPlan(name, train.Defaults(), []uint64{1})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d runs of %d variants", name, p.runs(), len(p.Variants))
		if len(p.Variants) < 2 || len(series(p)) == 0 {
			t.Errorf("%s compares %v", name, names(p))
		}
	}
}

func TestParseValues(t *testing.T) {
	setting, values, err := ParseValues("noise_power=0, .5,none")
	if err != nil || setting != "noise_power" || !slices.Equal(values, []any{0.0, 0.5, "none"}) {
		t.Errorf("%s %v %v", setting, values, err)
	}
	for _, text := range []string{"", "negatives", "negatives=", "=3"} {
		if _, _, err := ParseValues(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}
