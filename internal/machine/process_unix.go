//go:build unix && !solaris && !aix

package machine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// CPUTime returns the processor time, user and system, that the process has used. It is 0 if the
// system does not tell.
func CPUTime() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// neverFollow are the flags with which the file of a lock is opened: not through a symbolic link, and
// without waiting for the other end of a pipe.
const neverFollow = unix.O_NOFOLLOW | unix.O_NONBLOCK

// OwnedByUser reports whether path is a directory, and no link, that belongs to the user of the
// process and to which no other user may write.
func OwnedByUser(path string) bool {
	var info unix.Stat_t
	return unix.Lstat(path, &info) == nil && info.Mode&unix.S_IFMT == unix.S_IFDIR &&
		int(info.Uid) == os.Geteuid() && info.Mode&0o022 == 0
}

// flock returns an error if another process has locked the file.
func flock(f *os.File) error {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	switch {
	case errors.Is(err, unix.EWOULDBLOCK):
		return ErrHeld
	case err != nil:
		return fmt.Errorf("%w: %w", errors.ErrUnsupported, err)
	}
	return nil
}

// hardLinks returns the number of names that a file has.
func hardLinks(info fs.FileInfo) uint64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(stat.Nlink)
	}
	return 1
}
