//go:build unix

package atomicfile

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// replaceable returns an error if the file at path may not be replaced: in a sticky directory that of
// another owner, or one that is marked as unchangeable. The system tells if it is asked to remove a
// directory of that name: it checks the right first, and a file is no directory.
func replaceable(path string) error {
	err := syscall.Rmdir(path)
	switch {
	case errors.Is(err, syscall.EPERM):
		return fmt.Errorf("%w: the file there belongs to someone else, or may not be changed", err)
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EROFS):
		return err
	}
	return nil
}

// replace gives the file, which is synced, a name, and then closes it: until then it is locked. An
// error says that it does not have the name, so one of closing does not count.
func replace(f *os.File, name string) error {
	if err := os.Rename(f.Name(), name); err != nil {
		return err
	}
	_ = f.Close()
	return nil
}
