// Package machine tells what the machine has and what the process has used.
package machine

import (
	"math"
	"os"
	"path"
	"strconv"
	"strings"
)

// Memory returns the memory, in bytes, that the process may still take: what
// the system has available or what is left below the limit of the process's control
// group, whichever is less. ok is false where the system does not tell.
func Memory() (available int64, ok bool) {
	available, ok = systemMemory()
	if left, limited := cgroupMemory("/proc/self/cgroup", "/sys/fs/cgroup"); limited && (!ok || left < available) {
		return left, true
	}
	return available, ok
}

// meminfo returns the value of MemAvailable in the text of /proc/meminfo.
func meminfo(text string) (available int64, ok bool) {
	for line := range strings.Lines(text) {
		if value, found := strings.CutPrefix(line, "MemAvailable:"); found {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
			return kib << 10, err == nil
		}
	}
	return 0, false
}

// cgroupMemory returns what is left of the strictest memory limit (cgroup
// version 2) on the path from the process's own group, as named in the file
// self, up to the root.
func cgroupMemory(self, root string) (left int64, limited bool) {
	text, err := os.ReadFile(self)
	if err != nil {
		return 0, false
	}
	left = math.MaxInt64
	for line := range strings.Lines(string(text)) {
		group, found := strings.CutPrefix(strings.TrimSpace(line), "0::")
		if !found {
			continue
		}
		for dir := group; ; dir = path.Dir(dir) {
			limit, ok1 := readNumber(path.Join(root, dir, "memory.max"))
			used, ok2 := readNumber(path.Join(root, dir, "memory.current"))
			if ok1 && ok2 {
				left, limited = min(left, max(limit-used, 0)), true
			}
			if dir == "/" || dir == "." {
				break
			}
		}
	}
	return left, limited
}

// readNumber reads a file that holds one number; "max" is none.
func readNumber(file string) (int64, bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil
}
