package machine

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
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

// A NoLockError reports that a lock can't be taken because something else has the name of its file.
type NoLockError struct {
	// Path is that of the lock file.
	Path string
	// Found says what is there.
	Found string
}

func (e *NoLockError) Error() string {
	return fmt.Sprintf("%s is %s and no lock of this program, but has the name of one; move it, or name another place", e.Path, e.Found)
}

// A Lock keeps other processes from the same work. It ends with the process, even if that is killed.
// The file that then stays behind is no lock.
type Lock struct{ file *os.File }

// TakeLock creates a file and locks it. If another process holds the lock, the error is a
// *[LockedError]. If a link or a file of someone else is at path, it is left as it is and the error is
// a *[NoLockError]. On systems and file systems without such locks (flock), locking always succeeds.
func TakeLock(path string) (*Lock, error) {
	for {
		if info, err := os.Lstat(path); err == nil {
			if found := notLock(info); found != "" {
				return nil, &NoLockError{path, found}
			}
		}
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|neverFollow, 0o644)
		if err != nil {
			return nil, err
		}
		again, err := lock(f, path)
		if err == nil && !again {
			return &Lock{f}, nil
		}
		f.Close()
		if err != nil {
			return nil, err
		}
	}
}

// lock locks the open file at path and writes the number of the process to it. again is true if the
// file is no longer there.
func lock(f *os.File, path string) (again bool, err error) {
	locked := FileLock(f)
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	content, err := io.ReadAll(io.LimitReader(f, 32))
	if err != nil {
		return false, err
	}
	switch found := notLock(info); {
	case found != "":
		return false, &NoLockError{path, found}
	case !lockContent.Match(content):
		return false, &NoLockError{path, "a file with other content"}
	case errors.Is(locked, ErrHeld):
		return false, &LockedError{path, strings.TrimSpace(string(content))}
	case !isAt(f, path): // its last holder removed it after it was opened here
		return true, nil
	}
	// The number only makes the message better: a full disk is no reason to stop.
	_ = f.Truncate(0)
	_, _ = f.WriteAt(fmt.Appendln(nil, os.Getpid()), 0)
	return false, nil
}

// lockContent is what the file of a lock has: the number of a process, or nothing if the disk was full.
var lockContent = regexp.MustCompile(`^([0-9]{1,20}\n?)?$`)

// notLock says what a file is if it can't be the file of a lock, "" if it can.
func notLock(info fs.FileInfo) string {
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		return "a symbolic link"
	case info.IsDir():
		return "a directory"
	case !info.Mode().IsRegular():
		return "not a regular file"
	case hardLinks(info) > 1:
		return "a file with several names"
	}
	return ""
}

// LockDir locks a directory, which it creates if it is missing, by the file "lock" in it. Its errors
// are those of [TakeLock].
func LockDir(path string) (*Lock, error) {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, err
	}
	return TakeLock(filepath.Join(path, "lock"))
}

// ErrHeld reports that another process has locked a file.
var ErrHeld = errors.New("another process has locked the file")

// FileLock locks an open file until it is closed. The error is [ErrHeld] if another process or another
// open file of this one has locked it, and wraps [errors.ErrUnsupported] if there are no locks here.
func FileLock(f *os.File) error { return flock(f) }

// isAt reports whether path is the name of the open file.
func isAt(f *os.File, path string) bool {
	opened, err := f.Stat()
	named, err2 := os.Lstat(path)
	return errors.Join(err, err2) == nil && os.SameFile(opened, named)
}

// Release releases the lock and removes its file.
func (l *Lock) Release() error {
	if !isAt(l.file, l.file.Name()) {
		return l.file.Close() // someone has put another file in its place
	}
	return errors.Join(os.Remove(l.file.Name()), l.file.Close())
}
