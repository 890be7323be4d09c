package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"kindred/internal/machine"
)

// lockOutput keeps other runs from writing to the same file while this one is at work. What is no regular
// file, such as a pipe, is not locked.
func lockOutput(path string) (release func() error, err error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return func() error { return nil }, nil
	}
	l, err := machine.TakeLock(filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".lock"))
	if err != nil {
		return nil, fmt.Errorf("can't write %s: %w", path, err)
	}
	return l.Release, nil
}
