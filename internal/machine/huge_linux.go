package machine

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is the size of a large page on amd64 and, with small pages of 4 KiB, on arm64.
const hugePage = 2 << 20

// HugePages asks for large pages behind values, before they are written for the first time: rows of a matrix that are read in no order
// miss the cache of addresses less often. A system that has none to give is no harm.
func HugePages(values []float32) {
	memory := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), 4*len(values))
	start := int(-uintptr(unsafe.Pointer(unsafe.SliceData(memory))) % hugePage)
	end := start + (len(memory)-start)/hugePage*hugePage
	if end > start {
		_ = unix.Madvise(memory[start:end], unix.MADV_HUGEPAGE)
	}
}
