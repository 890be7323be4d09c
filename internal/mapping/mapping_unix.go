//go:build linux || darwin

package mapping

import (
	"os"

	"golang.org/x/sys/unix"
)

func mapFile(file *os.File, size int) ([]byte, error) {
	if size == 0 {
		return nil, nil
	}
	return unix.Mmap(int(file.Fd()), 0, size, unix.PROT_READ, unix.MAP_SHARED)
}

func unmap(data []byte) {
	if len(data) > 0 {
		_ = unix.Munmap(data) // the memory is not used any more, so there is nobody to tell
	}
}
