package bench

import (
	"bytes"
	"io"
	"strings"
	"time"
)

// A moment is a time on the clocks of a process: both count from its start.
type moment struct {
	wall time.Duration
	cpu  time.Duration // 0 where the system doesn't tell that of a running process
}

// A watcher takes the output of a process and notes when its parts begin. Programs end their lines
// of progress with a carriage return or begin the next with one, so a line
// counts as soon as what it is known by has arrived.
type watcher struct {
	log     io.Writer
	parts   []part
	begun   []moment // by part
	seen    []bool
	started chan struct{} // closed when now may be called
	now     func() moment

	line    []byte
	matched []bool // by part: this line counted already
}

// longestLine is the length at which a line is searched no further.
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

// Write takes output of the process.
func (w *watcher) Write(output []byte) (int, error) {
	<-w.started
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

// tail returns the last lines of the output in a log.
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
