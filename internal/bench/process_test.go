package bench

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// watched returns the parts of a process that writes the pieces of output and ends. Before each piece and
// before its end, it takes a second, and half a second of processor time.
func watched(t *testing.T, parts []part, pieces ...string) []Part {
	t.Helper()
	var log bytes.Buffer
	w := newWatcher(&log, parts)
	seconds := time.Duration(0)
	w.now = func() moment { return moment{seconds * time.Second, seconds * time.Second / 2} }
	close(w.started)
	for _, p := range pieces {
		seconds++
		if n, err := w.Write([]byte(p)); n != len(p) || err != nil {
			t.Fatalf("Write(%q) = %d, %v", p, n, err)
		}
	}
	if log.String() != strings.Join(pieces, "") {
		t.Errorf("log is %q", log.String())
	}
	return w.durations(moment{(seconds + 1) * time.Second, (seconds + 1) * time.Second / 2})
}

func TestWatcher(t *testing.T) {
	parts := []part{{name: "read"}, {name: "train", mark: "Alpha:"}, {name: "save", mark: "Alpha:", last: true}}
	for name, c := range map[string]struct {
		pieces []string
		want   []Part
	}{
		"lines of progress": {
			[]string{"Vocab", " size: 3\n", "\rAl", "pha: 0.5", " 10 %\rAlpha: 0.4", "\rAlpha: 0.1", "\ndone\n"},
			[]Part{{"read", 4, 2}, {"train", 2, 1}, {"save", 2, 1}},
		},
		"one line":  {[]string{"x\n", "\rAlpha: 1", " 100 %\n"}, []Part{{"read", 2, 1}, {"train", 0, 0}, {"save", 2, 1}}},
		"in one go": {[]string{"x\rAlpha: 1\rAlpha: 2\rAlpha: 3\n"}, []Part{{"read", 1, 0.5}, {"train", 0, 0}, {"save", 1, 0.5}}},
		"not told":  {[]string{"x\n", "y\n"}, []Part{{"read", 3, 1.5}}},
		"silent":    {nil, []Part{{"read", 1, 0.5}}},
	} {
		if diff := cmp.Diff(c.want, watched(t, parts, c.pieces...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestWatcherOfEndlessLine requires that a watcher doesn't keep a whole endless line.
func TestWatcherOfEndlessLine(t *testing.T) {
	var log bytes.Buffer
	w := newWatcher(&log, []part{{name: "read"}})
	w.now = func() moment { return moment{} }
	close(w.started)
	for range 1000 {
		if _, err := w.Write(bytes.Repeat([]byte("."), 1000)); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.line) > longestLine || log.Len() != 1_000_000 {
		t.Errorf("%d bytes of the line are kept, %d are in the log", len(w.line), log.Len())
	}
}

// TestBoundedLog checks that a log keeps its beginning and its end.
func TestBoundedLog(t *testing.T) {
	for _, size := range []int{0, 1, logEnds, logEnds + 1, 2 * logEnds, 2*logEnds + 1, 7 * logEnds} {
		for _, piece := range []int{1000, logEnds, 3 * logEnds} {
			all := make([]byte, size)
			for i := range all {
				all[i] = byte('a' + i%23)
			}
			var log bytes.Buffer
			l := &boundedLog{w: &log}
			for rest := all; len(rest) > 0; rest = rest[min(piece, len(rest)):] {
				if n, err := l.Write(rest[:min(piece, len(rest))]); n != min(piece, len(rest)) || err != nil {
					t.Fatalf("Write = %d, %v", n, err)
				}
				if len(l.end) > 3*logEnds {
					t.Fatalf("%d bytes are kept", len(l.end))
				}
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			want := string(all)
			if left := size - 2*logEnds; left > 0 {
				want = fmt.Sprintf("%s\n… %d bytes are left out here …\n%s", all[:logEnds], left, all[size-logEnds:])
			}
			if log.String() != want {
				t.Errorf("%d bytes in pieces of %d: the log has %d, want %d", size, piece, log.Len(), len(want))
			}
		}
	}
}

func TestTail(t *testing.T) {
	long := strings.Repeat("é", 150)
	got := tail([]byte("1\n2\n\n3\r\n" + long + "\n 5 %\r6 %\r 7\n"))
	if want := strings.Join([]string{"3", long[:200] + "…", "5 %", "6 %", "7"}, "\n"); got != want {
		t.Errorf("tail is %q, want %q", got, want)
	}
}
