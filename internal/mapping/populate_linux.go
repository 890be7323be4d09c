package mapping

import "golang.org/x/sys/unix"

func populate(data []byte) error { return unix.Madvise(data, unix.MADV_POPULATE_READ) }
