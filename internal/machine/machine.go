// Package machine tells what the machine has and what the process may use and has used, and locks
// files against other processes.
package machine

import (
	"math"
	"os"
	"path"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
)

// Memory returns the memory that the process may still take, in bytes: what the system has available,
// or what is left below the strictest limit on the process, whichever is less. Limits are those of
// its control groups (cgroup versions 1 and 2), of the shell (ulimit -v and -d) and of Go's runtime
// (GOMEMLIMIT). ok is false if none of them is known.
func Memory() (available int64, ok bool) {
	available = math.MaxInt64
	for _, left := range []func() (int64, bool){
		systemMemory, AddressSpace, runtimeMemory,
		func() (int64, bool) { return cgroupMemory("/proc/self/cgroup", "/sys/fs/cgroup") },
	} {
		if n, limited := left(); limited {
			available, ok = min(available, n), true
		}
	}
	return available, ok
}

// Lacks returns the available memory in bytes, and whether that is known to be less than needed. It
// frees garbage, which counts as used, before it says so.
func Lacks(needed int64) (available int64, lacking bool) {
	available, ok := Memory()
	if ok && needed > available {
		debug.FreeOSMemory()
		available, _ = Memory()
	}
	return available, ok && needed > available
}

// Resident returns the memory that the process takes now and the most that it has taken, in bytes. If the
// system does not tell, now is what Go's runtime takes and an estimate for the program, and most is 0.
func Resident() (now, most int64) {
	if now, most, ok := residentMemory(); ok {
		return now, most
	}
	const program = 24 << 20
	return program + runtimeBytes(), 0
}

// runtimeBytes returns the memory that Go's runtime takes and has not given back.
func runtimeBytes() int64 {
	used := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(used)
	return int64(used[0].Value.Uint64() - used[1].Value.Uint64())
}

// runtimeMemory returns the bytes left below the limit of Go's runtime.
func runtimeMemory() (left int64, limited bool) {
	limit := debug.SetMemoryLimit(-1)
	if limit == math.MaxInt64 {
		return 0, false
	}
	return max(limit-runtimeBytes(), 0), true
}

// meminfo returns the value, in bytes, of a field in the text of /proc/meminfo or /proc/self/status.
func meminfo(text, field string) (bytes int64, ok bool) {
	for line := range strings.Lines(text) {
		if value, found := strings.CutPrefix(line, field+":"); found {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
			return kib << 10, err == nil
		}
	}
	return 0, false
}

// A cgroupVersion says how a version of control groups limits memory.
type cgroupVersion struct {
	// hierarchy is the directory of the memory limits below the root, and prefix begins the line of
	// /proc/self/cgroup that names the group.
	hierarchy, prefix string
	limit, usage      string   // files with one number
	files             []string // fields of memory.stat that count cached files
}

// cgroupVersions are version 2, version 2 at the place where systems with both mount it, and version 1.
var cgroupVersions = []cgroupVersion{
	{"", "0::", "memory.max", "memory.current", []string{"inactive_file", "active_file"}},
	{"unified", "0::", "memory.max", "memory.current", []string{"inactive_file", "active_file"}},
	{"memory", "", "memory.limit_in_bytes", "memory.usage_in_bytes", []string{"total_inactive_file", "total_active_file"}},
}

// cgroupMemory returns the bytes left below the strictest limit on the path from the process's own
// group, which the file self names, up to the root.
func cgroupMemory(self, root string) (left int64, limited bool) {
	text, err := os.ReadFile(self)
	if err != nil {
		return 0, false
	}
	left = math.MaxInt64
	for _, v := range cgroupVersions {
		group, found := v.group(string(text))
		if !found {
			continue
		}
		for dir := group; ; dir = path.Dir(dir) {
			if n, ok := v.left(path.Join(root, v.hierarchy, dir)); ok {
				left, limited = min(left, n), true
			}
			if dir == "/" || dir == "." {
				break
			}
		}
	}
	return left, limited
}

// group returns the path of the process's group.
func (v cgroupVersion) group(text string) (string, bool) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if v.prefix != "" {
			if group, found := strings.CutPrefix(line, v.prefix); found {
				return group, true
			}
			continue
		}
		// Version 1 has a line for each hierarchy: number, controllers, path.
		if fields := strings.SplitN(line, ":", 3); len(fields) == 3 && strings.Contains(","+fields[1]+",", ",memory,") {
			return fields[2], true
		}
	}
	return "", false
}

// left returns the bytes left below the limit of one group. Cached files count as free, as the system
// drops them on demand.
func (v cgroupVersion) left(dir string) (int64, bool) {
	limit, ok1 := readNumber(path.Join(dir, v.limit))
	used, ok2 := readNumber(path.Join(dir, v.usage))
	if !ok1 || !ok2 || limit > math.MaxInt64/2 { // version 1 has a huge number for no limit
		return 0, false
	}
	stat, err := os.ReadFile(path.Join(dir, "memory.stat"))
	if err != nil {
		stat = nil
	}
	for line := range strings.Lines(string(stat)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		for _, field := range v.files {
			if n, err := strconv.ParseInt(value, 10, 64); name == field && err == nil {
				used -= n
			}
		}
	}
	return min(max(limit-used, 0), limit), true
}

// readNumber reads a file that has one number. It returns false for "max".
func readNumber(file string) (int64, bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil
}
