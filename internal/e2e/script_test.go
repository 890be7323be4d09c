// Package e2e tests the program from outside, as its users run it.
package e2e

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"kindred/internal/cli"
	"kindred/model/format"
)

// root is the directory of the module.
var root = filepath.Join("..", "..")

// TestMain lets the test binary run as kindred if it is called by that name. The tests call it so.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"kindred": func() { os.Exit(cli.Main()) }})
}

// TestScripts runs the program as its users do. Each script has a small text and evaluation sets in
// $WORK, and three commands that testscript lacks:
//
//	exits CODE PROGRAM ARGS…   runs the program and requires this exit code
//	jsonlines FILE             requires a JSON value on each line of a file or stdout
//	damage FILE                flips a bit in the middle of a file
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   filepath.Join("testdata", "script"),
		Setup: setUp,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":     exits,
			"jsonlines": jsonLines,
			"damage":    damage,
		},
		RequireUniqueNames: true,
	})
}

func setUp(env *testscript.Env) error {
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("XDG_CACHE_HOME", filepath.Join(env.WorkDir, "cache"))
	for _, name := range []string{"text.txt", "similarity.tsv", "analogies.txt"} {
		data, err := os.ReadFile(filepath.Join(root, "testdata", "demo", name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(env.WorkDir, name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func jsonLines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: jsonlines FILE")
	}
	lines := bufio.NewScanner(strings.NewReader(ts.ReadFile(args[0])))
	lines.Buffer(nil, 1<<20)
	n := 0
	for lines.Scan() {
		n++
		if !json.Valid(lines.Bytes()) {
			ts.Fatalf("line %d is not JSON: %s", n, lines.Text())
		}
	}
	if n == 0 {
		ts.Fatalf("no line")
	}
}

func damage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: damage FILE")
	}
	path := ts.MkAbs(args[0])
	data, err := os.ReadFile(path)
	ts.Check(err)
	data[len(data)/2] ^= 1
	ts.Check(os.WriteFile(path, data, 0o644))
}

// TestVocabularyOutgrowsItsMemory counts more words than fit into --vocab-memory.
func TestVocabularyOutgrowsItsMemory(t *testing.T) {
	dir := t.TempDir()
	var text strings.Builder
	for i := range 40_000 {
		text.WriteString("often usual number-" + strconv.Itoa(i) + "\n")
	}
	input := filepath.Join(dir, "text.txt")
	if err := os.WriteFile(input, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	kindred := func(args ...string) string {
		command := exec.Command("kindred", append(args, "--input", input, "--vocab-memory", "0.0005")...)
		command.Env = append(os.Environ(), "XDG_CACHE_HOME="+dir)
		out, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	vectors := filepath.Join(dir, "vectors.bin")
	told := "outgrew 524.3 KiB of memory, and the rarest were dropped"
	if out := kindred("vocab", "--min-count", "20000", "--output", filepath.Join(dir, "words.txt")); !strings.Contains(out, told) {
		t.Errorf("counting words tells %q, want %q in it", out, told)
	}
	if out := kindred("train", "--output", vectors, "--dim", "4", "--epochs", "1"); !strings.Contains(out, told) || !strings.Contains(out, "give more with --vocab-memory") {
		t.Errorf("training tells %q, want %q in it", out, told)
	}
	e, err := format.Load(vectors)
	if err != nil {
		t.Fatal(err)
	}
	p := e.Manifest.Corpus.Pruning
	if p == nil || p.Memory != 536870 || p.Dropped < 30_000 || p.Undercount != 1 || p.Exact != 2 {
		t.Errorf("the manifest has %+v, want what was pruned, and two words exact", p)
	}
	if kept := e.Manifest.Corpus.TokensKept; kept != 80_000 {
		t.Errorf("two words that occur 40000 times each make %d tokens", kept)
	}
}
