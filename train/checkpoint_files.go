package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"kindred/internal/atomicfile"
	"kindred/internal/machine"
	"kindred/model/format"
)

// The names of checkpoints sort by the number of tokens processed.
const (
	checkpointPrefix    = "checkpoint-"
	checkpointExtension = ".safetensors"
)

// checkpointName returns the name of the checkpoint after the given number of tokens.
func checkpointName(tokens int64) string {
	return fmt.Sprintf("%s%018d%s", checkpointPrefix, tokens, checkpointExtension)
}

// isCheckpointName reports whether [checkpointName] returns this name for some number of tokens. All
// other files in a directory are the user's.
func isCheckpointName(name string) bool {
	digits, _ := strings.CutPrefix(name, checkpointPrefix)
	digits, _ = strings.CutSuffix(digits, checkpointExtension)
	tokens, err := strconv.ParseInt(digits, 10, 64)
	return err == nil && tokens >= 0 && name == checkpointName(tokens)
}

// unfinished matches the temporary name of a checkpoint being written, as package atomicfile and, before
// it, renameio made it.
var unfinished = regexp.MustCompile(`^\.(checkpoint-[0-9]+\.safetensors)(\.tmp-[0-9a-f]+|[0-9]+)$`)

// isUnfinishedName reports whether name is the temporary name of a checkpoint.
func isUnfinishedName(name string) bool {
	m := unfinished.FindStringSubmatch(name)
	return m != nil && isCheckpointName(m[1])
}

// A CheckpointDir is a directory with the checkpoints of one training. It is locked against other
// processes until it is closed.
type CheckpointDir struct {
	path string
	lock *machine.Lock
}

// OpenCheckpointDir opens a directory and creates it if it is missing. It removes files that an
// earlier process left unfinished. It fails if another process uses the directory.
func OpenCheckpointDir(path string) (*CheckpointDir, error) {
	lock, err := machine.LockDir(path)
	if err != nil {
		return nil, fmt.Errorf("checkpoints in %s: %w", path, err)
	}
	d := &CheckpointDir{path, lock}
	if err := d.removeUnfinished(); err != nil {
		return nil, errors.Join(fmt.Errorf("checkpoints in %s: %w", path, err), d.Close())
	}
	return d, nil
}

// Close unlocks the directory.
func (d *CheckpointDir) Close() error { return d.lock.Release() }

// Path returns the path of the directory.
func (d *CheckpointDir) Path() string { return d.path }

// Names returns the names of the checkpoints in the directory, the oldest first. Files with names of
// another form are not among them, even if they begin and end like those of checkpoints.
func (d *CheckpointDir) Names() ([]string, error) {
	return d.list(isCheckpointName)
}

// CheckpointNames returns the names of the checkpoints in a directory that another process may use, the oldest first.
func CheckpointNames(dir string) ([]string, error) { return (&CheckpointDir{path: dir}).Names() }

// list returns the names of regular files, or links to such, that are wanted.
func (d *CheckpointDir) list(wanted func(name string) bool) ([]string, error) {
	entries, err := os.ReadDir(d.path)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if !wanted(e.Name()) {
			continue
		}
		info, err := os.Stat(filepath.Join(d.path, e.Name()))
		if err == nil && !info.Mode().IsRegular() || errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		names = append(names, e.Name())
	}
	return names, nil // sorted, as ReadDir sorts
}

// removeUnfinished removes temporary files. As the directory is locked, nobody is writing them.
func (d *CheckpointDir) removeUnfinished() error {
	names, err := d.list(isUnfinishedName)
	for _, name := range names {
		err = errors.Join(err, os.Remove(filepath.Join(d.path, name)))
	}
	return err
}

// Newest reads the newest undamaged checkpoint. skipped has an error for each newer one, which says
// what is wrong with it. If no checkpoint can be used, err says so. If the system fails to read one, or
// has too little memory for it, that is err: it may be as good as new, and [Checkpoints] removes newer
// ones than that from which training resumes.
func (d *CheckpointDir) Newest() (c *Checkpoint, skipped []error, err error) {
	names, err := d.Names()
	if err != nil {
		return nil, nil, err
	}
	for _, name := range slices.Backward(names) {
		c, err := ReadCheckpoint(filepath.Join(d.path, name))
		if err == nil {
			return c, skipped, nil
		}
		if errors.As(err, new(*fs.PathError)) || errors.As(err, new(*format.MemoryError)) {
			return nil, nil, fmt.Errorf("the newest checkpoint can't be read: %w; to go on from an older one, move it to another directory", err)
		}
		skipped = append(skipped, err)
	}
	if len(skipped) > 0 {
		return nil, nil, fmt.Errorf("no checkpoint in %s can be used: %w", d.path, errors.Join(skipped...))
	}
	return nil, nil, fmt.Errorf("there is no checkpoint in %s", d.path)
}

