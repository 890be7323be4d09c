//go:build unix && !solaris && !aix

package machine

import (
	"errors"
	"os"
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

// flock returns an error if another process has locked the file.
func flock(f *os.File) error {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return err
	}
	return nil
}
