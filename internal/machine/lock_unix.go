//go:build unix && !solaris && !aix

package machine

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// flock returns an error where another process has locked the file.
func flock(f *os.File) error {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return err
	}
	return nil
}
