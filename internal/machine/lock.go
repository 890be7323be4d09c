package machine

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// A LockedError reports that another process holds a lock.
type LockedError struct {
	// Path is the lock's file, Holder the number of the process that holds it, "" where that is not known.
	Path, Holder string
}

func (e *LockedError) Error() string {
	holder := "another process"
	if e.Holder != "" {
		holder = "process " + e.Holder
	}
	return fmt.Sprintf("%s is at work there (it holds the lock %s); wait for it or end it", holder, e.Path)
}

// A Lock keeps other processes from the same work. It ends with the process, however
// that ends; its file may stay behind then and does no harm.
type Lock struct{ file *os.File }

// TakeLock takes the lock that a file stands for, which is created for it. Where another
// process holds it the error is a *[LockedError]. Systems and file systems without
// such locks (flock) give everyone every lock.
func TakeLock(path string) (*Lock, error) {
	for {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
		if err != nil {
			return nil, err
		}
		if err := flock(f); err != nil {
			holder, _ := io.ReadAll(io.LimitReader(f, 20))
			f.Close()
			return nil, &LockedError{path, strings.TrimSpace(string(holder))}
		}
		if !isAt(f, path) { // its last holder removed it after it was opened here
			f.Close()
			continue
		}
		// The number is a courtesy to whoever finds the lock taken: a full disk is no reason to stop.
		_ = f.Truncate(0)
		_, _ = fmt.Fprintln(f, os.Getpid())
		return &Lock{f}, nil
	}
}

// LockDir takes the lock of a directory, which is created where it is missing: the file "lock" in
// it. Errors are as those of [TakeLock].
func LockDir(path string) (*Lock, error) {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, err
	}
	return TakeLock(filepath.Join(path, "lock"))
}

// isAt tells whether path is the name of the open file.
func isAt(f *os.File, path string) bool {
	opened, err := f.Stat()
	named, err2 := os.Stat(path)
	return errors.Join(err, err2) == nil && os.SameFile(opened, named)
}

// Release gives the lock back and removes its file.
func (l *Lock) Release() error {
	return errors.Join(os.Remove(l.file.Name()), l.file.Close())
}
