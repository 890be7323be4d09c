// Package machine tells what the machine has and what the process has used.
package machine

import (
	"math"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
)

// Memory returns the memory, in bytes, that the process may still take: what
// the system has available, or what is left below the strictest limit on the process, whichever is less. Limits
// are those of its control groups (cgroup versions 1 and 2), of the shell (ulimit -v and -d) and of Go's runtime
// (GOMEMLIMIT). ok is false where nobody tells.
func Memory() (available int64, ok bool) {
	available = math.MaxInt64
	for _, left := range []func() (int64, bool){
		systemMemory, processMemory, runtimeMemory,
		func() (int64, bool) { return cgroupMemory("/proc/self/cgroup", "/sys/fs/cgroup") },
	} {
		if n, limited := left(); limited {
			available, ok = min(available, n), true
		}
	}
	return available, ok
}

// runtimeMemory returns what is left below the limit of Go's runtime.
func runtimeMemory() (left int64, limited bool) {
	limit := debug.SetMemoryLimit(-1)
	if limit == math.MaxInt64 {
		return 0, false
	}
	used := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(used)
	return max(limit-int64(used[0].Value.Uint64()-used[1].Value.Uint64()), 0), true
}

// meminfo returns the value in bytes of a field in the text of /proc/meminfo or /proc/self/status.
func meminfo(text, field string) (bytes int64, ok bool) {
	for line := range strings.Lines(text) {
		if value, found := strings.CutPrefix(line, field+":"); found {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
			return kib << 10, err == nil
		}
	}
	return 0, false
}
