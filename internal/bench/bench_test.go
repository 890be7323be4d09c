package bench

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// seedsOf returns the names of the called tools with their seeds, in the order of the calls.
func seedsOf(calls []call) []string {
	var list []string
	for _, c := range calls {
		seed := "?"
		if i := slices.IndexFunc(c.Args, func(a string) bool { return strings.HasSuffix(a, "-seed") }); i >= 0 {
			seed = c.Args[i+1]
		}
		list = append(list, c.Name+" "+seed)
	}
	return list
}

func TestRoundsAreInterleaved(t *testing.T) {
	dir, calls := install(t)
	e := experimentOf(dir, "kindred", "fasttext")
	e.Rounds = 3
	results := t.TempDir()
	report := perform(t, e, results)
	want := []string{"kindred 11", "fasttext 11", "kindred 12", "fasttext 12", "kindred 13", "fasttext 13"}
	if diff := cmp.Diff(want, seedsOf(calls())); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	for _, tool := range report.Tools {
		for i, r := range tool.Runs {
			if r.Round != i+1 || r.Wall <= 0 || r.CPU <= 0 || r.Plan.Words != 840 {
				t.Errorf("%s, run %d is %+v", tool.Name, i, r)
			}
			if _, err := os.Stat(filepath.Join(results, r.Vectors)); err != nil {
				t.Errorf("vectors of %s: %v", tool.Name, err)
			}
		}
	}
	left, err := filepath.Glob(filepath.Join(results, "fasttext-1", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range left {
		left[i] = filepath.Base(left[i])
	}
	if diff := cmp.Diff([]string{"output.log", "run.json", "vectors.vec", "vectors.vec.manifest.json"}, left); diff != "" {
		t.Errorf("files that are left (-want +got):\n%s", diff)
	}
}

func TestPartsCoverTheRun(t *testing.T) {
	dir, _ := install(t)
	run := perform(t, experimentOf(dir, "fasttext"), t.TempDir()).Tools[0].Runs[0]
	wall, cpu := 0.0, 0.0
	for _, p := range run.Parts {
		if p.Wall < 0 || p.CPU < 0 {
			t.Errorf("part %+v", p)
		}
		wall += p.Wall
		cpu += p.CPU
	}
	if diff := wall - run.Wall; diff < -1e-6 || diff > 1e-6 {
		t.Errorf("the parts take %v of %v seconds", wall, run.Wall)
	}
	if runtime.GOOS != "linux" {
		return
	}
	if diff := cpu - run.CPU; diff < -1e-6 || diff > 1e-6 {
		t.Errorf("the parts take %v of %v processor seconds", cpu, run.CPU)
	}
	// The stand-in uses the processor for 30 ms after the first line of the training.
	if p := run.Parts[1]; p.Name != "train" || p.CPU < 0.025 {
		t.Errorf("training is %+v, want 0.03 processor seconds", p)
	}
}

func TestPeakMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the figure is known on Linux only")
	}
	if underRace {
		t.Skip("the stand-in is this program, whose memory the race detector multiplies")
	}
	dir, _ := install(t)
	t.Setenv(standInMemory, "300")
	got := perform(t, experimentOf(dir, "wego"), t.TempDir()).Tools[0].PeakMemory
	if got == nil || got.Median < 300<<20 || got.Median > 400<<20 {
		t.Errorf("peak is %+v, want a little more than %d", got, 300<<20)
	}
}

func TestPinned(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("Linux only")
	}
	all := ownProcessors()
	one := strings.TrimSuffix(strings.Fields(strings.TrimPrefix(all, "["))[0], "]")
	dir, calls := install(t)
	e := experimentOf(dir, "word2vec", "glove")
	e.Pin = make([]int, 1)
	if _, err := fmt.Sscan(one, &e.Pin[0]); err != nil {
		t.Fatal(err)
	}
	perform(t, e, t.TempDir())
	for _, c := range calls() {
		if c.CPUs != "["+one+"]" {
			t.Errorf("%s had processors %s, want %s", c.Name, c.CPUs, one)
		}
	}
	if now := ownProcessors(); now != all {
		t.Errorf("the program itself has processors %s, had %s", now, all)
	}

	e.Pin = []int{1000}
	report := perform(t, e, t.TempDir())
	if f := report.Tools[0].Failure; !strings.Contains(f, "can't pin to processors [1000]") {
		t.Errorf("failure %q", f)
	}
}

