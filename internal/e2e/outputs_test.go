//go:build linux

package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
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
	// Questions end with the output, whatever their number.
	for command, question := range map[string]string{"nearest": "the", "vectors": "the", "similarity": "the of", "analogy": "the of and"} {
		said := v.shell(0, "(yes '"+question+"' | kindred "+command+" v.txt >/dev/full; echo code $?) 2>&1 | head -n 5")
		if strings.Count(said, "writing to standard output") != 1 || !strings.Contains(said, "code 1") {
			t.Errorf("kindred %s on endless questions says %s", command, said)
		}
	}
	for _, command := range []string{"nearest v.txt the of and", "vectors v.txt the of and", "vectors v.txt --json the of and"} {
		if said := v.shell(1, "kindred "+command+" >/dev/full"); strings.Count(said, "writing to standard output") != 1 {
			t.Errorf("kindred %s says %s", command, said)
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
	said := v.shell(0, `(while [ ! -e gone ]; do sleep .01; done
		kindred train --input text.txt --dim 5 --epochs 1 --json --output v.txt; echo "code $?" >&2) | (exec <&-; touch gone)`)
	if !strings.Contains(said, "writing to standard output: broken pipe") || !strings.Contains(said, "code 1") {
		t.Errorf("the program says %s", said)
	}
	if _, err := os.Stat(v.path("v.txt")); err != nil {
		t.Error(err)
	}
}

// A closed terminal ends a training like SIGTERM. Its second signal does not end the program at once.
func TestHangUp(t *testing.T) {
	if signal.Ignored(syscall.SIGHUP) {
		t.Skip("SIGHUP is ignored, as under nohup, and programs that tests start inherit that")
	}
	v := newVictim(t)
	cmd, said := v.command("kindred", "train", "--input", "text.txt", "--dim", "300", "--min-count", "1", "--epochs", "100000", "--quiet", "--output", "v.bin",
		"--checkpoint", "state", "--checkpoint-every", "10k")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	v.await(func() bool { names, _ := filepath.Glob(v.path("state/checkpoint-*")); return len(names) > 0 })
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var err error
	for running := true; running; {
		_ = cmd.Process.Signal(syscall.SIGHUP)
		select {
		case err = <-ended:
			running = false
		case <-time.After(time.Millisecond):
		}
	}
	if code := exitCode(t, err); code != 130 || !strings.Contains(said.String(), "go on with --resume state") {
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

// What prevents the output is known before the training, in the form in which it will be written.
func TestOutputsAreTriedBefore(t *testing.T) {
	v := newVictim(t)
	settings := []string{"--input", "text.txt", "--dim", "5", "--epochs", "1", "--output"}
	v.train(0, append(settings, "v.txt")...)
	long := func(bytes int, end string) string { return strings.Repeat("n", bytes-len(end)) + end }
	// The longest names are written. A name is too long if that of the manifest is.
	v.train(0, append(settings, long(241, ".bin"))...)
	v.train(0, append(settings, long(255, ".safetensors"))...)
	v.shell(0, "kindred convert v.txt "+long(255, ".safetensors"))
	v.shell(0, "kindred vocab --input text.txt --output "+long(255, ""))
	for _, name := range []string{long(242, ".bin"), long(256, ".safetensors"), long(250, ".tsv")} {
		if said := v.train(1, append(settings, name)...); !strings.Contains(said, "file name too long") || strings.Contains(said, "Trained") {
			t.Errorf("%s: the program says %s", name, said)
		}
	}

	if os.Getuid() != 0 {
		t.Skip("needs the right to give files to others")
	}
	// Files of others in a sticky directory, one of them a manifest.
	const other, user = 54321, 54322
	if err := os.Mkdir(v.path("sticky"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"sticky/o.txt", "sticky/p.txt.manifest.json", "sticky/q.html"} {
		v.write(name, []byte("what was there"))
		if err := os.Chown(v.path(name), other, other); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chown(v.path("sticky"), other, other); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(v.path("sticky"), 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	program, err := exec.LookPath("kindred")
	if err != nil {
		t.Fatal(err)
	}
	for _, below := range []string{v.dir, filepath.Dir(program)} { // the others have to come there
		for dir := below; dir != filepath.Clean(os.TempDir()) && dir != "/"; dir = filepath.Dir(dir) {
			if err := os.Chmod(dir, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, args := range []string{
		"train --input text.txt --dim 5 --epochs 1 --output sticky/o.txt",
		"train --input text.txt --dim 5 --epochs 1 --output sticky/p.txt",
		"train --input text.txt --dim 5 --epochs 1 --output v.txt", // a directory of others
		"convert v.txt sticky/o.txt",
		"vocab --input text.txt --output sticky/o.txt",
		"compare v.txt --sets text.txt --html sticky/q.html",
	} {
		cmd, said := v.command(append([]string{"kindred"}, strings.Fields(args)...)...)
		cmd.Env = append(cmd.Env, "XDG_CACHE_HOME="+v.path("sticky/cache"))
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user}}
		if code := exitCode(t, cmd.Run()); code != 1 || !strings.Contains(said.String(), "can't write ") || strings.Contains(said.String(), "Trained") {
			t.Errorf("%s: exit code %d: %s", args, code, said)
		}
	}
	for _, name := range []string{"sticky/o.txt", "sticky/p.txt.manifest.json", "sticky/q.html"} {
		if got := string(v.read(name)); got != "what was there" {
			t.Errorf("%s has %q", name, got)
		}
	}
}

// A finished training is kept somewhere if its output can't be written, and the program says where.
func TestFinishedTrainingIsKept(t *testing.T) {
	v := newVictim(t)
	settings := " kindred train --input text.txt --dim 5 --epochs 1 --threads 1 --output "
	v.shell(0, settings+"want.bin")
	for what, script := range map[string]string{
		"a full device": settings + "/dev/full --format binary",
		"a full output": settings + "- >/dev/full",
		"a closed pipe": "(" + settings + "-; echo code $? >&2) | true; exit 1",
		"a directory that is gone": `mkdir gone; mkfifo hold; (cat text.txt; rm -r gone) >hold & ` +
			strings.Replace(settings, "text.txt", "hold", 1) + "gone/v.bin",
	} {
		said := v.shell(1, script)
		_, kept, found := strings.Cut(said, "the vectors are kept in ")
		if !found || strings.Contains(said, "code 0") {
			t.Errorf("%s: the program says %s", what, said)
			continue
		}
		kept, _, _ = strings.Cut(kept, "; \"kindred convert\"")
		v.shell(0, "kindred convert "+kept+" got.bin --quiet")
		if string(v.read("got.bin")) != string(v.read("want.bin")) {
			t.Errorf("%s: other vectors", what)
		}
	}
	// On a full disk, in another directory.
	v.train(0, "--input", "text.txt", "--dim", "40", "--epochs", "1", "--output", "big.txt")
	said := v.limited(len(v.read("big.txt"))-1000, 1, "--input", "text.txt", "--dim", "40", "--epochs", "1", "--output", "big.txt")
	if !strings.Contains(said, "writing big.txt: file too large; the vectors are kept in big.txt.kept-") {
		t.Errorf("the program says %s", said)
	}
}

// A word of --init that the output can't hold is known before the training.
func TestWordsOfInitAreChecked(t *testing.T) {
	v := newVictim(t)
	v.write("init.tsv", []byte("1\t2\n3\t4\n"))
	v.write("init.metadata.tsv", []byte("New York\nthe\n"))
	v.shell(0, "kindred convert init.tsv init.safetensors")
	said := v.train(1, "--input", "text.txt", "--init", "init.safetensors", "--output", "v.txt")
	if !strings.Contains(said, `can't hold word`) || !strings.Contains(said, "New York") || strings.Contains(said, "kept in") {
		t.Errorf("the program says %s", said)
	}
}

// Two runs can't write the same vectors.
func TestConvertIsLocked(t *testing.T) {
	v := newVictim(t)
	v.train(0, "--input", "text.txt", "--dim", "5", "--epochs", "1", "--quiet", "--output", "v.txt")
	v.shell(0, "mkfifo in")
	cmd, said := v.command("kindred", "convert", "in", "out.tsv")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	v.await(func() bool { held, _ := os.ReadFile(v.path(".out.tsv.lock")); return len(held) > 0 })
	for _, second := range []string{"convert v.txt out.tsv", "convert v.txt ./out.tsv", "vocab --input text.txt --output out.tsv",
		"train --input text.txt --output out.tsv", "compare v.txt --sets text.txt --html out.tsv"} {
		if told := v.shell(1, "kindred "+second); !strings.Contains(told, "is at work there") {
			t.Errorf("%s: the program says %s", second, told)
		}
	}
	v.shell(0, "cat v.txt >in")
	if code := exitCode(t, cmd.Wait()); code != 0 {
		t.Errorf("exit code %d: %s", code, said)
	}
	v.shell(0, "kindred convert v.txt out.tsv")
}

// A pipe that nobody reads is given up.
func TestPipeWithoutReader(t *testing.T) {
	v := newVictim(t)
	v.train(0, "--input", "text.txt", "--dim", "5", "--epochs", "1", "--quiet", "--output", "v.txt")
	v.shell(0, "mkfifo out.txt")
	for _, args := range []string{"convert v.txt out.txt", "train --input text.txt --dim 5 --epochs 1 --output out.txt"} {
		cmd, said := v.command(append([]string{"kindred"}, strings.Fields(args)...)...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		_ = cmd.Process.Signal(os.Interrupt)
		time.AfterFunc(20*time.Second, func() { cmd.Process.Kill() })
		if code := exitCode(t, cmd.Wait()); code != 130 || strings.HasPrefix(args, "train") && !strings.Contains(said.String(), "the vectors are kept in") {
			t.Errorf("%s: exit code %d: %s", args, code, said)
		}
	}
}

// leftOvers returns the hidden files in the directory of the victim.
func (v *victim) leftOvers() []string {
	v.t.Helper()
	names, err := filepath.Glob(v.path(".*"))
	if err != nil {
		v.t.Fatal(err)
	}
	return names
}

// A run removes what killed runs of the same output left, and never what another one is writing.
func TestLeftOversOfKilledExports(t *testing.T) {
	v := newVictim(t)
	v.train(0, "--input", "text.txt", "--dim", "300", "--min-count", "1", "--epochs", "1", "--quiet", "--output", "v.txt")
	for wait := 5 * time.Millisecond; len(v.leftOvers()) < 2 && wait < time.Second; wait += 5 * time.Millisecond {
		cmd, _ := v.command("kindred", "convert", "v.txt", "out.txt")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(wait)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	if len(v.leftOvers()) < 2 {
		t.Skipf("no kill left a file: %v", v.leftOvers())
	}
	v.shell(0, "kindred convert v.txt out.txt")
	if left := v.leftOvers(); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
}

// Killed between the renaming of two files of a set, a run leaves a gap and never a pair of two models.
func TestKilledSetsAreNeverMixed(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip(err)
	}
	v := newVictim(t)
	v.train(0, "--input", "text.txt", "--dim", "5", "--epochs", "1", "--quiet", "--output", "a.safetensors")
	v.train(0, "--input", "text.txt", "--dim", "5", "--epochs", "1", "--seed", "2", "--quiet", "--output", "b.safetensors")
	for _, set := range []struct{ vectors, second string }{{"v.txt", "v.txt.manifest.json"}, {"v.tsv", "v.metadata.tsv"}} {
		for _, kill := range []struct {
			renaming string
			time     int // of those of a thread; the goroutine may be in several
			certain  bool
		}{{set.second, 1, true}, {set.vectors, 1, true}, {set.second, 2, false}} {
			v.shell(0, "kindred convert a.safetensors "+set.vectors)
			v.write(set.second, append(v.read(set.second), '\n')) // other words, or another manifest
			oldVectors, oldSecond := v.read(set.vectors), v.read(set.second)
			cmd, said := v.command("strace", "-f", "-o", "/dev/null", "-P", kill.renaming, "-e", "trace=rename,renameat,renameat2",
				"-e", "inject=rename,renameat,renameat2:signal=SIGKILL:when="+strconv.Itoa(kill.time), "kindred", "convert", "b.safetensors", set.vectors)
			err := cmd.Run()
			if strings.Contains(said.String(), "Operation not permitted") {
				t.Skip(said)
			}
			if err == nil && kill.certain {
				t.Errorf("%s: not killed at the renaming of %s: %s", set.vectors, kill.renaming, said)
			}
			vectors := v.read(set.vectors)
			second, missing := os.ReadFile(v.path(set.second))
			if isOld := bytes.Equal(vectors, oldVectors); missing == nil && isOld != bytes.Equal(second, oldSecond) {
				t.Errorf("%s: killed at renaming %d of %s: the vectors are the old ones: %v, %s is: %v", set.vectors, kill.time, kill.renaming, isOld, set.second, !isOld)
			}
		}
	}
}
