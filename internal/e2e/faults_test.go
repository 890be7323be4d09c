//go:build unix

package e2e

import (
	"bytes"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"kindred/train"
)

var kills = flag.Int("kills", 10, "how often TestKillAndResume kills the program")

// A victim runs the program in its own directory, which has a text.
type victim struct {
	t   *testing.T
	dir string
}

func newVictim(t *testing.T) *victim {
	t.Helper()
	v := &victim{t, t.TempDir()}
	data, err := os.ReadFile(filepath.Join(root, "testdata", "demo", "text.txt"))
	if err != nil {
		t.Fatal(err)
	}
	v.write("text.txt", data)
	return v
}

func (v *victim) path(name string) string { return filepath.Join(v.dir, name) }

func (v *victim) write(name string, data []byte) {
	v.t.Helper()
	if err := os.WriteFile(v.path(name), data, 0o644); err != nil {
		v.t.Fatal(err)
	}
}

func (v *victim) read(name string) []byte {
	v.t.Helper()
	data, err := os.ReadFile(v.path(name))
	if err != nil {
		v.t.Fatal(err)
	}
	return data
}

// command returns the program, in the directory of the victim, and a buffer for all its output.
func (v *victim) command(args ...string) (*exec.Cmd, *bytes.Buffer) {
	var said bytes.Buffer
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = v.dir
	cmd.Env = append(os.Environ(), "HOME="+v.dir, "XDG_CACHE_HOME="+v.path("cache"))
	cmd.Stdout, cmd.Stderr = &said, &said
	return cmd, &said
}

// train runs the program to its end and requires this exit code.
func (v *victim) train(code int, args ...string) (said string) {
	v.t.Helper()
	cmd, out := v.command(append([]string{"kindred", "train"}, args...)...)
	if got := exitCode(v.t, cmd.Run()); got != code {
		v.t.Fatalf("exit code %d of %q, want %d: %s", got, args, code, out)
	}
	return out.String()
}

// limited is train with a limit in bytes on the size of written files.
func (v *victim) limited(bytes int, code int, args ...string) (said string) {
	v.t.Helper()
	const block = 512 // the unit of POSIX
	script := `ulimit -f "$0" && exec "$@"`
	blocks := strconv.Itoa(bytes / block)
	cmd, out := v.command(append([]string{"sh", "-c", script, blocks, "kindred", "train"}, args...)...)
	if got := exitCode(v.t, cmd.Run()); got != code {
		v.t.Fatalf("exit code %d of %q, want %d: %s", got, args, code, out)
	}
	return out.String()
}

// exitCode returns the exit code of a program that ended with err, or -1 if a signal ended it.
func exitCode(t *testing.T, err error) int {
	t.Helper()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	t.Fatal(err)
	return 0
}

// checkpoints reads all checkpoints in a directory, requires them to be complete, and returns their
// number.
func (v *victim) checkpoints(dir string) int {
	v.t.Helper()
	names, err := filepath.Glob(filepath.Join(v.path(dir), "checkpoint-*"))
	if err != nil {
		v.t.Fatal(err)
	}
	for _, name := range names {
		if _, err := train.ReadCheckpoint(name); err != nil {
			v.t.Errorf("a torn checkpoint: %v", err)
		}
	}
	return len(names)
}

