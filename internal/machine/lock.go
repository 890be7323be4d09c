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
	// Path is that of the lock file.
	Path string
	// Holder is the number of the process that holds the lock, "" if it is not known.
	Holder string
}

func (e *LockedError) Error() string {
	holder := "another process"
	if e.Holder != "" {
		holder = "process " + e.Holder
	}
	return fmt.Sprintf("%s is at work there (it holds the lock %s); wait for it or end it", holder, e.Path)
}

// A Lock keeps other processes from the same work. It ends with the process, even if that is killed.
// The file that then stays behind is no lock.
type Lock struct{ file *os.File }

// TakeLock creates a file and locks it. If another process holds the lock, the error is a
// *[LockedError]. On systems and file systems without such locks (flock), it always succeeds.
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
		// The number only makes the message better: a full disk is no reason to stop.
		_ = f.Truncate(0)
		_, _ = fmt.Fprintln(f, os.Getpid())
		return &Lock{f}, nil
	}
}

// LockDir locks a directory, which it creates if it is missing, by the file "lock" in it. Its errors
// are those of [TakeLock].
func LockDir(path string) (*Lock, error) {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, err
	}
	return TakeLock(filepath.Join(path, "lock"))
}

// isAt reports whether path is the name of the open file.
func isAt(f *os.File, path string) bool {
	opened, err := f.Stat()
	named, err2 := os.Stat(path)
	return errors.Join(err, err2) == nil && os.SameFile(opened, named)
}

// Release releases the lock and removes its file.
func (l *Lock) Release() error {
	return errors.Join(os.Remove(l.file.Name()), l.file.Close())
}