// collect returns a benchmark, and a function that returns its events.
func collect(e Experiment, results string) (*Bench, func() []string) {
	var told []string
	b := &Bench{Experiment: e, Results: results, Notify: func(event Event) {
		kind := []string{"detected", "missing", "began", "finished", "found", "failed", "comparing"}[event.Kind]
		told = append(told, strings.TrimSpace(fmt.Sprintf("%s %s %d", kind, event.Tool, event.Round)))
	}}
	return b, func() []string { return told }
}

func TestContinued(t *testing.T) {
	dir, calls := install(t)
	results := t.TempDir()
	e := experimentOf(dir, "kindred")
	first := perform(t, e, results).Tools[0].Runs[0]

	e.Rounds = 2
	e.Tools = append(e.Tools, Tool{Name: "wego", Path: dir})
	b, told := collect(e, results)
	report, err := b.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"found kindred 1", "began wego 1", "finished wego 1", "began kindred 2", "finished kindred 2", "began wego 2", "finished wego 2"}
	if diff := cmp.Diff(want, told()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"kindred 11", "wego ?", "kindred 12", "wego ?"}, seedsOf(calls())); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(first, report.Tools[0].Runs[0]); diff != "" {
		t.Errorf("the run of the first benchmark (-then +now):\n%s", diff)
	}
}

