package e2e

import (
	"bufio"
	"encoding/json"
	"errors"
	"kindred/model"
	"kindred/model/format"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestInterrupt interrupts a training. The program must save the vectors as they are, mark them as
// incomplete, and exit with 130.
func TestInterrupt(t *testing.T) {
	dir := t.TempDir()
	vectors := filepath.Join(dir, "vectors.bin")
	cmd := exec.Command("kindred", "train", "--input", filepath.Join(root, "testdata", "demo", "text.txt"), "--output", vectors,
		"--dim", "8", "--epochs", "1000000", "--json")
	cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+dir, "HOME="+dir)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	type event struct {
		Event    string
		Training model.TrainingRecord
	}
	var last event
	interrupted := false
	events := bufio.NewScanner(stdout)
	for events.Scan() {
		last = event{}
		if err := json.Unmarshal(events.Bytes(), &last); err != nil {
			t.Fatalf("event %q: %v", events.Text(), err)
		}
		if last.Event == "progress" && !interrupted {
			interrupted = true
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
		}
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 130 {
		t.Errorf("the program ended with %v, want exit code 130", err)
	}
	if last.Event != "summary" || last.Training.Completed || last.Training.Tokens == 0 {
		t.Errorf("last event is %+v, want a summary of an incomplete training", last)
	}
	e, err := format.Load(vectors)
	if err != nil {
		t.Fatal(err)
	}
	if e.Dim() != 8 || e.Manifest == nil || e.Manifest.Training.Completed {
		t.Errorf("vectors of %d values with manifest %+v, want 8 values and an incomplete training", e.Dim(), e.Manifest)
	}
}

// TestBenchInterrupt interrupts a benchmark while a tool runs that does not end. The report must have
// the finished runs, the tool must be gone, and the exit code must be 130.
func TestBenchInterrupt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the stand-in is a shell script")
	}
	dir := t.TempDir()
	stand := filepath.Join(dir, "fasttext")
	if err := os.WriteFile(stand, []byte("#!/bin/sh\necho $$ > "+dir+"/pid\nsleep 1000\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("kindred", "bench", "--input", filepath.Join(root, "testdata", "demo", "text.txt"), "--tools", "kindred", "fasttext",
		"--tool-path", "fasttext="+stand, "--rounds", "2", "--dim", "8", "--epochs", "1", "--results", filepath.Join(dir, "results"))
	cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+dir, "HOME="+dir)
	var report strings.Builder
	cmd.Stdout = &report
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	said := ""
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		said += lines.Text() + "\n"
		if strings.Contains(lines.Text(), "round 1/2  fasttext …") {
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
		}
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 130 {
		t.Errorf("the program ended with %v, want exit code 130; it said:\n%s", err, said)
	}
	if !strings.Contains(said, "interrupted; the finished runs are in "+filepath.Join(dir, "results")+", and the same command goes on from there") {
		t.Errorf("it said:\n%s", said)
	}
	for _, want := range []string{"interrupted before the end", "│ kindred │      1 │", "fasttext did not run before"} {
		if !strings.Contains(report.String(), want) {
			t.Errorf("the report doesn't say %q:\n%s", want, report.String())
		}
	}
	if pid, err := os.ReadFile(filepath.Join(dir, "pid")); err == nil {
		if _, err := os.Stat(filepath.Join("/proc", strings.TrimSpace(string(pid)))); err == nil {
			t.Errorf("the tool is still running, as process %s", pid)
		}
	}
}
