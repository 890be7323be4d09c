//go:build unix

package machine

import (
	"time"

	"golang.org/x/sys/unix"
)

// CPUTime returns the processor time, user and system, that the process has
// used; 0 where the system does not tell.
func CPUTime() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
