//go:build linux

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// shell runs a command line by sh in the directory of the victim and requires this exit code.
func (v *victim) shell(code int, script string) (said string) {
	v.t.Helper()
	cmd, out := v.command("sh", "-c", script)
	if got := exitCode(v.t, cmd.Run()); got != code {
		v.t.Fatalf("exit code %d of %s, want %d: %s", got, script, code, out)
	}
	return out.String()
}

// No command ends with success if what it printed is lost.
func TestLostOutputIsAnError(t *testing.T) {
	v := newVictim(t)
	v.train(0, "--input", "text.txt", "--dim", "5", "--epochs", "1", "--quiet", "--output", "v.txt")
	v.write("pairs.tsv", []byte("the\tof\t1\nof\tand\t2\nthe\tand\t3\n"))
	for _, command := range []string{
		"", "help", "--help", "help train", "train --help", "version", "version --json", "--version", "completion bash", "__complete tr",
		"train --input text.txt --dim 5 --epochs 1 --json --output w.txt",
		"vocab --input text.txt", "vocab --input text.txt --quiet", "vocab --input text.txt --json --output words.txt",
		"eval v.txt pairs.tsv", "eval v.txt pairs.tsv --json", "eval v.txt pairs.tsv --markdown",
		"compare v.txt w.txt --sets pairs.tsv --resamples 10",
		"nearest v.txt the", "nearest v.txt the --json", "nearest v.txt the of", "analogy v.txt the of and", "analogy v.txt the of and --method both",
		"ablate --input text.txt --dim 5 --epochs 1 --seeds 1 2 --vary negatives=1,2 --resamples 10 --output results --quiet",
		"demo --tokens 100000",
	} {
		if said := v.shell(1, "kindred "+command+" >/dev/full"); !strings.Contains(said, "writing to standard output: no space left on device") {
			t.Errorf("kindred %s: the program says %s", command, said)
		}
	}
	// The vectors are there nonetheless.
	for _, name := range []string{"w.txt", "words.txt", "kindred-demo/vectors.txt"} {
		if _, err := os.Stat(v.path(name)); err != nil {
			t.Error(err)
		}
	}
	v.shell(1, "kindred train --input text.txt --dim 5 --epochs 1 --output w.txt 2>/dev/full")
	v.shell(1, "kindred convert v.txt v.bin 2>/dev/full")
	v.shell(0, "kindred convert v.txt v.bin --quiet 2>/dev/full")
}

// A training goes on if the reader of its events is gone.
func TestTrainingOutlivesItsReader(t *testing.T) {
	v := newVictim(t)
	said := v.shell(0, `(kindred train --input text.txt --dim 5 --epochs 1 --json --output v.txt; echo "code $?" >&2) | true`)
	if !strings.Contains(said, "writing to standard output: broken pipe") || !strings.Contains(said, "code 1") {
		t.Errorf("the program says %s", said)
	}
	if _, err := os.Stat(v.path("v.txt")); err != nil {
		t.Error(err)
	}
}

// A closed terminal ends a training like SIGTERM. Its second signal does not end the program at once.
func TestHangUp(t *testing.T) {
	v := newVictim(t)
	cmd, said := v.command("kindred", "train", "--input", "text.txt", "--dim", "100", "--epochs", "100000", "--quiet", "--output", "v.bin",
		"--checkpoint", "state", "--checkpoint-every", "10k")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	v.await(func() bool { return v.checkpoints("state") > 0 })
	for range 20 {
		_ = cmd.Process.Signal(syscall.SIGHUP)
	}
	if code := exitCode(t, cmd.Wait()); code != 130 || !strings.Contains(said.String(), "go on with --resume state") {
		t.Errorf("exit code %d after SIGHUP: %s", code, said)
	}
	if v.checkpoints("state") == 0 {
		t.Error("no checkpoint")
	}
}

// nohup makes a program ignore the end of its terminal.
func TestHangUpIsIgnoredUnderNohup(t *testing.T) {
	v := newVictim(t)
	cmd := exec.Command("sh", "-c", `trap "" HUP; exec kindred train --input text.txt --dim 30 --epochs 40 --threads 1 --quiet --output v.bin --checkpoint state`)
	cmd.Dir, cmd.Env = v.dir, append(os.Environ(), "HOME="+v.dir, "XDG_CACHE_HOME="+v.path("cache"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	v.await(func() bool { names, _ := filepath.Glob(v.path("state/lock")); return len(names) > 0 })
	_ = cmd.Process.Signal(syscall.SIGHUP)
	if code := exitCode(t, cmd.Wait()); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
