package machine

import (
	"math"
	"os"

	"golang.org/x/sys/unix"
)

func systemMemory() (int64, bool) {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, false
	}
	return meminfo(string(text), "MemAvailable")
}

// processMemory returns what is left below the limits on the process's address space and its data.
func processMemory() (left int64, limited bool) {
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
			left, limited = min(left, max(int64(limit.Cur)-used, 0)), true
		}
	}
	return left, limited
}
