package machine

import (
	"math"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

func systemMemory() (int64, bool) {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, false
	}
	return meminfo(string(text), "MemAvailable")
}

// residentMemory returns the memory that the process takes now and the most that it has taken.
func residentMemory() (now, most int64, ok bool) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, 0, false
	}
	now, ok1 := meminfo(string(text), "VmRSS")
	most, ok2 := meminfo(string(text), "VmHWM")
	return now, most, ok1 && ok2
}

// spare is what is left for Go's runtime, which takes address space in steps of 64 MiB, and for buffers.
const spare = 128 << 20

// AddressSpace returns the bytes left below the limits on the process's address space and its data
// (ulimit -v and -d), less what the runtime may take for itself.
func AddressSpace() (left int64, limited bool) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, false
	}
	left = math.MaxInt64
	for _, l := range []struct {
		resource int
		field    string
	}{{unix.RLIMIT_AS, "VmSize"}, {unix.RLIMIT_DATA, "VmData"}} {
		var limit unix.Rlimit
		used, ok := meminfo(string(text), l.field)
		if unix.Getrlimit(l.resource, &limit) == nil && limit.Cur <= math.MaxInt64 && ok {
			left, limited = min(left, max(int64(limit.Cur)-used-spare, 0)), true
		}
	}
	return left, limited
}

// hugePage is the size of a large page on amd64 and, with small pages of 4 KiB, on arm64.
const hugePage = 2 << 20

// HugePages asks the system to put values, which must not have been written yet, on large pages. Rows
// of a matrix that are read in random order then miss the cache of addresses less often. It does
// nothing if the system has no large pages.
func HugePages(values []float32) {
	memory := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), 4*len(values))
	start := int(-uintptr(unsafe.Pointer(unsafe.SliceData(memory))) % hugePage)
	end := start + (len(memory)-start)/hugePage*hugePage
	if end > start {
		_ = unix.Madvise(memory[start:end], unix.MADV_HUGEPAGE)
	}
}

// ThreadTime returns the processor time that the calling thread has used. On other systems than
// Linux it is the time on the wall, from an arbitrary moment.
func ThreadTime() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