// TestKillAndResume kills the program at random moments, while it reads, trains or writes, and resumes
// it with another number of threads. No file may be incomplete, and the vectors must be those of an
// uninterrupted training. More kills:
//
//	go test ./internal/e2e -run TestKillAndResume -kills 200 -v
func TestKillAndResume(t *testing.T) {
	settings := []string{"--input", "text.txt", "--dim", "30", "--epochs", "20", "--quiet", "--output"}
	v := newVictim(t)
	start := time.Now()
	v.train(0, append(settings, "want.bin")...)
	whole := time.Since(start)
	want := v.read("want.bin")

	var killed, read, ended, resumed int
	for killed < *kills {
		args := append(settings, "vectors.bin", "--checkpoint", "state", "--checkpoint-every", "10k")
		if v.checkpoints("state") > 0 {
			args = []string{"--quiet", "--resume", "state", "--checkpoint-every", "10k", "--output", "vectors.bin"}
			resumed++
		}
		args = append(args, "--threads", strconv.Itoa(1+killed%3))
		cmd, said := v.command(append([]string{"kindred", "train"}, args...)...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(rand.N(whole), func() { cmd.Process.Kill() })
		err := cmd.Wait()
		timer.Stop()
		read += v.checkpoints("state")
		if data, err := os.ReadFile(v.path("vectors.bin")); err == nil && !bytes.Equal(data, want) {
			t.Fatalf("after %d kills the vectors are others", killed)
		}
		switch code := exitCode(t, err); code {
		case -1:
			killed++
		case 0:
			ended++
			for _, name := range []string{"state", "cache", "vectors.bin"} {
				if err := os.RemoveAll(v.path(name)); err != nil {
					t.Fatal(err)
				}
			}
		default:
			t.Fatalf("exit code %d after %d kills: %s", code, killed, said)
		}
	}
	// Let the last training finish.
	if v.checkpoints("state") > 0 {
		v.train(0, "--quiet", "--resume", "state", "--output", "vectors.bin")
		ended++
		if !bytes.Equal(v.read("vectors.bin"), want) {
			t.Error("after the last kill the vectors are others")
		}
	}
	t.Logf("%d kills, %d runs resumed from a checkpoint, %d trainings brought to their end: all %d with identical vectors; %d checkpoints read in between, 0 torn",
		killed, resumed, ended, ended, read)
	if ended == 0 {
		t.Error("no training came to its end")
	}
}

// If the disk is full while a checkpoint is written, the training goes on and earlier checkpoints stay.
func TestFullDiskAtCheckpoint(t *testing.T) {
	v := newVictim(t)
	v.train(0, "--input", "text.txt", "--dim", "40", "--epochs", "3", "--threads", "1", "--output", "want.bin")
	vectors := len(v.read("want.bin"))
	said := v.limited(vectors+10_000, 0, "--input", "text.txt", "--dim", "40", "--epochs", "3", "--threads", "1", "--output", "got.bin",
		"--checkpoint", "state", "--checkpoint-every", "20k")
	if !strings.Contains(said, "writing state/checkpoint-") || !strings.Contains(said, "file too large; the training goes on, and earlier checkpoints stay") ||
		!strings.Contains(said, "Checkpoints 0 written to state") {
		t.Errorf("the program says %s", said)
	}
	if !bytes.Equal(v.read("got.bin"), v.read("want.bin")) {
		t.Error("other vectors")
	}
	if entries, err := os.ReadDir(v.path("state")); err != nil || len(entries) > 0 {
		t.Errorf("in the directory for checkpoints are %v, %v; want nothing", entries, err)
	}
}

// If the disk is full while the vectors are written, the old file stays and the training is not lost.
func TestFullDiskAtExport(t *testing.T) {
	v := newVictim(t)
	settings := []string{"--input", "text.txt", "--dim", "10", "--epochs", "2", "--threads", "1"}
	v.train(0, append(settings, "--output", "want.txt")...)
	v.write("got.txt", []byte("what was there"))
	v.train(0, append(settings, "--output", "sized.bin", "--checkpoint", "sized")...)
	limit := 0
	for _, name := range []string{"sized/checkpoint-000000000000028490.safetensors", "want.txt"} {
		limit = max(limit, len(v.read(name)))
	}
	if text := len(v.read("want.txt")); limit != text {
		t.Fatalf("vectors as text have %d bytes, a checkpoint %d; this test wants the former to be larger", text, limit)
	}
	said := v.limited(limit-2000, 1, append(settings, "--output", "got.txt", "--checkpoint", "state")...)
	if !strings.Contains(said, "kindred train: writing got.txt: file too large; the training is safe: save its vectors with --resume state") {
		t.Errorf("the program says %s", said)
	}
	if got := string(v.read("got.txt")); got != "what was there" {
		t.Errorf("the old file is %q", got)
	}
	v.train(0, "--resume", "state", "--output", "got.txt")
	if !bytes.Equal(v.read("got.txt"), v.read("want.txt")) {
		t.Error("other vectors")
	}
	for _, left := range []string{".got*", ".*lock"} {
		if names, _ := filepath.Glob(v.path(left)); len(names) > 0 {
			t.Errorf("%v are left", names)
		}
	}
}

// The same on a small file system.
func TestFullDisk(t *testing.T) {
	v := newVictim(t)
	disk := v.path("disk")
	if err := os.Mkdir(disk, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk).CombinedOutput(); err != nil {
		t.Skipf("needs the right to mount a small disk: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", disk).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	settings := []string{"--input", "text.txt", "--dim", "40", "--epochs", "2", "--threads", "1"}
	v.train(0, append(settings, "--output", "want.bin")...)
	v.write("disk/old.bin", []byte("what was there"))
	said := v.train(1, append(settings, "--output", "disk/old.bin", "--checkpoint", "disk/state", "--checkpoint-keep", "9", "--checkpoint-every", "5k")...)
	if !strings.Contains(said, "no space left on device; the training goes on") || !strings.Contains(said, "writing disk/old.bin: no space left on device") {
		t.Errorf("the program says %s", said)
	}
	if got := string(v.read("disk/old.bin")); got != "what was there" {
		t.Errorf("the old file is %q", got)
	}
	if v.checkpoints("disk/state") == 0 {
		t.Error("no checkpoint from before the disk was full")
	}
	v.train(0, "--resume", "disk/state", "--checkpoint", "elsewhere", "--output", "got.bin")
	if !bytes.Equal(v.read("got.bin"), v.read("want.bin")) {
		t.Error("other vectors")
	}

	// A read-only file system.
	if out, err := exec.Command("mount", "-o", "remount,ro", disk).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, args := range [][]string{{"--output", "disk/new.bin"}, {"--output", "new.bin", "--checkpoint", "disk/new"}} {
		if said := v.train(1, append(settings, args...)...); !strings.Contains(said, "read-only file system") || strings.Contains(said, "Trained") {
			t.Errorf("%q: the program says %s", args, said)
		}
	}
}

// Two runs can't write to the same file or directory.
func TestLocks(t *testing.T) {
	v := newVictim(t)
	cmd, said := v.command("kindred", "train", "--input", "text.txt", "--dim", "5", "--epochs", "100000", "--quiet",
		"--output", "vectors.bin", "--checkpoint", "state", "--checkpoint-every", "10k")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	v.await(func() bool { return v.checkpoints("state") > 0 })
	holder := "process " + strconv.Itoa(cmd.Process.Pid) + " is at work there"
	for _, args := range [][]string{
		{"--input", "text.txt", "--output", "vectors.bin"},
		{"--input", "text.txt", "--output", "./vectors.bin"},
		{"--input", "text.txt", "--output", "other.bin", "--checkpoint", "state"},
		{"--resume", "state", "--output", "other.bin"},
	} {
		if said := v.train(1, args...); !strings.Contains(said, holder) {
			t.Errorf("%q: the program says %s", args, said)
		}
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := exitCode(t, cmd.Wait()); code != 130 || !strings.Contains(said.String(), "go on with --resume state") {
		t.Errorf("exit code %d after SIGTERM: %s", code, said)
	}
	if _, err := os.Stat(v.path("vectors.bin")); !os.IsNotExist(err) {
		t.Errorf("vectors of an interrupted training with checkpoints: %v", err)
	}
}

// Two processes can't keep their results in the same directory. A killed one leaves no process behind.
func TestLockedResults(t *testing.T) {
	v := newVictim(t)
	v.write("fasttext", []byte("#!/bin/sh\necho $$ > \"$0.pid\"\nexec sleep 1000\n"))
	if err := os.Chmod(v.path("fasttext"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"bench", "--input", "text.txt", "--tools", "fasttext", "--tool-path", "fasttext=fasttext", "--results", "results"},
		{"ablate", "--input", "text.txt", "--vary", "negatives=1", "--dim", "5", "--epochs", "100000", "--output", "results"},
	} {
		cmd, _ := v.command(append([]string{"kindred"}, args...)...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { cmd.Process.Kill() })
		lock := filepath.Join("results", "lock")
		v.await(func() bool { held, _ := os.ReadFile(v.path(lock)); return len(held) > 0 })
		second, said := v.command(append([]string{"kindred"}, args...)...)
		if code := exitCode(t, second.Run()); code != 1 {
			t.Errorf("%s: exit code %d of the second process, want 1", args[0], code)
		}
		want := "results in results: process " + strconv.Itoa(cmd.Process.Pid) + " is at work there (it holds the lock " + lock + "); wait for it or end it"
		if !strings.Contains(said.String(), want) {
			t.Errorf("%s: the second process says %q, want %q", args[0], said, want)
		}
		if args[0] == "bench" {
			v.await(func() bool { pid, _ := os.ReadFile(v.path("fasttext.pid")); return len(pid) > 0 })
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()                                  // it reports the signal
		if err := os.Remove(v.path(lock)); err != nil { // the next process must make it again
			t.Fatal(err)
		}
	}
	if runtime.GOOS != "linux" {
		return // on other systems a tool outlives the benchmark
	}
	pid := strings.TrimSpace(string(v.read("fasttext.pid")))
	v.await(func() bool { // a zombie has no command line
		line, _ := os.ReadFile(filepath.Join("/proc", pid, "cmdline"))
		return len(line) == 0
	})
}

// A second signal ends the program at once. Its checkpoints are not lost.
func TestSecondSignal(t *testing.T) {
	v := newVictim(t)
	cmd, said := v.command("kindred", "train", "--input", "text.txt", "--dim", "300", "--epochs", "50", "--threads", "1", "--quiet", "--min-count", "1",
		"--output", "vectors.bin", "--checkpoint", "state", "--checkpoint-every", "10k")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	v.await(func() bool { names, _ := filepath.Glob(v.path("state/checkpoint-*")); return len(names) > 0 })
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		_ = cmd.Process.Signal(os.Interrupt)
		select {
		case err := <-ended:
			if code := exitCode(t, err); code != -1 && code != 130 {
				t.Errorf("exit code %d: %s", code, said)
			}
			if v.checkpoints("state") == 0 {
				t.Error("no checkpoint")
			}
			return
		case <-time.After(time.Millisecond):
		}
	}
}

// await waits until a condition holds.
func (v *victim) await(is func() bool) {
	v.t.Helper()
	for range 3000 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	v.t.Fatal("waited in vain")
}

// If the encoded text of a checkpoint is gone, damaged or of another text, the text is read again.
func TestCacheReplaced(t *testing.T) {
	v := newVictim(t)
	v.train(0, "--input", "text.txt", "--dim", "10", "--threads", "1", "--output", "want.bin", "--checkpoint", "state", "--checkpoint-every", "20k")
	cached := v.cached()
	if len(cached) != 1 {
		t.Fatalf("encoded texts: %v", cached)
	}
	original := v.read(cached[0])
	v.write("other.txt", bytes.Repeat([]byte("another text of these words\n"), 100))
	v.train(0, "--input", "other.txt", "--dim", "10", "--output", "other.bin")
	other := v.cached()
	foreign := v.read(other[0])
	if other[0] == cached[0] {
		foreign = v.read(other[1])
	}
	damaged := bytes.Clone(original)
	damaged[len(damaged)/2] ^= 4
	for name, content := range map[string][]byte{"gone": nil, "damaged": damaged, "cut": original[:len(original)/2], "of another text": foreign} {
		v.write(cached[0], content)
		if content == nil {
			if err := os.Remove(v.path(cached[0])); err != nil {
				t.Fatal(err)
			}
		}
		v.train(0, "--resume", "state", "--output", "got.bin")
		if !bytes.Equal(v.read("got.bin"), v.read("want.bin")) {
			t.Errorf("encoded text %s: other vectors", name)
		}
		if !bytes.Equal(v.read(cached[0]), original) {
			t.Errorf("encoded text %s: it was not made again", name)
		}
	}
}

// cached returns the names of the encoded texts.
func (v *victim) cached() []string {
	names, err := filepath.Glob(v.path("cache/kindred/*.tokens"))
	if err != nil {
		v.t.Fatal(err)
	}
	for i, name := range names {
		names[i] = strings.TrimPrefix(name, v.dir+"/")
	}
	return names
}
