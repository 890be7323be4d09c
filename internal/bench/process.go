package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// A Part is a stretch of a run that the tool can be seen to begin and end by its output.
type Part struct {
	Name string `json:"name"`
	// Wall and CPU are in seconds; CPU is 0 where it is not known.
	Wall float64 `json:"wall_seconds"`
	CPU  float64 `json:"cpu_seconds,omitempty"`
}

// A usage is what a process, or several one after the other, took.
type usage struct {
	wall, cpu time.Duration
	memory    int64 // at its peak, in bytes; 0 where it is not known
	parts     []Part
}

func (u *usage) add(v usage) {
	u.wall += v.wall
	u.cpu += v.cpu
	u.memory = max(u.memory, v.memory)
	u.parts = append(u.parts, v.parts...)
}

// settle is how long the output of a process may stay open after its end.
const settle = 2 * time.Second

// perform runs a step in dir, on the processors in pin where there are any, and
// writes its output to log.
func (s step) perform(ctx context.Context, dir string, pin []int, log io.Writer) (usage, error) {
	for name, text := range s.files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return usage{}, err
		}
	}
	cmd := exec.CommandContext(ctx, s.file, s.args...)
	cmd.Dir = dir
	cmd.Cancel = func() error { return killGroup(cmd.Process) }
	cmd.WaitDelay = settle
	w := newWatcher(log, s.parts)
	cmd.Stdout, cmd.Stderr = w, w
	if s.stdin != "" {
		f, err := os.Open(filepath.Join(dir, s.stdin))
		if err != nil {
			return usage{}, err
		}
		defer f.Close()
		cmd.Stdin = f
	}
	if s.stdout != "" {
		f, err := os.Create(filepath.Join(dir, s.stdout))
		if err != nil {
			return usage{}, err
		}
		defer f.Close()
		cmd.Stdout = f
	}
	begin := time.Now()
	if err := startPinned(cmd, pin); err != nil {
		return usage{}, err
	}
	w.now = func() moment { return moment{time.Since(begin), processTime(cmd.Process.Pid)} }
	close(w.started)
	err := cmd.Wait()
	end := moment{time.Since(begin), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if ctx.Err() != nil {
		return usage{}, ctx.Err()
	}
	if err != nil {
		return usage{}, fmt.Errorf("%s: %w", filepath.Base(s.file), err)
	}
	return usage{wall: end.wall, cpu: end.cpu, memory: peakMemory(cmd.ProcessState), parts: w.durations(end)}, nil
}
