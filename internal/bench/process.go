package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

// A Part is a part of a run whose beginning and end the tool's output shows.
type Part struct {
	Name string `json:"name"`
	// Wall and CPU are in seconds. CPU is 0 if it is not known.
	Wall float64 `json:"wall_seconds"`
	CPU  float64 `json:"cpu_seconds,omitempty"`
}

// A usage is what a process took, or several one after the other.
type usage struct {
	wall, cpu time.Duration
	memory    int64 // at its peak, in bytes; 0 if it is not known
	parts     []Part
}

func (u *usage) add(v usage) {
	u.wall += v.wall
	u.cpu += v.cpu
	u.memory = max(u.memory, v.memory)
	u.parts = append(u.parts, v.parts...)
}

// outputDelay is how long the output of a process may stay open after its end.
const outputDelay = 2 * time.Second

// execute runs a step in dir, on the processors in pin unless it is empty, and writes its output to log.
func (s step) execute(ctx context.Context, dir string, pin []int, log io.Writer) (usage, error) {
	for name, text := range s.files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return usage{}, err
		}
	}
	cmd := exec.CommandContext(ctx, s.file, s.args...)
	cmd.Dir = dir
	cmd.Cancel = func() error { return killGroup(cmd.Process) }
	cmd.WaitDelay = outputDelay
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
	stopped := context.AfterFunc(ctx, w.stop)
	defer stopped()
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

// A moment is a time on the clocks of a process. Both count from its start.
type moment struct {
	wall time.Duration
	cpu  time.Duration // 0 if the system doesn't tell that of a running process
}

// A watcher takes the output of a process and notes when its parts begin. A program may end a line of
// progress with a carriage return, or begin the next line with one. So a line counts as soon as its mark
// has arrived.
type watcher struct {
	log     io.Writer
	parts   []part
	begun   []moment // by part
	seen    []bool
	started chan struct{} // closed when now may be called
	now     func() moment

	stopped atomic.Bool // output is thrown away

	line    []byte
	matched []bool // by part: whether this line has counted
}

// longestLine is the length of a line's searched beginning.
const longestLine = 64 << 10

func newWatcher(log io.Writer, parts []part) *watcher {
	w := &watcher{
		log: log, parts: parts, begun: make([]moment, len(parts)), seen: make([]bool, len(parts)), matched: make([]bool, len(parts)),
		started: make(chan struct{}),
	}
	if len(parts) > 0 {
		w.seen[0] = true // at moment zero
	}
	return w
}

// stop makes the watcher throw away what it is still given: what a killed process left in its pipe.
func (w *watcher) stop() { w.stopped.Store(true) }

// Write takes output of the process.
func (w *watcher) Write(output []byte) (int, error) {
	<-w.started
	if w.stopped.Load() {
		return len(output), nil
	}
	now := w.now()
	for rest := output; len(rest) > 0; {
		end := bytes.IndexAny(rest, "\r\n")
		if end < 0 {
			w.add(rest, now)
			break
		}
		w.add(rest[:end], now)
		w.line = w.line[:0]
		clear(w.matched)
		rest = rest[end+1:]
	}
	return w.log.Write(output)
}

// add adds to the current line.
func (w *watcher) add(b []byte, now moment) {
	if len(w.line)+len(b) > longestLine {
		return
	}
	w.line = append(w.line, b...)
	for i, p := range w.parts {
		if i == 0 || w.matched[i] || w.seen[i] && !p.last || !bytes.Contains(w.line, []byte(p.mark)) {
			continue
		}
		w.matched[i], w.seen[i], w.begun[i] = true, true, now
	}
}

// durations returns the parts of a process that ended at the given moment.
func (w *watcher) durations(end moment) []Part {
	var parts []Part
	for i := len(w.parts) - 1; i >= 0; i-- {
		if !w.seen[i] {
			continue
		}
		p := Part{Name: w.parts[i].name, Wall: (end.wall - w.begun[i].wall).Seconds()}
		if i == 0 || w.begun[i].cpu > 0 {
			p.CPU = (end.cpu - w.begun[i].cpu).Seconds()
			end.cpu = w.begun[i].cpu
		}
		end.wall = w.begun[i].wall
		parts = append([]Part{p}, parts...)
	}
	return parts
}

// logEnds is how many bytes of the output of a run are kept from its beginning, and from its end.
const logEnds = 256 << 10

// A boundedLog writes the beginning of what it is given to w, and its end when it is closed.
type boundedLog struct {
	w       io.Writer
	written int64
	end     []byte // the last bytes, 2*logEnds at most
}

// Write takes output of a process.
func (l *boundedLog) Write(p []byte) (int, error) {
	n := len(p)
	if room := logEnds - l.written; room > 0 {
		first := p[:min(int64(len(p)), room)]
		if _, err := l.w.Write(first); err != nil {
			return 0, err
		}
		p = p[len(first):]
	}
	l.written += int64(n)
	l.end = append(l.end, p[max(0, len(p)-logEnds):]...)
	if len(l.end) > 2*logEnds {
		l.end = append(l.end[:0], l.end[len(l.end)-logEnds:]...)
	}
	return n, nil
}

// Close writes the end, and between both how much is left out.
func (l *boundedLog) Close() error {
	end := l.end[max(0, len(l.end)-logEnds):]
	if left := l.written - logEnds - int64(len(end)); left > 0 {
		if _, err := fmt.Fprintf(l.w, "\n… %d bytes are left out here …\n", left); err != nil {
			return err
		}
	}
	_, err := l.w.Write(end)
	return err
}

// tail returns the last lines of a log.
func tail(log []byte) string {
	const lines, width = 5, 200
	var last []string
	for line := range strings.FieldsFuncSeq(string(log), func(r rune) bool { return r == '\n' || r == '\r' }) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if len(line) > width {
			line = strings.ToValidUTF8(line[:width], "") + "…"
		}
		last = append(last, line)
		if len(last) > lines {
			last = last[1:]
		}
	}
	return strings.Join(last, "\n")
}
