package train

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"kindred/internal/machine"
)

// Checkpoints are files with names that sort by the tokens processed before them.
const (
	checkpointPrefix    = "checkpoint-"
	checkpointExtension = ".safetensors"
)

// checkpointName returns the name of a checkpoint after so many tokens.
func checkpointName(tokens int64) string {
	return fmt.Sprintf("%s%018d%s", checkpointPrefix, tokens, checkpointExtension)
}

// A CheckpointDir is a directory with the checkpoints of one training. No other process
// can use it until it is closed.
type CheckpointDir struct {
	path string
	lock *machine.Lock
}

// OpenCheckpointDir opens a directory, which is created where it is missing. What
// a program that died left half-written there is removed. Where another process has it the error wraps a
// *machine.LockedError.
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

// Close lets other processes use the directory.
func (d *CheckpointDir) Close() error { return d.lock.Release() }

// Path returns the path of the directory.
func (d *CheckpointDir) Path() string { return d.path }

// Names returns the names of the checkpoints in the directory, the oldest first.
func (d *CheckpointDir) Names() ([]string, error) {
	return d.list(checkpointPrefix, checkpointExtension)
}

func (d *CheckpointDir) list(prefix, suffix string) ([]string, error) {
	entries, err := os.ReadDir(d.path)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) && strings.HasSuffix(e.Name(), suffix) && !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, nil // in order, as ReadDir has it
}

// removeUnfinished removes the files that never got their name. The lock says
// that nobody is writing them.
func (d *CheckpointDir) removeUnfinished() error {
	names, err := d.list("."+checkpointPrefix, "")
	for _, name := range names {
		err = errors.Join(err, os.Remove(filepath.Join(d.path, name)))
	}
	return err
}

// Newest reads the newest checkpoint that is sound. skipped tells of those
// newer than it what is wrong with them. Where no checkpoint is left the error says so.
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
		skipped = append(skipped, err)
	}
	if len(skipped) > 0 {
		return nil, nil, fmt.Errorf("no checkpoint in %s can be used: %w", d.path, errors.Join(skipped...))
	}
	return nil, nil, fmt.Errorf("there is no checkpoint in %s", d.path)
}

// prune removes all but the latest checkpoints up to the given one. Those behind it are of a
// past that this training has left: they were damaged, and it went on from an older one.
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
