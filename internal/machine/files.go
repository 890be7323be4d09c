package machine

import (
	"errors"
	"os"
)

// SyncDir makes the names in a directory outlast a loss of power, as far as the system can.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, os.ErrInvalid) || errors.Is(err, os.ErrPermission) {
		err = nil // no such thing here, as on Windows
	}
	return errors.Join(err, d.Close())
}

// WithoutPath returns what is wrong with a file without its name, which is of no use where it is a temporary one.
func WithoutPath(err error) error {
	var at *os.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
