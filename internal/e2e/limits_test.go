//go:build linux

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"kindred/model/format"
)

// underLimits runs kindred train in a shell that has set a limit, and returns its exit code and output.
// All files are in dir.
func underLimits(t *testing.T, dir, limit string, args ...string) (code int, said string) {
	t.Helper()
	args = append([]string{"-c", limit + ` && exec "$@"`, "sh", "kindred", "train", "--threads", "1", "--epochs", "1",
		"--output", filepath.Join(dir, "vectors.bin")}, args...)
	c := exec.Command("sh", args...)
	c.Env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(dir, "cache"), "HOME="+dir, "TMPDIR="+filepath.Join(dir, "tmp"))
	out, err := c.CombinedOutput()
	if c.ProcessState == nil {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), string(out)
}

// demoText writes a file with copies of the demo text.
func demoText(t *testing.T, dir string, times int) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "testdata", "demo", "text.txt"))
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "text.txt")
	if err := os.WriteFile(name, []byte(strings.Repeat(string(text), times)), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// filesBelow lists all files below a directory.
func filesBelow(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestMemoryBelowNeed trains vectors that do not fit into the memory that a limit leaves. The program
// must say so, with the figures, before it trains.
func TestMemoryBelowNeed(t *testing.T) {
	limits := map[string]string{
		"address space": "ulimit -v 2500000",
		"data":          "ulimit -d 1000000",
		"Go's runtime":  "export GOMEMLIMIT=600MiB",
		"cgroup":        memoryGroup(t, 600<<20),
	}
	for what, limit := range limits {
		t.Run(what, func(t *testing.T) {
			if limit == "" {
				t.Skip("no control group can be made here")
			}
			dir := t.TempDir()
			code, said := underLimits(t, dir, limit, "--input", demoText(t, dir, 1), "--min-count", "1", "--dim", "65000", "--quiet")
			told := regexp.MustCompile(`training 4221 words at 65000 dimensions needs \d+ MiB of memory .* but \d+ MiB are available; raise the minimum count`)
			if code != 1 || !told.MatchString(said) {
				t.Errorf("exit code %d, want 1 and the figures: %s", code, said)
			}
			if _, err := os.Stat(filepath.Join(dir, "vectors.bin")); err == nil {
				t.Error("vectors were written")
			}
			if code, said := underLimits(t, dir, limit, "--input", demoText(t, dir, 1), "--min-count", "1", "--dim", "8", "--quiet"); code != 0 {
				t.Errorf("what fits ends with exit code %d: %s", code, said)
			}
		})
	}
}

// memoryGroup makes a control group with a limit in bytes and returns the shell command that enters it,
// or "" if that is not possible.
func memoryGroup(t *testing.T, limit int64) string {
	for _, v := range []struct{ root, file string }{
		{"/sys/fs/cgroup/memory", "memory.limit_in_bytes"}, {"/sys/fs/cgroup", "memory.max"},
	} {
		dir, err := os.MkdirTemp(v.root, "kindred-test-")
		if err != nil {
			continue
		}
		t.Cleanup(func() { os.Remove(dir) })
		if os.WriteFile(filepath.Join(dir, v.file), fmt.Append(nil, limit), 0o644) == nil {
			return "echo $$ > " + filepath.Join(dir, "cgroup.procs")
		}
	}
	return ""
}

// TestDiskFullWhileReading limits the size of files, so writing fails at each stage of reading a text.
// The program must say so and leave nothing behind.
func TestDiskFullWhileReading(t *testing.T) {
	for _, kib := range []int{1, 300, 700} { // of the 800 that it takes
		dir := t.TempDir()
		text := demoText(t, dir, 10)
		code, said := underLimits(t, dir, fmt.Sprintf("ulimit -f %d", 2*kib), "--input", text, "--dim", "8")
		if code != 1 || !strings.Contains(said, "encoded text in a temporary file of "+dir) || !strings.Contains(said, ": writing") || !strings.Contains(said, "file too large") || !strings.Contains(said, "--cache") {
			t.Errorf("%d KiB: exit code %d, want 1 and the reason: %s", kib, code, said)
		}
		if files := filesBelow(t, dir); len(files) != 1 {
			t.Errorf("%d KiB: left behind: %q", kib, files)
		}
	}
}

// TestDiskFullAtTheEndOfReading leaves room for the encoded text, but not for the rest of its file in
// the cache. The training must go on without the cache.
func TestDiskFullAtTheEndOfReading(t *testing.T) {
	dir := t.TempDir()
	text := demoText(t, dir, 10)
	if code, said := underLimits(t, dir, "true", "--input", text, "--dim", "8"); code != 0 {
		t.Fatal(said)
	}
	cached := filesBelow(t, filepath.Join(dir, "cache"))
	if len(cached) != 1 {
		t.Fatalf("in the cache: %q", cached)
	}
	info, err := os.Stat(cached[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(cached[0]); err != nil {
		t.Fatal(err)
	}
	code, said := underLimits(t, dir, fmt.Sprintf("ulimit -f %d", info.Size()/512), "--input", text, "--dim", "8")
	if code != 0 || !strings.Contains(said, "can't be kept in "+filepath.Dir(cached[0])+" for later runs") || !strings.Contains(said, "file too large") {
		t.Errorf("exit code %d, want 0 and a warning: %s", code, said)
	}
	if files := filesBelow(t, filepath.Join(dir, "cache")); len(files) > 0 {
		t.Errorf("left behind: %q", files)
	}
	if e, err := format.Load(filepath.Join(dir, "vectors.bin")); err != nil || !e.Manifest.Training.Completed {
		t.Errorf("the vectors: %v", err)
	}
}

// TestCacheDirectoryUnwritable has a file at the path of the cache. That is an error for --cache; the
// default directory is replaced by the one for temporary files.
func TestCacheDirectoryUnwritable(t *testing.T) {
	dir := t.TempDir()
	text := demoText(t, dir, 1)
	file := filepath.Join(dir, "cache")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	code, said := underLimits(t, dir, "true", "--input", text, "--dim", "8", "--cache", file)
	if code != 1 || !strings.Contains(said, "directory for the encoded text: mkdir "+file) {
		t.Errorf("exit code %d, want 1 and the reason: %s", code, said)
	}
	if code, said := underLimits(t, dir, "true", "--input", text, "--dim", "8"); code != 0 {
		t.Errorf("exit code %d: %s", code, said)
	}
	if files := filesBelow(t, filepath.Join(dir, "tmp")); len(files) != 1 {
		t.Errorf("in the directory for temporary files: %q, want one encoded text", files)
	}
}

// TestAnnouncedMemory compares the memory that a training announces with the most that it took, for
// a vocabulary that takes much more than the program, in every mode.
func TestAnnouncedMemory(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector takes memory of its own")
	}
	dir := t.TempDir()
	text := filepath.Join(dir, "text.txt")
	var words strings.Builder
	const types = 150_000
	for i := range 3 * types {
		n := i
		if i >= types { // frequent words again
			n = i * i % types % (1 + i%1000)
		}
		fmt.Fprintf(&words, "word%d%c", n, " \n"[min(i%20/19, 1)])
	}
	if err := os.WriteFile(text, []byte(words.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	path := func(name string) string { return filepath.Join(dir, name) }
	fresh := []string{"--input", text, "--min-count", "1", "--dim", "100", "--epochs", "1"}
	for _, mode := range []struct {
		name string
		args []string
	}{
		{"plain", fresh},
		{"cached", fresh},
		{"hogwild", append(fresh, "--hogwild")},
		{"pmi", append(fresh, "--reject", "window,pmi")},
		{"holdout", append(fresh, "--holdout", "1%")},
		{"checkpoint", append(fresh, "--checkpoint", path("state"), "--checkpoint-every", "100k")},
		{"resume", []string{"--resume", path("state"), "--epochs", "2"}},
		{"init", append(fresh, "--init", path("plain.safetensors"))},
		{"init with new words", append(fresh, "--init", path("plain.safetensors"), "--init-vocab", "new")},
		{"init without output matrix", append(fresh, "--init", path("cached.bin"))},
		{"dimension 4000", []string{"--input", demoText(t, t.TempDir(), 1), "--min-count", "1", "--dim", "4000", "--epochs", "1"}},
	} {
		output := path(mode.name + map[bool]string{true: ".bin", false: ".safetensors"}[mode.name == "cached"])
		c := exec.Command("kindred", append([]string{"train", "--json", "--output", output}, mode.args...)...)
		c.Env = append(os.Environ(), "XDG_CACHE_HOME="+path("cache"))
		var said strings.Builder
		c.Stderr = &said
		out, err := c.Output()
		if err != nil {
			t.Fatalf("%s: %v: %s", mode.name, err, said.String())
		}
		figure := func(name string) float64 {
			m := regexp.MustCompile(`"` + name + `":(\d+)`).FindSubmatch(out)
			if m == nil {
				t.Fatalf("%s: no %s in %s", mode.name, name, out)
			}
			n, _ := strconv.ParseFloat(string(m[1]), 64)
			return n
		}
		announced, peak := figure("memory_needed_bytes"), figure("memory_peak_bytes")
		t.Logf("%-26s announced %4.0f MiB, took %4.0f MiB, %.3f", mode.name, announced/(1<<20), peak/(1<<20), announced/peak)
		// Rows of this length are few. On a busy machine the kernel has the time to put huge pages
		// behind replica rows that are never used, so the peak of a small model can be any amount higher.
		few := mode.name == "dimension 4000"
		if ratio := announced / peak; ratio > 1.15 || ratio < 1/1.15 && !few {
			t.Errorf("%s: announced %.0f MiB, took %.0f MiB", mode.name, announced/(1<<20), peak/(1<<20))
		}
	}
}

// TestTooLittleMemoryForVectors reads vectors that do not fit into what a limit leaves. Go would end the
// program with a dump of all stacks.
func TestTooLittleMemoryForVectors(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector takes memory of its own")
	}
	dir := t.TempDir()
	text := demoText(t, dir, 1)
	path := func(name string) string { return filepath.Join(dir, name) }
	const words, dim = 30_000, 1000
	vectors := fmt.Appendf(nil, "%d %d\n", words, dim)
	for i := range words {
		word := fmt.Sprintf("word%d", i)
		if i < 4 {
			word = strings.Fields("the of and to")[i]
		}
		vectors = append(vectors, word+" "...)
		vectors = append(vectors, 0, 0, 0x80, 0x3f) // 1, so that the vector has a direction
		vectors = append(vectors, make([]byte, 4*(dim-1))...)
	}
	if err := os.WriteFile(path("v.bin"), vectors, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"v.safetensors", "v.glove.txt"} {
		if out, err := exec.Command("kindred", "convert", path("v.bin"), path(name)).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	set := path("set.txt")
	if err := os.WriteFile(set, []byte("the of and to\nthe of to and\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	// The C library reserves address space for each thread: a stack, and 64 MiB to allocate from. Both are kept small, so that it is
	// Go's memory that is lacking.
	under := func(mib int, args ...string) (code int, said string) {
		args = append([]string{"-c", fmt.Sprintf(`ulimit -s 1024 && ulimit -v %d && MALLOC_ARENA_MAX=1 exec "$@"`, mib<<10), "sh", "kindred"}, args...)
		out, err := exec.Command("sh", args...).CombinedOutput()
		return exitCode(t, err), string(out)
	}
	least := 200 // what Go needs to start at all
	for {
		if code, _ := under(least, "version"); code == 0 {
			break
		}
		if least += 50; least > 4000 {
			t.Skip("the program does not start within 4 GiB of address space")
		}
	}
	for _, args := range [][]string{
		{"nearest", path("v.safetensors"), "the"},
		{"nearest", path("v.bin"), "the"},
		{"nearest", path("v.glove.txt"), "the"},
		{"eval", path("v.bin"), "--analogies", set},
		{"convert", path("v.bin"), path("out.txt")},
		{"train", "--init", path("v.bin"), "--input", text, "--output", path("out.bin"), "--quiet", "--threads", "1", "--epochs", "1", "--cache", path("cache")},
	} {
		for _, more := range []int{150, 200, 250, 300} {
			code, said := under(least+more, args...)
			if code != 0 && (code != 1 || !strings.Contains(said, "of memory")) || more == 150 && code == 0 {
				t.Errorf("%d MiB more than it takes to start, %q: exit code %d, want how much memory it takes: %.300s", more, args, code, said)
			}
		}
	}
}
