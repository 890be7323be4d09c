//go:build unix

package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestExitCodes runs the commands of the table in docs/errors.md. Every command of the program has a
// line for each code that it can end with.
func TestExitCodes(t *testing.T) {
	lines := regexp.MustCompile("(?m)^\\| (.*?) ?\\| `kindred ?(.*)` \\| (\\d+) \\|$").FindAllStringSubmatch(read(t, filepath.Join(root, "docs", "errors.md")), -1)
	if len(lines) < 100 {
		t.Fatalf("the table has %d lines", len(lines))
	}
	v := newVictim(t)
	for _, name := range []string{"similarity.tsv", "analogies.txt"} {
		v.write(name, []byte(read(t, filepath.Join(root, "testdata", "demo", name))))
	}
	v.train(0, "--input", "text.txt", "--output", "vectors.bin", "--dim", "8", "--epochs", "1", "--min-count", "1", "--save-vocab", "words.txt", "--checkpoint", "state")
	v.write("plan.toml", []byte("seeds = [1]\n[base]\nepochs = 1\ndim = 4\n[[variant]]\nnegatives = 1\n"))
	v.write("bench.toml", []byte("input = [\"text.txt\"]\n[[tool]]\nname = \"kindred\"\n"))
	v.write("bad.toml", []byte("input = [\"text.txt\"]\n[[tool]]\nname = \"kindred\"\n[settings]\nnothing = 1\n[[variant]]\nnothing = 1\n"))
	v.write("torn.toml", []byte("seeds = [\n"))
	v.write("broken", []byte("\x8f\x00\xd1\xfe\x13\xa7\xb9\x00\x01\n\xff\xc3 \xc3\n"))
	v.write("empty", nil)
	if err := os.Mkdir(v.path("dir"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(v.path("pipe"), 0o644); err != nil {
		t.Fatal(err)
	}
	situation := ""
	for _, line := range lines {
		if line[1] != "" {
			situation = line[1]
		}
		v := &victim{t, v.dir}
		args := append([]string{"kindred"}, strings.Fields(line[2])...)
		code, said := v.run(line[3] == "130", args)
		if want := line[3]; strconv.Itoa(code) != want {
			t.Errorf("%s: %q: exit code %d, want %s: %s", situation, args, code, want, said)
		}
		if hint := bytes.Contains(said.Bytes(), []byte("--help\".\n")); hint != (code == 2) {
			t.Errorf("%q ends with %d, and a hint at the help: %v: %s", args, code, hint, said)
		}
	}
}

// run runs the program to its end, within 20 seconds, and returns its exit code and all its output. It
// may interrupt the program, again if that came before the program listened to signals.
func (v *victim) run(interrupt bool, args []string) (code int, said *bytes.Buffer) {
	v.t.Helper()
	for delay := 300 * time.Millisecond; ; delay *= 3 {
		var cmd *exec.Cmd
		cmd, said = v.command(args...)
		cmd.Stdin = strings.NewReader("")
		if err := cmd.Start(); err != nil {
			v.t.Fatal(err)
		}
		limit := time.AfterFunc(20*time.Second, func() { cmd.Process.Kill() })
		if interrupt {
			time.AfterFunc(delay, func() { cmd.Process.Signal(os.Interrupt) })
		}
		code = exitCode(v.t, cmd.Wait())
		limit.Stop()
		if code != -1 || !interrupt || delay > 5*time.Second {
			return code, said
		}
	}
}
