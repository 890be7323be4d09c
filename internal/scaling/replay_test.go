package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kindred/train"
)

// ideal is a computer on which nothing but work takes time.
func ideal(workers int) computer { return computer{workers: workers, lines: 1, bandwidth: 1e18} }

func pieces(kind train.PieceKind, times ...time.Duration) train.Phase {
	p := train.Phase{}
	for i, t := range times {
		p.Pieces = append(p.Pieces, train.Piece{Kind: kind, Index: i, Time: t})
	}
	return p
}

// TestReplaySchedule checks phases whose times are known: workers take pieces in order, each when it is
// free.
func TestReplaySchedule(t *testing.T) {
	r := &recording{row: 64, phases: []train.Phase{pieces(train.MergePiece, 4, 4), pieces(train.TrainPiece, 10, 1, 1, 1, 8)}}
	r.phases[1].End = 3
	for workers, want := range map[int]time.Duration{1: 8 + 21 + 3, 2: 4 + 11 + 3, 3: 4 + 10 + 3, 8: 4 + 10 + 3} {
		got := r.replay(ideal(workers))
		if got.total != want || got.work != 29 || got.alone != 3 {
			t.Errorf("%d workers: %+v, want a total of %d", workers, got, want)
		}
		if all := got.work + got.mergeIdle + got.trainIdle; all != (want-3)*time.Duration(workers) {
			t.Errorf("%d workers: work and idle time are %d", workers, all)
		}
	}
	c := ideal(2)
	c.barrier = 7
	if got := r.replay(c); got.total != 18+14 || got.barriers != 14 {
		t.Errorf("with barriers: %+v", got)
	}
	if (&recording{row: 64}).replay(ideal(3)) != (replayed{}) {
		t.Error("no phases take time")
	}
}

// TestReplayWaits checks what rows cost: a wait if another core wrote the row last, as long as it is in
// that core's cache; nothing for one worker.
func TestReplayWaits(t *testing.T) {
	row := func(n int32, time time.Duration) train.Piece {
		return train.Piece{Kind: train.TrainPiece, Time: time, Writes: train.TouchedRows{Input: []int32{n}}}
	}
	// Each phase has one piece, so that the random first core differs now and then.
	r := &recording{row: 64, rows: [2]int{2, 0}}
	for range 1000 {
		r.phases = append(r.phases, train.Phase{Pieces: []train.Piece{row(0, 10)}})
	}
	c := ideal(2)
	c.line = 5
	if got := r.replay(c); got.waits < 5*400 || got.waits > 5*600 || got.total != 10*1000+got.waits {
		t.Errorf("two workers wait for %d: %+v", got.waits, got)
	}
	c.lines = 3
	if got := r.replay(c); got.waits < 15*400 || got.waits > 15*600 {
		t.Errorf("three lines a row: %+v", got)
	}
	c.workers = 1
	if got := r.replay(c); got.waits != 0 {
		t.Errorf("one worker waits for itself: %+v", got)
	}
	// A core that has since written as many rows as its cache holds has lost the row.
	r.phases = nil
	for range 1000 {
		r.phases = append(r.phases, train.Phase{Pieces: []train.Piece{row(0, 10), row(1, 10)}})
	}
	c = ideal(2)
	c.line, c.cache = 5, 2*64
	all := r.replay(c).waits
	if all < 5*800 || all > 5*1200 {
		t.Errorf("waits of %d for rows in the cache", all)
	}
	c.cache = 64
	if got := r.replay(c).waits; got == 0 || got > all*2/3 {
		t.Errorf("waits of %d in a small cache, and of %d in a larger one", got, all)
	}
	// Memory that moves a byte each ns takes 128 ns for a row that is read and written.
	c = ideal(2)
	c.bandwidth = 1e9
	if got := r.replay(c); got.total != 1000*256 || got.memory != 1000*246 {
		t.Errorf("slow memory: %+v", got)
	}
}

// TestReplaySums checks that a merge waits for the sums of other workers, each time that a row was copied, and
// for nothing else.
func TestReplaySums(t *testing.T) {
	rows := train.TouchedRows{Output: []int32{1}}
	r := &recording{row: 64, rows: [2]int{0, 2}}
	for range 100 {
		copied := train.Piece{Kind: train.TrainPiece, Time: 10, Reads: rows}
		merged := train.Piece{Kind: train.MergePiece, Time: 1, Writes: rows}
		r.phases = append(r.phases, train.Phase{Pieces: []train.Piece{copied, copied, copied}}, train.Phase{Pieces: []train.Piece{merged}})
	}
	c := ideal(1)
	c.line = 1000
	if got := r.replay(c); got.waits != 0 {
		t.Errorf("one worker waits for %d", got.waits)
	}
	c.workers = 3
	c.cache = 0
	got := r.replay(c)
	// The merge waits for the sums of the two other workers; then these two wait for the row.
	if want := time.Duration(100*2*1000 + 99*2*1000); got.waits < want*9/10 || got.waits > want*12/10 {
		t.Errorf("three workers wait for %d, want about %d", got.waits, want)
	}
}

// TestRunCores writes the page twice: the second time it must replace its own part alone.
func TestRunCores(t *testing.T) {
	dir := t.TempDir()
	page, text := filepath.Join(dir, "scaling.md"), filepath.Join(dir, "text.txt")
	if err := os.WriteFile(page, []byte("# Before\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := writeText(text, 500, 1_000_000); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := run(context.Background(), []string{"cores", "-text", text, "-tokens", "600000", "-repeat", "1", "-dim", "16", "-out", dir}, io.Discard); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	s := string(written)
	if !strings.HasPrefix(s, "# Before\n"+coresHeading) || strings.Count(s, coresHeading) != 1 || strings.Contains(s, "NaN") || strings.Contains(s, "Inf") {
		t.Errorf("the page:\n%s", s)
	}
	if strings.Count(s, "\n| 128 |") != 2 {
		t.Errorf("128 workers are not in both tables:\n%s", s)
	}
	if _, err := os.Stat(filepath.Join(dir, "cores.svg")); err != nil {
		t.Error(err)
	}
	if err := run(context.Background(), []string{"cores"}, io.Discard); err == nil {
		t.Error("no text is no error")
	}
}
