package machine

import (
	"math"
	"os"
	"path"
	"strconv"
	"strings"
)

// A cgroupVersion says how a version of control groups limits memory.
type cgroupVersion struct {
	// hierarchy is the directory of the memory limits below the root of all, and prefix begins the
	// line of /proc/self/cgroup that names the group.
	hierarchy, prefix string
	limit, usage      string   // files with one number
	files             []string // fields of memory.stat that count cached files, which the system drops on demand
}

// cgroupVersions are the two versions, with the second where systems that have both mount it, too.
var cgroupVersions = []cgroupVersion{
	{"", "0::", "memory.max", "memory.current", []string{"inactive_file", "active_file"}},
	{"unified", "0::", "memory.max", "memory.current", []string{"inactive_file", "active_file"}},
	{"memory", "", "memory.limit_in_bytes", "memory.usage_in_bytes", []string{"total_inactive_file", "total_active_file"}},
}

// cgroupMemory returns what is left of the strictest memory limit on the path from the process's own group, as
// named in the file self, up to the root.
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

// left returns what is left below the limit of one group. What the group's use counts
// of cached files is not lost to the process.
func (v cgroupVersion) left(dir string) (int64, bool) {
	limit, ok1 := readNumber(path.Join(dir, v.limit))
	used, ok2 := readNumber(path.Join(dir, v.usage))
	if !ok1 || !ok2 || limit > math.MaxInt64/2 { // version 1 says a huge number for none
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

// readNumber reads a file that holds one number; "max" is none.
func readNumber(file string) (int64, bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil
}