// prune keeps the latest checkpoint and those before it, keep in all, and removes all others. Later
// ones can exist if they were damaged and the training resumed from an older one.
func (d *CheckpointDir) prune(latest string, keep int) error {
	names, err := d.Names()
	if err != nil {
		return err
	}
	end := slices.Index(names, latest) + 1
	if end == 0 {
		return fmt.Errorf("%s is gone from %s; the checkpoints there are left alone", latest, d.path)
	}
	for i, name := range names {
		if i < end-keep || i >= end {
			err = errors.Join(err, os.Remove(filepath.Join(d.path, name)))
		}
	}
	return err
}

// Checkpoints says where and when a run writes checkpoints: after the time Every or after
// EveryTokens tokens since the last one, whichever is set and comes first; when its context is
// canceled; and at its end.
type Checkpoints struct {
	Dir         *CheckpointDir
	Every       time.Duration
	EveryTokens int64
	// Keep is the number of checkpoints to keep, 1 or more; 0 means 1.
	Keep int
	// Observe, if not nil, is called after each checkpoint. Its calls do not overlap each other,
	// but may overlap those of [Options.Observe].
	Observe func(CheckpointReport)

	// patient makes a due checkpoint wait for the last one to be written. Otherwise training goes
	// on meanwhile.
	patient bool
}

// A CheckpointReport describes a checkpoint that was written or, if Err is not nil, could not be
// written. Training continues in both cases.
type CheckpointReport struct {
	Path string
	// Tokens is the number of tokens processed before the checkpoint, Bytes the size of the file.
	Tokens int64
	Bytes  int64
	// Pause is the time for which training stopped, Took the time until the file was on disk.
	Pause, Took time.Duration
	Err         error
}

// A checkpointer writes the checkpoints of a run. A nil *checkpointer writes none.
//
// Training stops while the matrices are written to the system's file cache, which is as fast as
// memory. It continues while the file is synced to disk and renamed. A copy
// in the program's own memory would not shorten the pause and would double the memory of the model.
type checkpointer struct {
	Checkpoints
	run     *run
	elapsed time.Duration // when the last checkpoint was begun
	tokens  int64         // before the last checkpoint
	synced  int64         // tokens before the last checkpoint on disk, -1 if there is none
	busy    atomic.Bool   // while a checkpoint is synced
	writing sync.WaitGroup
}

func newCheckpointer(r *run, c *Checkpoints) *checkpointer {
	if c == nil {
		return nil
	}
	w := &checkpointer{Checkpoints: *c, run: r, elapsed: r.progress.elapsed(), tokens: r.progress.sum.tokens, synced: -1}
	w.Keep = max(w.Keep, 1)
	return w
}

// due reports whether to write a checkpoint before the block that begins after the given number of
// tokens. Workers may call it concurrently.
func (c *checkpointer) due(processed int64) bool {
	if c == nil || c.busy.Load() && !c.patient || processed <= c.tokens {
		return false
	}
	return c.Every > 0 && c.run.progress.elapsed()-c.elapsed >= c.Every ||
		c.EveryTokens > 0 && processed-c.tokens >= c.EveryTokens
}

// write writes a checkpoint. No worker may run until it returns.
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
			c.synced = report.Tokens
		} else {
			report.Err = err
		}
		report.Took = time.Since(start)
		if c.Observe != nil {
			c.Observe(report)
		}
	})
}

// copyTo writes the state of the run to a temporary file.
func (c *checkpointer) copyTo(path string, size *int64) (*atomicfile.File, error) {
	e, err := c.run.embeddings()
	if err != nil {
		return nil, err
	}
	e.Manifest = c.run.manifest(c.run.complete())
	if e.Checkpoint, err = json.Marshal(c.run.state()); err != nil {
		return nil, err
	}
	file, err := atomicfile.Create(path)
	if err != nil {
		return nil, err
	}
	counted := &countingWriter{w: file}
	if err := format.Write(counted, e, "safetensors"); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	*size = counted.n
	return file, nil
}

// complete syncs and renames a written file and removes old checkpoints.
func (c *checkpointer) complete(file *atomicfile.File, name string) error {
	defer file.Close()
	if err := file.Commit(); err != nil {
		return err
	}
	return c.Dir.prune(name, c.Keep)
}

// finish writes a last checkpoint, unless there is one of this state, and waits until it is on
// disk.
func (c *checkpointer) finish() {
	if c == nil {
		return
	}
	c.wait()
	if c.synced != c.run.progress.sum.tokens {
		c.write()
		c.wait()
	}
}

// wait waits until no checkpoint is being written.
func (c *checkpointer) wait() {
	if c != nil {
		c.writing.Wait()
	}
}

// A countingWriter counts the bytes written through it.
type countingWriter struct {
	w io.Writer
	n int64
}

func (w *countingWriter) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	w.n += int64(n)
	return n, err
}
