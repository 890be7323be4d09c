package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/renameio/v2"

	"kindred/internal/machine"
	"kindred/model/format"
)

// Checkpoints say where and when a run writes checkpoints: when it has trained for the time Every or
// EveryTokens tokens since the last one, whichever is set and first, when ctx is cancelled, and at its end.
type Checkpoints struct {
	Dir         *CheckpointDir
	Every       time.Duration
	EveryTokens int64
	// Keep is the number of checkpoints that stay, 1 or more; 0 stands for 1.
	Keep int
	// Observe, where it is not nil, is told of each checkpoint. Calls do not overlap with each other, but
	// may with those of [Options.Observe].
	Observe func(CheckpointReport)

	// patient makes training wait where a checkpoint is due and the last one is not safe yet, instead of going on
	// until it is.
	patient bool
}

// A CheckpointReport tells of a checkpoint that was written, or could not be. The run goes
// on in both cases.
type CheckpointReport struct {
	Path string
	// Tokens is the number of tokens processed before.
	Tokens int64
	Bytes  int64
	// Pause is the time for which the training stood still, Took that until the file was safe.
	Pause, Took time.Duration
	Err         error
}

// A checkpointer writes the checkpoints of a run. A nil one writes none.
//
// Training stands still while the matrices are copied into the system's file cache, which is as
// fast as memory; it goes on while the file is brought to the disk and gets its name. A copy
// in the program's own memory would save nothing of the pause and double what the model needs.
type checkpointer struct {
	Checkpoints
	run     *run
	elapsed time.Duration // when the last one was begun
	tokens  int64         // before the last one
	safe    int64         // tokens before the last one that is safe, -1 where there is none
	busy    atomic.Bool   // one is not safe yet
	writing sync.WaitGroup
}

func newCheckpointer(r *run, c *Checkpoints) *checkpointer {
	if c == nil {
		return nil
	}
	w := &checkpointer{Checkpoints: *c, run: r, elapsed: r.progress.elapsed(), tokens: r.progress.sum.tokens, safe: -1}
	w.Keep = max(w.Keep, 1)
	return w
}

// due tells whether it is time for a checkpoint where the next block begins after so
// many tokens of the run. Workers may ask at the same time.
func (c *checkpointer) due(processed int64) bool {
	if c == nil || c.busy.Load() && !c.patient || processed <= c.tokens {
		return false
	}
	return c.Every > 0 && c.run.progress.elapsed()-c.elapsed >= c.Every ||
		c.EveryTokens > 0 && processed-c.tokens >= c.EveryTokens
}

// write writes a checkpoint. The run must stand still until it returns.
func (c *checkpointer) write() {
	if c == nil {
		return
	}
	c.writing.Wait()
	start := time.Now()
	report := CheckpointReport{Tokens: c.run.progress.sum.tokens}
	c.elapsed, c.tokens = c.run.progress.elapsed(), report.Tokens
	name := checkpointName(report.Tokens)
	report.Path = filepath.Join(c.Dir.path, name)
	file, err := c.copyTo(report.Path, &report.Bytes)
	report.Pause = time.Since(start)
	c.busy.Store(true)
	c.writing.Go(func() {
		defer c.busy.Store(false)
		if err == nil {
			err = c.complete(file, name)
		}
		if err == nil {
			c.safe = report.Tokens
		} else {
			report.Err = fmt.Errorf("writing %s: %w", report.Path, machine.WithoutPath(err))
		}
		report.Took = time.Since(start)
		if c.Observe != nil {
			c.Observe(report)
		}
	})
}

// copyTo writes the run as it is to a file that has no name yet.
func (c *checkpointer) copyTo(path string, size *int64) (*renameio.PendingFile, error) {
	e := *c.run.embeddings
	e.Manifest = c.run.manifest(c.run.complete())
	var err error
	if e.Checkpoint, err = json.Marshal(c.run.state()); err != nil {
		return nil, err
	}
	file, err := renameio.NewPendingFile(path, renameio.WithTempDir(c.Dir.path), renameio.WithPermissions(0o644))
	if err != nil {
		return nil, err
	}
	counted := &countingWriter{w: file}
	if err := format.Write(counted, &e, "safetensors"); err != nil {
		return nil, errors.Join(err, file.Cleanup())
	}
	*size = counted.n
	return file, nil
}

// complete makes a written file safe, gives it its name and removes what is too old.
func (c *checkpointer) complete(file *renameio.PendingFile, name string) error {
	defer file.Cleanup() // does nothing to what was renamed
	if err := file.CloseAtomicallyReplace(); err != nil {
		return err
	}
	if err := machine.SyncDir(c.Dir.path); err != nil {
		return err
	}
	return c.Dir.prune(name, c.Keep)
}

// finish writes the last checkpoint, unless there is one of this state, and
// waits until it is safe.
func (c *checkpointer) finish() {
	if c == nil {
		return
	}
	c.wait()
	if c.safe != c.run.progress.sum.tokens {
		c.write()
		c.wait()
	}
}

// wait waits until what is being written is safe.
func (c *checkpointer) wait() {
	if c != nil {
		c.writing.Wait()
	}
}

// A countingWriter counts what passes.
type countingWriter struct {
	w io.Writer
	n int64
}

func (w *countingWriter) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	w.n += int64(n)
	return n, err
}