func TestOtherSettings(t *testing.T) {
	dir, _ := install(t)
	results := t.TempDir()
	e := experimentOf(dir, "kindred")
	perform(t, e, results)
	for want, change := range map[string]func(*Experiment){
		"dim was 30 and is 31": func(e *Experiment) { e.Settings.Dim = 31 },
		"seed was 11 and is 1": func(e *Experiment) { e.Settings.Seed = 1 },
		`options was unset and is ["--negative-sharing","pair"]`: func(e *Experiment) { e.Tools[0].Options = []string{"--negative-sharing", "pair"} },
		"words was 840 and is 1":                                 func(e *Experiment) { e.Input = []string{filepath.Join(dir, "other.txt")} },
		"driver was kindred and is wego":                         func(e *Experiment) { e.Tools[0].Driver = "wego" },
	} {
		if err := os.WriteFile(filepath.Join(dir, "other.txt"), []byte("word\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		changed := e
		changed.Tools = slices.Clone(e.Tools)
		change(&changed)
		b, told := collect(changed, results)
		_, err := b.Run(context.Background())
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "--results DIR") {
			t.Errorf("error %v, want %q in it", err, want)
		}
		if len(told()) > 0 {
			t.Errorf("%s: something was done before the error: %v", want, told())
		}
	}
}

func TestBrokenRecord(t *testing.T) {
	dir, _ := install(t)
	results := t.TempDir()
	e := experimentOf(dir, "kindred")
	perform(t, e, results)
	if err := os.WriteFile(filepath.Join(results, "kindred-1", "run.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	b, _ := collect(e, results)
	if _, err := b.Run(context.Background()); err == nil || !strings.Contains(err.Error(), filepath.Join("kindred-1", "run.json")) {
		t.Errorf("error %v, want the name of the file", err)
	}
}

func TestInterrupted(t *testing.T) {
	dir, calls := install(t)
	t.Setenv(standInHangs, "kindred12")
	results := t.TempDir()
	e := experimentOf(dir, "kindred", "fasttext")
	e.Rounds = 2
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b, told := collect(e, results)
	notify := b.Notify
	b.Notify = func(event Event) {
		notify(event)
		if event.Kind == Began && event.Round == 2 {
			// The stand-in may not have recorded its call yet, before which it doesn't hang.
			go cancel()
		}
	}
	report, err := b.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"began kindred 1", "finished kindred 1", "began fasttext 1", "finished fasttext 1", "began kindred 2"}
	if diff := cmp.Diff(want, told()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if !report.Interrupted || len(report.Tools[0].Runs) != 1 || report.Tools[0].Failure != "" {
		t.Errorf("interrupted %v, %d runs, failure %q", report.Interrupted, len(report.Tools[0].Runs), report.Tools[0].Failure)
	}
	if _, err := os.Stat(filepath.Join(results, "kindred-2", runFile)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the interrupted run is on record: %v", err)
	}

	t.Setenv(standInHangs, "")
	before := len(calls())
	report = perform(t, e, results)
	if report.Interrupted || len(report.Tools[0].Runs) != 2 || len(report.Tools[1].Runs) != 2 {
		t.Errorf("after going on: interrupted %v, %d and %d runs", report.Interrupted, len(report.Tools[0].Runs), len(report.Tools[1].Runs))
	}
	if diff := cmp.Diff([]string{"kindred 12", "fasttext 12"}, seedsOf(calls()[before:])); diff != "" {
		t.Errorf("calls after going on (-want +got):\n%s", diff)
	}
}

// TestFloodingTool checks that the log of a tool that writes without end stays small, and that such a
// tool does not delay an interrupt.
func TestFloodingTool(t *testing.T) {
	dir, _ := install(t)
	t.Setenv(standInFloods, "fasttext")
	results := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b, _ := collect(experimentOf(dir, "fasttext"), results)
	var canceled time.Time
	b.Notify = func(event Event) {
		if event.Kind == Began {
			time.AfterFunc(time.Second, func() {
				canceled = time.Now()
				cancel()
			})
		}
	}
	report, err := b.Run(ctx)
	if err != nil || !report.Interrupted {
		t.Fatalf("interrupted %v, error %v", report.Interrupted, err)
	}
	if took := time.Since(canceled); took > time.Second {
		t.Errorf("the interrupt took %v", took)
	}
	info, err := os.Stat(filepath.Join(results, "fasttext-1", logFile))
	if err != nil || info.Size() < logEnds || info.Size() > 2*logEnds+100 {
		t.Errorf("log of %d bytes, %v", info.Size(), err)
	}
}

// TestDamagedRecord checks that a record that is not of its run is named.
func TestDamagedRecord(t *testing.T) {
	dir, _ := install(t)
	results := t.TempDir()
	e := experimentOf(dir, "kindred")
	perform(t, e, results)
	path := filepath.Join(results, "kindred-1", runFile)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string][2]string{
		"tool":    {`"tool": "kindred"`, `"tool": null`},
		"round":   {`"round": 1`, `"round": null`},
		"vectors": {`"vectors": "kindred-1/vectors.bin"`, `"vectors": "../../../etc/passwd"`},
		"time":    {`"wall_seconds": `, `"wall_seconds": null, "x": `},
	} {
		damaged := strings.Replace(string(whole), damage[0], damage[1], 1)
		if damaged == string(whole) {
			t.Fatalf("%s: nothing to damage in %s", name, whole)
		}
		if err := os.WriteFile(path, []byte(damaged), 0o644); err != nil {
			t.Fatal(err)
		}
		b, _ := collect(e, results)
		if _, err := b.Run(context.Background()); err == nil || !strings.HasPrefix(err.Error(), path+" is no result, or a damaged one") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestFailingAndMissingTools(t *testing.T) {
	dir, calls := install(t)
	t.Setenv(standInFails, "cooccur")
	e := experimentOf(dir, "glove", "kindred", "wego")
	e.Tools[2].Path = filepath.Join(dir, "nowhere")
	e.Rounds = 2
	results := t.TempDir()
	report := perform(t, e, results)
	if diff := cmp.Diff([]string{"vocab_count ?", "cooccur ?", "kindred 11", "kindred 12"}, seedsOf(calls())); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	want := "round 1: cooccur: exit status 3; it said last:\nreading\n50%\nreading 100%\nout of luck"
	if got := report.Tools[0].Failure; got != want {
		t.Errorf("failure %q, want %q", got, want)
	}
	if got := report.Tools[2].NotRun; got != "there is no "+filepath.Join(dir, "nowhere") {
		t.Errorf("not run: %q", got)
	}
	var text strings.Builder
	if err := writers["txt"](&text, report); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"glove failed in round 1: cooccur: exit status 3", "out of luck", "wego was not run: there is no "} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the report doesn't say %q:\n%s", want, text.String())
		}
	}
	if diff := cmp.Diff([]string{"glove"}, report.Failed()); diff != "" {
		t.Error(diff)
	}

	e.Tools = e.Tools[2:]
	b, _ := collect(e, results)
	if _, err := b.Run(context.Background()); err == nil || !strings.Contains(err.Error(), "none of the tools is there: wego: there is no") {
		t.Errorf("error %v", err)
	}
}

// TestNoVectors runs a tool that succeeds without writing vectors.
func TestNoVectors(t *testing.T) {
	dir, _ := install(t)
	e := experimentOf(dir, "fasttext")
	e.Tools[0].Path = "/bin/true"
	if _, err := os.Stat(e.Tools[0].Path); err != nil {
		t.Skip(err)
	}
	if got := perform(t, e, t.TempDir()).Tools[0].Failure; !strings.Contains(got, "left no vectors in") {
		t.Errorf("failure %q", got)
	}
}
